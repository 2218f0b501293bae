// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";
import {RequestSlots} from "./RequestSlots.sol";
import {PolicyLib} from "./PolicyLib.sol";
import {ReputationLib} from "./ReputationLib.sol";
import "./LedgerErrors.sol";

/// @title What oracles do with a grant, and what it does to their reputation
/// @dev Reputations change by settlements and by ratings after a settlement; what they become follows from the events, so there is no event of it.
abstract contract ServicePart is RequestSlots {
    using PolicyLib for bytes;

    /// @notice One oracle's delivery among several of the same request.
    struct Delivery {
        uint32 index;
        bytes32 deliveryDigest;
        bytes32 envelopeDigest;
        Auth auth;
    }

    bytes32 internal constant RECORD_DELIVERY_TYPEHASH = keccak256(
        "RecordDelivery(address actor,uint64 nonce,bytes32 requestId,uint32 index,bytes32 deliveryDigest,bytes32 envelopeDigest)"
    );
    bytes32 internal constant REFUSE_DELIVERY_TYPEHASH =
        keccak256("RefuseDelivery(address actor,uint64 nonce,bytes32 requestId,uint32 index,uint32 reasonCode)");
    bytes32 internal constant CONFIRM_OPENED_TYPEHASH =
        keccak256("ConfirmOpened(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 internal constant SETTLE_REQUEST_TYPEHASH =
        keccak256("SettleRequest(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 internal constant RATE_ORACLE_TYPEHASH = keccak256(
        "RateOracle(address actor,uint64 nonce,bytes32 requestId,uint32 index,uint32 rating,bytes32 evidenceDigest)"
    );
    bytes32 internal constant REDRAW_COMMITTEE_TYPEHASH =
        keccak256("RedrawCommittee(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 internal constant USE_AGAIN_TYPEHASH = keccak256("UseAgain(address actor,uint64 nonce,bytes32 requestId)");

    uint256 private constant _SEATS = 16;
    uint256 private constant _REASON_CODE = 65_535;
    uint256 private constant _RATING = 100;
    uint256 private constant _ONE = 1;
    uint256 private constant _SIXTEEN = 0xFFFF;
    uint256 private constant _SEVENTEEN = 0x1FFFF;
    uint256 private constant _STAGE = 0xF;
    uint256 private constant _COMMITTEE = (_ONE << S_COMMITTEE_BITS) - 1;
    /// @dev What a new round or a new delivery window clears in the first slot.
    uint256 private constant _DECISIONS = _SEVENTEEN << R_APPROVALS | _SIXTEEN << R_DENIALS;
    uint256 private constant _RATED = _SIXTEEN << R_RATED;

    /// @notice Records that an oracle delivered. By the committee's oracle of that seat, once.
    /// @dev Whether the doctor may still receive is what the oracle asks before it re-encrypts: a record recalls nothing, and to refuse it would only
    /// cost an oracle that served in the block before. Errors: those of authority; NotFound, WrongState, Expired (no live request), NotInCommittee,
    /// WrongState (no grant), AlreadyExists, NotYet (the patient may still veto). Event: DeliveryRecorded.
    /// @param r The request.
    /// @param index The oracle's seat, counted from 1.
    /// @param deliveryDigest SHA-256 of the signed delivery.
    /// @param envelopeDigest SHA-256 of the envelope in which it reaches the doctor.
    /// @param auth Who acts.
    function recordDelivery(
        RequestFacts calldata r,
        uint32 index,
        bytes32 deliveryDigest,
        bytes32 envelopeDigest,
        Auth calldata auth
    ) external {
        uint256 core = _authorizeDelivery(r, index, deliveryDigest, envelopeDigest, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        uint256 s2 = slots[1];
        _checkJob(s1, s2, index, core);
        slots[1] = s2 | _level(s1) << _levelShift(index);
        emit DeliveryRecorded(r.requestId, index, auth.actor, deliveryDigest, envelopeDigest);
    }

    /// @notice Records the deliveries of several oracles for one request: each is what its own RecordDelivery would be, and all stand or none.
    /// @dev Errors and events: as recordDelivery.
    /// @param r The request.
    /// @param deliveries The deliveries, each with the authority of its oracle.
    function recordDeliveries(RequestFacts calldata r, Delivery[] calldata deliveries) external {
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        uint256 s2 = slots[1];
        for (uint256 i = 0; i < deliveries.length; ++i) {
            Delivery calldata d = deliveries[i];
            uint256 core = _authorizeDelivery(r, d.index, d.deliveryDigest, d.envelopeDigest, d.auth);
            _checkJob(s1, s2, d.index, core);
            s2 |= _level(s1) << _levelShift(d.index);
            emit DeliveryRecorded(r.requestId, d.index, d.auth.actor, d.deliveryDigest, d.envelopeDigest);
        }
        slots[1] = s2;
    }

    /// @notice Records that an oracle cannot serve, before the deadline; it loses nothing. By the committee's oracle of that seat.
    /// @dev Errors: those of authority; Malformed (reason code), NotFound, WrongState, Expired (no live request, or the deadline is over), NotInCommittee,
    /// WrongState (no grant), AlreadyExists. Event: DeliveryRefused.
    /// @param r The request.
    /// @param index The oracle's seat, counted from 1.
    /// @param reasonCode Why, at most 65,535.
    /// @param auth Who acts.
    function refuseDelivery(RequestFacts calldata r, uint32 index, uint32 reasonCode, Auth calldata auth) external {
        if (reasonCode > _REASON_CODE) revert Malformed();
        uint256 core = _authorize(
            auth,
            auth.signature.length == 0
                ? bytes32(0)
                : keccak256(
                    abi.encode(REFUSE_DELIVERY_TYPEHASH, auth.actor, auth.nonce, r.requestId, index, reasonCode)
                ),
            Need.Active
        );
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        uint256 s2 = slots[1];
        _checkJob(s1, s2, index, core);
        if (block.timestamp > _when(s1) + _DELIVERY_WINDOW) revert Expired();
        slots[1] = s2 | ReputationLib.REFUSED << _levelShift(index);
        emit DeliveryRefused(r.requestId, index, auth.actor, reasonCode);
    }

    /// @notice Confirms that the documents opened. By the doctor who asked, once in a delivery window, when at least m oracles delivered.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), BadWitness (policy), NotYours, AlreadyExists, BelowQuorum.
    /// Event: OpeningConfirmed.
    /// @param r The request.
    /// @param policy The pinned policy's blob.
    /// @param auth Who acts.
    function confirmOpened(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external {
        _authorizeNamed(CONFIRM_OPENED_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        _checkPolicy(r, policy);
        if (auth.actor != r.doctor) revert NotYours();
        uint256 s2 = _service(s1, slots[1]);
        if ((s2 >> S_OPENED) & 0xFFFF != 0) revert AlreadyExists();
        (uint256 delivered, uint256 count) = _delivered(s2);
        if (count < policy.committeeThreshold()) revert BelowQuorum();
        slots[1] = s2 | delivered << S_OPENED;
        emit OpeningConfirmed(r.requestId);
    }

    /// @notice Turns the facts of a delivery window into reputation, once. By anybody when the documents are opened or the deadline is over; by the
    /// doctor as soon as every oracle delivered or refused.
    /// @dev Errors: those of authority; NotFound, WrongState (ended, or no final grant), AlreadyExists, NotYet. Event: RequestSettled.
    /// @param r The request.
    /// @param auth Who acts.
    function settleRequest(RequestFacts calldata r, Auth calldata auth) external {
        _authorizeNamed(SETTLE_REQUEST_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _requestSlot(r);
        if (!_isFinal(s1) || _isDead(s1, r)) revert WrongState();
        if (_isSettled(s1)) revert AlreadyExists();
        uint256 s2 = slots[1];
        if (
            (s2 >> S_OPENED) & 0xFFFF == 0 && block.timestamp <= _when(s1) + _DELIVERY_WINDOW
                && block.timestamp < _notAfter(r) && !(auth.actor == r.doctor && _isAnswered(s2))
        ) revert NotYet();
        slots[0] = s1 | _ONE << R_SETTLED;
        _settle(s1, s2, r);
    }

    /// @notice Rates an oracle that delivered. By the doctor of the request, once for each oracle and window. It counts when the request is settled;
    /// where it is settled already, at once.
    /// @dev Errors: those of authority; Malformed (rating), NotFound, NotYours, WrongState (no delivery), AlreadyExists. Event: OracleRated.
    /// @param r The request.
    /// @param index The oracle's seat, counted from 1.
    /// @param rating 0 (useless or false) to 100: below 50 is bad, below 75 fair, else good.
    /// @param evidenceDigest SHA-256 of what shows it, or a salted commitment; zero for none.
    /// @param auth Who acts.
    function rateOracle(
        RequestFacts calldata r,
        uint32 index,
        uint32 rating,
        bytes32 evidenceDigest,
        Auth calldata auth
    ) external {
        if (rating > _RATING) revert Malformed();
        _authorize(
            auth,
            auth.signature.length == 0
                ? bytes32(0)
                : keccak256(
                    abi.encode(RATE_ORACLE_TYPEHASH, auth.actor, auth.nonce, r.requestId, index, rating, evidenceDigest)
                ),
            Need.Active
        );
        (uint256[2] storage slots, uint256 s1) = _requestSlot(r);
        if (auth.actor != r.doctor) revert NotYours();
        uint256 s2 = _service(s1, slots[1]);
        uint256 level = _committeeAt(s2, index) == 0 ? 0 : (s2 >> _levelShift(index)) & 0xF;
        if (level == 0 || level == ReputationLib.REFUSED) revert WrongState();
        uint256 target = ReputationLib.ratingTarget(rating);
        unchecked {
            uint256 ratedBit = _ONE << (R_RATED + index - 1);
            uint256 badBit = _ONE << (S_BAD + index - 1);
            if ((s1 & ratedBit) | (s2 & badBit) != 0) revert AlreadyExists();
            // Good: rated. Fair: the other bit. Bad: both.
            if (target != ReputationLib.PRIOR) slots[0] = s1 | ratedBit;
            if (target != ReputationLib.FULL) slots[1] = s2 | badBit;
        }
        emit OracleRated(r.requestId, index, rating, evidenceDigest);
        if (_isSettled(s1)) {
            uint256 number = _committeeAt(s2, index);
            _oracles[number] =
                ReputationLib.observe(_oracles[number], ReputationLib.RATING, target, ReputationLib.today());
        }
    }

    /// @notice Asks for a second committee, once, when too few oracles can serve or the deadline is over; approvals are void. By the doctor or the patient.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), BadWitness (policy), NotYours, AlreadyExists (second round),
    /// WrongState (no final grant, or opened), NotYet, StaleEpoch (a new dealing), those of a doctor without a licence or a team with another key,
    /// NotEnoughOracles. Events: RequestSettled where it was not settled, CommitteeRedrawn.
    /// @param r The request.
    /// @param policy The pinned policy's blob.
    /// @param auth Who acts.
    function redrawCommittee(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external {
        _authorizeNamed(REDRAW_COMMITTEE_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        _checkPolicy(r, policy);
        if (auth.actor != r.doctor && auth.actor != r.patient) revert NotYours();
        if (_field(s1, R_ROUND, 1) != 0) revert AlreadyExists();
        uint256 s2 = slots[1];
        if (!_isFinal(s1) || (s2 >> S_OPENED) & 0xFFFF != 0) revert WrongState();
        (uint256 failed, uint256 working) = _failed(s1, s2);
        if (block.timestamp <= _when(s1) + _DELIVERY_WINDOW && working >= policy.committeeThreshold()) revert NotYet();
        _checkServed(r);
        uint256 registry = _registry;
        uint256 number = _field(registry, 32, 32);
        if (_field(registry, 192, 16) < policy.committeeSize()) revert NotEnoughOracles();

        if (!_isSettled(s1)) _settle(s1, s2, r);
        uint256 seedBlock = block.number + _DRAW_DELAY;
        s1 &= ~(_DECISIONS | _RATED | _STAGE << R_STAGE | _ONE << R_SETTLED);
        s1 = _set(s1 | STAGE_AWAITING_DRAW << R_STAGE | _ONE << R_ROUND, R_WHEN, 36, seedBlock);
        slots[0] = s1;
        slots[1] = (s2 & _COMMITTEE) | failed << S_FAILED | number << S_SNAPSHOT;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit CommitteeRedrawn(r.requestId, uint32(number), uint64(seedBlock));
    }

    /// @notice Opens the next delivery window of a request that may be used several times: the same committee delivers again. By the doctor, when the
    /// former window is settled.
    /// @dev Every window is a use, whatever was delivered in it: a late delivery or a second committee helps where there was too little. Errors: those of authority;
    /// NotFound, WrongState, Expired (no live request), NotYours, WrongState (not settled), TooMany (used up), those of a doctor
    /// without a licence or a team with another key. Event: UsedAgain.
    /// @param r The request.
    /// @param auth Who acts.
    function useAgain(RequestFacts calldata r, Auth calldata auth) external {
        _authorizeNamed(USE_AGAIN_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.doctor) revert NotYours();
        if (!_isSettled(s1)) revert WrongState();
        uint256 used = _field(s1, R_USED, 4) + 1;
        if (used >= _uses(r)) revert TooMany();
        _checkReceiverNow(r);
        s1 = _set(s1 & ~(_RATED | _ONE << R_SETTLED), R_WHEN, 36, block.timestamp);
        slots[0] = _set(s1, R_USED, 4, used);
        slots[1] &= _COMMITTEE;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit UsedAgain(r.requestId, uint32(used));
    }

    // ---- checks -------------------------------------------------------------------------------------------------------------------------------

    function _authorizeDelivery(
        RequestFacts calldata r,
        uint32 index,
        bytes32 deliveryDigest,
        bytes32 envelopeDigest,
        Auth calldata auth
    ) private returns (uint256) {
        return _authorize(
            auth,
            auth.signature.length == 0
                ? bytes32(0)
                : keccak256(
                    abi.encode(
                        RECORD_DELIVERY_TYPEHASH,
                        auth.actor,
                        auth.nonce,
                        r.requestId,
                        index,
                        deliveryDigest,
                        envelopeDigest
                    )
                ),
            Need.Active
        );
    }

    /// @dev Authority of a command that names its request and nothing else.
    function _authorizeNamed(bytes32 typeHash, RequestFacts calldata r, Auth calldata auth) private {
        _authorize(
            auth,
            auth.signature.length == 0
                ? bytes32(0)
                : keccak256(abi.encode(typeHash, auth.actor, auth.nonce, r.requestId)),
            Need.Active
        );
    }

    /// @dev The actor sits at the index of a granted request's committee and has not answered yet.
    function _checkJob(uint256 s1, uint256 s2, uint256 index, uint256 core) private pure {
        uint256 number = _stage(s1) == STAGE_AWAITING_DRAW ? 0 : _committeeAt(s2, index);
        if (number == 0 || number != _field(core, A_ORACLE_INDEX, 16)) revert NotInCommittee();
        if (_stage(s1) != STAGE_GRANTED) revert WrongState();
        if ((s2 >> _levelShift(index)) & 0xF != 0) revert AlreadyExists();
    }

    /// @dev The dealing still serves, and the doctor and its team may still receive.
    function _checkServed(RequestFacts calldata r) private view {
        uint256 epoch = _epoch(r);
        uint256 b = _bundles[r.bundleId];
        if (epoch != _field(b, B_EPOCH, 24) && epoch != _field(b, B_EPOCH + 24, 24)) revert StaleEpoch();
        _checkReceiverNow(r);
    }

    function _checkReceiverNow(RequestFacts calldata r) private view {
        _checkLicence(_actors[r.doctor].core);
        _checkTeamKey(_receiverKind(r), r.team, _teamKeyEpoch(r));
    }

    // ---- the slots ----------------------------------------------------------------------------------------------------------------------------

    /// @dev The second slot as long as there is a grant; without one, where a second draw's facts may lie in the place of levels, its committee alone.
    function _service(uint256 s1, uint256 s2) private pure returns (uint256) {
        return _field(s1, R_APPROVALS, 17) == 0 ? s2 & _COMMITTEE : s2;
    }

    function _isSettled(uint256 s1) private pure returns (bool) {
        return (s1 >> R_SETTLED) & 1 == 1;
    }

    function _levelShift(uint256 index) private pure returns (uint256) {
        unchecked {
            return S_LEVELS + 4 * (index - 1);
        }
    }

    /// @dev The level of what is delivered now, if the grant is final.
    function _level(uint256 s1) private view returns (uint256) {
        uint256 start = _when(s1);
        if (block.timestamp < start) revert NotYet();
        unchecked {
            return ReputationLib.levelOf(block.timestamp - start, _DELIVERY_WINDOW);
        }
    }

    /// @dev Which seats delivered, and how many they are.
    function _delivered(uint256 s2) private pure returns (uint256 seats, uint256 count) {
        unchecked {
            for (uint256 i = 0; i < _SEATS; ++i) {
                uint256 level = (s2 >> (S_LEVELS + 4 * i)) & 0xF;
                if (level == 0 || level == ReputationLib.REFUSED) continue;
                seats |= _ONE << i;
                ++count;
            }
        }
    }

    /// @dev Whether every seat delivered or refused.
    function _isAnswered(uint256 s2) private pure returns (bool) {
        unchecked {
            for (uint256 i = 0; i < _SEATS && (s2 >> (10 * i)) & 0x3FF != 0; ++i) {
                if ((s2 >> (S_LEVELS + 4 * i)) & 0xF == 0) return false;
            }
        }
        return true;
    }

    /// @dev Which seats failed (no delivery, or one rated bad), and how many may still serve (neither refused nor rated bad).
    function _failed(uint256 s1, uint256 s2) private pure returns (uint256 seats, uint256 working) {
        unchecked {
            uint256 bad = (s1 >> R_RATED) & (s2 >> S_BAD);
            for (uint256 i = 0; i < _SEATS && (s2 >> (10 * i)) & 0x3FF != 0; ++i) {
                uint256 level = (s2 >> (S_LEVELS + 4 * i)) & 0xF;
                bool useless = level == ReputationLib.REFUSED || (bad >> i) & 1 == 1;
                if (!useless) ++working;
                if (useless || level == 0) seats |= _ONE << i;
            }
        }
    }

    /// @dev In time raises timeliness and never lowers it; late or absent lowers it; a delivery that was there when the doctor opened raises correctness;
    /// one rated bad earns neither. Whoever refused, or still had time, is not observed. Then the rating.
    function _settle(uint256 s1, uint256 s2, RequestFacts calldata r) private {
        unchecked {
            uint256 day = ReputationLib.today();
            uint256 deadline = _when(s1) + _DELIVERY_WINDOW;
            bool missed = block.timestamp > deadline && deadline < _notAfter(r);
            uint256 opened = s2 >> S_OPENED;
            uint256 rated = s1 >> R_RATED;
            uint256 bad = s2 >> S_BAD;
            for (uint256 i = 0; i < _SEATS; ++i) {
                uint256 number = (s2 >> (10 * i)) & 0x3FF;
                if (number == 0) break;
                uint256 level = (s2 >> (S_LEVELS + 4 * i)) & 0xF;
                if (level == ReputationLib.REFUSED || (level == 0 && !missed)) continue;
                uint256 record = _oracles[number];
                uint256 next = record;
                uint256 grade = ((rated >> i) & 1) | ((bad >> i) & 1) << 1;
                if (level == 0 || level == ReputationLib.LATE) {
                    next = ReputationLib.observe(next, ReputationLib.TIMELINESS, 0, day);
                } else if (grade != 3) {
                    next = ReputationLib.reward(
                        next, ReputationLib.TIMELINESS, ReputationLib.timelinessTarget(level), day
                    );
                    if ((opened >> i) & 1 == 1) {
                        next = ReputationLib.reward(next, ReputationLib.CORRECTNESS, ReputationLib.FULL, day);
                    }
                }
                if (grade != 0) {
                    uint256 target = grade == 1 ? ReputationLib.FULL : grade == 2 ? ReputationLib.PRIOR : 0;
                    next = ReputationLib.observe(next, ReputationLib.RATING, target, day);
                }
                if (next != record) _oracles[number] = next;
            }
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        emit RequestSettled(r.requestId, uint32(_field(s1, R_ROUND, 1)));
    }
}
