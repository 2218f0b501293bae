// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth, RequestFacts} from "./LedgerTypes.sol";

/// @title What the ledger does about emergencies beside the requests themselves
/// @notice A request over a bundle's emergency dealing is made, drawn and granted as any other. What trustees granted in an emergency has to be
/// reviewed; a doctor for whom three reviews are due makes no further one.
interface IEmergencies {
    /// @notice Reviews an emergency that trustees granted. By its patient, or by an active agency.
    /// @param request The facts of the request, whatever became of it since.
    /// @param finding 1 justified; 2 unjustified, which counts for the doctor as an abandoned request does.
    /// @param reportDigest A salted digest of the report; zero for none.
    /// @param auth Who reviews.
    /// @dev Errors: Malformed for another finding; WrongState where there is nothing to review; AlreadyExists after a review; WrongRole for the
    /// doctor's own; NotYours for anybody but patient and agency. Event: EmergencyReviewed.
    function reviewEmergency(RequestFacts calldata request, uint32 finding, bytes32 reportDigest, Auth calldata auth)
        external;

    /// @notice What is known of an emergency's review.
    /// @param requestId The request.
    /// @param doctor Who asked.
    /// @param patient Whose bundle it is.
    /// @return record 0 where nothing is due; else 1 due or 2 reviewed in the lowest 8 bits, and above them the second until which it should be
    /// reviewed.
    function getEmergencyReview(bytes32 requestId, address doctor, address patient)
        external
        view
        returns (uint256 record);
}
