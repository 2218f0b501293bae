// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth} from "../LedgerTypes.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {ClaimFacts} from "../IClaims.sol";
import "../LedgerErrors.sol";

/// @title Insurance claims: called by the ledger
/// @dev The functions are those of IClaims and described there. One slot for each claim, its facts in calldata under the hash that is its id.
contract ClaimModule is LedgerBase {
    // Statuses, as in the model; those of the levels 1 to 4 are the levels.
    uint256 private constant _AWAITING_DOCTOR = 1;
    uint256 private constant _AWAITING_HOSPITAL = 2;
    uint256 private constant _AWAITING_AGENCY = 3;
    uint256 private constant _AWAITING_INSURER = 4;
    uint256 private constant _AWAITING_APPEAL = 5;
    uint256 private constant _APPROVED = 6;
    uint256 private constant _REJECTED = 7;
    uint256 private constant _WITHDRAWN = 8;
    uint256 private constant _EXPIRED = 9;

    // A claim's slot: status 4 | an agency reviews 1 | appealed 1 | 2 free | approved amount 64.
    uint256 private constant _REVIEWED = 1 << 4;
    uint256 private constant _APPEALED = 1 << 5;
    uint256 private constant _AMOUNT = 8;

    uint256 private constant _LIFETIME = 366 days;
    uint256 private constant _REASONS = 65_535;
    bytes32 private constant _CLAIM_TAG = keccak256("phr/claim/v1");

    bytes32 public constant SET_REVIEW_THRESHOLD_TYPEHASH =
        keccak256("SetReviewThreshold(address actor,uint64 nonce,string currency,uint64 threshold)");
    bytes32 public constant FILE_CLAIM_TYPEHASH = keccak256(
        "FileClaim(address actor,uint64 nonce,address insurer,address doctor,address hospital,uint64 amount,string currency,bytes32 relatedTo,bytes32 evidenceCommitment,bytes32 evidenceDigest,uint64 notAfter,bytes32 salt)"
    );
    bytes32 public constant ENDORSE_CLAIM_TYPEHASH =
        keccak256("EndorseClaim(address actor,uint64 nonce,bytes32 claimId,bytes32 opinionDigest)");
    bytes32 public constant REJECT_CLAIM_TYPEHASH =
        keccak256("RejectClaim(address actor,uint64 nonce,bytes32 claimId,uint32 reasonCode,bytes32 opinionDigest)");
    bytes32 public constant APPROVE_CLAIM_TYPEHASH =
        keccak256("ApproveClaim(address actor,uint64 nonce,bytes32 claimId,uint64 amount,bytes32 opinionDigest)");
    bytes32 public constant APPEAL_CLAIM_TYPEHASH =
        keccak256("AppealClaim(address actor,uint64 nonce,bytes32 claimId,bytes32 groundsDigest)");
    bytes32 public constant DECIDE_APPEAL_TYPEHASH =
        keccak256("DecideAppeal(address actor,uint64 nonce,bytes32 claimId,bool sendBack,bytes32 findingDigest)");
    bytes32 public constant WITHDRAW_CLAIM_TYPEHASH =
        keccak256("WithdrawClaim(address actor,uint64 nonce,bytes32 claimId)");
    bytes32 public constant EXPIRE_CLAIM_TYPEHASH =
        keccak256("ExpireClaim(address actor,uint64 nonce,bytes32 claimId)");

    constructor(Parameters memory p) LedgerBase(p) {}

    function setReviewThreshold(string calldata currency, uint64 threshold, Auth calldata auth) external onlyDelegated {
        bytes3 code = _currency(currency);
        bytes32 structHash = keccak256(
            abi.encode(
                SET_REVIEW_THRESHOLD_TYPEHASH, auth.actor, auth.nonce, keccak256(abi.encodePacked(code)), threshold
            )
        );
        _requireRole(_authorize(auth, structHash, Need.Active), INSURER);
        _records[_thresholdKey(auth.actor, code)] = threshold;
        emit ReviewThresholdSet(auth.actor, currency, threshold);
    }

    function fileClaim(
        address insurer,
        address doctor,
        address hospital,
        uint64 amount,
        string calldata currency,
        bytes32 relatedTo,
        bytes32 evidenceCommitment,
        bytes32 evidenceDigest,
        uint64 notAfter,
        bytes32 salt,
        Auth calldata auth
    ) external onlyDelegated {
        ClaimFacts memory c = ClaimFacts({
            patient: auth.actor,
            insurer: insurer,
            doctor: doctor,
            hospital: hospital,
            amount: amount,
            currency: _currency(currency),
            relatedTo: relatedTo,
            evidenceCommitment: evidenceCommitment,
            evidenceDigest: evidenceDigest,
            notAfter: notAfter,
            salt: salt
        });
        if (amount == 0 || evidenceCommitment == 0 || evidenceDigest == 0) revert Malformed();
        _checkFiling(c, _authorize(auth, _filingHash(c, auth.nonce), Need.Active));
        bytes32 claimId = keccak256(abi.encode(_CLAIM_TAG, block.chainid, address(this), c));
        bytes32 key = _claimKey(claimId);
        if (_records[key] != 0) revert AlreadyExists();
        bool reviewed = amount >= _records[_thresholdKey(insurer, c.currency)];
        _records[key] = _AWAITING_DOCTOR | (reviewed ? _REVIEWED : 0);
        _emitFiled(claimId, c, currency, reviewed);
    }

    function endorseClaim(ClaimFacts calldata claim, bytes32 opinionDigest, Auth calldata auth) external onlyDelegated {
        bytes32 claimId = _idOf(claim);
        uint256 core = _authorize(
            auth,
            keccak256(abi.encode(ENDORSE_CLAIM_TYPEHASH, auth.actor, auth.nonce, claimId, opinionDigest)),
            Need.Active
        );
        uint256 slot = _turn(claimId, claim, auth.actor, core);
        uint256 level = slot & 15;
        if (level == _AWAITING_INSURER) revert WrongState();
        uint256 next = level == _AWAITING_DOCTOR
            ? _AWAITING_HOSPITAL
            : level == _AWAITING_HOSPITAL && slot & _REVIEWED != 0 ? _AWAITING_AGENCY : _AWAITING_INSURER;
        _setStatus(claimId, slot, next);
        // A level is 1 to 4.
        // forge-lint: disable-next-line(unsafe-typecast)
        emit ClaimEndorsed(claimId, auth.actor, uint32(level), opinionDigest);
    }

    function rejectClaim(ClaimFacts calldata claim, uint32 reasonCode, bytes32 opinionDigest, Auth calldata auth)
        external
        onlyDelegated
    {
        if (reasonCode > _REASONS) revert Malformed();
        bytes32 claimId = _idOf(claim);
        uint256 core = _authorize(
            auth,
            keccak256(abi.encode(REJECT_CLAIM_TYPEHASH, auth.actor, auth.nonce, claimId, reasonCode, opinionDigest)),
            Need.Active
        );
        uint256 slot = _turn(claimId, claim, auth.actor, core);
        if (slot >> _AMOUNT != 0) revert WrongState();
        _setStatus(claimId, slot, _REJECTED);
        // A level is 1 to 4.
        // forge-lint: disable-next-line(unsafe-typecast)
        emit ClaimRejected(claimId, auth.actor, uint32(slot & 15), reasonCode, opinionDigest);
    }

    function approveClaim(ClaimFacts calldata claim, uint64 amount, bytes32 opinionDigest, Auth calldata auth)
        external
        onlyDelegated
    {
        bytes32 claimId = _idOf(claim);
        uint256 core = _authorize(
            auth,
            keccak256(abi.encode(APPROVE_CLAIM_TYPEHASH, auth.actor, auth.nonce, claimId, amount, opinionDigest)),
            Need.Active
        );
        uint256 slot = _turn(claimId, claim, auth.actor, core);
        if (slot & 15 != _AWAITING_INSURER) revert WrongState();
        if (amount == 0 || amount > claim.amount || amount < slot >> _AMOUNT) revert Malformed();
        slot = (slot & (_REVIEWED | _APPEALED)) | uint256(amount) << _AMOUNT;
        _setStatus(claimId, slot, _APPROVED);
        emit ClaimApproved(claimId, auth.actor, amount, opinionDigest);
    }

    function appealClaim(ClaimFacts calldata claim, bytes32 groundsDigest, Auth calldata auth) external onlyDelegated {
        bytes32 claimId = _idOf(claim);
        _authorize(
            auth,
            keccak256(abi.encode(APPEAL_CLAIM_TYPEHASH, auth.actor, auth.nonce, claimId, groundsDigest)),
            Need.Active
        );
        uint256 slot = _load(claimId);
        if (claim.patient != auth.actor) revert NotYours();
        if (slot & _APPEALED != 0) revert AlreadyExists();
        uint256 status = slot & 15;
        if (status != _REJECTED && (status != _APPROVED || slot >> _AMOUNT >= claim.amount)) revert WrongState();
        if (block.timestamp >= claim.notAfter) revert Expired();
        _setStatus(claimId, slot | _APPEALED, _AWAITING_APPEAL);
        emit ClaimAppealed(claimId, groundsDigest);
    }

    function decideAppeal(ClaimFacts calldata claim, bool sendBack, bytes32 findingDigest, Auth calldata auth)
        external
        onlyDelegated
    {
        bytes32 claimId = _idOf(claim);
        uint256 core = _authorize(
            auth,
            keccak256(abi.encode(DECIDE_APPEAL_TYPEHASH, auth.actor, auth.nonce, claimId, sendBack, findingDigest)),
            Need.Active
        );
        uint256 slot = _load(claimId);
        if (slot & 15 != _AWAITING_APPEAL) revert WrongState();
        if (block.timestamp >= claim.notAfter) revert Expired();
        _requireRole(core, AGENCY);
        _setStatus(claimId, slot, sendBack ? _AWAITING_INSURER : slot >> _AMOUNT != 0 ? _APPROVED : _REJECTED);
        emit AppealDecided(claimId, auth.actor, sendBack, findingDigest);
    }

    function withdrawClaim(ClaimFacts calldata claim, Auth calldata auth) external onlyDelegated {
        bytes32 claimId = _idOf(claim);
        _authorize(
            auth, keccak256(abi.encode(WITHDRAW_CLAIM_TYPEHASH, auth.actor, auth.nonce, claimId)), Need.Withdrawing
        );
        uint256 slot = _load(claimId);
        if (claim.patient != auth.actor) revert NotYours();
        if (slot & 15 > _AWAITING_APPEAL) revert WrongState();
        _setStatus(claimId, slot, _WITHDRAWN);
        emit ClaimWithdrawn(claimId);
    }

    function expireClaim(ClaimFacts calldata claim, Auth calldata auth) external onlyDelegated {
        bytes32 claimId = _idOf(claim);
        _authorize(auth, keccak256(abi.encode(EXPIRE_CLAIM_TYPEHASH, auth.actor, auth.nonce, claimId)), Need.Active);
        uint256 slot = _load(claimId);
        if (slot & 15 > _AWAITING_APPEAL) revert WrongState();
        if (block.timestamp < claim.notAfter) revert NotYet();
        _setStatus(claimId, slot, slot >> _AMOUNT != 0 ? _APPROVED : _EXPIRED);
        emit ClaimExpired(claimId);
    }

    function claimOf(bytes32 claimId) external view onlyDelegated returns (uint256 slot) {
        return _records[_claimKey(claimId)];
    }

    function reviewThresholdOf(address insurer, bytes3 currency)
        external
        view
        onlyDelegated
        returns (uint64 threshold)
    {
        // Stored from a uint64.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(_records[_thresholdKey(insurer, currency)]);
    }

    // ---- the same for all -----------------------------------------------------------------------------------------------------------------

    function _claimKey(bytes32 claimId) private pure returns (bytes32) {
        return keccak256(abi.encode("claim", claimId));
    }

    function _thresholdKey(address insurer, bytes3 currency) private pure returns (bytes32) {
        return keccak256(abi.encode("claim review", insurer, currency));
    }

    function _currency(string calldata text) private pure returns (bytes3 code) {
        bytes calldata letters = bytes(text);
        if (letters.length != 3) revert Malformed();
        for (uint256 i = 0; i < 3; ++i) {
            if (letters[i] < "A" || letters[i] > "Z") revert Malformed();
        }
        // Of length three.
        // forge-lint: disable-next-line(unsafe-typecast)
        return bytes3(letters);
    }

    function _idOf(ClaimFacts calldata claim) private view returns (bytes32) {
        return keccak256(abi.encode(_CLAIM_TAG, block.chainid, address(this), claim));
    }

    function _load(bytes32 claimId) private view returns (uint256 slot) {
        slot = _records[_claimKey(claimId)];
        if (slot == 0) revert NotFound();
    }

    function _setStatus(bytes32 claimId, uint256 slot, uint256 status) private {
        _records[_claimKey(claimId)] = (slot & ~uint256(15)) | status;
    }

    /// @dev Reverts unless it is the actor's turn to endorse, reject or approve, and the actor is fit to.
    function _turn(bytes32 claimId, ClaimFacts calldata claim, address actor, uint256 core)
        private
        view
        returns (uint256 slot)
    {
        slot = _load(claimId);
        uint256 level = slot & 15;
        if (level > _AWAITING_INSURER) revert WrongState();
        if (block.timestamp >= claim.notAfter) revert Expired();
        if (level == _AWAITING_DOCTOR) {
            if (claim.doctor != actor) revert NotYours();
            _checkLicence(core);
        } else if (level == _AWAITING_HOSPITAL) {
            if (claim.hospital != actor) revert NotYours();
        } else if (level == _AWAITING_AGENCY) {
            _requireRole(core, AGENCY);
        } else if (claim.insurer != actor) {
            revert NotYours();
        }
    }

    function _filingHash(ClaimFacts memory c, uint64 nonce) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                FILE_CLAIM_TYPEHASH,
                c.patient,
                nonce,
                c.insurer,
                c.doctor,
                c.hospital,
                c.amount,
                keccak256(abi.encodePacked(c.currency)),
                c.relatedTo,
                c.evidenceCommitment,
                c.evidenceDigest,
                c.notAfter,
                c.salt
            )
        );
    }

    function _checkFiling(ClaimFacts memory c, uint256 core) private view {
        _requireRole(core, PATIENT);
        if (c.insurer == c.patient || c.doctor == c.patient || c.hospital == c.patient) revert WrongRole();
        _checkActive(_party(c.insurer, INSURER));
        _party(c.doctor, DOCTOR);
        _party(c.hospital, HOSPITAL);
        if (c.notAfter <= block.timestamp) revert Expired();
        if (c.notAfter > block.timestamp + _LIFETIME) revert Malformed();
    }

    function _party(address party, uint256 role) private view returns (uint256 core) {
        core = _actors[party].core;
        if (_field(core, A_STATUS, 4) == UNKNOWN) revert NotFound();
        _requireRole(core, role);
    }

    function _emitFiled(bytes32 claimId, ClaimFacts memory c, string calldata currency, bool reviewed) private {
        emit ClaimFiled(
            claimId,
            c.patient,
            c.insurer,
            c.doctor,
            c.hospital,
            c.amount,
            currency,
            c.relatedTo,
            c.evidenceCommitment,
            c.evidenceDigest,
            c.notAfter,
            c.salt,
            reviewed
        );
    }
}
