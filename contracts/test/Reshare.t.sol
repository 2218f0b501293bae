// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/LedgerErrors.sol";
import {Auth, BundleView, DealingFacts, ReshareFacts, ReshareProposal, ReshareView, Seat} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {DealingFixture} from "./DealingFixture.sol";

/// @title Reshares: the trustees deal onward without the patient, after the patient's delay and never for less
contract ReshareTest is DealingFixture, LedgerEvents {
    bytes private policy;
    ReshareFacts private reshare;

    function setUp() public override {
        super.setUp();
        registerAndDeal();
        policy = _usualPolicy();
    }

    function plan(bytes memory next) private returns (ReshareProposal memory) {
        return ReshareProposal({
            headerDigest: active.headerDigest,
            epoch: bundleNow().lastEpoch + 1,
            previousDealingDigest: active.dealingDigest,
            planDigest: fresh(),
            policy: next,
            notAfter: uint64(block.timestamp + 5 days),
            names: _usualNames(),
            rule: "",
            activePolicy: policy
        });
    }

    function proposeBy(Person memory trustee, ReshareProposal memory p) private {
        Auth memory auth = _by(trustee);
        ledger.proposeReshare(BUNDLE, p, bundle, active, auth);
        reshare = ReshareFacts(
            p.planDigest, _policyHash(p.policy), patient.id, trustee.id, uint64(block.timestamp), p.notAfter
        );
    }

    function refused(bytes4 selector, ReshareProposal memory p) private {
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(selector);
        ledger.proposeReshare(BUNDLE, p, bundle, active, auth);
    }

    function contribute(uint256 ordinal) private {
        Auth memory auth = _by(trustees[ordinal]);
        ledger.contributeToReshare(
            BUNDLE, reshare.planDigest, _seat(ordinal), keccak256("contribution"), reshare, active, policy, auth
        );
    }

    function confirmCall(uint256 ordinal, bytes32 dealing, Seat[] memory dealers, Auth memory auth)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            ledger.confirmReshare,
            (
                BUNDLE,
                reshare.planDigest,
                _seat(ordinal),
                dealing,
                dealers,
                keccak256("confirmation"),
                reshare,
                active,
                [policy, policy],
                auth
            )
        );
    }

    function confirm(uint256 ordinal, bytes32 dealing, Seat[] memory dealers, bytes4 expected) private {
        Auth memory auth = Auth(trustees[ordinal].id, 0, "");
        bytes memory call = confirmCall(ordinal, dealing, dealers, auth);
        vm.prank(trustees[ordinal].id, trustees[ordinal].id);
        (bool ok, bytes memory answer) = address(ledger).call(call);
        assertEq(answer, expected == 0 ? bytes("") : abi.encodePacked(expected), "answer");
        assertEq(ok, expected == 0, "accepted");
    }

    function usualDealers() private pure returns (Seat[] memory dealers) {
        dealers = new Seat[](3);
        (dealers[0], dealers[1], dealers[2]) = (_seat(0), _seat(1), _seat(2));
    }

    function contributed() private {
        proposeBy(trustees[0], plan(policy));
        vm.warp(block.timestamp + 3 days);
        for (uint256 i = 0; i < 3; ++i) {
            contribute(i);
        }
    }

    function test_proposeReshare_refusals_areNamed() external {
        ReshareProposal memory p = plan(policy);
        Auth memory auth = _by(doctor);
        vm.expectRevert(NotATrustee.selector);
        ledger.proposeReshare(BUNDLE, p, bundle, active, auth);
        auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.proposeReshare(fresh(), p, bundle, active, auth);
        p.headerDigest = 0;
        refused(StaleDigest.selector, p);
        p = plan(policy);
        p.previousDealingDigest = 0;
        refused(StaleDigest.selector, p);
        p = plan(policy);
        p.epoch = 3;
        refused(StaleEpoch.selector, p);
        p = plan(policy);
        p.planDigest = 0;
        refused(Malformed.selector, p);
        p = plan(policy);
        p.notAfter = uint64(block.timestamp + 3 days);
        refused(Expired.selector, p);
        p.notAfter = uint64(block.timestamp + 33 days + 1);
        refused(Malformed.selector, p);
        // No emergency track to reshare.
        refused(WrongState.selector, plan(emergencyPolicy()));
        _setStatus(patient.id, STATUS_REMOVED);
        refused(Removed.selector, plan(policy));
        _setStatus(patient.id, STATUS_ACTIVE);
        proposeBy(trustees[0], plan(policy));
        refused(AlreadyExists.selector, plan(policy));
    }

    function test_proposeReshare_policyThatAsksForLess_isRefused() external {
        PolicyTerms memory terms = _usualTerms();
        terms.groupThreshold = 1;
        refused(PolicyRelaxed.selector, plan(_policy(terms)));
        terms = _usualTerms();
        (terms.m, terms.n) = (2, 3);
        refused(PolicyRelaxed.selector, plan(_policy(terms)));
        terms = _usualTerms();
        (terms.m, terms.n) = (4, 6);
        refused(PolicyRelaxed.selector, plan(_policy(terms)));
        terms = _usualTerms();
        terms.flags = 6;
        refused(PolicyRelaxed.selector, plan(_policy(terms)));
        terms = _usualTerms();
        terms.rule = hex"030002";
        ReshareProposal memory p = plan(_policy(terms));
        p.rule = terms.rule;
        refused(PolicyRelaxed.selector, p);
        terms = _usualTerms();
        (terms.groupThreshold, terms.m, terms.vetoWindow, terms.incapacityAfter) = (3, 4, 60, 60);
        proposeBy(trustees[0], plan(_policy(terms)));
    }

    function test_contribute_onceFromTheDelayOnAndOnTime() external {
        proposeBy(trustees[0], plan(policy));
        assertTrue(bundleNow().resharing, "under way");
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotYet.selector);
        ledger.contributeToReshare(BUNDLE, reshare.planDigest, _seat(0), fresh(), reshare, active, policy, auth);
        vm.warp(block.timestamp + 3 days);
        auth = _by(trustees[0]);
        vm.expectRevert(NotATrustee.selector);
        ledger.contributeToReshare(BUNDLE, reshare.planDigest, _seat(1), fresh(), reshare, active, policy, auth);
        contribute(0);
        auth = _by(trustees[0]);
        vm.expectRevert(AlreadyExists.selector);
        ledger.contributeToReshare(BUNDLE, reshare.planDigest, _seat(0), fresh(), reshare, active, policy, auth);
        auth = _by(trustees[1]);
        vm.expectRevert(Malformed.selector);
        ledger.contributeToReshare(BUNDLE, reshare.planDigest, _seat(1), 0, reshare, active, policy, auth);
        auth = _by(trustees[1]);
        bytes32 other = fresh();
        vm.expectRevert(NotFound.selector);
        ledger.contributeToReshare(BUNDLE, other, _seat(1), fresh(), reshare, active, policy, auth);
        vm.warp(reshare.notAfter);
        auth = _by(trustees[1]);
        vm.expectRevert(Expired.selector);
        ledger.contributeToReshare(BUNDLE, reshare.planDigest, _seat(1), fresh(), reshare, active, policy, auth);
        assertEq(ledger.getReshare(BUNDLE).contributed, 1, "contributed");
    }

    function test_complaint_leavesTheDealerOut() external {
        contributed();
        Auth memory auth = _by(trustees[3]);
        vm.expectRevert(NotFound.selector);
        ledger.complainOfReshare(
            BUNDLE, reshare.planDigest, _seat(3), _seat(4), fresh(), reshare, active, [policy, policy], auth
        );
        auth = _by(trustees[3]);
        ledger.complainOfReshare(
            BUNDLE, reshare.planDigest, _seat(3), _seat(2), fresh(), reshare, active, [policy, policy], auth
        );
        auth = _by(trustees[3]);
        vm.expectRevert(AlreadyExists.selector);
        ledger.complainOfReshare(
            BUNDLE, reshare.planDigest, _seat(3), _seat(2), fresh(), reshare, active, [policy, policy], auth
        );
        assertEq(ledger.getReshare(BUNDLE).leftOut, 4, "left out");
        confirm(0, keccak256("dealing"), usualDealers(), WrongState.selector);
        Seat[] memory dealers = new Seat[](2);
        (dealers[0], dealers[1]) = (_seat(0), _seat(1));
        confirm(0, keccak256("dealing"), dealers, BelowQuorum.selector);
    }

    function test_confirmReshare_refusals_areNamed() external {
        contributed();
        Seat[] memory dealers = usualDealers();
        confirm(3, keccak256("dealing"), dealers, Malformed.selector);
        (dealers[0], dealers[1]) = (dealers[1], dealers[0]);
        confirm(0, keccak256("dealing"), dealers, Malformed.selector);
        dealers[1] = dealers[0];
        confirm(0, keccak256("dealing"), dealers, Malformed.selector);
        dealers = usualDealers();
        dealers[2] = _seat(3);
        confirm(0, keccak256("dealing"), dealers, WrongState.selector);
        confirm(0, 0, usualDealers(), Malformed.selector);
        confirm(0, active.dealingDigest, usualDealers(), AlreadyExists.selector);
        _setStatus(trustees[4].id, STATUS_SUSPENDED);
        confirm(0, keccak256("dealing"), usualDealers(), Suspended.selector);
    }

    function test_confirmReshare_allOfASet_makesTheDealing() external {
        contributed();
        bytes32 made = keccak256("dealing");
        confirm(0, keccak256("another"), usualDealers(), 0);
        confirm(1, made, usualDealers(), 0);
        confirm(2, made, usualDealers(), 0);
        assertFalse(bundleNow().pending, "they do not agree");
        confirm(0, made, usualDealers(), 0);
        BundleView memory b = bundleNow();
        assertTrue(b.pending && b.resharing, "waits");
        confirm(1, made, usualDealers(), WrongState.selector);
        DealingFacts memory d = DealingFacts(made, active.headerDigest, _policyHash(policy), reshare.planDigest);
        for (uint256 i = 0; i < 3; ++i) {
            acknowledge(d, policy, i);
        }
        // Enough for the policy, and nobody complained: no patient is needed.
        activate(d, policy);
        b = bundleNow();
        assertTrue(b.epoch == 2 && !b.pending && !b.resharing, "active");
        assertEq(ledger.getDealing(BUNDLE, 0, b.which).state, 2, "state");
        assertTrue(ledger.getDealing(BUNDLE, 0, b.which).reshared, "by the trustees");
    }

    function test_confirmReshare_newTrusteeWhoseKeyEnded_isRefused() external {
        contributed();
        bytes32 made = keccak256("dealing");
        confirm(0, made, usualDealers(), 0);
        confirm(1, made, usualDealers(), 0);
        _seedActor(trustees[0].id, GUARDIAN, uint40(block.timestamp + 1));
        vm.warp(block.timestamp + 1);
        confirm(2, made, usualDealers(), KeyExpired.selector);
    }

    function test_patient_comesFirst() external {
        contributed();
        Auth memory auth = _by(trustees[0]);
        vm.expectRevert(NotYours.selector);
        ledger.cancelReshare(BUNDLE, reshare.planDigest, bundle, reshare, auth);
        _setStatus(patient.id, STATUS_SUSPENDED);
        auth = _by(patient);
        ledger.cancelReshare(BUNDLE, reshare.planDigest, bundle, reshare, auth);
        _setStatus(patient.id, STATUS_ACTIVE);
        auth = _by(patient);
        vm.expectRevert(WrongState.selector);
        ledger.cancelReshare(BUNDLE, reshare.planDigest, bundle, reshare, auth);
        auth = _by(trustees[3]);
        vm.expectRevert(NotFound.selector);
        ledger.contributeToReshare(BUNDLE, reshare.planDigest, _seat(3), fresh(), reshare, active, policy, auth);

        // Again in the same second: nothing of the former round counts.
        proposeBy(trustees[0], plan(policy));
        ReshareView memory r = ledger.getReshare(BUNDLE);
        assertTrue(r.contributed == 0 && r.leftOut == 0 && r.round == 2, "from nothing");

        // The patient's own dealing ends it without a word.
        propose(proposal(policy));
        assertFalse(bundleNow().resharing, "ended");
        auth = _by(trustees[0]);
        vm.expectRevert(NotFound.selector);
        ledger.expireReshare(BUNDLE, reshare.planDigest, reshare, auth);
    }

    function test_expireReshare_thenTheOthersHaveTheirTurn() external {
        proposeBy(trustees[0], plan(policy));
        Auth memory auth = _by(doctor);
        vm.expectRevert(NotYet.selector);
        ledger.expireReshare(BUNDLE, reshare.planDigest, reshare, auth);
        vm.warp(reshare.notAfter);
        auth = _by(doctor);
        vm.expectEmit();
        emit ReshareExpired(BUNDLE, reshare.planDigest);
        ledger.expireReshare(BUNDLE, reshare.planDigest, reshare, auth);
        refused(CoolingDown.selector, plan(policy));
        proposeBy(trustees[1], plan(policy));
        vm.warp(reshare.notAfter);
        auth = _by(doctor);
        ledger.expireReshare(BUNDLE, reshare.planDigest, reshare, auth);
        proposeBy(trustees[0], plan(policy));
    }

    function test_expireReshare_dealingThatNobodyActivated_isGone() external {
        contributed();
        bytes32 made = keccak256("dealing");
        for (uint256 i = 0; i < 3; ++i) {
            confirm(i, made, usualDealers(), 0);
        }
        vm.warp(reshare.notAfter);
        Auth memory auth = _by(doctor);
        vm.expectRevert(NotYet.selector);
        ledger.expireReshare(BUNDLE, reshare.planDigest, reshare, auth);
        vm.warp(block.timestamp + 5 days);
        auth = _by(doctor);
        ledger.expireReshare(BUNDLE, reshare.planDigest, reshare, auth);
        assertFalse(bundleNow().pending || bundleNow().resharing, "gone");
    }
}
