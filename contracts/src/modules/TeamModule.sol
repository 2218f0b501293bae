// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters, Auth, TeamTerms, TeamView} from "../LedgerTypes.sol";
import {LedgerBase} from "../LedgerBase.sol";
import {TeamBase} from "../TeamBase.sol";
import {PointLib} from "../PointLib.sol";
import "../LedgerErrors.sol";

/// @title Teams: a roster and a receiving key under one id; called by the ledger
/// @dev The functions are those of IIdentity and described there. A team signs nothing; members act for it.
/// A member's vote: tag of the terms it wants 160 | 96 bits of their charter's digest, kept under the present roster epoch.
contract TeamModule is TeamBase {
    uint256 private constant _MEMBERS = 16;
    uint256 private constant _MIN_THRESHOLD = 2;
    uint256 private constant _EPOCHS = 1_000_000;

    bytes32 public constant REGISTER_TEAM_TYPEHASH = keccak256(
        "RegisterTeam(address actor,uint64 nonce,address team,TeamTerms terms,address organisation)TeamPlace(address member)TeamTerms(bytes32 charterDigest,uint32 rosterEpoch,uint32 keyEpoch,bytes publicKey,uint32 threshold,TeamPlace[] members)"
    );
    bytes32 public constant CHANGE_TEAM_TYPEHASH = keccak256(
        "ChangeTeam(address actor,uint64 nonce,address team,bytes32 previousCharterDigest,TeamTerms terms)TeamPlace(address member)TeamTerms(bytes32 charterDigest,uint32 rosterEpoch,uint32 keyEpoch,bytes publicKey,uint32 threshold,TeamPlace[] members)"
    );
    bytes32 public constant CONFIRM_TEAM_CHANGE_TYPEHASH =
        keccak256("ConfirmTeamChange(address actor,uint64 nonce,address team,bytes32 charterDigest)");
    bytes32 public constant TEAM_TERMS_TYPEHASH = keccak256(
        "TeamTerms(bytes32 charterDigest,uint32 rosterEpoch,uint32 keyEpoch,bytes publicKey,uint32 threshold,TeamPlace[] members)TeamPlace(address member)"
    );
    bytes32 public constant TEAM_PLACE_TYPEHASH = keccak256("TeamPlace(address member)");

    constructor(Parameters memory p) LedgerBase(p) {}

    function registerTeam(address team, TeamTerms calldata terms, address organisation, Auth calldata auth)
        external
        onlyDelegated
    {
        _checkShape(terms);
        _authorize(
            auth,
            keccak256(
                abi.encode(REGISTER_TEAM_TYPEHASH, auth.actor, auth.nonce, team, _hashTerms(terms), organisation)
            ),
            Need.Active
        );
        if (team == address(0) || terms.rosterEpoch != 1) revert Malformed();
        Actor storage t = _actors[team];
        uint256 core = t.core;
        if (_field(core, A_STATUS, 4) != UNKNOWN || _addresses[team] != address(0)) revert AlreadyExists();
        if (!_includes(terms, auth.actor)) revert NotAMember();
        if (organisation != address(0)) {
            if (_field(_actors[organisation].core, A_ROLES, 12) & HOSPITAL == 0) revert NotFound();
            t.organisation = organisation;
            core = _set(core, A_FLAGS, 8, FLAG_ORGANISATION);
        }
        _checkRoster(terms);
        core = _set(core, A_STATUS, 4, PENDING);
        core = _set(core, A_ROLES, 12, TEAM);
        t.core = _set(core, A_VALID_UNTIL, 40, type(uint40).max);
        _records[_teamRecordKey(team)] = _slotOf(terms);
        emit TeamRegistered(team, auth.actor, terms, organisation);
    }

    function changeTeam(
        address team,
        bytes32 previousCharterDigest,
        TeamTerms calldata terms,
        bytes calldata present,
        Auth calldata auth
    ) external onlyDelegated {
        _checkShape(terms);
        _authorize(
            auth,
            keccak256(
                abi.encode(CHANGE_TEAM_TYPEHASH, auth.actor, auth.nonce, team, previousCharterDigest, _hashTerms(terms))
            ),
            Need.Active
        );
        TeamTerms calldata now_ = _membership(team, present, auth.actor);
        uint256 vote = _voteFor(terms);
        bytes32 key = _voteKey(team, now_.rosterEpoch, auth.actor);
        if (previousCharterDigest != now_.charterDigest) revert StaleDigest();
        if (terms.charterDigest == now_.charterDigest || _records[key] == vote) revert AlreadyExists();
        if (terms.rosterEpoch != now_.rosterEpoch + 1) revert StaleEpoch();
        if (terms.keyEpoch != now_.keyEpoch && terms.keyEpoch != now_.keyEpoch + 1) revert StaleEpoch();
        bool sameKey = keccak256(terms.publicKey) == keccak256(now_.publicKey);
        if ((terms.keyEpoch == now_.keyEpoch) != sameKey) revert Malformed();
        if (sameKey && _leaves(now_, terms)) revert Malformed();
        _checkRoster(terms);
        _records[key] = vote;
        emit TeamChangeProposed(team, auth.actor, terms);
        _changeIfWanted(team, now_, terms, vote);
    }

    function confirmTeamChange(
        address team,
        bytes32 charterDigest,
        bytes calldata proposed,
        bytes calldata present,
        Auth calldata auth
    ) external onlyDelegated {
        _authorize(
            auth,
            keccak256(abi.encode(CONFIRM_TEAM_CHANGE_TYPEHASH, auth.actor, auth.nonce, team, charterDigest)),
            Need.Active
        );
        TeamTerms calldata now_ = _membership(team, present, auth.actor);
        uint256 vote = _proposalOf(team, now_, charterDigest);
        if (_tag(keccak256(proposed)) != uint160(vote)) revert BadWitness();
        bytes32 key = _voteKey(team, now_.rosterEpoch, auth.actor);
        if (_records[key] == vote) revert AlreadyExists();
        _records[key] = vote;
        emit TeamChangeConfirmed(team, auth.actor, charterDigest);
        _changeIfWanted(team, now_, _termsIn(proposed), vote);
    }

    function getTeam(address team) external view onlyDelegated returns (TeamView memory v) {
        uint256 slot = _records[_teamRecordKey(team)];
        v.termsTag = bytes20(uint160(slot));
        v.keyEpoch = uint24(_field(slot, T_KEY_EPOCH, 24));
        v.rosterEpoch = uint24(_field(slot, T_ROSTER_EPOCH, 24));
    }

    /// @dev The team's present terms, for a member.
    function _membership(address team, bytes calldata present, address actor)
        private
        view
        returns (TeamTerms calldata terms)
    {
        if (_records[_teamRecordKey(team)] == 0) revert NotFound();
        if (_field(_actors[team].core, A_STATUS, 4) == REMOVED) revert Removed();
        terms = _teamTerms(team, present);
        if (!_includes(terms, actor)) revert NotAMember();
    }

    /// @dev The one vote that members gave for a charter.
    function _proposalOf(address team, TeamTerms calldata now_, bytes32 charterDigest)
        private
        view
        returns (uint256 meant)
    {
        bool any = false;
        for (uint256 i = 0; i < now_.members.length; ++i) {
            uint256 vote = _records[_voteKey(team, now_.rosterEpoch, now_.members[i].member)];
            if (vote == 0) continue;
            any = true;
            if (vote >> 160 != uint256(charterDigest) >> 160 || vote == meant) continue;
            // Members say different things of this charter; its terms have to be handed in instead.
            if (meant != 0) revert StaleDigest();
            meant = vote;
        }
        if (!any) revert WrongState();
        if (meant == 0) revert StaleDigest();
    }

    /// @dev Puts a change into force when as many active members want it as open together. The one who acts has been found active.
    function _changeIfWanted(address team, TeamTerms calldata now_, TeamTerms calldata next, uint256 vote) private {
        uint256 wanted = 0;
        for (uint256 i = 0; i < now_.members.length; ++i) {
            address member = now_.members[i].member;
            if (_records[_voteKey(team, now_.rosterEpoch, member)] == vote && _isActive(_actors[member].core)) {
                ++wanted;
            }
        }
        if (wanted < now_.threshold) return;
        _records[_teamRecordKey(team)] = _slotOf(next);
        emit TeamChanged(team, next.charterDigest);
    }

    function _voteKey(address team, uint256 rosterEpoch, address member) private pure returns (bytes32) {
        return keccak256(abi.encode("team vote", team, rosterEpoch, member));
    }

    function _voteFor(TeamTerms calldata terms) private pure returns (uint256) {
        return _tag(keccak256(abi.encode(terms))) | (uint256(terms.charterDigest) >> 160) << 160;
    }

    function _slotOf(TeamTerms calldata terms) private pure returns (uint256 slot) {
        slot = _tag(keccak256(abi.encode(terms)));
        slot = _set(slot, T_KEY_EPOCH, 24, terms.keyEpoch);
        slot = _set(slot, T_ROSTER_EPOCH, 24, terms.rosterEpoch);
    }

    function _hashTerms(TeamTerms calldata terms) private pure returns (bytes32) {
        bytes32[] memory places = new bytes32[](terms.members.length);
        for (uint256 i = 0; i < places.length; ++i) {
            places[i] = keccak256(abi.encode(TEAM_PLACE_TYPEHASH, terms.members[i].member));
        }
        return keccak256(
            abi.encode(
                TEAM_TERMS_TYPEHASH,
                terms.charterDigest,
                terms.rosterEpoch,
                terms.keyEpoch,
                keccak256(terms.publicKey),
                terms.threshold,
                keccak256(abi.encodePacked(places))
            )
        );
    }

    /// @dev What the model's encoding cannot even say.
    function _checkShape(TeamTerms calldata terms) private pure {
        if (
            terms.members.length > _MEMBERS || terms.rosterEpoch > _EPOCHS || terms.keyEpoch > _EPOCHS
                || terms.threshold > _MEMBERS || !PointLib.isPublicKey(terms.publicKey)
        ) revert Malformed();
    }

    /// @dev Whether the terms are sound, and everybody in them active.
    function _checkRoster(TeamTerms calldata terms) private view {
        uint256 count = terms.members.length;
        if (
            terms.charterDigest == 0 || terms.rosterEpoch == 0 || terms.keyEpoch == 0
                || terms.keyEpoch > terms.rosterEpoch || terms.threshold < _MIN_THRESHOLD || terms.threshold > count
        ) revert Malformed();
        for (uint256 i = 0; i < count; ++i) {
            address member = terms.members[i].member;
            if (member == address(0)) revert Malformed();
            for (uint256 j = 0; j < i; ++j) {
                if (terms.members[j].member == member) revert Malformed();
            }
        }
        for (uint256 i = 0; i < count; ++i) {
            uint256 core = _actors[terms.members[i].member].core;
            if (_field(core, A_STATUS, 4) == UNKNOWN || _field(core, A_ROLES, 12) & TEAM != 0) revert NotFound();
            _checkActive(core);
        }
    }

    function _leaves(TeamTerms calldata now_, TeamTerms calldata next) private pure returns (bool) {
        for (uint256 i = 0; i < now_.members.length; ++i) {
            if (!_includes(next, now_.members[i].member)) return true;
        }
        return false;
    }
}
