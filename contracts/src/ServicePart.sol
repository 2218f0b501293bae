// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts, Delivery} from "./LedgerTypes.sol";
import {ICore} from "./ICore.sol";
import {ServiceBase} from "./ServiceBase.sol";
import {ReputationLib} from "./ReputationLib.sol";
import "./LedgerErrors.sol";

/// @title What happens often after a grant: deliveries, ratings, settlement
abstract contract ServicePart is ServiceBase, ICore {
    bytes32 internal constant RECORD_DELIVERY_TYPEHASH = keccak256(
        "RecordDelivery(address actor,uint64 nonce,bytes32 requestId,uint32 index,bytes32 deliveryDigest,bytes32 envelopeDigest)"
    );
    bytes32 internal constant RATE_ORACLE_TYPEHASH = keccak256(
        "RateOracle(address actor,uint64 nonce,bytes32 requestId,uint32 index,uint32 rating,bytes32 evidenceDigest)"
    );

    bytes32 internal constant SETTLE_REQUEST_TYPEHASH =
        keccak256("SettleRequest(address actor,uint64 nonce,bytes32 requestId)");

    uint256 private constant _RATING = 100;

    /// @inheritdoc ICore
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

    /// @inheritdoc ICore
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

    /// @inheritdoc ICore
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
            _isSigned(auth)
                ? keccak256(
                    abi.encode(RATE_ORACLE_TYPEHASH, auth.actor, auth.nonce, r.requestId, index, rating, evidenceDigest)
                )
                : bytes32(0),
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

    /// @inheritdoc ICore
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
        slots[0] = s1 | _SERVICE_ONE << R_SETTLED;
        _settle(s1, s2, r);
    }

    /// @dev Whether every seat delivered or refused.
    function _isAnswered(uint256 s2) private pure returns (bool) {
        unchecked {
            for (uint256 i = 0; i < _SERVICE_SEATS && (s2 >> (10 * i)) & 0x3FF != 0; ++i) {
                if ((s2 >> (S_LEVELS + 4 * i)) & 0xF == 0) return false;
            }
        }
        return true;
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
            _isSigned(auth)
                ? keccak256(
                    abi.encode(
                        RECORD_DELIVERY_TYPEHASH,
                        auth.actor,
                        auth.nonce,
                        r.requestId,
                        index,
                        deliveryDigest,
                        envelopeDigest
                    )
                )
                : bytes32(0),
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
