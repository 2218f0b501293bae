// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";

/// @title What happens less often after a grant: refusals, openings, the second committee, further uses
/// @notice "Errors of authority" are BadSignature, WrongNonce, NotRegistered, Removed, NotAdmitted, Suspended and KeyExpired.
interface IService {
    /// @notice Records that an oracle cannot serve, before the deadline; it loses nothing. By the committee's oracle of that seat.
    /// @dev Errors: those of authority; Malformed (reason code), NotFound, WrongState, Expired (no live request, or the deadline is over), NotInCommittee,
    /// WrongState (no grant), AlreadyExists. Event: DeliveryRefused.
    /// @param r The request.
    /// @param index The oracle's seat, counted from 1.
    /// @param reasonCode Why, at most 65,535.
    /// @param auth Who acts.
    function refuseDelivery(RequestFacts calldata r, uint32 index, uint32 reasonCode, Auth calldata auth) external;

    /// @notice Confirms that the documents opened. By the doctor who asked, once in a delivery window, when at least m oracles delivered.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), BadWitness (policy), NotYours, AlreadyExists, BelowQuorum.
    /// Event: OpeningConfirmed.
    /// @param r The request.
    /// @param policy The pinned policy: its terms at least.
    /// @param auth Who acts.
    function confirmOpened(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external;

    /// @notice Asks for a second committee, once, when too few oracles can serve or the deadline is over; approvals are void. By the doctor or the patient.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), BadWitness (policy), NotYours, AlreadyExists (second round),
    /// WrongState (no final grant, or opened), NotYet, StaleEpoch (a new dealing), those of a doctor without a licence or a team with another key,
    /// NotEnoughOracles. Events: RequestSettled where it was not settled, CommitteeRedrawn.
    /// @param r The request.
    /// @param policy The pinned policy: its terms at least.
    /// @param auth Who acts.
    function redrawCommittee(RequestFacts calldata r, bytes calldata policy, Auth calldata auth) external;

    /// @notice Opens the next delivery window of a request that may be used several times: the same committee delivers again. By the doctor, when the
    /// former window is settled.
    /// @dev Every window is a use, whatever was delivered in it: a late delivery or a second committee helps where there was too little. Errors: those of authority;
    /// NotFound, WrongState, Expired (no live request), NotYours, WrongState (not settled), TooMany (used up), those of a doctor
    /// without a licence or a team with another key. Event: UsedAgain.
    /// @param r The request.
    /// @param auth Who acts.
    function useAgain(RequestFacts calldata r, Auth calldata auth) external;
}
