// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";
import {RequestSlots} from "./RequestSlots.sol";
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
            auth.signature.length == 0
                ? bytes32(0)
                : keccak256(abi.encode(typeHash, auth.actor, auth.nonce, r.requestId)),
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
