// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";
import {RequestSlots} from "./RequestSlots.sol";
import {ReputationLib} from "./ReputationLib.sol";
import "./LedgerErrors.sol";

/// @title What the two halves of the service after a grant share
/// @dev Reputations change by settlements and by ratings after a settlement; what they become follows from the events, so there is no event of it.
abstract contract ServiceBase is RequestSlots {
    uint256 internal constant _SERVICE_SEATS = 16;
    uint256 internal constant _SERVICE_ONE = 1;
    uint256 internal constant _SERVICE_COMMITTEE = (_SERVICE_ONE << S_COMMITTEE_BITS) - 1;

    /// @dev Authority of a command that names its request and nothing else.
    function _authorizeNamed(bytes32 typeHash, RequestFacts calldata r, Auth calldata auth) internal {
        _authorize(
            auth,
            _isSigned(auth) ? keccak256(abi.encode(typeHash, auth.actor, auth.nonce, r.requestId)) : bytes32(0),
            Need.Active
        );
    }

    /// @dev The actor sits at the index of a granted request's committee and has not answered yet.
    function _checkJob(uint256 s1, uint256 s2, uint256 index, uint256 core) internal pure {
        uint256 number = _stage(s1) == STAGE_AWAITING_DRAW ? 0 : _committeeAt(s2, index);
        if (number == 0 || number != _field(core, A_ORACLE_INDEX, 16)) revert NotInCommittee();
        if (_stage(s1) != STAGE_GRANTED) revert WrongState();
        if ((s2 >> _levelShift(index)) & 0xF != 0) revert AlreadyExists();
    }

    /// @dev In time raises timeliness and never lowers it; late or absent lowers it; a delivery that was there when the doctor opened raises correctness;
    /// one rated bad earns neither. Whoever refused, or still had time, is not observed. Then the rating.
    function _settle(uint256 s1, uint256 s2, RequestFacts calldata r) internal {
        unchecked {
            uint256 day = ReputationLib.today();
            uint256 deadline = _when(s1) + _DELIVERY_WINDOW;
            bool missed = block.timestamp > deadline && deadline < _notAfter(r);
            uint256 opened = s2 >> S_OPENED;
            uint256 rated = s1 >> R_RATED;
            uint256 bad = s2 >> S_BAD;
            for (uint256 i = 0; i < _SERVICE_SEATS; ++i) {
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

    /// @dev The second slot as long as there is a grant; without one, where a second draw's facts may lie in the place of levels, its committee alone.
    function _service(uint256 s1, uint256 s2) internal pure returns (uint256) {
        return _field(s1, R_APPROVALS, 17) == 0 ? s2 & _SERVICE_COMMITTEE : s2;
    }

    function _isSettled(uint256 s1) internal pure returns (bool) {
        return (s1 >> R_SETTLED) & 1 == 1;
    }

    function _levelShift(uint256 index) internal pure returns (uint256) {
        unchecked {
            return S_LEVELS + 4 * (index - 1);
        }
    }
}
