// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, DealingFacts, DealingProposal, Seat} from "../src/LedgerTypes.sol";
import {DealingFixture} from "./DealingFixture.sol";

/// @title What registering a bundle and dealing its keys cost as transactions of their own, with every slot and address cold
contract DealingGasTest is DealingFixture {
    event Spent(string what, uint256 gas);

    function test_gas_bundleAndDealing() external {
        // The patient has been seen today.
        Auth memory auth = Auth(patient.id, 0, "");
        _spent(
            "first bundle of the day",
            patient.id,
            abi.encodeCall(ledger.registerBundle, (keccak256("first"), keccak256("a"), keccak256("b"), auth))
        );
        uint256 registered = _spent(
            "register bundle",
            patient.id,
            abi.encodeCall(ledger.registerBundle, (BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth))
        );
        assertLe(registered, 53_000, "register bundle");
        _dealing("first dealing");
        _dealing("second dealing");
        // The third takes over the slot of the first.
        _dealing("third dealing");
    }

    function _dealing(string memory what) private {
        DealingProposal memory p = proposal(_usualPolicy());
        DealingFacts memory d = factsOf(p);
        Auth memory auth = Auth(patient.id, 0, "");
        _spent(what, patient.id, abi.encodeCall(ledger.proposeDealing, (BUNDLE, p, bundle, active, auth)));
        for (uint256 i = 0; i < trustees.length; ++i) {
            auth = Auth(trustees[i].id, 0, "");
            _spent(
                "acknowledgement",
                trustees[i].id,
                abi.encodeCall(ledger.acknowledgeDealing, (BUNDLE, d.dealingDigest, _seat(i), d, p.policy, auth))
            );
        }
        auth = Auth(patient.id, 0, "");
        _spent(
            "activation",
            patient.id,
            abi.encodeCall(ledger.activateDealing, (BUNDLE, d.dealingDigest, new Seat[](0), bundle, d, p.policy, auth))
        );
        active = d;
    }

    /// @dev 21,000, the calldata's bytes, and the execution.
    function _spent(string memory what, address from, bytes memory data) private returns (uint256 total) {
        vm.cool(address(ledger));
        vm.cool(dealings);
        uint256 intrinsic = 21_000;
        for (uint256 i = 0; i < data.length; ++i) {
            intrinsic += data[i] == 0 ? 4 : 16;
        }
        vm.prank(from, from);
        uint256 before = gasleft();
        (bool ok,) = address(ledger).call(data);
        // The call itself is cold where a transaction's target is warm.
        total = intrinsic + before - gasleft() - 2600;
        assertTrue(ok, what);
        emit Spent(what, total);
    }
}
