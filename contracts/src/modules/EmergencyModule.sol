// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth, RequestFacts} from "../LedgerTypes.sol";
import {LedgerBase} from "../LedgerBase.sol";
import "../LedgerErrors.sol";

/// @title Emergencies' reviews: called by the ledger
/// @dev The functions are those of IEmergencies and described there. A record outlives the request's slots, which the doctor's next request
/// for the bundle takes over: 1 due or 2 reviewed in the lowest 8 bits, and above them the second until which the review should be made.
contract EmergencyModule is LedgerBase {
    uint256 private constant _DUE = 1;
    uint256 private constant _REVIEWED = 2;
    uint256 private constant _JUSTIFIED = 1;
    uint256 private constant _UNJUSTIFIED = 2;

    bytes32 public constant REVIEW_EMERGENCY_TYPEHASH =
        keccak256("ReviewEmergency(address actor,uint64 nonce,bytes32 requestId,uint32 finding,bytes32 reportDigest)");

    constructor(Parameters memory p) LedgerBase(p) {}

    function reviewEmergency(RequestFacts calldata request, uint32 finding, bytes32 reportDigest, Auth calldata auth)
        external
        onlyDelegated
    {
        if (finding != _JUSTIFIED && finding != _UNJUSTIFIED) revert Malformed();
        bytes32 structHash = keccak256(
            abi.encode(
                REVIEW_EMERGENCY_TYPEHASH, auth.actor, auth.nonce, request.requestId, uint256(finding), reportDigest
            )
        );
        uint256 core = _authorize(auth, structHash, Need.Active);
        bytes32 key = _reviewKey(request.requestId, request.doctor, request.patient);
        uint256 record = _records[key];
        if (record == 0) revert WrongState();
        if (uint8(record) == _REVIEWED) revert AlreadyExists();
        if (auth.actor == request.doctor) revert WrongRole();
        if (auth.actor != request.patient && _field(core, A_ROLES, 12) & AGENCY == 0) revert NotYours();

        _records[key] = (record & ~uint256(0xff)) | _REVIEWED;
        uint256 doctor = _actors[request.doctor].core;
        doctor = _set(doctor, A_OPEN_REVIEWS, 8, _field(doctor, A_OPEN_REVIEWS, 8) - 1);
        if (finding == _UNJUSTIFIED) doctor = _withAbandoned(doctor);
        _actors[request.doctor].core = doctor;
        emit EmergencyReviewed(request.requestId, auth.actor, finding, reportDigest);
    }

    function getEmergencyReview(bytes32 requestId, address doctor, address patient)
        external
        view
        onlyDelegated
        returns (uint256 record)
    {
        return _records[_reviewKey(requestId, doctor, patient)];
    }
}
