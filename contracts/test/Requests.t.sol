// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestFixture} from "./RequestFixture.sol";
import {Vm} from "./Vm.sol";
import {AccessRequest, AccessWitness, RequestFacts} from "../src/LedgerTypes.sol";
import "../src/LedgerErrors.sol";

/// @title Asking, and every way in which a request ends: each refusal by its name
contract RequestsTest is RequestFixture {
    function setUp() public {
        _seedStory();
    }

    // ---- asking -----------------------------------------------------------------------------------------------------------------------------

    function test_requestAccess_whoMayNot_isRefused() public {
        _refused(WrongRole.selector, _asking(patient), _witness(), patient);
        _refused(NotRegistered.selector, _asking(stranger), _witness(), stranger);
        _storeField(_actorSlot(doctor.id), 0, 96, 40);
        _refused(LicenceMissing.selector, _asking(doctor), _witness(), doctor);
        _storeField(_actorSlot(doctor.id), vm.getBlockTimestamp(), 96, 40);
        _refused(LicenceExpired.selector, _asking(doctor), _witness(), doctor);
        _setStatus(doctor.id, STATUS_SUSPENDED);
        _refused(Suspended.selector, _asking(doctor), _witness(), doctor);
    }

    function test_requestAccess_pinsThatAreNotPresent_areRefused() public {
        AccessRequest memory q = _asking(doctor);
        q.bundleId = keccak256("no bundle");
        _refused(NotFound.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.headerDigest = keccak256("old header");
        _refused(StaleDigest.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.dealingDigest = keccak256("old dealing");
        _refused(StaleDigest.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.epoch = 2;
        _refused(StaleEpoch.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.snapshot = 2;
        _refused(StaleDigest.selector, q, _witness(), doctor);
        AccessWitness memory w = _witness();
        w.patient = doctor.id;
        _refused(StaleDigest.selector, _asking(doctor), w, doctor);
        w = _witness();
        w.policy[5] = 0x06;
        _refused(StaleDigest.selector, _asking(doctor), w, doctor);
    }

    function test_requestAccess_bundleClosedOrWithoutDealing_isRefused() public {
        _storeField(_bundleSlot(), 1, 251, 1);
        _refused(WrongState.selector, _asking(doctor), _witness(), doctor);
        _storeField(_bundleSlot(), 0, 251, 1);
        _storeField(_bundleSlot(), 0, 160, 24);
        _refused(WrongState.selector, _asking(doctor), _witness(), doctor);
    }

    function test_requestAccess_receiverThatDoesNotFit_isRefused() public {
        AccessRequest memory q = _asking(doctor);
        q.receiver.id = patient.id;
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.receiver.keyEpoch = 1;
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.receiver.kind = 3;
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.receiver.kind = 2;
        _refused(ReceiverNotPermitted.selector, q, _witness(), doctor);
        PolicyTerms memory terms = _usualTerms();
        terms.flags = 4;
        _seedPolicy(_policy(terms));
        _refused(ReceiverNotPermitted.selector, _asking(doctor), _witness(), doctor);
        _refused(NotFound.selector, q, _witness(), doctor);
    }

    function test_requestAccess_fieldsOutOfBounds_areRefused() public {
        AccessRequest memory q = _asking(doctor);
        q.notAfter = uint64(vm.getBlockTimestamp());
        _refused(Expired.selector, q, _witness(), doctor);
        q.notAfter = uint64(vm.getBlockTimestamp() + 30 days + 1);
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.documentCount = 0;
        _refused(Malformed.selector, q, _witness(), doctor);
        q.documentCount = 1025;
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.uses = 0;
        _refused(Malformed.selector, q, _witness(), doctor);
        q.uses = 16;
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        q.receivingKey[0] = 0x04;
        _refused(Malformed.selector, q, _witness(), doctor);
        q.receivingKey[0] = 0x03;
        _refused(Malformed.selector, q, _witness(), doctor);
        q = _asking(doctor);
        AccessWitness memory w = _witness();
        w.receivingKeyY += 1;
        _refused(Malformed.selector, q, w, doctor);
    }

    /// What a reader of the event could not hold must not get into it.
    function test_requestAccess_possessionThatIsNoSignature_isRefused() public {
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes[6] memory bad = [
            bytes(""),
            abi.encodePacked(uint256(1), uint256(1), uint8(27)),
            abi.encodePacked(uint256(0), uint256(1)),
            abi.encodePacked(uint256(1), uint256(0)),
            abi.encodePacked(order, uint256(1)),
            abi.encodePacked(uint256(1), order / 2 + 1)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            AccessRequest memory q = _asking(doctor);
            q.possession = bad[i];
            _refused(Malformed.selector, q, _witness(), doctor);
        }
    }

    function test_requestAccess_tooFewOracles_isRefused() public {
        _seedSnapshot(1, 4, 31);
        _refused(NotEnoughOracles.selector, _asking(doctor), _witness(), doctor);
        AccessRequest memory q = _asking(doctor);
        q.snapshot = 0;
        _storeField(SLOT_REGISTRY, 0, 32, 32);
        _refused(NotEnoughOracles.selector, q, _witness(), doctor);
    }

    function test_requestAccess_accepted_isStoredAndTold() public {
        AccessRequest memory q = _asking(doctor);
        RequestFacts memory r = _factsOf(q, doctor.id);
        vm.recordLogs();
        ledger.requestAccess(q, _witness(), _by(doctor));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "one event");
        assertEq(logs[0].topics[1], r.requestId, "id");
        assertEq(logs[0].topics[3], BUNDLE, "bundle");
        assertEq(
            logs[0].data,
            abi.encode(
                r.meta,
                r.team,
                q.documentsCommitment,
                q.bodyCommitment,
                q.bodyDigest,
                q.purposeDigest,
                q.requestNonce,
                q.evidenceRoot,
                q.receivingKey,
                q.possession
            ),
            "data"
        );
        (uint256 first, uint256 second) = ledger.getRequest(doctor.id, BUNDLE);
        uint256 tag = uint160(uint256(keccak256(abi.encode(r))));
        assertEq(first, tag | AWAITING_DRAW << 160 | (vm.getBlockNumber() + 1) << 170, "slot 1");
        assertEq(second, 0, "slot 2");
    }

    function test_requestAccess_whileTheFormerLives_isRefused() public {
        AccessRequest memory q = _asking(doctor);
        ledger.requestAccess(q, _witness(), _by(doctor));
        _refused(AlreadyExists.selector, q, _witness(), doctor);
        _refused(OpenRequestExists.selector, _asking(doctor), _witness(), doctor);
        vm.warp(vm.getBlockTimestamp() + 2 days);
        _refused(OpenRequestExists.selector, _asking(doctor), _witness(), doctor);
        ledger.expireRequest(_factsOf(q, doctor.id), _by(insurer));
        _refused(CoolingDown.selector, _asking(doctor), _witness(), doctor);
        vm.warp(vm.getBlockTimestamp() + 10 minutes);
        _ask();
    }

    function test_requestAccess_formerEndedByANewDealing_isFollowedWithItsFacts() public {
        RequestFacts memory old = _ask();
        _seedBundle(4);
        _seedDealing(0, DEALING, HEADER, policy);
        AccessRequest memory q = _asking(doctor);
        q.epoch = 4;
        _refused(OpenRequestExists.selector, q, _witness(), doctor);
        AccessWitness memory w = _witness();
        w.former = new RequestFacts[](1);
        w.former[0] = old;
        w.former[0].meta += 1;
        _refused(BadWitness.selector, q, w, doctor);
        w.former[0].meta -= 1;
        ledger.requestAccess(q, w, _by(doctor));
        vm.expectRevert(NotFound.selector);
        ledger.cancelRequest(old, _by(doctor));
    }

    function test_requestAccess_formerSettled_isFollowed() public {
        RequestFacts memory old = _askAndApprove();
        _refused(OpenRequestExists.selector, _asking(doctor), _witness(), doctor);
        _storeField(_requestSlotOf(doctor.id), 1, 165, 1);
        RequestFacts memory next = _ask();
        assertEq(_stageOf(next), AWAITING_DRAW, "stage");
        vm.expectRevert(NotFound.selector);
        ledger.revokeGrant(old, 1, _by(patient));
    }

    // ---- the access rule --------------------------------------------------------------------------------------------------------------------

    function test_accessRule_knownFacts_decide() public {
        bytes memory cardiologist = abi.encodePacked(uint8(4), uint8(10), "cardiology");
        bytes memory here = abi.encodePacked(uint8(5), hospital.id);
        bytes memory purpose = abi.encodePacked(uint8(6), uint8(5), "TREAT");
        _permits(cardiologist);
        _permits(here);
        _permits(purpose);
        _permits(abi.encodePacked(uint8(3), uint16(2)));
        _permits(abi.encodePacked(uint8(1), uint8(3), cardiologist, here, purpose));
        _permits(abi.encodePacked(uint8(2), uint8(1), uint8(2), uint8(3), uint16(4), cardiologist));
        _denies(abi.encodePacked(uint8(4), uint8(8), "oncology"), 0);
        _denies(abi.encodePacked(uint8(5), patient.id), 0);
        _denies(abi.encodePacked(uint8(8), hospital.id), 0);
        _denies(abi.encodePacked(uint8(1), uint8(3), cardiologist, uint8(3), uint16(4), purpose), 2);
        _denies(
            abi.encodePacked(uint8(1), uint8(2), purpose, uint8(2), uint8(2), uint8(2), here, uint8(3), uint16(4)), 4
        );
    }

    function test_accessRule_ofAnotherPolicy_isRefused() public {
        PolicyTerms memory terms = _usualTerms();
        terms.rule = abi.encodePacked(uint8(3), uint16(2));
        _seedPolicy(_policy(terms));
        AccessWitness memory w = _witness();
        w.rule = abi.encodePacked(uint8(3), uint16(3));
        _refused(BadWitness.selector, _asking(doctor), w, doctor);
        w.rule = "";
        _refused(BadWitness.selector, _asking(doctor), w, doctor);
    }

    // ---- ends -------------------------------------------------------------------------------------------------------------------------------

    function test_vetoRequest_untilTheGrantIsFinal() public {
        PolicyTerms memory terms = _usualTerms();
        terms.vetoWindow = 1 hours;
        _seedPolicy(_policy(terms));
        RequestFacts memory r = _askAndApprove();
        vm.expectRevert(NotYours.selector);
        ledger.vetoRequest(r, _by(doctor));
        uint256 state = vm.snapshotState();
        vm.warp(vm.getBlockTimestamp() + 1 hours - 1);
        // An agency cannot take the veto away by suspending the patient.
        _setStatus(patient.id, STATUS_SUSPENDED);
        ledger.vetoRequest(r, _by(patient));
        assertEq(_stageOf(r), VETOED, "stage");
        vm.expectRevert(WrongState.selector);
        ledger.vetoRequest(r, _by(patient));
        vm.revertToState(state);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        vm.expectRevert(Expired.selector);
        ledger.vetoRequest(r, _by(patient));
    }

    function test_cancelRequest_undecidedOneCounts_grantDoesNot() public {
        RequestFacts memory r = _ask();
        vm.expectRevert(NotYours.selector);
        ledger.cancelRequest(r, _by(patient));
        ledger.cancelRequest(r, _by(doctor));
        assertEq(_loadField(_actorSlot(doctor.id), 176, 8), 1, "abandoned");
        vm.warp(vm.getBlockTimestamp() + 10 minutes);
        r = _askAndApprove();
        ledger.cancelRequest(r, _by(doctor));
        assertEq(_stageOf(r), CANCELLED, "stage");
        assertEq(_loadField(_actorSlot(doctor.id), 176, 8), 1, "not abandoned");
        r = _askAndApprove();
        _storeField(_requestSlotOf(doctor.id), 1, 165, 1);
        vm.expectRevert(WrongState.selector);
        ledger.cancelRequest(r, _by(doctor));
    }

    function test_cooldown_growsAndIsForgiven() public {
        uint256 wait = 10 minutes;
        for (uint256 i = 1; i <= 4; ++i) {
            ledger.cancelRequest(_ask(), _by(doctor));
            assertEq(_loadField(_actorSlot(doctor.id), 176, 8), i, "abandoned");
            vm.warp(vm.getBlockTimestamp() + wait - 1);
            _refused(CoolingDown.selector, _asking(doctor), _witness(), doctor);
            vm.warp(vm.getBlockTimestamp() + 1);
            wait *= 2;
        }
        vm.warp(vm.getBlockTimestamp() + 14 days);
        ledger.cancelRequest(_ask(), _by(doctor));
        assertEq(_loadField(_actorSlot(doctor.id), 176, 8), 3, "two forgiven, one more");
    }

    function test_revokeGrant_onlyAGrant_byThePatient() public {
        RequestFacts memory r = _askAndDraw();
        vm.expectRevert(WrongState.selector);
        ledger.revokeGrant(r, 1, _by(patient));
        _approve(r, 0);
        _approve(r, 1);
        _approve(r, 2);
        vm.expectRevert(NotYours.selector);
        ledger.revokeGrant(r, 1, _by(doctor));
        vm.expectRevert(Malformed.selector);
        ledger.revokeGrant(r, 65_536, _by(patient));
        ledger.revokeGrant(r, 65_535, _by(patient));
        assertEq(_stageOf(r), REVOKED, "stage");
        vm.expectRevert(WrongState.selector);
        ledger.consentToRequest(r, keccak256("a"), _by(patient));
    }

    function test_attachToGrant_refusals_areNamed() public {
        RequestFacts memory r = _askAndDraw();
        vm.expectRevert(WrongState.selector);
        ledger.attachToGrant(r, 1, keccak256("a"), _by(patient));
        _approve(r, 0);
        _approve(r, 1);
        _approve(r, 2);
        vm.expectRevert(NotYours.selector);
        ledger.attachToGrant(r, 1, keccak256("a"), _by(doctor));
        vm.expectRevert(NotSupported.selector);
        ledger.attachToGrant(r, 2, keccak256("a"), _by(patient));
        vm.expectRevert(Malformed.selector);
        ledger.attachToGrant(r, 1, bytes32(0), _by(patient));
        ledger.attachToGrant(r, 1, keccak256("a"), _by(patient));
        _storeField(_actorSlot(doctor.id), 0, 96, 40);
        vm.expectRevert(LicenceMissing.selector);
        ledger.attachToGrant(r, 1, keccak256("b"), _by(patient));
    }

    function test_expireRequest_onlyWhenItsTimeIsOver() public {
        RequestFacts memory r = _ask();
        vm.expectRevert(NotYet.selector);
        ledger.expireRequest(r, _by(insurer));
        vm.warp(vm.getBlockTimestamp() + 2 days);
        vm.expectRevert(Expired.selector);
        ledger.cancelRequest(r, _by(doctor));
        ledger.expireRequest(r, _by(insurer));
        assertEq(_stageOf(r), EXPIRED, "stage");
        vm.expectRevert(WrongState.selector);
        ledger.expireRequest(r, _by(insurer));
    }

    function test_deadRequests_takeNothing() public {
        RequestFacts memory r = _askAndDraw();
        _seedBundle(4);
        vm.expectRevert(WrongState.selector);
        ledger.cancelRequest(r, _by(doctor));
        vm.warp(vm.getBlockTimestamp() + 3 days);
        vm.expectRevert(WrongState.selector);
        ledger.expireRequest(r, _by(insurer));
        _seedBundle(EPOCH);
        vm.warp(vm.getBlockTimestamp() - 3 days);
        _approve(r, 0);
        _approve(r, 1);
        _approve(r, 2);
        // A grant outlives its dealing, and not its bundle.
        _seedBundle(4);
        ledger.revokeGrant(r, 1, _by(patient));
        _storeField(_requestSlotOf(doctor.id), GRANTED, 160, 4);
        _storeField(_bundleSlot(), 1, 251, 1);
        vm.expectRevert(WrongState.selector);
        ledger.revokeGrant(r, 1, _by(patient));
    }

    function testFuzz_facts_anyOtherWord_isNoRequest(uint256 word, uint256 bit) public {
        RequestFacts memory r = _ask();
        word = bound(word, 0, 6);
        bit = bound(bit, 0, word == 1 || word == 2 || word == 5 ? 159 : 255);
        assembly ("memory-safe") {
            let place := add(r, mul(word, 32))
            mstore(place, xor(mload(place), shl(bit, 1)))
        }
        vm.expectRevert(NotFound.selector);
        ledger.cancelRequest(r, _by(doctor));
    }

    // ---- helpers ----------------------------------------------------------------------------------------------------------------------------

    function _refused(bytes4 selector, AccessRequest memory q, AccessWitness memory w, Person memory by) private {
        vm.expectPartialRevert(selector);
        ledger.requestAccess(q, w, _by(by));
    }

    function _withRule(bytes memory rule) private returns (AccessWitness memory w) {
        PolicyTerms memory terms = _usualTerms();
        terms.rule = rule;
        _seedPolicy(_policy(terms));
        w = _witness();
        w.rule = rule;
    }

    function _permits(bytes memory rule) private {
        AccessWitness memory w = _withRule(rule);
        uint256 state = vm.snapshotState();
        ledger.requestAccess(_asking(doctor), w, _by(doctor));
        vm.revertToState(state);
    }

    function _denies(bytes memory rule, uint256 leaf) private {
        AccessWitness memory w = _withRule(rule);
        AccessRequest memory q = _asking(doctor);
        vm.expectRevert(abi.encodeWithSelector(AccessDenied.selector, leaf));
        ledger.requestAccess(q, w, _by(doctor));
    }
}
