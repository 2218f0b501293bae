// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BundleFacts, DealingFacts, Seat} from "./LedgerTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";
import {PolicyLib} from "./PolicyLib.sol";
import "./LedgerErrors.sol";

/// @title What bundles, dealings, reshares and recoveries share
abstract contract DealingBase is LedgerBase {
    using PolicyLib for bytes;

    /// @dev Who may be a trustee: persons, hospitals, agencies, insurers.
    uint256 internal constant TRUSTEES = PATIENT | DOCTOR | GUARDIAN | HOSPITAL | AGENCY | INSURER;
    uint256 internal constant HIGHEST_EPOCH = 1_000_000;
    uint256 internal constant HIGHEST_REASON = 65_535;

    bytes32 internal constant SEAT_TYPEHASH = keccak256("TrusteeSeat(uint32 group,uint32 member)");

    function _bundleOf(bytes32 bundleId) internal view returns (uint256 b) {
        b = _bundles[bundleId];
        if (b == 0) revert NotFound();
    }

    /// @dev Reverts unless the facts are the bundle's present ones.
    function _checkFacts(uint256 b, BundleFacts calldata facts) internal pure {
        if (_bundleTag(facts) != uint160(b)) revert BadWitness();
    }

    /// @dev The patient's own bundle, as long as it is open.
    function _ownBundle(bytes32 bundleId, address patient, BundleFacts calldata facts)
        internal
        view
        returns (uint256 b)
    {
        b = _bundleOf(bundleId);
        _checkFacts(b, facts);
        if (facts.patient != patient) revert NotYours();
        if (_isOn(b, B_CLOSED)) revert WrongState();
    }

    function _isOn(uint256 slot, uint256 bit) internal pure returns (bool) {
        return (slot >> bit) & 1 == 1;
    }

    function _on(uint256 slot, uint256 bit) internal pure returns (uint256) {
        return slot | (1 << bit);
    }

    /// @dev Nothing waits for the bundle any more, neither a dealing nor a reshare.
    function _withoutWaiting(uint256 b) internal pure returns (uint256) {
        return b & ~((1 << B_PENDING) | (1 << B_PENDING_TRACK) | (1 << B_RESHARING));
    }

    function _trackOf(bytes calldata policy) internal pure returns (uint256) {
        return policy.flags() & PolicyLib.EMERGENCY == 0 ? 0 : 1;
    }

    function _epochOf(uint256 b, uint256 track) internal pure returns (uint256) {
        return _field(b, B_EPOCH + 24 * track, 24);
    }

    function _lastEpoch(uint256 b) internal pure returns (uint256) {
        return _field(b, B_LAST_EPOCH, 24);
    }

    /// @dev Where a track's active dealing is.
    function _activeKey(bytes32 bundleId, uint256 b, uint256 track) internal pure returns (bytes32) {
        return _dealingKey(bundleId, track, (b >> (B_WHICH + track)) & 1);
    }

    /// @dev Where a track's dealing that waits is, or is to be.
    function _pendingKey(bytes32 bundleId, uint256 b, uint256 track) internal pure returns (bytes32) {
        return _dealingKey(bundleId, track, ((b >> (B_WHICH + track)) & 1) ^ 1);
    }

    /// @dev Reverts unless the facts are those of the track's active dealing.
    function _checkActiveDealing(bytes32 bundleId, uint256 b, uint256 track, DealingFacts calldata facts)
        internal
        view
    {
        if (uint160(_dealings[_activeKey(bundleId, b, track)]) != _dealingTag(facts)) revert BadWitness();
    }

    /// @dev Reverts unless it is the policy of that hash, whole.
    function _checkPolicy(bytes calldata policy, bytes32 policyHash) internal pure {
        _checkPolicy(policy, policyHash, PolicyLib.WHOLE);
    }

    /// @dev Reverts unless it is the policy of that hash, in a form that is not shorter than a caller reads.
    function _checkPolicy(bytes calldata policy, bytes32 policyHash, uint256 form) internal pure {
        if (policyHash == 0 || policy.hashOf(form) != policyHash) revert BadWitness();
    }

    /// @dev The ordinal of a seat that the actor has in the policy.
    function _ordinalOf(bytes calldata policy, Seat calldata seat, address actor)
        internal
        pure
        returns (uint256 ordinal)
    {
        ordinal = policy.ordinalOf(seat);
        if (policy.identityAt(ordinal) != actor) revert NotATrustee();
    }

    /// @dev Reverts unless every trustee of a policy is fit to be one: registered, active, in a role that may, not the patient, and of
    /// the organisation that the policy names where the ledger knows one.
    function _checkTrustees(bytes calldata policy, address patient) internal view {
        uint256 count = policy.trusteeCount();
        for (uint256 i = 0; i < count; ++i) {
            address trustee = policy.identityAt(i);
            uint256 core = _actors[trustee].core;
            if (_field(core, A_STATUS, 4) == UNKNOWN) revert NotRegistered();
            _checkActive(core);
            if (_field(core, A_ROLES, 12) & TRUSTEES == 0 || trustee == patient) revert WrongRole();
            address organisation = _organisationOf(trustee, core);
            if (organisation != address(0) && organisation != policy.organisationAt(i)) revert PolicyInvalid();
        }
    }

    /// @dev hashStruct of a seat.
    function _seatHash(Seat calldata seat) internal pure returns (bytes32) {
        return keccak256(abi.encode(SEAT_TYPEHASH, seat.group, seat.member));
    }

    /// @dev What EIP-712 hashes of a list of seats.
    function _seatsHash(Seat[] calldata seats) internal pure returns (bytes32) {
        if (seats.length > PolicyLib.MAX_TRUSTEES) revert Malformed();
        bytes32[] memory hashes = new bytes32[](seats.length);
        for (uint256 i = 0; i < seats.length; ++i) {
            hashes[i] = _seatHash(seats[i]);
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
