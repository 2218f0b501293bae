// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, Seat, RequestFacts, AccessRequest, AccessWitness, Approval, Delivery} from "./LedgerTypes.sol";

/// @title What happens often, and the ledger therefore does itself: bundles, requests, their draw and their decisions, deliveries, ratings, settlement
/// @notice "Errors of authority" are BadSignature, WrongNonce, NotRegistered, Removed, NotAdmitted, Suspended and KeyExpired.
interface ICore {
    /// @notice Registers a bundle of sealed documents by digests. By a patient, whose it is from then on.
    /// Refuses with WrongRole, Malformed (no id or no header) and AlreadyExists. Emits BundleRegistered.
    /// @param bundleId 32 random bytes.
    /// @param headerDigest SHA-256 of the bundle's signed header.
    /// @param documentsRoot The root over its documents.
    /// @param auth The patient.
    function registerBundle(bytes32 bundleId, bytes32 headerDigest, bytes32 documentsRoot, Auth calldata auth) external;

    /// @notice The two slots of the present request of a doctor for a bundle, as RequestSlots lays them out; the first is zero without one.
    /// @param actor The doctor.
    /// @param bundleId The bundle.
    /// @return first Tag of the facts, stage and decisions.
    /// @return second Committee and deliveries.
    function getRequest(address actor, bytes32 bundleId) external view returns (uint256 first, uint256 second);

    /// @notice Asks for documents of a bundle. By a doctor with a licence that holds.
    /// @dev Errors: those of authority; WrongRole, LicenceMissing, LicenceExpired, Malformed, NotFound, WrongState (bundle closed or
    /// without an active dealing), StaleDigest (header, dealing or snapshot), StaleEpoch, ReceiverNotPermitted, those of `_checkReceiver`, Expired,
    /// AlreadyExists, OpenRequestExists, CoolingDown,
    /// ReviewDue (an emergency, and three others are not reviewed), AccessDenied, NotEnoughOracles, BadWitness. Events: AccessRequested, EmergencyDeclared.
    /// @param request What is asked.
    /// @param witness What the ledger has only as hashes.
    /// @param auth Who acts.
    function requestAccess(AccessRequest calldata request, AccessWitness calldata witness, Auth calldata auth) external;

    /// @notice Draws the committee from the randomness of the seed block; when nobody came in time, or too few oracles are left, the request is void.
    /// By any active actor, after the seed block.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), AlreadyExists, NotYet, BadWitness, Removed (the patient), BadHeader.
    /// Events: CommitteeDrawn, or RequestVoided.
    /// @param r The request.
    /// @param policy The pinned policy: whole.
    /// @param team abi.encode of the receiving team's present terms; empty for a person.
    /// @param header RLP of the seed block's header; not read when the window was missed.
    /// @param auth Who acts.
    function drawCommittee(
        RequestFacts calldata r,
        bytes calldata policy,
        bytes calldata team,
        bytes calldata header,
        Auth calldata auth
    ) external;

    /// @notice Approves a request, from a seat of the pinned policy. By the trustee in it, after the draw, once. The approval that meets the policy grants.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), BadWitness, NotATrustee, AlreadyExists, NotYet (no committee, or the
    /// patient is not silent for long enough), WrongRole (one's own request), Malformed; when it grants ReviewDue (an emergency) and those of the
    /// doctor's licence and the team's key.
    /// Events: RequestApproved, GrantIssued.
    /// @param r The request.
    /// @param policy The pinned policy: its seats at least.
    /// @param seat The trustee's seat.
    /// @param approvalDigest SHA-256 of the signed approval.
    /// @param auth Who acts.
    function approveRequest(
        RequestFacts calldata r,
        bytes calldata policy,
        Seat calldata seat,
        bytes32 approvalDigest,
        Auth calldata auth
    ) external;

    /// @notice Approves a request from several seats: each is what its own ApproveRequest would be, and all stand or none.
    /// @dev Errors and events: as approveRequest.
    /// @param r The request.
    /// @param policy The pinned policy: its seats at least.
    /// @param approvals The approvals, each with the authority of its trustee.
    function approveMany(RequestFacts calldata r, bytes calldata policy, Approval[] calldata approvals) external;

    /// @notice Grants a request at once, without a veto window. By the bundle's patient, after the draw.
    /// @dev Errors: those of authority; NotFound, WrongState, Expired (no live request), NotYours, NotYet, AlreadyExists, Malformed, those of the doctor's
    /// licence and the team's key. Events: PatientConsented, GrantIssued unless the grant is final already.
    /// @param r The request.
    /// @param approvalDigest SHA-256 of the patient's signed approval.
    /// @param auth Who acts.
    function consentToRequest(RequestFacts calldata r, bytes32 approvalDigest, Auth calldata auth) external;

    /// @notice Ends a grant: no honest oracle serves it any more. By the bundle's patient.
    /// @dev Errors: those of authority; Malformed (reason code), NotFound, WrongState, Expired (no live request), NotYours, WrongState (not granted).
    /// Event: GrantRevoked.
    /// @param r The request.
    /// @param reasonCode Why, at most 65,535.
    /// @param auth Who acts.
    function revokeGrant(RequestFacts calldata r, uint32 reasonCode, Auth calldata auth) external;

    /// @notice Records that an oracle delivered. By the committee's oracle of that seat, once.
    /// @dev Whether the doctor may still receive is what the oracle asks before it re-encrypts: a record recalls nothing, and to refuse it would only
    /// cost an oracle that served in the block before. Errors: those of authority; NotFound, WrongState, Expired (no live request), NotInCommittee,
    /// WrongState (no grant), AlreadyExists, NotYet (the patient may still veto). Event: DeliveryRecorded.
    /// @param r The request.
    /// @param index The oracle's seat, counted from 1.
    /// @param deliveryDigest SHA-256 of the signed delivery.
    /// @param envelopeDigest SHA-256 of the envelope in which it reaches the doctor.
    /// @param auth Who acts.
    function recordDelivery(
        RequestFacts calldata r,
        uint32 index,
        bytes32 deliveryDigest,
        bytes32 envelopeDigest,
        Auth calldata auth
    ) external;

    /// @notice Records the deliveries of several oracles for one request: each is what its own RecordDelivery would be, and all stand or none.
    /// @dev Errors and events: as recordDelivery.
    /// @param r The request.
    /// @param deliveries The deliveries, each with the authority of its oracle.
    function recordDeliveries(RequestFacts calldata r, Delivery[] calldata deliveries) external;

    /// @notice Rates an oracle that delivered. By the doctor of the request, once for each oracle and window. It counts when the request is settled;
    /// where it is settled already, at once.
    /// @dev Errors: those of authority; Malformed (rating), NotFound, NotYours, WrongState (no delivery), AlreadyExists. Event: OracleRated.
    /// @param r The request.
    /// @param index The oracle's seat, counted from 1.
    /// @param rating 0 (useless or false) to 100: below 50 is bad, below 75 fair, else good.
    /// @param evidenceDigest SHA-256 of what shows it, or a salted commitment; zero for none.
    /// @param auth Who acts.
    function rateOracle(
        RequestFacts calldata r,
        uint32 index,
        uint32 rating,
        bytes32 evidenceDigest,
        Auth calldata auth
    ) external;

    /// @notice Turns the facts of a delivery window into reputation, once. By anybody when the documents are opened or the deadline is over; by the
    /// doctor as soon as every oracle delivered or refused.
    /// @dev Errors: those of authority; NotFound, WrongState (ended, or no final grant), AlreadyExists, NotYet. Event: RequestSettled.
    /// @param r The request.
    /// @param auth Who acts.
    function settleRequest(RequestFacts calldata r, Auth calldata auth) external;
}
