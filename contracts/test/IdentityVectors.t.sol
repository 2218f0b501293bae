// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerFixture} from "./LedgerFixture.sol";
import {Parameters} from "../src/LedgerTypes.sol";
import {PhrLedger} from "../src/PhrLedger.sol";

/// @title A story that the model told, command by command: the contract answers alike, and stores what the model says
contract IdentityVectorsTest is LedgerFixture {
    address private _founder;

    function _parameters() internal view override returns (Parameters memory p) {
        p = super._parameters();
        p.foundingAgency = _founder;
        p.minBond = 1000;
    }

    function test_story_isAnsweredAndStoredAsTheModelDoes() external {
        string memory json = vm.readFile("test/vectors/identity.json");
        _founder = vm.parseJsonAddress(json, ".foundingAgency");
        address at_ = vm.parseJsonAddress(json, ".ledger");
        _place(at_);
        bytes[] memory calls = vm.parseJsonBytesArray(json, ".calls");
        bytes[] memory errors = vm.parseJsonBytesArray(json, ".errors");
        bytes[] memory times = vm.parseJsonBytesArray(json, ".times");
        bytes[] memory values = vm.parseJsonBytesArray(json, ".values");
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.warp(uint256(bytes32(times[i])));
            uint256 value = uint256(bytes32(values[i])) * 1 gwei;
            vm.deal(address(this), value);
            (bool ok, bytes memory answer) = at_.call{value: value}(calls[i]);
            string memory what = string.concat("call ", vm.toString(i));
            assertEq(ok ? bytes("") : answer, errors[i], what);
        }
        bytes[] memory keys = vm.parseJsonBytesArray(json, ".keys");
        bytes[] memory words = vm.parseJsonBytesArray(json, ".words");
        for (uint256 i = 0; i < keys.length; ++i) {
            assertEq(vm.load(at_, bytes32(keys[i])), bytes32(words[i]), vm.toString(keys[i]));
        }
    }

    /// @dev The signatures are for a ledger at one address, so its code and first words are put there.
    function _place(address at_) private {
        vm.warp(START);
        Parameters memory p = _parameters();
        PhrLedger made = new PhrLedger(p, _modules(p));
        vm.etch(at_, address(made).code);
        bytes32[2] memory slots = [bytes32(_actorSlot(_founder)), bytes32(SLOT_REGISTRY)];
        for (uint256 i = 0; i < slots.length; ++i) {
            vm.store(at_, slots[i], vm.load(address(made), slots[i]));
        }
    }
}
