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

/// @title Bundles, dealings of their keys, reshares by the trustees, and recovery of a patient's ledger key
/// @notice Every function also refuses with BadSignature, WrongNonce, NotRegistered, NotAdmitted, Suspended, Removed and KeyExpired for the
/// actor, and with BadWitness where what it is told of the stored state is not it. Times in seconds. A policy is passed as the bytes that
/// PolicyLib describes; commands are signed over its keccak256.
interface IDealings {
    /// @notice Replaces a bundle's header. By its patient.
    /// Refuses with NotFound, NotYours, WrongState (closed), StaleDigest and Malformed (no new header). Emits BundleRevised.
    /// @param bundleId The bundle.
    /// @param previousHeaderDigest The header to be replaced.
    /// @param headerDigest The new one.
    /// @param documentsRoot The root over its documents.
    /// @param bundle The bundle as it is.
    /// @param auth The patient.
    function reviseBundle(
        bytes32 bundleId,
        bytes32 previousHeaderDigest,
        bytes32 headerDigest,
        bytes32 documentsRoot,
        BundleFacts calldata bundle,
        Auth calldata auth
    ) external;

    /// @notice Closes a bundle for good, and with it every request, grant, waiting dealing and reshare. By its patient, also while suspended.
    /// Refuses with NotFound, NotYours, WrongState (closed already) and Malformed. Emits BundleRevoked.
    /// @param bundleId The bundle.
    /// @param reasonCode Why, 0 to 65,535.
    /// @param bundle The bundle as it is.
    /// @param auth The patient.
    function revokeBundle(bytes32 bundleId, uint32 reasonCode, BundleFacts calldata bundle, Auth calldata auth) external;

    /// @notice Announces the key to which the actor's share of the bundle's next epoch is to be sealed; a later one replaces it. By whoever
    /// may be a trustee. Whether everybody has one is for the dealer to check. Refuses with WrongRole, NotFound, WrongState (closed),
    /// StaleEpoch and Malformed (no compressed point's form). Emits EnvelopeKeyPublished.
    /// @param bundleId The bundle.
    /// @param epoch The bundle's last epoch plus 1.
    /// @param envelopeKey 33 bytes: 2 or 3, and x. Whether it is on the curve is not checked.
    /// @param offerDigest SHA-256 of the signed offer that carries the key.
    /// @param auth The trustee.
    function publishEnvelopeKey(
        bytes32 bundleId,
        uint32 epoch,
        bytes calldata envelopeKey,
        bytes32 offerDigest,
        Auth calldata auth
    ) external;

    /// @notice Proposes a dealing: new shares, with the policy that they serve. By the bundle's patient. A reshare that is under way, or its
    /// dealing, is cancelled by that. A policy that differs from the active one of its track waits for the trustee-change delay.
    /// Refuses with NotFound, NotYours, WrongState (closed), AlreadyExists (one is proposed; or it is the active one), StaleDigest,
    /// StaleEpoch, Malformed, PolicyInvalid, and for a trustee with NotRegistered, NotAdmitted, Suspended, Removed, KeyExpired, WrongRole or
    /// PolicyInvalid (another organisation than the ledger knows). Emits DealingProposed.
    /// @param bundleId The bundle.
    /// @param proposal The dealing and its policy.
    /// @param bundle The bundle as it is.
    /// @param active The track's active dealing; not read for the first.
    /// @param auth The patient.
    function proposeDealing(
        bytes32 bundleId,
        DealingProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        Auth calldata auth
    ) external;

    /// @notice Cancels a dealing that waits, whoever made it. By the bundle's patient, also while suspended.
    /// Refuses with NotFound, NotYours and WrongState (closed, or it does not wait). Emits DealingCancelled.
    /// @param bundleId The bundle.
    /// @param dealingDigest The dealing.
    /// @param bundle The bundle as it is.
    /// @param dealing The dealing.
    /// @param auth The patient.
    function cancelDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        BundleFacts calldata bundle,
        DealingFacts calldata dealing,
        Auth calldata auth
    ) external;

    /// @notice Says that the trustee's shares are there and right. By the trustee in that seat, of a dealing that waits or serves.
    /// Refuses with NotFound, NotATrustee and AlreadyExists (it spoke already). Emits DealingAcknowledged.
    /// @param bundleId The bundle.
    /// @param dealingDigest The dealing.
    /// @param seat The seat.
    /// @param dealing The dealing.
    /// @param policy Its policy.
    /// @param auth The trustee.
    function acknowledgeDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external;

    /// @notice Says that the trustee's shares are missing or wrong. By the trustee in that seat, of a dealing that waits or serves.
    /// Refuses with NotFound, NotATrustee and AlreadyExists (it spoke already). Emits DealingComplained.
    /// @param bundleId The bundle.
    /// @param dealingDigest The dealing.
    /// @param seat The seat.
    /// @param evidenceDigest SHA-256 of the evidence.
    /// @param dealing The dealing.
    /// @param policy Its policy.
    /// @param auth The trustee.
    function complainOfDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat calldata seat,
        bytes32 evidenceDigest,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external;

    /// @notice Makes a waiting dealing the active one of its track. By anybody registered when every trustee acknowledged, or when it is of a
    /// reshare, enough acknowledged for the policy and nobody complained; by the patient when enough did, naming the seats to do without.
    /// Refuses with NotFound, WrongState (it is active), NotYet and BelowQuorum. Emits DealingActivated.
    /// @param bundleId The bundle.
    /// @param dealingDigest The dealing.
    /// @param without The seats to do without; at most 16.
    /// @param bundle The bundle as it is; read when the patient names seats to do without.
    /// @param dealing The dealing.
    /// @param policy Its policy.
    /// @param auth Who asks for it.
    function activateDealing(
        bytes32 bundleId,
        bytes32 dealingDigest,
        Seat[] calldata without,
        BundleFacts calldata bundle,
        DealingFacts calldata dealing,
        bytes calldata policy,
        Auth calldata auth
    ) external;

    /// @notice What is stored of a bundle, for people.
    /// @param bundleId Its id.
    /// @return What is stored; zeros when it is not registered.
    function getBundle(bytes32 bundleId) external view returns (BundleView memory);

    /// @notice What is stored in a dealing's slot, for people.
    /// @param bundleId The bundle.
    /// @param track 0 normal, 1 emergency.
    /// @param which The slot, 0 or 1: the active one is told by the bundle.
    /// @return What is stored.
    function getDealing(bytes32 bundleId, uint256 track, uint256 which) external view returns (DealingView memory);

    /// @notice Proposes that the trustees deal their shares onward without the patient, who may stop it for the length of the trustee-change
    /// delay before anybody deals. By a trustee of the active policy of the new policy's track.
    /// Refuses with NotFound, WrongState (closed, or no active dealing), NotATrustee, Removed (the patient), AlreadyExists (something waits),
    /// StaleDigest, StaleEpoch, Malformed, Expired, CoolingDown (the trustee's last proposal ran out, and it is the others' turn),
    /// PolicyInvalid, PolicyRelaxed, and for a new trustee as proposeDealing. Emits ReshareProposed.
    /// @param bundleId The bundle.
    /// @param proposal The plan and its policy.
    /// @param bundle The bundle as it is.
    /// @param active The active dealing.
    /// @param auth The trustee.
    function proposeReshare(
        bytes32 bundleId,
        ReshareProposal calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        Auth calldata auth
    ) external;

    /// @notice Cancels a reshare that has no dealing yet. By the bundle's patient, also while suspended.
    /// Refuses with NotFound, NotYours and WrongState (closed; not under way; its dealing is to be cancelled). Emits ReshareCancelled.
    /// @param bundleId The bundle.
    /// @param planDigest The plan.
    /// @param bundle The bundle as it is.
    /// @param reshare The reshare.
    /// @param auth The patient.
    function cancelReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        BundleFacts calldata bundle,
        ReshareFacts calldata reshare,
        Auth calldata auth
    ) external;

    /// @notice Records that a dealer dealt its shares onward. By the trustee in that seat of the active policy, from the delay's end on.
    /// Refuses with NotFound, WrongState, Expired, NotATrustee, NotYet, AlreadyExists and Malformed. Emits ReshareContributed.
    /// @param bundleId The bundle.
    /// @param planDigest The plan.
    /// @param seat The dealer's seat in the active policy.
    /// @param contributionDigest SHA-256 of the contribution.
    /// @param reshare The reshare.
    /// @param active The active dealing.
    /// @param activePolicy The active policy.
    /// @param auth The dealer.
    function contributeToReshare(
        bytes32 bundleId,
        bytes32 planDigest,
        Seat calldata seat,
        bytes32 contributionDigest,
        ReshareFacts calldata reshare,
        DealingFacts calldata active,
        bytes calldata activePolicy,
        Auth calldata auth
    ) external;

    /// @notice Says that a dealer's contribution is false, which leaves the dealer out. By the trustee in that seat of the new policy.
    /// Refuses with NotFound (the reshare, or the dealer has not contributed), WrongState, Expired, NotATrustee and AlreadyExists.
    /// Emits ReshareComplained.
    /// @param bundleId The bundle.
    /// @param planDigest The plan.
    /// @param seat The trustee's seat in the new policy.
    /// @param dealer The dealer's seat in the active policy.
    /// @param evidenceDigest SHA-256 of the evidence.
    /// @param reshare The reshare.
    /// @param active The active dealing.
    /// @param policies The active policy, and the new one.
    /// @param auth The trustee.
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
    ) external;

    /// @notice Confirms a set of dealers and the dealing that it makes; the last of a set to confirm the same proposes that dealing. By a
    /// dealer of the set; its later word replaces an earlier one. Refuses with NotFound, WrongState (complete; or one of the set has not
    /// contributed or is left out), Expired, NotATrustee, Malformed, BelowQuorum, AlreadyExists (it is the active dealing), and for a new
    /// trustee as proposeDealing. Emits ReshareConfirmed, and ReshareCompleted.
    /// @param bundleId The bundle.
    /// @param planDigest The plan.
    /// @param seat The dealer's seat in the active policy.
    /// @param dealingDigest SHA-256 of the dealing.
    /// @param dealers The set's seats in the active policy, by group and member, rising.
    /// @param confirmationDigest SHA-256 of the signed confirmation.
    /// @param reshare The reshare.
    /// @param active The active dealing.
    /// @param policies The active policy, and the new one.
    /// @param auth The dealer.
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
    ) external;

    /// @notice Ends a reshare whose time ran out, or whose dealing nobody made active in as long again. By anybody registered. Whoever proposed
    /// it leaves the others as much time as it took. Refuses with NotFound and NotYet. Emits ReshareExpired.
    /// @param bundleId The bundle.
    /// @param planDigest The plan.
    /// @param reshare The reshare.
    /// @param auth Who says so.
    function expireReshare(bytes32 bundleId, bytes32 planDigest, ReshareFacts calldata reshare, Auth calldata auth)
        external;

    /// @notice What is stored of a bundle's last reshare, for people.
    /// @param bundleId The bundle.
    /// @return What is stored; zeros when there was none.
    function getReshare(bytes32 bundleId) external view returns (ReshareView memory);

    /// @notice Proposes that a patient's lost ledger key be replaced. By a trustee of one of the patient's bundles.
    /// Refuses with NotFound, Removed, NotYours (another patient's bundle), WrongState (closed, or no active dealing), NotATrustee,
    /// AlreadyExists (another is under way), AddressInUse, Malformed and Expired. Emits RecoveryProposed.
    /// @param patient The patient.
    /// @param proposal The bundle whose trustees decide, by its active normal dealing; the address that is to sign; SHA-256 of the new key
    /// record and when that ends. Its epoch and policy hash must be those of the active dealing.
    /// @param bundle The bundle as it is.
    /// @param active Its active dealing.
    /// @param policy That dealing's policy.
    /// @param former The recovery that was proposed before; read when it has not lapsed by its time.
    /// @param auth The trustee.
    function proposeRecovery(
        address patient,
        RecoveryFacts calldata proposal,
        BundleFacts calldata bundle,
        DealingFacts calldata active,
        bytes calldata policy,
        RecoveryFacts calldata former,
        Auth calldata auth
    ) external;

    /// @notice Supports a recovery; with enough for the policy the recovery delay begins. By the trustee in that seat.
    /// Refuses with NotFound, WrongState (it has its quorum), StaleEpoch, Expired, StaleDigest (another address), NotATrustee and
    /// AlreadyExists. Emits RecoverySupported, and RecoveryScheduled.
    /// @param patient The patient.
    /// @param newLedgerAddress The address that the trustee supports.
    /// @param seat The trustee's seat.
    /// @param recovery The recovery.
    /// @param policy The policy that decides.
    /// @param auth The trustee.
    function supportRecovery(
        address patient,
        address newLedgerAddress,
        Seat calldata seat,
        RecoveryFacts calldata recovery,
        bytes calldata policy,
        Auth calldata auth
    ) external;

    /// @notice Stops the recovery of one's own key. By the patient, also while suspended. Refuses with NotFound. Emits RecoveryCancelled.
    /// @param auth The patient.
    function cancelRecovery(Auth calldata auth) external;

    /// @notice Puts the new ledger address in place when the delay is over. By anybody registered.
    /// Refuses with NotFound, BelowQuorum, NotYet, StaleEpoch, Removed, AddressInUse and Expired. Emits KeyReplaced and RecoveryCompleted.
    /// @param patient The patient.
    /// @param recovery The recovery.
    /// @param auth Who asks for it.
    function completeRecovery(address patient, RecoveryFacts calldata recovery, Auth calldata auth) external;

    /// @notice What is stored of a patient's recovery, for people.
    /// @param patient The patient.
    /// @return What is stored; zeros when none is under way.
    function getRecovery(address patient) external view returns (RecoveryView memory);
}
