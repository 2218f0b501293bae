// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, ActorView, OracleView, TeamTerms, TeamView} from "./LedgerTypes.sol";
import {Delegating} from "./Delegating.sol";
import {IIdentity} from "./IIdentity.sol";

/// @title The ledger's commands on identities and teams: each is passed on to its module
/// @dev Arguments are named for the interface; a function does nothing with them but pass them on.
abstract contract IdentityCalls is IIdentity, Delegating {
    address internal immutable _IDENTITY;
    address internal immutable _TEAMS;

    constructor(address identity, address teams) {
        _IDENTITY = identity;
        _TEAMS = teams;
    }

    /// @inheritdoc IIdentity
    function registerActor(
        uint32 roles,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        address organisation,
        address operator,
        Auth calldata auth
    ) external {
        (roles, keyRecordDigest, validUntil, organisation, operator, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function admitActor(address subject, Auth calldata auth) external {
        (subject, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function acceptAdmission(Auth calldata auth) external {
        (auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function recordLicence(
        address doctor,
        bytes32 credentialDigest,
        string calldata speciality,
        address organisation,
        uint64 notAfter,
        Auth calldata auth
    ) external {
        (doctor, credentialDigest, speciality, organisation, notAfter, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function withdrawLicence(address doctor, uint32 reasonCode, Auth calldata auth) external {
        (doctor, reasonCode, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function replaceKey(
        address newLedgerAddress,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        bytes calldata possession,
        Auth calldata auth
    ) external {
        (newLedgerAddress, keyRecordDigest, validUntil, possession, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function suspendActor(address subject, uint32 reasonCode, Auth calldata auth) external {
        (subject, reasonCode, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function reinstateActor(address subject, uint32 reasonCode, Auth calldata auth) external {
        (subject, reasonCode, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function removeActor(address subject, uint32 reasonCode, Auth calldata auth) external {
        (subject, reasonCode, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function confirmPresence(Auth calldata auth) external {
        (auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function postBond(address oracle, uint64 amount, Auth calldata auth) external payable {
        (oracle, amount, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function releaseBond(uint64 amount, Auth calldata auth) external {
        (amount, auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function withdrawBond(Auth calldata auth) external {
        (auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function withdrawCredit(Auth calldata auth) external {
        (auth);
        _delegate(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function registerTeam(address team, TeamTerms calldata terms, address organisation, Auth calldata auth) external {
        (team, terms, organisation, auth);
        _delegate(_TEAMS);
    }

    /// @inheritdoc IIdentity
    function changeTeam(
        address team,
        bytes32 previousCharterDigest,
        TeamTerms calldata terms,
        bytes calldata present,
        Auth calldata auth
    ) external {
        (team, previousCharterDigest, terms, present, auth);
        _delegate(_TEAMS);
    }

    /// @inheritdoc IIdentity
    function confirmTeamChange(
        address team,
        bytes32 charterDigest,
        bytes calldata proposed,
        bytes calldata present,
        Auth calldata auth
    ) external {
        (team, charterDigest, proposed, present, auth);
        _delegate(_TEAMS);
    }

    /// @inheritdoc IIdentity
    function getActor(address actor) external view returns (ActorView memory v) {
        (actor, v);
        _delegateView(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function getOracle(uint256 index) external view returns (OracleView memory v) {
        (index, v);
        _delegateView(_IDENTITY);
    }

    /// @inheritdoc IIdentity
    function getTeam(address team) external view returns (TeamView memory v) {
        (team, v);
        _delegateView(_TEAMS);
    }
}
