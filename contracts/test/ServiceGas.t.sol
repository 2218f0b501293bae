// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ServiceFixture} from "./ServiceFixture.sol";
import {Auth, Delivery} from "../src/LedgerTypes.sol";
import {ICore} from "../src/ICore.sol";
import {IService} from "../src/IService.sol";

/// @title What the steps after a grant cost as transactions of their own, with every slot cold
contract ServiceGasTest is ServiceFixture {
    event Spent(string what, uint256 gas);

    function setUp() external {
        _seedGrant();
    }

    function test_gas_stepsAfterAGrant_areWithinTheirBudgets() external {
        vm.warp(block.timestamp + 100);
        for (uint32 i = 1; i <= 3; ++i) {
            Auth memory oracle = Auth(oracles[i - 1].id, 0, "");
            bytes memory call = abi.encodeCall(ICore.recordDelivery, (facts, i, keccak256("a"), keccak256("b"), oracle));
            assertLe(_spent("delivery", oracle.actor, call), 55_000, "delivery");
        }
        Auth memory auth = Auth(doctor.id, 0, "");
        _spent("opening", doctor.id, abi.encodeCall(IService.confirmOpened, (facts, policy, auth)));
        _spent("good rating", doctor.id, abi.encodeCall(ICore.rateOracle, (facts, 1, 90, 0, auth)));
        _spent("bad rating", doctor.id, abi.encodeCall(ICore.rateOracle, (facts, 2, 10, 0, auth)));
        uint256 settled = _spent("settlement of 3", doctor.id, abi.encodeCall(ICore.settleRequest, (facts, auth)));
        assertLe(settled, 70_000, "settlement of 3");
        _spent("rating afterwards", doctor.id, abi.encodeCall(ICore.rateOracle, (facts, 3, 90, 0, auth)));
    }

    function test_gas_severalInOneTransaction_costsLess() external {
        vm.warp(block.timestamp + 100);
        Delivery[] memory all = new Delivery[](3);
        for (uint32 i = 0; i < 3; ++i) {
            all[i] = Delivery(i + 1, keccak256("a"), keccak256("b"), _signedDelivery(i));
        }
        uint256 three = _spent("3 deliveries", stranger.id, abi.encodeCall(ICore.recordDeliveries, (facts, all)));
        assertLe(three, 95_000, "3 deliveries");
        bytes[] memory calls = new bytes[](3);
        Auth memory auth = Auth(doctor.id, 0, "");
        calls[0] = abi.encodeCall(ICore.rateOracle, (facts, 1, 90, 0, auth));
        calls[1] = abi.encodeCall(IService.confirmOpened, (facts, policy, auth));
        calls[2] = abi.encodeCall(ICore.settleRequest, (facts, auth));
        uint256 closing = _spent("rating, opening, settlement", doctor.id, abi.encodeCall(ledger.batch, (calls, true)));
        assertLe(closing, 115_000, "rating, opening, settlement");
    }

    function _signedDelivery(uint32 i) private view returns (Auth memory) {
        bytes32 typeHash = keccak256(
            "RecordDelivery(address actor,uint64 nonce,bytes32 requestId,uint32 index,bytes32 deliveryDigest,bytes32 envelopeDigest)"
        );
        bytes32 hash =
            keccak256(abi.encode(typeHash, oracles[i].id, 0, facts.requestId, i + 1, keccak256("a"), keccak256("b")));
        return _signedBy(oracles[i], 0, hash);
    }

    /// @dev 21,000, the calldata's bytes, and the execution.
    function _spent(string memory what, address from, bytes memory data) private returns (uint256 total) {
        vm.cool(address(ledger));
        uint256 intrinsic = 21_000;
        for (uint256 i = 0; i < data.length; ++i) {
            intrinsic += data[i] == 0 ? 4 : 16;
        }
        vm.prank(from, from);
        (bool ok,) = address(ledger).call(data);
        total = intrinsic + vm.lastCallGas().gasTotalUsed;
        assertTrue(ok, what);
        emit Spent(what, total);
    }
}
