// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth} from "./LedgerTypes.sol";
import {Delegating} from "./Delegating.sol";
import {IClaims, ClaimFacts} from "./IClaims.sol";

/// @title The ledger's commands on insurance claims: each is passed on to its module
/// @dev Arguments are named for the interface; a function does nothing with them but pass them on.
abstract contract ClaimCalls is IClaims, Delegating {
    address internal immutable _CLAIMS;

    constructor(address claims) {
        _CLAIMS = claims;
    }

    /// @inheritdoc IClaims
    function setReviewThreshold(string calldata currency, uint64 threshold, Auth calldata auth) external {
        (currency, threshold, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function fileClaim(
        address insurer,
        address doctor,
        address hospital,
        uint64 amount,
        string calldata currency,
        bytes32 relatedTo,
        bytes32 evidenceCommitment,
        bytes32 evidenceDigest,
        uint64 notAfter,
        bytes32 salt,
        Auth calldata auth
    ) external {
        (insurer, doctor, hospital, amount, currency, relatedTo, evidenceCommitment, evidenceDigest);
        (notAfter, salt, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function endorseClaim(ClaimFacts calldata claim, bytes32 opinionDigest, Auth calldata auth) external {
        (claim, opinionDigest, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function rejectClaim(ClaimFacts calldata claim, uint32 reasonCode, bytes32 opinionDigest, Auth calldata auth)
        external
    {
        (claim, reasonCode, opinionDigest, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function approveClaim(ClaimFacts calldata claim, uint64 amount, bytes32 opinionDigest, Auth calldata auth)
        external
    {
        (claim, amount, opinionDigest, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function appealClaim(ClaimFacts calldata claim, bytes32 groundsDigest, Auth calldata auth) external {
        (claim, groundsDigest, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function decideAppeal(ClaimFacts calldata claim, bool sendBack, bytes32 findingDigest, Auth calldata auth)
        external
    {
        (claim, sendBack, findingDigest, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function withdrawClaim(ClaimFacts calldata claim, Auth calldata auth) external {
        (claim, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function expireClaim(ClaimFacts calldata claim, Auth calldata auth) external {
        (claim, auth);
        _delegate(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function claimOf(bytes32 claimId) external view returns (uint256 slot) {
        (claimId, slot);
        _delegateView(_CLAIMS);
    }

    /// @inheritdoc IClaims
    function reviewThresholdOf(address insurer, bytes3 currency) external view returns (uint64 threshold) {
        (insurer, currency, threshold);
        _delegateView(_CLAIMS);
    }
}
