// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";
import {ServiceBase} from "./ServiceBase.sol";
import {ReputationLib} from "./ReputationLib.sol";
import "./LedgerErrors.sol";

/// @title What happens often after a grant: deliveries and ratings
abstract contract ServicePart is ServiceBase {
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
    bytes32 internal constant RATE_ORACLE_TYPEHASH = keccak256(
        "RateOracle(address actor,uint64 nonce,bytes32 requestId,uint32 index,uint32 rating,bytes32 evidenceDigest)"
    );

    uint256 private constant _RATING = 100;

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
            uint256 ratedBit = _SERVICE_ONE << (R_RATED + index - 1);
            uint256 badBit = _SERVICE_ONE << (S_BAD + index - 1);
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

    /// @dev The level of what is delivered now, if the grant is final.
    function _level(uint256 s1) private view returns (uint256) {
        uint256 start = _when(s1);
        if (block.timestamp < start) revert NotYet();
        unchecked {
            return ReputationLib.levelOf(block.timestamp - start, _DELIVERY_WINDOW);
        }
    }
}
