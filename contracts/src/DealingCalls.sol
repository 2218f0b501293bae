// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Auth,
    BundleFacts,
    BundleView,
    DealingFacts,
    DealingProposal,
    DealingView,
    RecoveryFacts,
    RecoveryView,
    ReshareFacts,
    ReshareProposal,
    ReshareView,
    Seat
} from "./LedgerTypes.sol";
import {Delegating} from "./Delegating.sol";
import {IDealings} from "./IDealings.sol";

/// @title The ledger's commands on bundles, dealings, reshares and recoveries: each is passed on to its module
/// @dev Arguments are named for the interface; a function does nothing with them but pass them on.
abstract contract DealingCalls is IDealings, Delegating {
    address internal immutable _DEALINGS;
    address internal immutable _RESHARES;

    constructor(address dealings, address reshares) {
        _DEALINGS = dealings;
        _RESHARES = reshares;
    }

    /// @inheritdoc IDealings
    function reviseBundle(
        bytes32 bundleId,
        bytes32 previousHeaderDigest,
        bytes32 headerDigest,
        bytes32 documentsRoot,
        BundleFacts calldata bundle,
        Auth calldata auth
    ) external {
        (bundleId, previousHeaderDigest, headerDigest, documentsRoot, bundle, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function revokeBundle(bytes32 bundleId, uint32 reasonCode, BundleFacts calldata bundle, Auth calldata auth)
        external
    {
        (bundleId, reasonCode, bundle, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function publishEnvelopeKey(
        bytes32 bundleId,
        uint32 epoch,
        bytes calldata envelopeKey,
        bytes32 offerDigest,
        Auth calldata auth
    ) external {
        (bundleId, epoch, envelopeKey, offerDigest, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function proposeDealing(
        bytes32 bundleId,
        DealingProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        Auth calldata auth
    ) external {
        (bundleId, proposal, bundle, active, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function cancelDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        BundleFacts calldata bundle,
        DealingFacts calldata dealing,
        Auth calldata auth
    ) external {
        (bundleId, dealingDigest, bundle, dealing, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function acknowledgeDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external {
        (bundleId, dealingDigest, seat, dealing, policy, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function complainOfDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        bytes32 evidenceDigest,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external {
        (bundleId, dealingDigest, seat, evidenceDigest, dealing, policy, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function activateDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat[] calldata without,
        BundleFacts calldata bundle,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external {
        (bundleId, dealingDigest, without, bundle, dealing, policy, auth);
        _delegate(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function getBundle(bytes32 bundleId) external view returns (BundleView memory stored) {
        (bundleId, stored);
        _delegateView(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function getDealing(bytes32 bundleId, uint256 track, uint256 which)
        external
        view
        returns (DealingView memory stored)
    {
        (bundleId, track, which, stored);
        _delegateView(_DEALINGS);
    }

    /// @inheritdoc IDealings
    function proposeReshare(
        bytes32 bundleId,
        ReshareProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        Auth calldata auth
    ) external {
        (bundleId, proposal, bundle, active, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function cancelReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        BundleFacts calldata bundle,
        ReshareFacts calldata reshare,
        Auth calldata auth
    ) external {
        (bundleId, planDigest, bundle, reshare, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function contributeToReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        bytes32 contributionDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes calldata activePolicy,
        Auth calldata auth
    ) external {
        (bundleId, planDigest, seat, contributionDigest, reshare, active, activePolicy, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function complainOfReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        Seat calldata dealer,
        bytes32 evidenceDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes[2] calldata policies,
        Auth calldata auth
    ) external {
        (bundleId, planDigest, seat, dealer, evidenceDigest, reshare, active, policies, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function confirmReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        bytes32 dealingDigest,
        Seat[] calldata dealers,
        bytes32 confirmationDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes[2] calldata policies,
        Auth calldata auth
    ) external {
        (bundleId, planDigest, seat, dealingDigest, dealers);
        (confirmationDigest, reshare, active, policies, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function expireReshare(bytes32 bundleId, bytes32 planDigest, ReshareFacts calldata reshare, Auth calldata auth)
        external
    {
        (bundleId, planDigest, reshare, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function getReshare(bytes32 bundleId) external view returns (ReshareView memory stored) {
        (bundleId, stored);
        _delegateView(_RESHARES);
    }

    /// @inheritdoc IDealings
    function proposeRecovery(
        address patient,
        RecoveryFacts calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        bytes calldata policy,
        RecoveryFacts calldata former,
        Auth calldata auth
    ) external {
        (patient, proposal, bundle, active, policy, former, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function supportRecovery(
        address patient,
        address newLedgerAddress,
        Seat calldata seat,
        RecoveryFacts calldata recovery,
        bytes calldata policy,
        Auth calldata auth
    ) external {
        (patient, newLedgerAddress, seat, recovery, policy, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function cancelRecovery(Auth calldata auth) external {
        (auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function completeRecovery(address patient, RecoveryFacts calldata recovery, Auth calldata auth) external {
        (patient, recovery, auth);
        _delegate(_RESHARES);
    }

    /// @inheritdoc IDealings
    function getRecovery(address patient) external view returns (RecoveryView memory stored) {
        (patient, stored);
        _delegateView(_RESHARES);
    }
}
