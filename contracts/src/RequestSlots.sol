// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, Seat, RequestFacts} from "./LedgerTypes.sol";
import {TeamBase} from "./TeamBase.sol";
import {PolicyLib} from "./PolicyLib.sol";
import {NotFound, WrongState, Expired, BadWitness, NotATrustee, AlreadyExists} from "./LedgerErrors.sol";

/// @title How a request is stored: two slots for each pair of doctor and bundle, taken over by the pair's next request.
/// @dev Slot 1: tag of the facts 160 | stage 4 << 160 | round 1 << 164 | settled 1 << 165 | used 4 << 166 | when 36 << 170 | approvals 17 << 206 |
/// denials 16 << 223 | rated 16 << 239. `when` is the seed block until the draw, the end of the veto window after the grant, and 0 between. Bit i of
/// approvals, denials is the trustee at ordinal i of the policy, bit 16 of approvals the patient; bit i of rated is committee seat i + 1.
/// Slot 2: committee 16 x 10 (registry numbers, seat 1 lowest) | levels 16 x 4 << 160 | opened 16 << 224 | bad 16 << 240. While the second draw is due, the
/// former committee stays and levels, opened and bad make room for: seats that failed 16 << 160 | snapshot 32 << 176.
abstract contract RequestSlots is TeamBase {
    using PolicyLib for bytes;

    // Stages. What NONE and the ended ones say never changes except by the pair's next request.
    uint256 internal constant STAGE_NONE = 0;
    uint256 internal constant STAGE_AWAITING_DRAW = 1;
    uint256 internal constant STAGE_OPEN = 2;
    uint256 internal constant STAGE_GRANTED = 3;
    uint256 internal constant STAGE_DENIED = 4;
    uint256 internal constant STAGE_VETOED = 5;
    uint256 internal constant STAGE_REVOKED = 6;
    uint256 internal constant STAGE_EXPIRED = 7;
    uint256 internal constant STAGE_CANCELLED = 8;
    uint256 internal constant STAGE_VOIDED = 9;

    uint256 internal constant R_STAGE = 160; // 4
    uint256 internal constant R_ROUND = 164; // 1
    uint256 internal constant R_SETTLED = 165; // 1
    uint256 internal constant R_USED = 166; // 4
    uint256 internal constant R_WHEN = 170; // 36
    uint256 internal constant R_APPROVALS = 206; // 17
    uint256 internal constant R_DENIALS = 223; // 16
    uint256 internal constant R_RATED = 239; // 16

    uint256 internal constant PATIENT_APPROVAL = 1 << 16;

    uint256 internal constant S_COMMITTEE_BITS = 160; // 16 x 10
    uint256 internal constant S_LEVELS = 160; // 16 x 4: 0 nothing, 1 to 13 delivered in time, 14 late, 15 refused
    uint256 internal constant S_OPENED = 224; // 16: had delivered when the doctor confirmed an opening
    uint256 internal constant S_BAD = 240; // 16: rated bad
    uint256 internal constant S_FAILED = 160; // 16, while the second draw is due
    uint256 internal constant S_SNAPSHOT = 176; // 32, while the second draw is due

    // The bits of the registry's slot.
    uint256 internal constant G_SNAPSHOT = 32; // 32
    uint256 internal constant G_BLOCK = 64; // 64
    uint256 internal constant G_COUNT = 192; // 16

    uint256 internal constant MAX_REASON = 65_535;
    bytes32 internal constant TRUSTEE_SEAT_TYPEHASH = keccak256("TrusteeSeat(uint32 group,uint32 member)");

    /// @dev A doctor with this many emergencies to be reviewed declares no other.
    uint256 internal constant MAX_OPEN_REVIEWS = 3;

    // Causes of RequestVoided, as in the model.
    uint32 internal constant CAUSE_MISSED_DRAW = 1;
    uint32 internal constant CAUSE_NOT_ENOUGH_ORACLES = 5;

    /// @dev The first slot of the pair's present request, which must be the one of the facts.
    function _requestSlot(RequestFacts calldata r) internal view returns (uint256[2] storage slots, uint256 s1) {
        return _requestSlot(r, _requestTag(r));
    }

    function _requestSlot(RequestFacts calldata r, uint256 tag)
        private
        view
        returns (uint256[2] storage slots, uint256 s1)
    {
        slots = _requests[_requestKey(r.doctor, r.bundleId)];
        s1 = slots[0];
        if (uint160(s1) != tag || _stage(s1) == STAGE_NONE) revert NotFound();
    }

    /// @dev As `_requestSlot`, and nothing has ended the request: no event, no new dealing, no closed bundle, no new team key, not its time.
    function _liveRequest(RequestFacts calldata r) internal view returns (uint256[2] storage slots, uint256 s1) {
        (slots, s1) = _requestSlot(r, _requestTag(r));
        _checkLive(r, s1);
    }

    /// @dev As `_liveRequest`, and the policy is the one that the request pins, in a form that is not shorter than a caller reads.
    function _liveRequest(RequestFacts calldata r, bytes calldata policy, uint256 form)
        internal
        view
        returns (uint256[2] storage slots, uint256 s1)
    {
        bytes32 given = policy.hashOf(form);
        (slots, s1) = _liveRequest(r, given);
        _checkGiven(r, given);
    }

    /// @dev As `_liveRequest`; where the facts leave their policy out, it is the one that was given.
    function _liveRequest(RequestFacts calldata r, bytes32 given)
        internal
        view
        returns (uint256[2] storage slots, uint256 s1)
    {
        bytes32 known = r.policyHash;
        (slots, s1) = _requestSlot(r, _requestTag(r, known == 0 ? given : known));
        _checkLive(r, s1);
    }

    /// @dev Reverts where the facts name another policy than the one that was given.
    function _checkGiven(RequestFacts calldata r, bytes32 given) internal pure {
        if (r.policyHash != 0 && r.policyHash != given) revert BadWitness();
    }

    function _checkLive(RequestFacts calldata r, uint256 s1) private view {
        if (_stage(s1) > STAGE_GRANTED || _isDead(s1, r)) revert WrongState();
        if (block.timestamp >= _notAfter(r)) revert Expired();
    }

    /// @dev Whether another command ended a request that its slot still shows as running: the bundle was closed; or, before the grant, its dealing or
    /// its team's key was followed by another.
    function _isDead(uint256 s1, RequestFacts calldata r) internal view returns (bool) {
        uint256 b = _bundles[r.bundleId];
        if ((b >> B_CLOSED) & 1 == 1) return true;
        if (_stage(s1) == STAGE_GRANTED) return false;
        unchecked {
            if (_epoch(r) != _field(b, B_EPOCH + 24 * _trackOf(r), 24)) return true;
        }
        return !_hasTeamKey(_receiverKind(r), r.team, _teamKeyEpoch(r));
    }

    /// @dev The track of dealings that a request pins: 1 for an emergency.
    function _trackOf(RequestFacts calldata r) internal pure returns (uint256) {
        return _emergencyReason(r) == 0 ? 0 : 1;
    }

    function _stage(uint256 s1) internal pure returns (uint256) {
        return _field(s1, R_STAGE, 4);
    }

    function _when(uint256 s1) internal pure returns (uint256) {
        return _field(s1, R_WHEN, 36);
    }

    /// @dev Whether a live request is granted and its veto window over.
    function _isFinal(uint256 s1) internal view returns (bool) {
        return _stage(s1) == STAGE_GRANTED && block.timestamp >= _when(s1);
    }

    /// @dev The registry number in a committee seat, counted from 1; 0 when there is no such seat.
    function _committeeAt(uint256 s2, uint256 seat) internal pure returns (uint256) {
        return seat == 0 || seat > 16 ? 0 : _field(s2, 10 * (seat - 1), 10);
    }

    /// @dev Authority for a command whose only own field is the request's id.
    function _authorizeFor(bytes32 typeHash, RequestFacts calldata r, Auth calldata auth, Need need) internal {
        bytes32 structHash;
        if (_isSigned(auth)) {
            structHash = keccak256(abi.encode(typeHash, auth.actor, auth.nonce, r.requestId));
        }
        _authorize(auth, structHash, need);
    }

    function _hashSeat(Seat calldata seat) internal pure returns (bytes32) {
        return keccak256(abi.encode(TRUSTEE_SEAT_TYPEHASH, seat.group, seat.member));
    }

    /// @dev The slot with another stage and time. Stages are those above; a time that has no 36 bits would be one after the year 4147.
    function _staged(uint256 s1, uint256 stage, uint256 when) internal pure returns (uint256) {
        return _set(s1 & ~(uint256(0xF) << R_STAGE) | stage << R_STAGE, R_WHEN, 36, when);
    }

    function _void(uint256[2] storage slots, uint256 s1, RequestFacts calldata r, uint32 cause) internal {
        slots[0] = _staged(s1, STAGE_VOIDED, _when(s1));
        emit RequestVoided(r.requestId, cause);
    }

    /// @dev One more request that its doctor let go.
    function _countAbandoned(address doctor) internal {
        _actors[doctor].core = _withAbandoned(_actors[doctor].core);
    }

    /// @dev The bit of a seat that is the actor's and has not decided yet.
    function _checkSeat(bytes calldata policy, uint256 s1, Seat calldata seat, address actor)
        internal
        pure
        returns (uint256 bit)
    {
        uint256 ordinal = policy.ordinalOf(seat);
        if (policy.identityAt(ordinal) != actor) revert NotATrustee();
        bit = 1 << ordinal;
        if ((_field(s1, R_APPROVALS, 16) | _field(s1, R_DENIALS, 16)) & bit != 0) revert AlreadyExists();
    }
}
