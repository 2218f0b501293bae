// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, Seat, RequestFacts, AccessRequest, AccessWitness, Approval} from "./LedgerTypes.sol";
import {RequestSlots} from "./RequestSlots.sol";
import {ICore} from "./ICore.sol";
import {PolicyLib} from "./PolicyLib.sol";
import {PointLib} from "./PointLib.sol";
import {AccessRuleLib} from "./AccessRuleLib.sol";
import "./LedgerErrors.sol";

/// @title Requests: the question, the approvals, the patient's word. What happens less often is in the module behind IRequests.
/// @dev "Errors of authority" are those of `_authorize`: BadSignature, WrongNonce, NotRegistered, Removed, NotAdmitted, Suspended, KeyExpired.
abstract contract RequestPart is RequestSlots, ICore {
    using PolicyLib for bytes;

    bytes32 internal constant REQUEST_ACCESS_TYPEHASH = keccak256(
        "RequestAccess(address actor,uint64 nonce,bytes32 bundleId,bytes32 headerDigest,bytes32 dealingDigest,uint32 epoch,bytes32 documentsCommitment,uint32 documentCount,bytes32 bodyCommitment,bytes32 bodyDigest,bytes32 purposeDigest,bytes receivingKey,uint64 notAfter,bytes32 requestNonce,RequestReceiver receiver,uint32 snapshot,uint32 uses,uint32 emergencyReason,bytes32 evidenceRoot,bytes possession)RequestReceiver(uint32 kind,address id,uint32 keyEpoch)"
    );
    bytes32 internal constant REQUEST_RECEIVER_TYPEHASH =
        keccak256("RequestReceiver(uint32 kind,address id,uint32 keyEpoch)");
    bytes32 internal constant APPROVE_REQUEST_TYPEHASH = keccak256(
        "ApproveRequest(address actor,uint64 nonce,bytes32 requestId,TrusteeSeat seat,bytes32 approvalDigest)TrusteeSeat(uint32 group,uint32 member)"
    );
    bytes32 internal constant CONSENT_TO_REQUEST_TYPEHASH =
        keccak256("ConsentToRequest(address actor,uint64 nonce,bytes32 requestId,bytes32 approvalDigest)");
    bytes32 internal constant REVOKE_GRANT_TYPEHASH =
        keccak256("RevokeGrant(address actor,uint64 nonce,bytes32 requestId,uint32 reasonCode)");

    bytes32 private constant _REQUEST_TAG = keccak256("phr/request/v2");
    uint256 private constant _MAX_DOCUMENTS = 1024;
    uint256 private constant _MAX_USES = 15;
    uint256 private constant _MAX_TIME = 253_402_300_799;
    uint256 private constant _CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant _HALF_CURVE_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    uint256 private constant _PERMIT = 0;
    uint256 private constant _UNDETERMINED = 1;
    uint256 private constant _DENY = 2;

    /// @dev Who asks, while an access rule is read.
    struct Asker {
        address doctor;
        uint256 roles;
        address team;
        uint256 place;
    }

    /// @inheritdoc ICore
    function getRequest(address actor, bytes32 bundleId) external view returns (uint256 first, uint256 second) {
        uint256[2] storage slots = _requests[_requestKey(actor, bundleId)];
        return (slots[0], slots[1]);
    }

    // ---- the question -----------------------------------------------------------------------------------------------------------------------

    /// @inheritdoc ICore
    function requestAccess(AccessRequest calldata request, AccessWitness calldata witness, Auth calldata auth)
        external
    {
        uint256 core = _authorize(auth, _isSigned(auth) ? _structHash(request, auth) : bytes32(0), Need.Active);
        _requireRole(core, DOCTOR);
        _checkLicence(core);
        bytes calldata policy = witness.policy;
        RequestFacts memory facts;
        facts.doctor = auth.actor;
        facts.patient = witness.patient;
        facts.bundleId = request.bundleId;
        facts.policyHash = policy.hashOf(PolicyLib.TERMS);
        _checkPins(request, witness, policy, facts);
        facts.meta = _checkTerms(request, witness.receivingKeyY);
        bytes32 id = _requestId(request, facts.doctor);
        facts.requestId = id;
        uint256[2] storage slots = _requests[_requestKey(facts.doctor, facts.bundleId)];
        uint256 tag = _factsTag(facts);
        _checkFormer(slots[0], tag, witness);
        _checkCooldown(core);
        if (request.emergencyReason != 0 && _field(core, A_OPEN_REVIEWS, 8) >= MAX_OPEN_REVIEWS) revert ReviewDue();
        bytes32 ruleHash = policy.ruleHash();
        if (ruleHash != bytes32(0)) _checkRule(witness.rule, ruleHash, core, facts.team, facts.doctor);
        _checkSnapshot(request.snapshot, policy.committeeSize());
        slots[0] = tag | STAGE_AWAITING_DRAW << R_STAGE | (block.number + _DRAW_DELAY) << R_WHEN;
        emit AccessRequested(
            id,
            facts.doctor,
            facts.bundleId,
            facts.meta,
            facts.team,
            request.documentsCommitment,
            request.bodyCommitment,
            request.bodyDigest,
            request.purposeDigest,
            request.requestNonce,
            request.evidenceRoot,
            request.receivingKey,
            request.possession
        );
        if (request.emergencyReason != 0) {
            emit EmergencyDeclared(id, facts.patient, facts.doctor, request.emergencyReason);
        }
    }

    /// @dev Compares what the request pins with what the ledger has; sets the facts' team.
    function _checkPins(
        AccessRequest calldata request,
        AccessWitness calldata witness,
        bytes calldata policy,
        RequestFacts memory facts
    ) private view {
        uint256 kind = request.receiver.kind;
        if (kind == RECEIVER_PERSON) {
            if (request.receiver.id != facts.doctor || request.receiver.keyEpoch != 0) revert Malformed();
        } else if (kind != RECEIVER_TEAM) {
            revert Malformed();
        }
        uint256 b = _bundles[facts.bundleId];
        if (b == 0) revert NotFound();
        uint256 track = request.emergencyReason == 0 ? 0 : 1;
        uint256 epoch = _field(b, B_EPOCH + 24 * track, 24);
        if ((b >> B_CLOSED) & 1 == 1 || epoch == 0) revert WrongState();
        if (_bundleTag(facts.patient, request.headerDigest, witness.documentsRoot) != uint160(b)) revert StaleDigest();
        bytes32 dealt = witness.dealtHeaderDigest;
        if (dealt == bytes32(0)) dealt = request.headerDigest;
        uint256 d = _dealings[_dealingKey(facts.bundleId, track, (b >> (B_WHICH + track)) & 1)];
        if (_dealingTag(request.dealingDigest, dealt, facts.policyHash, witness.planDigest) != uint160(d)) {
            revert StaleDigest();
        }
        if (request.epoch != epoch) revert StaleEpoch();
        if (policy.flags() & (kind == RECEIVER_PERSON ? PolicyLib.PERSON : PolicyLib.TEAM) == 0) {
            revert ReceiverNotPermitted();
        }
        if (kind == RECEIVER_TEAM) {
            facts.team = request.receiver.id;
            _checkReceiver(kind, facts.team, request.receiver.keyEpoch, facts.doctor, witness.team);
        }
        uint256 notAfter = request.notAfter;
        if (notAfter <= block.timestamp) revert Expired();
        if (notAfter > block.timestamp + (track == 0 ? _MAX_REQUEST_LIFETIME : _MAX_EMERGENCY_LIFETIME)) {
            revert Malformed();
        }
    }

    /// @dev As `_requestTag`, of facts that are put together here.
    function _factsTag(RequestFacts memory facts) private pure returns (uint256 tag) {
        assembly ("memory-safe") {
            tag := and(keccak256(facts, 224), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// @dev Checks what stands for itself, and packs it as the facts have it.
    function _checkTerms(AccessRequest calldata request, uint256 y) private pure returns (uint256 meta) {
        uint256 reason = request.emergencyReason;
        uint256 documents = request.documentCount;
        uint256 uses = request.uses;
        uint256 notAfter = request.notAfter;
        unchecked {
            if (
                reason > MAX_REASON || documents - 1 >= _MAX_DOCUMENTS || uses - 1 >= _MAX_USES || notAfter > _MAX_TIME
                    || !PointLib.isPublicKey(request.receivingKey, y) || !_isSignature(request.possession)
            ) revert Malformed();
        }
        meta = notAfter | uint256(request.epoch) << 40 | uint256(request.snapshot) << 64 | uses << 96
            | uint256(request.receiver.kind) << 104 | uint256(request.receiver.keyEpoch) << 112 | reason << 136
            | documents << 168;
    }

    /// @dev 64 bytes r || s that a reader of events can hold: both in their range, s in the lower half. Whether it verifies is the clients' to look at.
    function _isSignature(bytes calldata signature) private pure returns (bool) {
        if (signature.length != 64) return false;
        uint256 r;
        uint256 s;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 32))
        }
        return r != 0 && r < _CURVE_ORDER && s != 0 && s <= _HALF_CURVE_ORDER;
    }

    /// @dev One live request for a doctor and a bundle: the former one has ended, or is settled.
    function _checkFormer(uint256 s1, uint256 tag, AccessWitness calldata witness) private view {
        if (uint160(s1) == tag && s1 != 0) revert AlreadyExists();
        uint256 stage = _stage(s1);
        if (stage == STAGE_NONE || stage > STAGE_GRANTED || (s1 >> R_SETTLED) & 1 == 1) return;
        if (witness.former.length == 1) {
            if (_requestTag(witness.former[0]) != uint160(s1)) revert BadWitness();
            if (_isDead(s1, witness.former[0])) return;
        }
        revert OpenRequestExists();
    }

    function _checkCooldown(uint256 core) private view {
        uint256 abandoned = _field(core, A_ABANDONED, 8);
        if (abandoned == 0) return;
        uint256 wait = _COOLDOWN;
        for (uint256 i = 1; i < abandoned && wait < _MAX_COOLDOWN; ++i) {
            wait *= 2;
        }
        if (wait > _MAX_COOLDOWN) wait = _MAX_COOLDOWN;
        if (block.timestamp < _field(core, A_LAST_ABANDONED, 40) + wait) revert CoolingDown();
    }

    function _checkSnapshot(uint256 number, uint256 seats) private view {
        uint256 registry = _registry;
        if (number != _field(registry, G_SNAPSHOT, 32)) revert StaleDigest();
        if (number == 0 || _field(registry, G_COUNT, 16) < seats) revert NotEnoughOracles();
    }

    /// @dev The id: keccak256 of words as abi.encode writes them. The request's own words lie in the calldata in that order already.
    function _requestId(AccessRequest calldata request, address actor) internal view returns (bytes32 id) {
        bytes32 key = keccak256(request.receivingKey);
        bytes32 tag = _REQUEST_TAG;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, tag)
            mstore(add(m, 32), chainid())
            mstore(add(m, 64), address())
            mstore(add(m, 96), actor)
            calldatacopy(add(m, 128), request, 608)
            mstore(add(m, 416), key)
            id := keccak256(m, 736)
        }
    }

    function _structHash(AccessRequest calldata request, Auth calldata auth) private pure returns (bytes32 hash) {
        bytes32 receiver = keccak256(
            abi.encode(REQUEST_RECEIVER_TYPEHASH, request.receiver.kind, request.receiver.id, request.receiver.keyEpoch)
        );
        bytes32 key = keccak256(request.receivingKey);
        bytes32 possession = keccak256(request.possession);
        bytes32 typeHash = REQUEST_ACCESS_TYPEHASH;
        address actor = auth.actor;
        uint256 nonce = auth.nonce;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, typeHash)
            mstore(add(m, 32), actor)
            mstore(add(m, 64), nonce)
            calldatacopy(add(m, 96), request, 384)
            mstore(add(m, 384), key)
            mstore(add(m, 480), receiver)
            calldatacopy(add(m, 512), add(request, 480), 128)
            mstore(add(m, 640), possession)
            hash := keccak256(m, 672)
        }
    }

    // ---- the access rule --------------------------------------------------------------------------------------------------------------------

    /// @dev Evaluates the policy's rule on what the ledger knows of the doctor; what it does not know (purpose, labels) denies nothing.
    function _checkRule(bytes calldata rule, bytes32 ruleHash, uint256 core, address team, address doctor)
        private
        view
    {
        if (keccak256(rule) != ruleHash) revert BadWitness();
        Asker memory asker = Asker(doctor, _field(core, A_ROLES, 12), team, 0);
        (, uint256 outcome, uint256 leaf) = _evaluate(rule, 0, asker);
        if (outcome == _DENY) revert AccessDenied(leaf);
    }

    /// @dev The node that begins at an offset: where it ends, what it says, and the place (in prefix order, the root 0) of the leaf to blame.
    function _evaluate(bytes calldata rule, uint256 offset, Asker memory asker)
        private
        view
        returns (uint256 end, uint256 outcome, uint256 leaf)
    {
        leaf = asker.place;
        asker.place = leaf + 1;
        uint256 kind = uint8(rule[offset]);
        if (kind <= AccessRuleLib.AT_LEAST) {
            uint256 children = uint8(rule[offset + kind]);
            uint256 needed = kind == AccessRuleLib.ALL ? children : uint8(rule[offset + 1]);
            return _evaluateChildren(rule, offset + kind + 1, needed, children, asker);
        }
        bool holds;
        if (kind == AccessRuleLib.ROLE) {
            holds = asker.roles & uint16(bytes2(rule[offset + 1:offset + 3])) != 0;
            end = offset + 3;
        } else if (kind == AccessRuleLib.HOSPITAL || kind == AccessRuleLib.TEAM) {
            end = offset + 21;
            address id = address(bytes20(rule[offset + 1:end]));
            holds = id == (kind == AccessRuleLib.TEAM ? asker.team : _actors[asker.doctor].licenceOrganisation);
        } else {
            end = offset + 2 + uint8(rule[offset + 1]);
            if (kind != AccessRuleLib.SPECIALITY) return (end, _UNDETERMINED, leaf);
            holds = keccak256(rule[offset + 2:end]) == _actors[asker.doctor].specialityHash;
        }
        outcome = holds ? _PERMIT : _DENY;
    }

    function _evaluateChildren(
        bytes calldata rule,
        uint256 offset,
        uint256 needed,
        uint256 children,
        Asker memory asker
    ) private view returns (uint256 end, uint256 outcome, uint256 leaf) {
        uint256 permits;
        uint256 unknown;
        end = offset;
        // Only a denial is reported, so only the first leaf that denies matters.
        bool denied;
        for (uint256 i = 0; i < children; ++i) {
            uint256 said;
            uint256 blamed;
            (end, said, blamed) = _evaluate(rule, end, asker);
            if (said == _PERMIT) ++permits;
            else if (said == _UNDETERMINED) ++unknown;
            else if (!denied) (denied, leaf) = (true, blamed);
        }
        outcome = permits >= needed ? _PERMIT : permits + unknown < needed ? _DENY : _UNDETERMINED;
    }

    // ---- decisions --------------------------------------------------------------------------------------------------------------------------

    /// @inheritdoc ICore
    function approveRequest(
        RequestFacts calldata r,
        bytes calldata policy,
        Seat calldata seat,
        bytes32 approvalDigest,
        Auth calldata auth
    ) external {
        _authorizeApproval(r, seat, approvalDigest, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r, policy, PolicyLib.SEATS);
        slots[0] = _approve(r, policy, s1, seat, approvalDigest, auth.actor);
    }

    /// @inheritdoc ICore
    function approveMany(RequestFacts calldata r, bytes calldata policy, Approval[] calldata approvals) external {
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r, policy, PolicyLib.SEATS);
        for (uint256 i = 0; i < approvals.length; ++i) {
            Approval calldata a = approvals[i];
            _authorizeApproval(r, a.seat, a.approvalDigest, a.auth);
            s1 = _approve(r, policy, s1, a.seat, a.approvalDigest, a.auth.actor);
        }
        slots[0] = s1;
    }

    function _authorizeApproval(RequestFacts calldata r, Seat calldata seat, bytes32 approvalDigest, Auth calldata auth)
        private
    {
        bytes32 structHash;
        if (_isSigned(auth)) {
            structHash = keccak256(
                abi.encode(
                    APPROVE_REQUEST_TYPEHASH, auth.actor, auth.nonce, r.requestId, _hashSeat(seat), approvalDigest
                )
            );
        }
        _authorize(auth, structHash, Need.Active);
    }

    function _approve(
        RequestFacts calldata r,
        bytes calldata policy,
        uint256 s1,
        Seat calldata seat,
        bytes32 approvalDigest,
        address actor
    ) private returns (uint256) {
        uint256 bit = _checkSeat(policy, s1, seat, actor);
        if (_stage(s1) == STAGE_AWAITING_DRAW) revert NotYet();
        if (actor == r.doctor) revert WrongRole();
        if (approvalDigest == bytes32(0)) revert Malformed();
        uint256 silence = policy.incapacityAfter();
        if (silence != 0 && block.timestamp < _field(_actors[r.patient].core, A_LAST_SEEN, 40) + silence) {
            revert NotYet();
        }
        uint256 approvals = _field(s1, R_APPROVALS, 16);
        s1 |= bit << R_APPROVALS;
        emit RequestApproved(r.requestId, seat, actor, approvalDigest);
        if (_stage(s1) != STAGE_OPEN || !policy.isSatisfied(approvals | bit)) return s1;
        if (approvals != 0 && !policy.isSatisfied(_activeAmong(policy, approvals) | bit)) return s1;
        if (_emergencyReason(r) != 0) _openReview(r);
        return _grant(r, s1, block.timestamp + policy.vetoWindow());
    }

    /// @dev An emergency that trustees grant is reviewed afterwards, once.
    function _openReview(RequestFacts calldata r) private {
        bytes32 key = _reviewKey(r.requestId, r.doctor, r.patient);
        if (_records[key] != 0) return;
        uint256 core = _actors[r.doctor].core;
        uint256 open = _field(core, A_OPEN_REVIEWS, 8);
        if (open >= MAX_OPEN_REVIEWS) revert ReviewDue();
        _records[key] = 1 | (block.timestamp + _REVIEW_PERIOD) << 8;
        _actors[r.doctor].core = _set(core, A_OPEN_REVIEWS, 8, open + 1);
    }

    /// @dev Those of a set of trustees who are active now.
    function _activeAmong(bytes calldata policy, uint256 seats) private view returns (uint256 active) {
        for (uint256 i = 0; seats >> i != 0; ++i) {
            if ((seats >> i) & 1 == 1 && _isActive(_actors[policy.identityAt(i)].core)) active |= 1 << i;
        }
    }

    /// @dev What a grant needs, and the slot with it.
    function _grant(RequestFacts calldata r, uint256 s1, uint256 vetoUntil) private returns (uint256) {
        _checkGrantable(r);
        // forge-lint: disable-next-line(unsafe-typecast)
        emit GrantIssued(r.requestId, uint64(vetoUntil));
        return _staged(s1, STAGE_GRANTED, vetoUntil);
    }

    /// @dev The doctor has a licence that holds, and a team that receives its key.
    function _checkGrantable(RequestFacts calldata r) private view {
        _checkLicence(_actors[r.doctor].core);
        _checkTeamKey(_receiverKind(r), r.team, _teamKeyEpoch(r));
    }

    /// @inheritdoc ICore
    function consentToRequest(RequestFacts calldata r, bytes32 approvalDigest, Auth calldata auth) external {
        bytes32 structHash;
        if (_isSigned(auth)) {
            structHash =
                keccak256(abi.encode(CONSENT_TO_REQUEST_TYPEHASH, auth.actor, auth.nonce, r.requestId, approvalDigest));
        }
        _authorize(auth, structHash, Need.Active);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.patient) revert NotYours();
        if (_stage(s1) == STAGE_AWAITING_DRAW) revert NotYet();
        if ((s1 >> R_APPROVALS) & PATIENT_APPROVAL != 0) revert AlreadyExists();
        if (approvalDigest == bytes32(0)) revert Malformed();
        s1 |= PATIENT_APPROVAL << R_APPROVALS;
        emit PatientConsented(r.requestId, auth.actor, approvalDigest);
        if (_isFinal(s1)) _checkGrantable(r);
        else s1 = _grant(r, s1, block.timestamp);
        slots[0] = s1;
    }

    /// @inheritdoc ICore
    function revokeGrant(RequestFacts calldata r, uint32 reasonCode, Auth calldata auth) external {
        if (reasonCode > MAX_REASON) revert Malformed();
        bytes32 structHash;
        if (_isSigned(auth)) {
            structHash = keccak256(abi.encode(REVOKE_GRANT_TYPEHASH, auth.actor, auth.nonce, r.requestId, reasonCode));
        }
        _authorize(auth, structHash, Need.Withdrawing);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.patient) revert NotYours();
        if (_stage(s1) != STAGE_GRANTED) revert WrongState();
        slots[0] = _staged(s1, STAGE_REVOKED, _when(s1));
        emit GrantRevoked(r.requestId, reasonCode);
    }
}
