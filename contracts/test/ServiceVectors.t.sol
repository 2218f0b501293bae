// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ServiceFixture} from "./ServiceFixture.sol";
import {Auth} from "../src/LedgerTypes.sol";
import {ICore} from "../src/ICore.sol";
import {ICore} from "../src/ICore.sol";
import {IService} from "../src/IService.sol";

/// @title The model's random commands after a grant, replayed: the same outcome and the same storage after each
contract ServiceVectorsTest is ServiceFixture {
    struct Step {
        uint256 time;
        uint256 kind;
        uint256 seat;
        uint256 argument;
        uint256 selector;
        uint256 progress;
        uint256 service;
        uint256[5] terms;
    }

    uint256 private constant _TERMS = (1 << 76) - 1;

    function setUp() external {
        _seedGrant();
    }

    function test_vectors_modelsCommands_haveTheSameOutcomeAndStorage() external {
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/service.json"));
        bytes[] memory steps = vm.parseJsonBytesArray(json, ".steps");
        assertGe(steps.length, 200, "steps");
        for (uint256 i = 0; i < steps.length; ++i) {
            _replay(abi.decode(steps[i], (Step)));
        }
    }

    function _replay(Step memory step) private {
        vm.warp(step.time);
        if (step.kind == 255) {
            _begin(step);
        } else {
            (address actor, bytes memory call) = _command(step);
            vm.prank(actor, actor);
            (bool ok, bytes memory answer) = address(ledger).call(call);
            assertEq(ok, step.selector == 0, "accepted");
            // forge-lint: disable-next-line(unsafe-typecast)
            if (!ok) assertEq(uint256(uint32(bytes4(answer))), step.selector, "error");
        }
        assertEq(_s1(160, 95), step.progress, "slot 1");
        assertEq(_s2(160, 96), step.service, "slot 2");
        for (uint256 seat = 1; seat <= 5; ++seat) {
            assertEq((_oracleRecord(seat) >> 160) & _TERMS, step.terms[seat - 1], "reputation");
        }
    }

    /// @dev A new grant, and oracles with the reputations that the model's had.
    function _begin(Step memory step) private {
        facts.meta = (facts.meta & ~(uint256(type(uint40).max) | uint256(0xFF) << 96)) | step.time + step.argument
            | step.seat << 96;
        _storeRequest(3, step.time, 1 << 16);
        for (uint256 seat = 1; seat <= 5; ++seat) {
            _storeField(uint256(keccak256(abi.encode(seat, SLOT_ORACLES))), step.terms[seat - 1], 160, 76);
        }
        _storeField(uint256(slot) + 1, 0, 160, 96);
    }

    function _command(Step memory step) private view returns (address actor, bytes memory call) {
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 seat = uint32(step.seat);
        if (step.kind == 0 || step.kind == 1 || step.kind == 7) {
            actor = oracles[seat - 1].id;
            Auth memory oracle = Auth(actor, 0, "");
            if (step.kind == 1) return (actor, abi.encodeCall(IService.refuseDelivery, (facts, seat, 2, oracle)));
            if (step.kind == 7) seat = seat % 5 + 1;
            bytes32 digest = keccak256("delivery");
            return (actor, abi.encodeCall(ICore.recordDelivery, (facts, seat, digest, digest, oracle)));
        }
        actor = step.kind == 4 ? insurer.id : step.kind == 8 ? patient.id : doctor.id;
        Auth memory auth = Auth(actor, 0, "");
        if (step.kind == 2 || step.kind == 8) {
            call = abi.encodeCall(IService.confirmOpened, (facts, policy, auth));
        } else if (step.kind == 3 || step.kind == 4) {
            call = abi.encodeCall(ICore.settleRequest, (facts, auth));
        } else if (step.kind == 5) {
            // forge-lint: disable-next-line(unsafe-typecast)
            call = abi.encodeCall(ICore.rateOracle, (facts, seat, uint32(step.argument), 0, auth));
        } else {
            call = abi.encodeCall(IService.useAgain, (facts, auth));
        }
    }
}
