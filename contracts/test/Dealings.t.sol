// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/LedgerErrors.sol";
import {Auth, BundleView, DealingFacts, DealingProposal, DealingView, Seat} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {DealingModule} from "../src/modules/DealingModule.sol";
import {DealingFixture} from "./DealingFixture.sol";

/// @title Dealings: proposed by the patient, acknowledged by trustees, active by the rules of quorum and delay, on two tracks
contract DealingsTest is DealingFixture, LedgerEvents {
    function refused(bytes4 selector, DealingProposal memory p) private {
        Auth memory auth = _by(patient);
        vm.expectRevert(selector);
        ledger.proposeDealing(BUNDLE, p, bundle, active, auth);
    }

    function test_proposeDealing_usual_isStoredAndTold() external {
        register();
        DealingProposal memory p = proposal(_usualPolicy());
        vm.expectEmit();
        emit DealingProposed(
            BUNDLE, p.dealingDigest, p.headerDigest, 1, 0, p.policy, p.names, p.rule, uint64(block.timestamp)
        );
        propose(p);
        BundleView memory b = bundleNow();
        assertTrue(b.pending && b.lastEpoch == 0 && b.pendingTrack == 0, "waits");
        DealingView memory d = ledger.getDealing(BUNDLE, 0, 1);
        assertEq(d.state, 1, "state");
        assertEq(d.notBefore, block.timestamp, "not before");
    }

    function test_proposeDealing_refusals_areNamed() external {
        registerAndDeal();
        DealingProposal memory p = proposal(_usualPolicy());
        Auth memory auth = _by(hospital);
        vm.expectRevert(NotYours.selector);
        ledger.proposeDealing(BUNDLE, p, bundle, active, auth);
        auth = _by(patient);
        vm.expectRevert(NotFound.selector);
        ledger.proposeDealing(fresh(), p, bundle, active, auth);

        p.headerDigest = fresh();
        refused(StaleDigest.selector, p);
        p = proposal(_usualPolicy());
        p.previousDealingDigest = 0;
        refused(StaleDigest.selector, p);
        p = proposal(_usualPolicy());
        p.epoch = 1;
        refused(StaleEpoch.selector, p);
        p.epoch = 3;
        refused(StaleEpoch.selector, p);
        p.epoch = 1_000_001;
        refused(Malformed.selector, p);
        p = proposal(_usualPolicy());
        p.dealingDigest = 0;
        refused(Malformed.selector, p);
        p.dealingDigest = active.dealingDigest;
        refused(AlreadyExists.selector, p);
        p = proposal(_usualPolicy());
        p.policy[3] = 0x02;
        refused(PolicyInvalid.selector, p);
        p = proposal(_usualPolicy());
        p.names[1] = "x";
        refused(Malformed.selector, p);
        p = proposal(_usualPolicy());
        propose(p);
        refused(AlreadyExists.selector, proposal(_usualPolicy()));
    }

    function test_proposeDealing_unfitTrustee_isNamed() external {
        register();
        DealingProposal memory p = proposal(_usualPolicy());
        _setStatus(trustees[1].id, STATUS_PENDING);
        refused(NotAdmitted.selector, p);
        _setStatus(trustees[1].id, STATUS_SUSPENDED);
        refused(Suspended.selector, p);
        _setStatus(trustees[1].id, STATUS_REMOVED);
        refused(Removed.selector, p);
        _setStatus(trustees[1].id, 0);
        refused(NotRegistered.selector, p);
        _seedActor(trustees[1].id, GUARDIAN, uint40(block.timestamp));
        refused(KeyExpired.selector, p);
        _seedActor(trustees[1].id, ORACLE, uint40(block.timestamp + 1));
        refused(WrongRole.selector, p);
        _seedActor(trustees[1].id, GUARDIAN, uint40(block.timestamp + 1));
        propose(p);
    }

    function test_proposeDealing_patientAsTrustee_isRefused() external {
        register();
        trustees[1] = patient;
        refused(WrongRole.selector, proposal(_usualPolicy()));
    }

    function test_proposeDealing_organisationThatTheLedgerKnows_mustBeNamed() external {
        register();
        // A hospital stands for itself; as a guardian's seat the policy names no organisation.
        Person memory first = trustees[0];
        trustees[0] = trustees[2];
        trustees[2] = first;
        refused(PolicyInvalid.selector, proposal(_usualPolicy()));
    }

    function test_acknowledge_complain_onceAndOnlyOnesSeat() external {
        registerAndDeal();
        DealingProposal memory p = proposal(_usualPolicy());
        propose(p);
        DealingFacts memory d = factsOf(p);
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotATrustee.selector);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, _seat(1), d, p.policy, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(NotATrustee.selector);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, Seat(0, 0), d, p.policy, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(BadWitness.selector);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, _seat(0), d, emergencyPolicy(), auth);
        auth = _by(trustees[0]);
        vm.expectEmit();
        emit DealingAcknowledged(BUNDLE, d.dealingDigest, _seat(0), trustees[0].id);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, _seat(0), d, p.policy, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(AlreadyExists.selector);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, _seat(0), d, p.policy, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(AlreadyExists.selector);
        ledger.complainOfDealing(BUNDLE, d.dealingDigest, _seat(0), fresh(), d, p.policy, auth);
        auth = _by(trustees[1]);
        bytes32 evidence = fresh();
        vm.expectEmit();
        emit DealingComplained(BUNDLE, d.dealingDigest, _seat(1), trustees[1].id, evidence);
        ledger.complainOfDealing(BUNDLE, d.dealingDigest, _seat(1), evidence, d, p.policy, auth);
        auth = _by(trustees[1]);
        vm.expectRevert(AlreadyExists.selector);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, _seat(1), d, p.policy, auth);
        DealingView memory v = ledger.getDealing(BUNDLE, 0, 0);
        assertEq(v.acknowledged, 1, "acknowledged");
        assertEq(v.complained, 2, "complained");
    }

    function test_secondGuardian_counts() external {
        // D2 of the earlier contracts: the second guardian could never be verified.
        registerAndDeal();
        assertEq(ledger.getDealing(BUNDLE, 0, bundleNow().which).acknowledged, 31, "all five");
    }

    function test_activateDealing_everybodyAcknowledged_byAnybody() external {
        register();
        DealingProposal memory p = proposal(_usualPolicy());
        propose(p);
        DealingFacts memory d = factsOf(p);
        Auth memory auth = _by(doctor);
        vm.expectRevert(BelowQuorum.selector);
        ledger.activateDealing(BUNDLE, d.dealingDigest, new Seat[](0), bundle, d, p.policy, auth);
        for (uint256 i = 0; i < 5; ++i) {
            acknowledge(d, p.policy, i);
        }
        auth = _by(doctor);
        vm.expectEmit();
        emit DealingActivated(BUNDLE, d.dealingDigest, 1, new Seat[](0));
        ledger.activateDealing(BUNDLE, d.dealingDigest, new Seat[](0), bundle, d, p.policy, auth);
        BundleView memory b = bundleNow();
        assertTrue(b.epoch == 1 && b.lastEpoch == 1 && !b.pending && b.which == 1, "active");
        assertEq(ledger.getDealing(BUNDLE, 0, 1).state, 2, "state");
        auth = _by(doctor);
        vm.expectRevert(WrongState.selector);
        ledger.activateDealing(BUNDLE, d.dealingDigest, new Seat[](0), bundle, d, p.policy, auth);
    }

    function test_activateDealing_someMissing_onlyByThePatientWhoNamesThem() external {
        register();
        DealingProposal memory p = proposal(_usualPolicy());
        propose(p);
        DealingFacts memory d = factsOf(p);
        acknowledge(d, p.policy, 0);
        acknowledge(d, p.policy, 2);
        Seat[] memory without = new Seat[](3);
        (without[0], without[1], without[2]) = (_seat(1), _seat(3), _seat(4));
        Auth memory auth = _by(patient);
        vm.expectRevert(BelowQuorum.selector);
        ledger.activateDealing(BUNDLE, d.dealingDigest, without, bundle, d, p.policy, auth);
        acknowledge(d, p.policy, 1);
        auth = _by(trustees[0]);
        vm.expectRevert(BelowQuorum.selector);
        ledger.activateDealing(BUNDLE, d.dealingDigest, without, bundle, d, p.policy, auth);
        auth = _by(patient);
        vm.expectRevert(BelowQuorum.selector);
        ledger.activateDealing(BUNDLE, d.dealingDigest, new Seat[](0), bundle, d, p.policy, auth);
        without[0] = Seat(7, 3);
        auth = _by(patient);
        Seat[] memory missing = new Seat[](2);
        (missing[0], missing[1]) = (_seat(3), _seat(4));
        vm.expectEmit();
        emit DealingActivated(BUNDLE, d.dealingDigest, 1, missing);
        ledger.activateDealing(BUNDLE, d.dealingDigest, without, bundle, d, p.policy, auth);
        // Late, but welcome.
        acknowledge(d, p.policy, 3);
    }

    function test_changedPolicy_waitsForTheDelay_andMayBeCancelled() external {
        registerAndDeal();
        PolicyTerms memory terms = _usualTerms();
        terms.groupThreshold = 1;
        DealingProposal memory p = proposal(_policy(terms));
        propose(p);
        DealingFacts memory d = factsOf(p);
        Auth memory auth = _by(hospital);
        vm.expectRevert(NotYours.selector);
        ledger.cancelDealing(BUNDLE, d.dealingDigest, bundle, d, auth);
        auth = _by(patient);
        vm.expectEmit();
        emit DealingCancelled(BUNDLE, d.dealingDigest);
        ledger.cancelDealing(BUNDLE, d.dealingDigest, bundle, d, auth);
        auth = _by(patient);
        vm.expectRevert(WrongState.selector);
        ledger.cancelDealing(BUNDLE, d.dealingDigest, bundle, d, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.acknowledgeDealing(BUNDLE, d.dealingDigest, _seat(0), d, p.policy, auth);

        // The same again starts from nothing.
        propose(p);
        for (uint256 i = 0; i < 5; ++i) {
            acknowledge(d, p.policy, i);
        }
        auth = _by(patient);
        vm.expectRevert(NotYet.selector);
        ledger.activateDealing(BUNDLE, d.dealingDigest, new Seat[](0), bundle, d, p.policy, auth);
        vm.warp(block.timestamp + 3 days);
        activate(d, p.policy);
        assertEq(bundleNow().epoch, 2, "epoch");
        // The former one serves no more.
        auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.acknowledgeDealing(BUNDLE, active.dealingDigest, _seat(0), active, _usualPolicy(), auth);
    }

    function test_tracks_runBesideEachOtherUnderOneCounter() external {
        registerAndDeal();
        DealingFacts memory normal = active;
        delete active;
        bytes memory policy = emergencyPolicy();
        DealingProposal memory p = proposal(policy);
        propose(p);
        DealingFacts memory emergency = factsOf(p);
        assertEq(bundleNow().pendingTrack, 1, "track");
        active = normal;
        refused(AlreadyExists.selector, proposal(_usualPolicy()));
        for (uint256 i = 0; i < 5; ++i) {
            acknowledge(emergency, policy, i);
        }
        activate(emergency, policy);
        BundleView memory b = bundleNow();
        assertTrue(b.epoch == 1 && b.emergencyEpoch == 2 && b.lastEpoch == 2, "epochs");
        assertEq(ledger.getDealing(BUNDLE, 0, b.which).state, 2, "the normal one serves");
        assertEq(ledger.getDealing(BUNDLE, 1, b.emergencyWhich).state, 2, "and so does the emergency one");

        active = emergency;
        refused(BadWitness.selector, proposal(_usualPolicy()));
        active = normal;
        deal();
        b = bundleNow();
        assertTrue(b.epoch == 3 && b.emergencyEpoch == 2 && b.lastEpoch == 3, "epochs");
        assertEq(ledger.getDealing(BUNDLE, 0, 1 - b.which).state, 3, "superseded");
    }

    function test_anotherBundlesDigest_takesNothingOfThatBundles() external {
        registerAndDeal();
        bytes32 mine = active.dealingDigest;
        _seedActor(stranger.id, PATIENT, uint40(block.timestamp + 1 days));
        Auth memory auth = _by(stranger);
        ledger.registerBundle(keccak256("other"), bundle.headerDigest, bundle.documentsRoot, auth);
        DealingProposal memory p = proposal(_usualPolicy());
        (p.epoch, p.previousDealingDigest, p.dealingDigest) = (1, 0, mine);
        bundle.patient = stranger.id;
        auth = _by(stranger);
        ledger.proposeDealing(keccak256("other"), p, bundle, active, auth);
        assertEq(ledger.getDealing(BUNDLE, 0, bundleNow().which).state, 2, "still active");
    }

    function test_module_calledByItself_refuses() external {
        DealingModule module = _newDealingModule(_parameters());
        Auth memory auth = _by(patient);
        vm.expectRevert(NotDelegated.selector);
        module.revokeBundle(BUNDLE, 1, bundle, auth);
    }

    /// @dev Whatever subset acknowledges and complains: nobody but the patient gets it active short of all, and never short of the policy.
    function testFuzz_activate_neverShortOfThePolicy(uint8 acks, uint8 complaints, bool byPatient) external {
        register();
        DealingProposal memory p = proposal(_usualPolicy());
        propose(p);
        DealingFacts memory d = factsOf(p);
        Seat[] memory without = new Seat[](5);
        for (uint256 i = 0; i < 5; ++i) {
            without[i] = _seat(i);
            if ((acks >> i) & 1 == 1) {
                acknowledge(d, p.policy, i);
            } else if ((complaints >> i) & 1 == 1) {
                Auth memory by = _by(trustees[i]);
                ledger.complainOfDealing(BUNDLE, d.dealingDigest, _seat(i), fresh(), d, p.policy, by);
            }
        }
        uint256 groups = (acks & 3 == 3 ? 1 : 0) + (acks & 12 != 0 ? 1 : 0) + (acks & 16 != 0 ? 1 : 0);
        bool expected = acks & 31 == 31 || (byPatient && groups >= 2);
        Auth memory auth = byPatient ? _by(patient) : _by(doctor);
        (bool ok,) = address(ledger)
            .call(abi.encodeCall(ledger.activateDealing, (BUNDLE, d.dealingDigest, without, bundle, d, p.policy, auth)));
        assertEq(ok, expected, "active");
        assertEq(bundleNow().epoch, expected ? 1 : 0, "epoch");
    }
}
