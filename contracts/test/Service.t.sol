// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ServiceFixture} from "./ServiceFixture.sol";
import {RequestFacts, Auth, Delivery} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import {ICore} from "../src/ICore.sol";
import {IService} from "../src/IService.sol";
import {ReputationLib} from "../src/ReputationLib.sol";
import "../src/LedgerErrors.sol";

/// @title What follows a grant: deliveries, refusals, openings, settlement, ratings, the second committee, further uses
contract ServiceTest is ServiceFixture {
    uint256 private constant _C = ReputationLib.CORRECTNESS;
    uint256 private constant _T = ReputationLib.TIMELINESS;
    uint256 private constant _R = ReputationLib.RATING;
    uint256 private constant _UP = 562_500;
    uint256 private constant _MIDDLE = 500_000;
    uint256 private constant _DOWN = 437_500;
    bytes32 private constant _D = keccak256("delivery");
    bytes32 private constant _E = keccak256("envelope");

    function setUp() external {
        _seedGrant();
    }

    // ---- deliveries ----------------------------------------------------------------------------------------------------

    function test_recordDelivery_otherFacts_notFound() external {
        RequestFacts memory other = facts;
        other.requestId = keccak256("another");
        _refused(NotFound.selector);
        service.recordDelivery(other, 1, _D, _E, _by(oracles[0]));
        other = facts;
        other.meta += 1;
        _refused(NotFound.selector);
        service.recordDelivery(other, 1, _D, _E, _by(oracles[0]));
        other = facts;
        other.bundleId = keccak256("another");
        _refused(NotFound.selector);
        service.recordDelivery(other, 1, _D, _E, _by(oracles[0]));
    }

    function test_recordDelivery_endedRequest_wrongState() external {
        for (uint256 stage = 4; stage <= 9; ++stage) {
            _setStage(stage);
            _refused(WrongState.selector);
            service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        }
    }

    function test_recordDelivery_closedBundle_wrongState() external {
        _closeBundle();
        _refused(WrongState.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
    }

    function test_recordDelivery_timeOver_expired() external {
        vm.warp(START + 2 days);
        _refused(Expired.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        vm.warp(START + 2 days - 1);
        _deliver(1);
        assertEq(_levelOf(1), ReputationLib.LATE, "late");
    }

    function test_D14_recordDelivery_foreignSeat_notInCommittee() external {
        for (uint32 index = 0; index <= 17; ++index) {
            if (index == 1) continue;
            _refused(NotInCommittee.selector);
            service.recordDelivery(facts, index, _D, _E, _by(oracles[0]));
        }
        _refused(NotInCommittee.selector);
        service.recordDelivery(facts, type(uint32).max, _D, _E, _by(oracles[0]));
        _refused(NotInCommittee.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[5]));
        _refused(NotInCommittee.selector);
        service.recordDelivery(facts, 6, _D, _E, _by(doctor));
    }

    function test_D9_recordDelivery_beforeTheGrant_isRefused() external {
        _setStage(2);
        _refused(WrongState.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        _setStage(1);
        _refused(NotInCommittee.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
    }

    function test_recordDelivery_vetoWindow_notYet() external {
        _storeRequest(3, START + 60, 7);
        _refused(NotYet.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        vm.warp(START + 60);
        _deliver(1);
        assertEq(_levelOf(1), 1, "level");
    }

    function test_D14_recordDelivery_twice_alreadyExists() external {
        _deliver(1);
        _refused(AlreadyExists.selector);
        service.recordDelivery(facts, 1, keccak256("other"), _E, _by(oracles[0]));
        service.refuseDelivery(facts, 2, 1, _by(oracles[1]));
        _refused(AlreadyExists.selector);
        service.recordDelivery(facts, 2, _D, _E, _by(oracles[1]));
        _refused(AlreadyExists.selector);
        service.refuseDelivery(facts, 1, 1, _by(oracles[0]));
    }

    function test_recordDelivery_oracleThatMayNotAct_isRefused() external {
        _setStatus(oracles[0].id, STATUS_SUSPENDED);
        _refused(Suspended.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        _setStatus(oracles[0].id, STATUS_REMOVED);
        _refused(Removed.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        _refused(NotRegistered.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(stranger));
    }

    function test_recordDelivery_anothersTransaction_badSignature() external {
        vm.prank(stranger.id);
        vm.expectRevert(BadSignature.selector);
        service.recordDelivery(facts, 1, _D, _E, Auth(oracles[0].id, 0, ""));
    }

    function test_recordDelivery_stands_andSaysSo() external {
        vm.warp(START + 277);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit LedgerEvents.DeliveryRecorded(facts.requestId, 3, oracles[2].id, _D, _E);
        service.recordDelivery(facts, 3, _D, _E, _by(oracles[2]));
        assertEq(_levelOf(3), 2, "level");
        assertEq(_s2(160, 96), 2 << 8, "nothing else");
        assertEq(_s2(0, 160), _committee(), "committee");
    }

    function testFuzz_recordDelivery_levelIsTheModels(uint256 latency, uint256 seat) external {
        latency = bound(latency, 0, 2 days - 1);
        seat = bound(seat, 1, 5);
        vm.warp(START + latency);
        _deliver(seat);
        assertEq(_levelOf(seat), ReputationLib.levelOf(latency, WINDOW), "level");
        assertEq(_s2(160, 96), ReputationLib.levelOf(latency, WINDOW) << (4 * (seat - 1)), "nothing else");
    }

    function test_recordDelivery_signed_isItsOracles() external {
        bytes32 hash = _deliveryHash(1, 0, _D);
        service.recordDelivery(facts, 1, _D, _E, _signedBy(oracles[0], 0, hash));
        assertEq(_levelOf(1), 1, "level");
        assertEq(_nonceOf(oracles[0].id), 1, "nonce");
        Auth memory auth = _signedBy(oracles[1], 0, _deliveryHash(2, 0, _D));
        vm.expectRevert(BadSignature.selector);
        service.recordDelivery(facts, 2, keccak256("other"), _E, auth);
        auth = _signedBy(oracles[1], 1, _deliveryHash(2, 1, _D));
        vm.expectRevert(WrongNonce.selector);
        service.recordDelivery(facts, 2, _D, _E, auth);
    }

    function test_recordDeliveries_signed_standTogether() external {
        Delivery[] memory all = new Delivery[](3);
        for (uint32 i = 0; i < 3; ++i) {
            all[i] = Delivery(i + 1, _D, _E, _signedBy(oracles[i], 0, _deliveryHash(i + 1, 0, _D)));
        }
        vm.prank(stranger.id);
        service.recordDeliveries(facts, all);
        assertEq(_s2(160, 96), 0x111, "levels");
        for (uint32 i = 0; i < 3; ++i) {
            assertEq(_nonceOf(oracles[i].id), 1, "nonce");
        }
    }

    function test_recordDeliveries_oneTwice_allRefused() external {
        Delivery[] memory all = new Delivery[](2);
        all[0] = Delivery(1, _D, _E, _signedBy(oracles[0], 0, _deliveryHash(1, 0, _D)));
        all[1] = Delivery(1, _D, _E, _signedBy(oracles[0], 1, _deliveryHash(1, 1, _D)));
        vm.expectRevert(AlreadyExists.selector);
        service.recordDeliveries(facts, all);
        assertEq(_s2(160, 96), 0, "levels");
    }

    function test_recordDeliveries_vetoWindowOrAnothersSeat_isRefused() external {
        Delivery[] memory all = new Delivery[](1);
        all[0] = Delivery(2, _D, _E, _signedBy(oracles[0], 0, _deliveryHash(oracles[0], 2, 0, _D)));
        vm.expectRevert(NotInCommittee.selector);
        service.recordDeliveries(facts, all);
        _storeRequest(3, START + 60, 7);
        all[0] = Delivery(1, _D, _E, _signedBy(oracles[0], 0, _deliveryHash(1, 0, _D)));
        vm.expectRevert(NotYet.selector);
        service.recordDeliveries(facts, all);
    }

    // ---- refusals -------------------------------------------------------------------------------------------------------

    function test_refuseDelivery_afterTheDeadline_expired() external {
        vm.warp(START + WINDOW + 1);
        _refused(Expired.selector);
        service.refuseDelivery(facts, 1, 1, _by(oracles[0]));
        vm.warp(START + WINDOW);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit LedgerEvents.DeliveryRefused(facts.requestId, 1, oracles[0].id, 7);
        service.refuseDelivery(facts, 1, 7, _by(oracles[0]));
        assertEq(_levelOf(1), ReputationLib.REFUSED, "level");
    }

    function test_refuseDelivery_reasonTooHigh_malformed() external {
        _refused(Malformed.selector);
        service.refuseDelivery(facts, 1, 65_536, _by(oracles[0]));
        service.refuseDelivery(facts, 1, 65_535, _by(oracles[0]));
    }

    function test_refuseDelivery_inTheVetoWindow_stands() external {
        _storeRequest(3, START + 60, 7);
        service.refuseDelivery(facts, 1, 1, _by(oracles[0]));
        assertEq(_levelOf(1), ReputationLib.REFUSED, "level");
    }

    // ---- openings -------------------------------------------------------------------------------------------------------

    function test_confirmOpened_refusals() external {
        _deliverFirst(2);
        _refused(BelowQuorum.selector);
        service.confirmOpened(facts, policy, _by(doctor));
        service.refuseDelivery(facts, 3, 1, _by(oracles[2]));
        _refused(BelowQuorum.selector);
        service.confirmOpened(facts, policy, _by(doctor));
        _deliver(4);
        _refused(NotYours.selector);
        service.confirmOpened(facts, policy, _by(patient));
        bytes memory relaxed = bytes.concat(policy);
        relaxed[3] = 0x01;
        _refused(BadWitness.selector);
        service.confirmOpened(facts, relaxed, _by(doctor));
        _open();
        _refused(AlreadyExists.selector);
        service.confirmOpened(facts, policy, _by(doctor));
        assertEq(_s2(OPENED, 16), 0xB, "who had delivered");
    }

    function test_confirmOpened_secondDrawDue_belowQuorum() external {
        service.refuseDelivery(facts, 1, 1, _by(oracles[0]));
        service.refuseDelivery(facts, 2, 1, _by(oracles[1]));
        service.refuseDelivery(facts, 3, 1, _by(oracles[2]));
        service.redrawCommittee(facts, policy, _by(doctor));
        _refused(BelowQuorum.selector);
        service.confirmOpened(facts, policy, _by(doctor));
        _refused(WrongState.selector);
        service.rateOracle(facts, 1, 0, 0, _by(doctor));
        _setStage(8);
        _refused(WrongState.selector);
        service.rateOracle(facts, 1, 0, 0, _by(doctor));
    }

    // ---- settlement -----------------------------------------------------------------------------------------------------

    function test_settleRequest_notFinal_wrongState() external {
        _setStage(2);
        _refused(WrongState.selector);
        service.settleRequest(facts, _by(doctor));
        _storeRequest(3, START + 1, 7);
        _refused(WrongState.selector);
        service.settleRequest(facts, _by(doctor));
        _setStage(6);
        vm.warp(START + 3 days);
        _refused(WrongState.selector);
        service.settleRequest(facts, _by(doctor));
        _setStage(3);
        _closeBundle();
        _refused(WrongState.selector);
        service.settleRequest(facts, _by(doctor));
    }

    function test_settleRequest_tooEarly_notYet() external {
        _deliverFirst(4);
        _refused(NotYet.selector);
        service.settleRequest(facts, _by(doctor));
        service.refuseDelivery(facts, 5, 1, _by(oracles[4]));
        // Everybody answered, but only the doctor may settle before the answers are known to be good.
        _refused(NotYet.selector);
        service.settleRequest(facts, _by(patient));
        service.settleRequest(facts, _by(doctor));
        _refused(AlreadyExists.selector);
        service.settleRequest(facts, _by(doctor));
    }

    function test_settleRequest_opened_raisesThoseWhoServed() external {
        _deliverFirst(3);
        _open();
        _deliver(4);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit LedgerEvents.RequestSettled(facts.requestId, 0);
        service.settleRequest(facts, _by(patient));
        for (uint256 i = 1; i <= 5; ++i) {
            assertEq(_term(i, _C), i <= 3 ? _UP : _MIDDLE, "correctness");
            assertEq(_term(i, _T), i <= 4 ? _UP : _MIDDLE, "timeliness");
            assertEq(_term(i, _R), _MIDDLE, "rating");
        }
        assertEq(_s1(165, 1), 1, "settled");
        // Until its time is over the grant still stands.
        _deliver(5);
    }

    function test_D15_settleRequest_lateOrAbsent_lowersTimeliness() external {
        _deliverFirst(2);
        service.refuseDelivery(facts, 3, 1, _by(oracles[2]));
        vm.warp(START + WINDOW + 1);
        _deliver(4);
        service.settleRequest(facts, _by(stranger_()));
        assertEq(_term(1, _T), _UP, "in time");
        assertEq(_term(3, _T), _MIDDLE, "refused");
        assertEq(_term(4, _T), _DOWN, "late");
        assertEq(_term(5, _T), _DOWN, "absent");
        assertEq(_term(1, _C), _MIDDLE, "nothing was opened");
    }

    function test_settleRequest_requestEndsBeforeTheDeadline_theAbsentLoseNothing() external {
        facts.meta = (facts.meta >> 40 << 40) | uint40(START + 60);
        _storeRequest(3, START, 1 << 16);
        _deliver(1);
        vm.warp(START + 60);
        service.settleRequest(facts, _by(patient));
        assertEq(_term(2, _T), _MIDDLE, "absent");
        assertEq(_term(1, _T), _UP, "in time");
    }

    function test_settleRequest_ratedBad_earnsNothing() external {
        _deliverFirst(4);
        _rate(2, 49);
        _rate(3, 50);
        _rate(4, 75);
        assertEq(_term(2, _R), _MIDDLE, "ratings count at settlement");
        _open();
        service.settleRequest(facts, _by(oracles[1]));
        assertEq(_term(2, _C) + _term(2, _T), 2 * _MIDDLE, "bad");
        assertEq(_term(2, _R), _DOWN, "bad");
        assertEq(_term(3, _R), _MIDDLE, "fair");
        assertEq(_term(4, _R), _UP, "good");
        assertEq(_term(3, _C), _UP, "fair is correct");
        assertEq(_term(1, _R), _MIDDLE, "not rated");
    }

    // ---- ratings --------------------------------------------------------------------------------------------------------

    function test_D7_rateOracle_refusals() external {
        _deliverFirst(3);
        service.refuseDelivery(facts, 4, 1, _by(oracles[3]));
        _refused(NotYours.selector);
        service.rateOracle(facts, 1, 100, 0, _by(patient));
        _refused(NotYours.selector);
        service.rateOracle(facts, 1, 100, 0, _by(oracles[0]));
        _refused(WrongState.selector);
        service.rateOracle(facts, 4, 0, 0, _by(doctor));
        _refused(WrongState.selector);
        service.rateOracle(facts, 5, 0, 0, _by(doctor));
        _refused(WrongState.selector);
        service.rateOracle(facts, 0, 0, 0, _by(doctor));
        _refused(WrongState.selector);
        service.rateOracle(facts, 17, 0, 0, _by(doctor));
        _refused(Malformed.selector);
        service.rateOracle(facts, 1, 101, 0, _by(doctor));
        for (uint32 grade = 0; grade < 3; ++grade) {
            vm.expectEmit(true, true, true, true, address(ledger));
            emit LedgerEvents.OracleRated(facts.requestId, grade + 1, 40 * grade, _E);
            service.rateOracle(facts, grade + 1, 40 * grade, _E, _by(doctor));
            _refused(AlreadyExists.selector);
            service.rateOracle(facts, grade + 1, 100, 0, _by(doctor));
        }
    }

    function test_D8_rateOracle_afterSettlement_movesTheRatingTermAtOnce() external {
        _deliverFirst(3);
        _open();
        service.settleRequest(facts, _by(patient));
        uint256 before = _oracleRecord(1);
        _rate(1, 90);
        assertEq(_oracleRecord(1), (before & ~(uint256(0xFFFFF) << _R)) | _UP << _R, "good");
        _rate(2, 60);
        assertEq(_term(2, _R), _MIDDLE, "fair");
        _rate(3, 0);
        assertEq(_term(3, _R), _DOWN, "bad");
        assertEq(_term(3, _C), _UP, "only the doctor's term");
    }

    // ---- the second committee -------------------------------------------------------------------------------------------

    function test_redrawCommittee_refusals() external {
        _deliverFirst(2);
        _refused(NotYet.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
        vm.warp(START + WINDOW + 1);
        _refused(NotYours.selector);
        service.redrawCommittee(facts, policy, _by(oracles[0]));
        bytes memory relaxed = bytes.concat(policy);
        relaxed[3] = 0x01;
        _refused(BadWitness.selector);
        service.redrawCommittee(facts, relaxed, _by(doctor));
        _seedBundle(4);
        _refused(StaleEpoch.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
        _seedBundle(3);
        _storeField(_actorSlot(doctor.id), 0, 96, 40);
        _refused(LicenceMissing.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
        _storeField(_actorSlot(doctor.id), START, 96, 40);
        _refused(LicenceExpired.selector);
        service.redrawCommittee(facts, policy, _by(patient));
        _storeField(_actorSlot(doctor.id), START + 9 days, 96, 40);
        _storeField(SLOT_REGISTRY, 4, 192, 16);
        _refused(NotEnoughOracles.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
        _storeField(SLOT_REGISTRY, 5, 192, 16);
        _deliver(3);
        _open();
        _refused(WrongState.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
        _setStage(2);
        _refused(WrongState.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
    }

    function test_redrawCommittee_afterTheDeadline_settlesAndAwaitsTheDraw() external {
        _deliverFirst(2);
        _rate(2, 10);
        vm.warp(START + WINDOW + 1);
        vm.roll(5000);
        _takeSnapshot(7, 6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit LedgerEvents.RequestSettled(facts.requestId, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit LedgerEvents.CommitteeRedrawn(facts.requestId, 7, 5001);
        service.redrawCommittee(facts, policy, _by(patient));
        assertEq(_s1(160, 4), 1, "stage");
        assertEq(_s1(164, 1), 1, "round");
        assertEq(_s1(165, 1), 0, "settled");
        assertEq(_s1(170, 36), 5001, "seed block");
        assertEq(_s1(206, 50), 0, "approvals, denials, rated");
        assertEq(_s2(0, 160), _committee(), "former committee");
        assertEq(_s2(160, 16), 0x1E, "failed");
        assertEq(_s2(176, 32), 7, "snapshot");
        assertEq(_s2(208, 48), 0, "rest");
        assertEq(_term(1, _T), _UP, "served");
        assertEq(_term(5, _T), _DOWN, "absent");
        assertEq(_term(2, _R), _DOWN, "rated bad");
        _refused(NotInCommittee.selector);
        service.recordDelivery(facts, 1, _D, _E, _by(oracles[0]));
        _refused(AlreadyExists.selector);
        service.redrawCommittee(facts, policy, _by(patient));
    }

    function test_redrawCommittee_tooManyRefusedOrBad_needsNoDeadline() external {
        service.refuseDelivery(facts, 1, 1, _by(oracles[0]));
        _deliver(2);
        _rate(2, 49);
        _deliver(3);
        _rate(3, 50);
        _refused(NotYet.selector);
        service.redrawCommittee(facts, policy, _by(doctor));
        service.refuseDelivery(facts, 4, 1, _by(oracles[3]));
        service.redrawCommittee(facts, policy, _by(doctor));
        assertEq(_s2(160, 16), 0x1B, "failed");
        assertEq(_term(5, _T), _MIDDLE, "still had time");
    }

    function test_redrawCommittee_settledBefore_isNotSettledAgain() external {
        vm.warp(START + WINDOW + 1);
        service.settleRequest(facts, _by(patient));
        assertEq(_term(1, _T), _DOWN, "absent");
        service.redrawCommittee(facts, policy, _by(doctor));
        assertEq(_term(1, _T), _DOWN, "once");
    }

    // ---- further uses ---------------------------------------------------------------------------------------------------

    function test_useAgain_refusals() external {
        _withUses(2);
        _deliverFirst(3);
        _open();
        _refused(WrongState.selector);
        service.useAgain(facts, _by(doctor));
        service.settleRequest(facts, _by(doctor));
        _refused(NotYours.selector);
        service.useAgain(facts, _by(patient));
        _storeField(_actorSlot(doctor.id), 0, 96, 40);
        _refused(LicenceMissing.selector);
        service.useAgain(facts, _by(doctor));
        _closeBundle();
        _refused(WrongState.selector);
        service.useAgain(facts, _by(doctor));
    }

    function test_useAgain_countLimited_opensAWindowForTheSameCommittee() external {
        _withUses(2);
        _deliverFirst(3);
        _rate(1, 10);
        _open();
        service.settleRequest(facts, _by(doctor));
        vm.warp(START + 5 hours);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit LedgerEvents.UsedAgain(facts.requestId, 1);
        service.useAgain(facts, _by(doctor));
        assertEq(_s1(165, 1), 0, "settled");
        assertEq(_s1(166, 4), 1, "used");
        assertEq(_s1(170, 36), START + 5 hours, "start of the window");
        assertEq(_s1(206, 17), 1 << 16, "approvals stay");
        assertEq(_s1(239, 16), 0, "rated");
        assertEq(_s2(160, 96), 0, "levels, opened, bad");
        assertEq(_s2(0, 160), _committee(), "committee");
        vm.warp(START + 5 hours + WINDOW);
        _deliverFirst(3);
        assertEq(_levelOf(1), 13, "level");
        _open();
        service.settleRequest(facts, _by(doctor));
        _refused(TooMany.selector);
        service.useAgain(facts, _by(doctor));
    }

    function test_useAgain_singleUse_tooMany() external {
        vm.warp(START + WINDOW + 1);
        service.settleRequest(facts, _by(doctor));
        _refused(TooMany.selector);
        service.useAgain(facts, _by(doctor));
    }

    function test_useAgain_lastOfFifteen_tooMany() external {
        _withUses(15);
        for (uint256 i = 1; i <= 15; ++i) {
            vm.warp(START + 2 * WINDOW * i);
            service.settleRequest(facts, _by(doctor));
            if (i == 15) _refused(TooMany.selector);
            service.useAgain(facts, _by(doctor));
        }
        assertEq(_s1(166, 4), 14, "used");
    }

    // ---- whatever is done ------------------------------------------------------------------------------------------------

    /// @dev Any commands about the grant in any order: seats answer once, reputation moves only as invariant 5 says, and slots keep what is not theirs.
    function testFuzz_anySequence_keepsTheInvariants(uint256 seed) external {
        _withUses(15);
        uint256 time = START;
        for (uint256 step = 0; step < 40; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            time += (seed >> 200) % 1200;
            vm.warp(time);
            _anything(seed);
        }
    }

    function _anything(uint256 seed) private {
        uint256[5] memory records;
        for (uint256 i = 0; i < 5; ++i) {
            records[i] = ReputationLib.decayed(_oracleRecord(i + 1), ReputationLib.today());
        }
        uint256 s1 = uint256(vm.load(address(ledger), slot));
        uint256 s2 = _wholeS2();
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 seat = uint32(1 + (seed >> 8) % 5);
        uint256 kind = seed % 12;
        bytes memory call = kind < 5
            ? abi.encodeCall(ICore.recordDelivery, (facts, seat, _D, _E, Auth(oracles[seat - 1].id, 0, "")))
            : kind == 5
                ? abi.encodeCall(IService.refuseDelivery, (facts, seat, 1, Auth(oracles[seat - 1].id, 0, "")))
                : kind == 6
                    ? abi.encodeCall(IService.confirmOpened, (facts, policy, Auth(doctor.id, 0, "")))
                    : kind == 7
                        ? abi.encodeCall(ICore.settleRequest, (facts, Auth(doctor.id, 0, "")))
                        : kind < 11
                            ? abi.encodeCall(
                                // forge-lint: disable-next-line(unsafe-typecast)
                                ICore.rateOracle,
                                (facts, seat, uint32((seed >> 16) % 101), 0, Auth(doctor.id, 0, ""))
                            )
                            : abi.encodeCall(IService.useAgain, (facts, Auth(doctor.id, 0, "")));
        vm.prank(kind < 6 ? oracles[seat - 1].id : doctor.id);
        (bool ok,) = address(ledger).call(call);
        uint256 after2 = _wholeS2();
        assertEq(after2 & ((1 << 160) - 1), _committee(), "the committee stays");
        assertEq(_s1(206, 17), 1 << 16, "approvals stay");
        if (!ok || kind != 11) {
            for (uint256 i = 1; i <= 5; ++i) {
                uint256 old = (s2 >> (LEVELS + 4 * (i - 1))) & 0xF;
                assertTrue(old == 0 ? true : old == _levelOf(i), "one answer for each seat");
            }
        }
        for (uint256 i = 0; i < 5; ++i) {
            uint256 now_ = ReputationLib.decayed(_oracleRecord(i + 1), ReputationLib.today());
            uint256 level = (s2 >> (LEVELS + 4 * i)) & 0xF;
            bool bad = ((s1 >> (239 + i)) & 1) & ((s2 >> (BAD + i)) & 1) == 1;
            assertLe((now_ >> _C) & 0xFFFFF, 1_000_000, "range");
            if (ok && kind == 7) {
                bool served = level >= 1 && level <= 13 && !bad;
                _assertMoved(records[i], now_, served || level == 0 || level == 15, !served);
            } else {
                assertEq((now_ >> _C) & 0xFFFFFFFFFF, (records[i] >> _C) & 0xFFFFFFFFFF, "only a settlement");
                if (!(ok && kind > 7 && kind < 11 && seat == i + 1)) {
                    assertEq(now_ >> _R & 0xFFFFF, records[i] >> _R & 0xFFFFF, "rating");
                }
            }
        }
    }

    /// @dev Correctness and timeliness: up where served, down where not.
    function _assertMoved(uint256 before, uint256 now_, bool mayRise, bool mayFall) private pure {
        for (uint256 shift = _C; shift <= _T; shift += 20) {
            uint256 a = (before >> shift) & 0xFFFFF;
            uint256 b = (now_ >> shift) & 0xFFFFF;
            assertTrue(b == a || (b > a ? mayRise : mayFall), "5: nobody falls who served, nobody rises who did not");
        }
    }

    function _wholeS2() private view returns (uint256) {
        return uint256(vm.load(address(ledger), bytes32(uint256(slot) + 1)));
    }

    // ---- helpers --------------------------------------------------------------------------------------------------------

    function _refused(bytes4 selector) private {
        vm.expectRevert(selector);
    }

    function _committee() private pure returns (uint256 committee) {
        for (uint256 i = 0; i < 5; ++i) {
            committee |= (i + 1) << (10 * i);
        }
    }

    function _withUses(uint256 uses) private {
        facts.meta = (facts.meta & ~(uint256(0xFF) << 96)) | uses << 96;
        _storeRequest(3, START, 1 << 16);
    }

    /// @dev Somebody registered who has no part in the request.
    function stranger_() private view returns (Person memory) {
        return insurer;
    }

    function _deliveryHash(uint32 index, uint64 nonce, bytes32 digest) private view returns (bytes32) {
        return _deliveryHash(oracles[index - 1], index, nonce, digest);
    }

    function _deliveryHash(Person memory oracle, uint32 index, uint64 nonce, bytes32 digest)
        private
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "RecordDelivery(address actor,uint64 nonce,bytes32 requestId,uint32 index,bytes32 deliveryDigest,bytes32 envelopeDigest)"
                ),
                oracle.id,
                nonce,
                facts.requestId,
                index,
                digest,
                _E
            )
        );
    }
}
