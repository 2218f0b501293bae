// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TeamTerms} from "./LedgerTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";
import "./LedgerErrors.sol";

/// @title What is stored of teams, and what requests ask of a team that is to receive.
/// @dev A team's terms are stored as 160 bits of keccak256(abi.encode(terms)) beside its two epochs. Whoever needs the members passes the
/// terms as that encoding, the witness.
abstract contract TeamBase is LedgerBase {
    // Kinds of receivers, as in the model.
    uint256 internal constant RECEIVER_PERSON = 1;
    uint256 internal constant RECEIVER_TEAM = 2;

    // A team's slot: tag of the terms 160 | key epoch 24 | roster epoch 24.
    uint256 internal constant T_KEY_EPOCH = 160;
    uint256 internal constant T_ROSTER_EPOCH = 184;

    function _teamRecordKey(address team) internal pure returns (bytes32) {
        return keccak256(abi.encode("team", team));
    }

    /// @dev The terms that a team's witness holds, read in place.
    /// Reverts with NotFound where there is no such team, and with BadWitness where the terms are not its present ones.
    function _teamTerms(address team, bytes calldata witness) internal view returns (TeamTerms calldata terms) {
        uint256 slot = _records[_teamRecordKey(team)];
        if (slot == 0) revert NotFound();
        if (_tag(keccak256(witness)) != uint160(slot)) revert BadWitness();
        return _termsIn(witness);
    }

    /// @dev Reads terms in an encoding that is known to be abi.encode's own, by its hash.
    function _termsIn(bytes calldata witness) internal pure returns (TeamTerms calldata terms) {
        // The one value of dynamic length lies behind the word that says where it begins.
        assembly ("memory-safe") {
            terms := add(witness.offset, 32)
        }
    }

    function _includes(TeamTerms calldata terms, address actor) internal pure returns (bool) {
        for (uint256 i = 0; i < terms.members.length; ++i) {
            if (terms.members[i].member == actor) return true;
        }
        return false;
    }

    /// @dev When a request is made: a person must be the one who asks; of a team it is asked that it is active, that the key is its present
    /// one and that the one who asks is a member.
    /// Reverts with NotFound, NotAdmitted, Suspended, Removed, StaleEpoch, BadWitness or NotAMember.
    /// @param witness abi.encode of the team's TeamTerms; not read for a person.
    function _checkReceiver(uint256 kind, address team, uint256 keyEpoch, address doctor, bytes calldata witness)
        internal
        view
    {
        if (kind != RECEIVER_TEAM) return;
        _checkTeamKey(kind, team, keyEpoch);
        if (!_includes(_teamTerms(team, witness), doctor)) revert NotAMember();
    }

    /// @dev Later on: that the team is active and the key still its present one. Members leave only with a new key, so whoever asked is
    /// still a member.
    /// Reverts with NotFound, NotAdmitted, Suspended, Removed or StaleEpoch.
    function _checkTeamKey(uint256 kind, address team, uint256 keyEpoch) internal view {
        if (kind != RECEIVER_TEAM) return;
        uint256 slot = _records[_teamRecordKey(team)];
        if (slot == 0) revert NotFound();
        _checkActive(_actors[team].core);
        if (_field(slot, T_KEY_EPOCH, 24) != keyEpoch) revert StaleEpoch();
    }

    /// @dev Whether the team's key is still the one of that epoch; true for a person. For what ends without a word when a team has a new key.
    function _hasTeamKey(uint256 kind, address team, uint256 keyEpoch) internal view returns (bool) {
        return kind != RECEIVER_TEAM || _field(_records[_teamRecordKey(team)], T_KEY_EPOCH, 24) == keyEpoch;
    }
}
