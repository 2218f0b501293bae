// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";
import {ServiceBase} from "./ServiceBase.sol";
import {PolicyLib} from "./PolicyLib.sol";
import {ReputationLib} from "./ReputationLib.sol";
import "./LedgerErrors.sol";

/// @title What happens less often after a grant: refusals, openings, settlement, the second committee, further uses
/// @dev Part of RequestModule. The functions are those of IService and described there.
abstract contract ServiceRarePart is ServiceBase {
    using PolicyLib for bytes;

    bytes32 internal constant REFUSE_DELIVERY_TYPEHASH =
        keccak256("RefuseDelivery(address actor,uint64 nonce,bytes32 requestId,uint32 index,uint32 reasonCode)");
    bytes32 internal constant CONFIRM_OPENED_TYPEHASH =
        keccak256("ConfirmOpened(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 internal constant REDRAW_COMMITTEE_TYPEHASH =
        keccak256("RedrawCommittee(address actor,uint64 nonce,bytes32 requestId)");
    bytes32 internal constant USE_AGAIN_TYPEHASH = keccak256("UseAgain(address actor,uint64 nonce,bytes32 requestId)");

    uint256 private constant _REASON_CODE = 65_535;
    uint256 private constant _SIXTEEN = 0xFFFF;
    uint256 private constant _SEVENTEEN = 0x1FFFF;
    uint256 private constant _STAGE = 0xF;
    /// @dev What a new round or a new delivery window clears in the first slot.
    uint256 private constant _DECISIONS = _SEVENTEEN << R_APPROVALS | _SIXTEEN << R_DENIALS;
    uint256 private constant _RATED = _SIXTEEN << R_RATED;

    /// @dev See IService.
    function refuseDelivery(RequestFacts calldata r, uint32 index, uint32 reasonCode, Auth calldata auth)
        external
        onlyDelegated
    {
        if (reasonCode > _REASON_CODE) revert Malformed();
        uint256 core = _authorize(
            auth,
            _isSigned(auth)
                ? keccak256(
                    abi.encode(REFUSE_DELIVERY_TYPEHASH, auth.actor, auth.nonce, r.requestId, index, reasonCode)
                )
                : bytes32(0),
            Need.Active
        );
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        uint256 s2 = slots[1];
        _checkJob(s1, s2, index, core);
        if (block.timestamp > _when(s1) + _DELIVERY_WINDOW) revert Expired();
        slots[1] = s2 | ReputationLib.REFUSED << _levelShift(index);
        emit DeliveryRefused(r.requestId, index, auth.actor, reasonCode);
    }

    /// @dev See IService.
    function confirmOpened(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external onlyDelegated {
        _authorizeNamed(CONFIRM_OPENED_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r, policy, PolicyLib.TERMS);
        if (auth.actor != r.doctor) revert NotYours();
        uint256 s2 = _service(s1, slots[1]);
        if ((s2 >> S_OPENED) & 0xFFFF != 0) revert AlreadyExists();
        (uint256 delivered, uint256 count) = _delivered(s2);
        if (count < policy.committeeThreshold()) revert BelowQuorum();
        slots[1] = s2 | delivered << S_OPENED;
        emit OpeningConfirmed(r.requestId);
    }

    /// @dev See IService.
    function redrawCommittee(RequestFacts calldata r, bytes calldata policy, Auth calldata auth)
        external
        onlyDelegated
    {
        _authorizeNamed(REDRAW_COMMITTEE_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r, policy, PolicyLib.TERMS);
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
        s1 &= ~(_DECISIONS | _RATED | _STAGE << R_STAGE | _SERVICE_ONE << R_SETTLED);
        s1 = _set(s1 | STAGE_AWAITING_DRAW << R_STAGE | _SERVICE_ONE << R_ROUND, R_WHEN, 36, seedBlock);
        slots[0] = s1;
        slots[1] = (s2 & _SERVICE_COMMITTEE) | failed << S_FAILED | number << S_SNAPSHOT;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit CommitteeRedrawn(r.requestId, uint32(number), uint64(seedBlock));
    }

    /// @dev See IService.
    function useAgain(RequestFacts calldata r, Auth calldata auth) external onlyDelegated {
        _authorizeNamed(USE_AGAIN_TYPEHASH, r, auth);
        (uint256[2] storage slots, uint256 s1) = _liveRequest(r);
        if (auth.actor != r.doctor) revert NotYours();
        if (!_isSettled(s1)) revert WrongState();
        uint256 used = _field(s1, R_USED, 4) + 1;
        if (used >= _uses(r)) revert TooMany();
        _checkReceiverNow(r);
        s1 = _set(s1 & ~(_RATED | _SERVICE_ONE << R_SETTLED), R_WHEN, 36, block.timestamp);
        slots[0] = _set(s1, R_USED, 4, used);
        slots[1] &= _SERVICE_COMMITTEE;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit UsedAgain(r.requestId, uint32(used));
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

    /// @dev Which seats delivered, and how many they are.
    function _delivered(uint256 s2) private pure returns (uint256 seats, uint256 count) {
        unchecked {
            for (uint256 i = 0; i < _SERVICE_SEATS; ++i) {
                uint256 level = (s2 >> (S_LEVELS + 4 * i)) & 0xF;
                if (level == 0 || level == ReputationLib.REFUSED) continue;
                seats |= _SERVICE_ONE << i;
                ++count;
            }
        }
    }

    /// @dev Which seats failed (no delivery, or one rated bad), and how many may still serve (neither refused nor rated bad).
    function _failed(uint256 s1, uint256 s2) private pure returns (uint256 seats, uint256 working) {
        unchecked {
            uint256 bad = (s1 >> R_RATED) & (s2 >> S_BAD);
            for (uint256 i = 0; i < _SERVICE_SEATS && (s2 >> (10 * i)) & 0x3FF != 0; ++i) {
                uint256 level = (s2 >> (S_LEVELS + 4 * i)) & 0xF;
                bool useless = level == ReputationLib.REFUSED || (bad >> i) & 1 == 1;
                if (!useless) ++working;
                if (useless || level == 0) seats |= _SERVICE_ONE << i;
            }
        }
    }
}
