// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, Seat, RequestFacts} from "./LedgerTypes.sol";

/// @title What happens to requests less often: the registry's snapshots, and every way in which a request ends
/// @notice "Errors of authority" are BadSignature, WrongNonce, NotRegistered, Removed, NotAdmitted, Suspended and KeyExpired.
interface IRequests {
    /// @notice Lists the oracles that may be drawn now, with their weights. By any active actor, once in so many blocks.
    /// @dev Errors: those of authority; NotYet. Event: SnapshotTaken. Cost: a read for each oracle ever admitted, at most 1,023.
    /// @param auth Who acts.
    function takeSnapshot(Auth calldata auth) external;

    /// @notice A snapshot of the registry.
    /// @param number Its number; the last two are kept.
    /// @return entries 16 bits each, number << 6 | weight, in two bytes; empty when it is not kept.
    function getSnapshot(uint256 number) external view returns (bytes memory entries);

    /// @notice Denies a request that is not granted, from a seat of the pinned policy. By the trustee in it, once; when the others cannot meet the
    /// policy any more the request ends.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), BadWitness, NotATrustee, AlreadyExists, WrongState (granted),
    /// Malformed (reason code). Events: DenialRecorded, RequestDenied.
    /// @param r The request.
    /// @param policy The pinned policy: its seats at least.
    /// @param seat The trustee's seat.
    /// @param reasonCode Why, at most 65,535.
    /// @param auth Who acts.
    function denyRequest(
        RequestFacts calldata r,
        bytes calldata policy,
        Seat calldata seat,
        uint32 reasonCode,
        Auth calldata auth
    ) external;

    /// @notice Ends a request before its grant is final. By the bundle's patient.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request, or the grant is final), NotYours. Event: RequestVetoed.
    /// @param r The request.
    /// @param auth Who acts.
    function vetoRequest(RequestFacts calldata r, Auth calldata auth) external;

    /// @notice Withdraws a request, or gives up a grant that is not settled; an undecided one counts as abandoned. By the doctor who made it.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), NotYours, WrongState (settled). Event: RequestCancelled.
    /// @param r The request.
    /// @param auth Who acts.
    function cancelRequest(RequestFacts calldata r, Auth calldata auth) external;

    /// @notice Attaches search tokens to a final grant. By the bundle's patient. The ledger keeps no list: readers count the first sixteen.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), NotYours, WrongState (not granted), NotYet (not final), NotSupported
    /// (another kind), Malformed, those of the doctor's licence. Event: GrantAttached.
    /// @param r The request.
    /// @param attachmentKind 1: search tokens.
    /// @param attachmentDigest SHA-256 of what is attached.
    /// @param auth Who acts.
    function attachToGrant(RequestFacts calldata r, uint32 attachmentKind, bytes32 attachmentDigest, Auth calldata auth)
        external;

    /// @notice Records that a request's time is over, so that the doctor may ask anew; undecided it counts as abandoned. By any active actor.
    /// @dev Errors: those of authority; NotFound, WrongState (ended or settled), NotYet. Event: RequestExpired.
    /// @param r The request.
    /// @param auth Who acts.
    function expireRequest(RequestFacts calldata r, Auth calldata auth) external;
}
