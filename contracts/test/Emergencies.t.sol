// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RequestFixture} from "./RequestFixture.sol";
import {AccessRequest, Auth, RequestFacts} from "../src/LedgerTypes.sol";
import {LedgerEvents} from "../src/LedgerEvents.sol";
import "../src/LedgerErrors.sol";

/// @title Emergencies: a track of their own, a limit of time and number, and a review of what trustees granted
contract EmergenciesTest is RequestFixture {
    uint256 private constant _EMERGENCY_EPOCH = 5;
    bytes32 private constant _EMERGENCY_DEALING = keccak256("dealing for emergencies");

    bytes private _ordinary;

    function setUp() public {
        _seedStory();
        _ordinary = policy;
        policy = _ordinary;
        policy[5] = bytes1(uint8(policy[5]) | 8);
        uint256 tag =
            uint160(uint256(keccak256(abi.encode(_EMERGENCY_DEALING, HEADER, _policyHash(policy), bytes32(0)))));
        bytes32 key = keccak256(abi.encode(BUNDLE, uint256(1), uint256(0)));
        vm.store(address(ledger), keccak256(abi.encode(key, SLOT_DEALINGS)), bytes32(tag));
        _storeField(_bundleSlot(), _EMERGENCY_EPOCH, 184, 24);
        _storeField(_bundleSlot(), _EMERGENCY_EPOCH, 208, 24);
    }

    function test_requestAccess_ofTheOtherTrack_isRefused() public {
        AccessRequest memory q = _emergency();
        q.emergencyReason = 0;
        _refused(StaleDigest.selector, q);
        q = _asking(doctor);
        q.emergencyReason = 7;
        q.notAfter = uint64(vm.getBlockTimestamp() + 1 hours);
        _refused(StaleDigest.selector, q);
        _storeField(_bundleSlot(), 0, 184, 24);
        _refused(WrongState.selector, _emergency());
    }

    function test_requestAccess_emergency_isDeclaredAtOnce() public {
        AccessRequest memory q = _emergency();
        Auth memory auth = _by(doctor);
        vm.expectEmit();
        emit LedgerEvents.EmergencyDeclared(_factsOf(q, doctor.id).requestId, patient.id, doctor.id, 7);
        ledger.requestAccess(q, _witness(), auth);
    }

    function test_requestAccess_longerThanAnEmergencyLasts_isRefused() public {
        AccessRequest memory q = _emergency();
        q.notAfter = uint64(vm.getBlockTimestamp() + 24 hours + 1);
        _refused(Malformed.selector, q);
        q.notAfter -= 1;
        ledger.requestAccess(q, _witness(), _by(doctor));
    }

    function test_grant_byTrustees_hasToBeReviewedOnce() public {
        RequestFacts memory r = _granted();
        assertEq(_openReviews(), 1, "one review is due");
        assertEq(uint8(_review(r)), 1, "the record says so");
        assertEq(_review(r) >> 8, vm.getBlockTimestamp() + _parameters().reviewPeriod, "and until when");

        vm.expectRevert(Malformed.selector);
        ledger.reviewEmergency(r, 0, bytes32(0), _by(patient));
        vm.expectRevert(Malformed.selector);
        ledger.reviewEmergency(r, 3, bytes32(0), _by(patient));
        vm.expectRevert(WrongRole.selector);
        ledger.reviewEmergency(r, 1, bytes32(0), _by(doctor));
        vm.expectRevert(NotYours.selector);
        ledger.reviewEmergency(r, 1, bytes32(0), _by(trustees[0]));
        ledger.reviewEmergency(r, 1, keccak256("report"), _by(agency));
        assertEq(uint8(_review(r)), 2, "reviewed");
        assertEq(_openReviews(), 0, "none is due");
        vm.expectRevert(AlreadyExists.selector);
        ledger.reviewEmergency(r, 1, bytes32(0), _by(patient));
    }

    function test_reviewEmergency_withoutOne_isRefused() public {
        policy = _ordinary;
        RequestFacts memory r = _askAndApprove();
        vm.expectRevert(WrongState.selector);
        ledger.reviewEmergency(r, 1, bytes32(0), _by(patient));
        assertEq(_openReviews(), 0, "an ordinary grant is not reviewed");
    }

    function test_reviewEmergency_factsOfAnother_areNotFound() public {
        RequestFacts memory r = _granted();
        r.patient = trustees[0].id;
        vm.expectRevert(WrongState.selector);
        ledger.reviewEmergency(r, 1, bytes32(0), _by(trustees[0]));
    }

    function test_reviewEmergency_unjustified_countsAsAbandoned() public {
        RequestFacts memory r = _granted();
        ledger.reviewEmergency(r, 2, bytes32(0), _by(patient));
        assertEq(_loadField(_actorSlot(doctor.id), 176, 8), 1, "abandoned");
        ledger.revokeGrant(r, 1, _by(patient));
        _refused(CoolingDown.selector, _emergency());
    }

    function test_requestAccess_withThreeReviewsDue_isRefused() public {
        RequestFacts memory first;
        for (uint256 i = 0; i < 3; ++i) {
            RequestFacts memory r = _granted();
            if (i == 0) first = r;
            ledger.revokeGrant(r, 1, _by(patient));
        }
        _refused(ReviewDue.selector, _emergency());

        // The record outlives the request, whose slots the later ones took over.
        ledger.reviewEmergency(first, 1, bytes32(0), _by(patient));
        ledger.requestAccess(_emergency(), _witness(), _by(doctor));
    }

    function test_grant_byThePatient_needsNoReview() public {
        AccessRequest memory q = _emergency();
        RequestFacts memory r = _factsOf(q, doctor.id);
        ledger.requestAccess(q, _witness(), _by(doctor));
        _draw(r);
        ledger.consentToRequest(r, keccak256("approval"), _by(patient));
        assertEq(_review(r), 0, "no review");
        assertEq(_openReviews(), 0, "none is due");
    }

    function _emergency() private returns (AccessRequest memory q) {
        q = _asking(doctor);
        q.dealingDigest = _EMERGENCY_DEALING;
        q.epoch = uint32(_EMERGENCY_EPOCH);
        q.emergencyReason = 7;
        q.notAfter = uint64(vm.getBlockTimestamp() + 2 hours);
    }

    function _granted() private returns (RequestFacts memory r) {
        AccessRequest memory q = _emergency();
        r = _factsOf(q, doctor.id);
        ledger.requestAccess(q, _witness(), _by(doctor));
        _draw(r);
        _approve(r, 0);
        _approve(r, 1);
        _approve(r, 2);
        assertEq(_stageOf(r), GRANTED, "granted");
    }

    function _refused(bytes4 reason, AccessRequest memory q) private {
        vm.expectRevert(reason);
        ledger.requestAccess(q, _witness(), _by(doctor));
    }

    function _review(RequestFacts memory r) private view returns (uint256) {
        return ledger.getEmergencyReview(r.requestId, r.doctor, r.patient);
    }

    function _openReviews() private view returns (uint256) {
        return _loadField(_actorSlot(doctor.id), 224, 8);
    }
}
