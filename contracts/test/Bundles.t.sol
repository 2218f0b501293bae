// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/LedgerErrors.sol";
import {Auth, BundleFacts, BundleView, DealingProposal} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {DealingFixture} from "./DealingFixture.sol";

/// @title Bundles: registered once, revised by compare and swap, closed for good
contract BundlesTest is DealingFixture, LedgerEvents {
    function test_registerBundle_patient_isStoredAndTold() external {
        vm.expectEmit();
        emit BundleRegistered(BUNDLE, patient.id, bundle.headerDigest, bundle.documentsRoot);
        register();
        BundleView memory b = bundleNow();
        assertEq(
            bytes32(b.tag),
            bytes32(
                bytes20(uint160(uint256(keccak256(abi.encode(patient.id, bundle.headerDigest, bundle.documentsRoot)))))
            ),
            "tag"
        );
        assertEq(b.lastEpoch + b.revision, 0, "new");
        assertFalse(b.closed || b.pending || b.resharing, "flags");
    }

    function test_registerBundle_second_isRefusedAndResetsNothing() external {
        // D20 of the earlier contracts: adding again reset thresholds and counters.
        registerAndDeal();
        BundleView memory before = bundleNow();
        Auth memory auth = _by(patient);
        vm.expectRevert(AlreadyExists.selector);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
        assertEq(abi.encode(bundleNow()), abi.encode(before), "unchanged");
    }

    function test_registerBundle_refusals_areNamed() external {
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(WrongRole.selector);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
        auth = _by(patient);
        vm.expectRevert(Malformed.selector);
        ledger.registerBundle(0, bundle.headerDigest, bundle.documentsRoot, auth);
        auth = _by(patient);
        vm.expectRevert(Malformed.selector);
        ledger.registerBundle(BUNDLE, 0, bundle.documentsRoot, auth);
        auth = _by(stranger);
        vm.expectRevert(NotRegistered.selector);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
        auth = Auth(patient.id, 0, "");
        vm.expectRevert(BadSignature.selector);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
    }

    function test_registerBundle_signed_countsTheNonceOnce() external {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "RegisterBundle(address actor,uint64 nonce,bytes32 bundleId,bytes32 headerDigest,bytes32 documentsRoot)"
                ),
                patient.id,
                uint64(0),
                BUNDLE,
                bundle.headerDigest,
                bundle.documentsRoot
            )
        );
        Auth memory auth = _signedBy(patient, 0, structHash);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
        assertEq(_nonceOf(patient.id), 1, "nonce");
        vm.expectRevert(WrongNonce.selector);
        ledger.registerBundle(BUNDLE, bundle.headerDigest, bundle.documentsRoot, auth);
    }

    function test_reviseBundle_comparesAndSwaps() external {
        registerAndDeal();
        bytes32 header = fresh();
        bytes32 root = fresh();
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotYours.selector);
        ledger.reviseBundle(BUNDLE, bundle.headerDigest, header, root, bundle, auth);
        auth = _by(patient);
        vm.expectRevert(NotFound.selector);
        ledger.reviseBundle(fresh(), bundle.headerDigest, header, root, bundle, auth);
        auth = _by(patient);
        vm.expectRevert(StaleDigest.selector);
        ledger.reviseBundle(BUNDLE, header, header, root, bundle, auth);
        auth = _by(patient);
        vm.expectRevert(Malformed.selector);
        ledger.reviseBundle(BUNDLE, bundle.headerDigest, bundle.headerDigest, root, bundle, auth);
        auth = _by(patient);
        vm.expectEmit();
        emit BundleRevised(BUNDLE, bundle.headerDigest, header, root);
        ledger.reviseBundle(BUNDLE, bundle.headerDigest, header, root, bundle, auth);
        assertEq(bundleNow().revision, 1, "revision");
        assertEq(bundleNow().epoch, 1, "the dealing stays");
        auth = _by(patient);
        vm.expectRevert(BadWitness.selector);
        ledger.reviseBundle(BUNDLE, header, fresh(), root, bundle, auth);
        bundle = BundleFacts(patient.id, header, root);
        auth = _by(patient);
        ledger.reviseBundle(BUNDLE, header, fresh(), root, bundle, auth);
        assertEq(bundleNow().revision, 2, "revision");
    }

    function test_revokeBundle_endsWhatWaits_andIsForGood() external {
        registerAndDeal();
        DealingProposal memory p = proposal(_usualPolicy());
        propose(p);
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotYours.selector);
        ledger.revokeBundle(BUNDLE, 4, bundle, auth);
        // A suspended patient can still take away.
        _setStatus(patient.id, STATUS_SUSPENDED);
        auth = _by(patient);
        vm.expectEmit();
        emit BundleRevoked(BUNDLE, 4);
        ledger.revokeBundle(BUNDLE, 4, bundle, auth);
        assertTrue(bundleNow().closed, "closed");
        assertFalse(bundleNow().pending, "pending");
        _setStatus(patient.id, STATUS_ACTIVE);
        auth = _by(patient);
        vm.expectRevert(WrongState.selector);
        ledger.revokeBundle(BUNDLE, 4, bundle, auth);
        auth = _by(patient);
        vm.expectRevert(WrongState.selector);
        ledger.reviseBundle(BUNDLE, bundle.headerDigest, fresh(), fresh(), bundle, auth);
    }

    function test_publishEnvelopeKey_forTheNextEpochByWhoMayBeATrustee() external {
        register();
        bytes memory key = abi.encodePacked(uint8(2), keccak256("x"));
        Auth memory auth = _by(trustees[0]);
        vm.expectEmit();
        emit EnvelopeKeyPublished(trustees[0].id, BUNDLE, 1, key, keccak256("offer"));
        ledger.publishEnvelopeKey(BUNDLE, 1, key, keccak256("offer"), auth);
        // A later one replaces it.
        auth = _by(trustees[0]);
        ledger.publishEnvelopeKey(BUNDLE, 1, key, keccak256("another"), auth);
        auth = _by(trustees[0]);
        vm.expectRevert(StaleEpoch.selector);
        ledger.publishEnvelopeKey(BUNDLE, 2, key, keccak256("offer"), auth);
        auth = _by(oracles[0]);
        vm.expectRevert(WrongRole.selector);
        ledger.publishEnvelopeKey(BUNDLE, 1, key, keccak256("offer"), auth);
        auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.publishEnvelopeKey(fresh(), 1, key, keccak256("offer"), auth);
        auth = _by(trustees[0]);
        vm.expectRevert(Malformed.selector);
        ledger.publishEnvelopeKey(BUNDLE, 1, abi.encodePacked(uint8(4), keccak256("x")), keccak256("offer"), auth);
        auth = _by(trustees[0]);
        vm.expectRevert(Malformed.selector);
        ledger.publishEnvelopeKey(BUNDLE, 1, abi.encodePacked(key, uint8(0)), keccak256("offer"), auth);
    }

    function testFuzz_slotsOfBundles_neverTouchEachOther(bytes32 other) external {
        vm.assume(other != BUNDLE && other != 0);
        registerAndDeal();
        BundleView memory before = bundleNow();
        Auth memory auth = _by(patient);
        ledger.registerBundle(other, fresh(), fresh(), auth);
        assertEq(abi.encode(bundleNow()), abi.encode(before), "unchanged");
    }
}
