// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/LedgerErrors.sol";
import {Auth, RecoveryFacts, RecoveryView, Seat} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {DealingFixture} from "./DealingFixture.sol";

/// @title Recovery: the trustees of a bundle put another ledger address in the place of a lost one, behind a delay in which the patient can stop it
contract RecoveryTest is DealingFixture, LedgerEvents {
    bytes private policy;
    RecoveryFacts private recovery;
    RecoveryFacts private none;
    Person private next = _person("next key of the patient");

    function setUp() public override {
        super.setUp();
        registerAndDeal();
        policy = _usualPolicy();
        recovery = RecoveryFacts(
            BUNDLE, 1, _policyHash(policy), next.id, keccak256("record"), uint64(block.timestamp + 365 days)
        );
    }

    function propose() private {
        Auth memory auth = _by(trustees[0]);
        ledger.proposeRecovery(patient.id, recovery, bundle, active, policy, none, auth);
    }

    function refused(bytes4 selector, Person memory by) private {
        Auth memory auth = _by(by);
        vm.expectRevert(selector);
        ledger.proposeRecovery(patient.id, recovery, bundle, active, policy, none, auth);
    }

    function support(uint256 ordinal) private {
        Auth memory auth = _by(trustees[ordinal]);
        ledger.supportRecovery(patient.id, next.id, _seat(ordinal), recovery, policy, auth);
    }

    function test_recovery_quorumAndDelay_replacesTheKey() external {
        propose();
        support(0);
        support(1);
        assertEq(ledger.getRecovery(patient.id).effectiveAt, 0, "one group");
        Auth memory auth = _by(doctor);
        vm.expectRevert(BelowQuorum.selector);
        ledger.completeRecovery(patient.id, recovery, auth);
        auth = _by(trustees[2]);
        vm.expectEmit();
        emit RecoveryScheduled(patient.id, uint64(block.timestamp + 7 days));
        ledger.supportRecovery(patient.id, next.id, _seat(2), recovery, policy, auth);
        auth = _by(trustees[3]);
        vm.expectRevert(WrongState.selector);
        ledger.supportRecovery(patient.id, next.id, _seat(3), recovery, policy, auth);
        auth = _by(doctor);
        vm.expectRevert(NotYet.selector);
        ledger.completeRecovery(patient.id, recovery, auth);
        vm.warp(block.timestamp + 7 days);
        auth = _by(doctor);
        ledger.completeRecovery(patient.id, recovery, auth);
        assertEq(abi.encode(ledger.getRecovery(patient.id)), abi.encode(RecoveryView(0, 0, 0, 0)), "done");
        // The lost key signs nothing any more; the new one does.
        auth = _by(patient);
        vm.expectRevert(BadSignature.selector);
        ledger.revokeBundle(BUNDLE, 1, bundle, auth);
        vm.prank(next.id, next.id);
        ledger.revokeBundle(BUNDLE, 1, bundle, Auth(patient.id, 0, ""));
    }

    function test_proposeRecovery_refusals_areNamed() external {
        refused(NotATrustee.selector, doctor);
        recovery.newLedgerAddress = doctor.id;
        refused(AddressInUse.selector, trustees[0]);
        recovery.newLedgerAddress = address(0);
        refused(AddressInUse.selector, trustees[0]);
        recovery.newLedgerAddress = next.id;
        recovery.keyRecordDigest = 0;
        refused(Malformed.selector, trustees[0]);
        recovery.keyRecordDigest = keccak256("record");
        recovery.keyValidUntil = uint64(block.timestamp);
        refused(Expired.selector, trustees[0]);
        recovery.keyValidUntil = uint64(block.timestamp + 1 days);
        recovery.epoch = 2;
        refused(BadWitness.selector, trustees[0]);
        recovery.epoch = 1;
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotYours.selector);
        ledger.proposeRecovery(doctor.id, recovery, bundle, active, policy, none, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.proposeRecovery(stranger.id, recovery, bundle, active, policy, none, auth);
        propose();
        refused(BadWitness.selector, trustees[1]);
        none = recovery;
        refused(AlreadyExists.selector, trustees[1]);
    }

    function test_supportRecovery_refusals_areNamed() external {
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.supportRecovery(patient.id, next.id, _seat(0), recovery, policy, auth);
        propose();
        auth = _by(trustees[0]);
        vm.expectRevert(StaleDigest.selector);
        ledger.supportRecovery(patient.id, stranger.id, _seat(0), recovery, policy, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(NotATrustee.selector);
        ledger.supportRecovery(patient.id, next.id, _seat(1), recovery, policy, auth);
        support(0);
        auth = _by(trustees[0]);
        vm.expectRevert(AlreadyExists.selector);
        ledger.supportRecovery(patient.id, next.id, _seat(0), recovery, policy, auth);
        vm.warp(block.timestamp + 7 days);
        auth = _by(trustees[1]);
        vm.expectRevert(Expired.selector);
        ledger.supportRecovery(patient.id, next.id, _seat(1), recovery, policy, auth);
        // What lapsed makes room.
        propose();
        assertEq(ledger.getRecovery(patient.id).supporters, 0, "from nothing");
    }

    function test_supporterWhoIsNoLongerActive_doesNotCount() external {
        propose();
        support(0);
        support(1);
        _setStatus(trustees[1].id, STATUS_SUSPENDED);
        support(2);
        assertEq(ledger.getRecovery(patient.id).effectiveAt, 0, "no quorum");
        support(4);
        assertTrue(ledger.getRecovery(patient.id).effectiveAt != 0, "hospital and agency");
    }

    function test_patient_cancels_evenSuspended() external {
        propose();
        _setStatus(patient.id, STATUS_SUSPENDED);
        Auth memory auth = _by(patient);
        vm.expectEmit();
        emit RecoveryCancelled(patient.id);
        ledger.cancelRecovery(auth);
        auth = _by(patient);
        vm.expectRevert(NotFound.selector);
        ledger.cancelRecovery(auth);
    }

    function test_newDealing_endsTheRecoveryThatTheOldOneDecides() external {
        propose();
        support(0);
        support(1);
        support(2);
        deal();
        vm.warp(block.timestamp + 7 days);
        Auth memory auth = _by(doctor);
        vm.expectRevert(StaleEpoch.selector);
        ledger.completeRecovery(patient.id, recovery, auth);
        none = recovery;
        recovery.epoch = 2;
        propose();
    }
}
