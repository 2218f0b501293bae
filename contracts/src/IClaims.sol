// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auth} from "./LedgerTypes.sol";

/// @notice What an insurance claim says and never changes. The claim's id is a hash of it, so it is passed with every call and nothing of it is stored.
/// @dev notAfter in seconds; amount in the currency's smallest units; currency is three capital letters.
struct ClaimFacts {
    address patient;
    address insurer;
    address doctor;
    address hospital;
    uint64 amount;
    bytes3 currency;
    bytes32 relatedTo;
    bytes32 evidenceCommitment;
    bytes32 evidenceDigest;
    uint64 notAfter;
    bytes32 salt;
}

/// @title Insurance claims: endorsed level by level, decided by the insurer, with one appeal
/// @notice Levels: 1 the doctor, 2 the hospital, 3 an agency where the amount asks for it, 4 the insurer. Only salted digests are here. Every
/// command may be sent by its actor or, signed by it, by anybody: see Auth. Beside the errors named at each function all of them refuse with
/// BadSignature, WrongNonce, NotRegistered, Removed, NotAdmitted, Suspended and KeyExpired for what the actor itself is, and those on a claim
/// with NotFound where no claim of these facts was filed.
interface IClaims {
    /// @notice Sets from which amount on an agency, too, looks at claims to this insurer; claims filed before keep what held then. By an insurer.
    /// Refuses with WrongRole and Malformed (the currency). Emits ReviewThresholdSet.
    /// @param currency Three capital letters.
    /// @param threshold The least amount that an agency reviews; 0, which holds until something is set, for every claim.
    /// @param auth The insurer.
    function setReviewThreshold(string calldata currency, uint64 threshold, Auth calldata auth) external;

    /// @notice Files a claim. By the patient. Refuses with Malformed (no amount, no evidence, a currency that is none, a time more than 366
    /// days ahead), WrongRole (the actor is no patient, or a party has not its role, or is the patient), NotFound (a party), NotAdmitted,
    /// Suspended, Removed, KeyExpired (the insurer), Expired and AlreadyExists. Emits ClaimFiled.
    /// @param insurer Who is to pay.
    /// @param doctor Who endorses first.
    /// @param hospital Who endorses next.
    /// @param amount What is claimed, in the currency's smallest units.
    /// @param currency Three capital letters.
    /// @param relatedTo A request, or a salted digest of anything else; zero for none.
    /// @param evidenceCommitment Salted commitment to the evidence.
    /// @param evidenceDigest SHA-256 of the sealed evidence.
    /// @param notAfter When the claim ends if nobody decides, in seconds.
    /// @param salt 32 random bytes.
    /// @param auth The patient.
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
    ) external;

    /// @notice Endorses a claim at the level that is due. By its doctor, its hospital or an agency. Refuses with WrongState (it is nobody's or
    /// the insurer's turn), Expired, NotYours, WrongRole, LicenceMissing and LicenceExpired. Emits ClaimEndorsed.
    /// @param claim The claim.
    /// @param opinionDigest SHA-256 of the sealed opinion; zero for none.
    /// @param auth Whose turn it is.
    function endorseClaim(ClaimFacts calldata claim, bytes32 opinionDigest, Auth calldata auth) external;

    /// @notice Rejects a claim at the level that is due. By its doctor, its hospital, an agency or its insurer. Refuses with WrongState (it is
    /// nobody's turn, or an amount was approved before the appeal), Expired, NotYours, WrongRole, LicenceMissing and LicenceExpired.
    /// Emits ClaimRejected.
    /// @param claim The claim.
    /// @param reasonCode A code of the parties' own list, at most 65,535; else Malformed.
    /// @param opinionDigest SHA-256 of the sealed opinion; zero for none.
    /// @param auth Whose turn it is.
    function rejectClaim(ClaimFacts calldata claim, uint32 reasonCode, bytes32 opinionDigest, Auth calldata auth)
        external;

    /// @notice Approves a claim in whole or in part. By its insurer. Refuses with WrongState (not its turn), Expired, NotYours and Malformed (the
    /// amount: 1, or what was approved before an appeal, up to what is claimed). Emits ClaimApproved.
    /// @param claim The claim.
    /// @param amount What will be paid.
    /// @param opinionDigest SHA-256 of the sealed opinion; zero for none.
    /// @param auth The insurer.
    function approveClaim(ClaimFacts calldata claim, uint64 amount, bytes32 opinionDigest, Auth calldata auth) external;

    /// @notice Appeals against a rejection, or against an approval of less than was claimed. By the patient, once. Refuses with NotYours,
    /// AlreadyExists, WrongState and Expired. Emits ClaimAppealed.
    /// @param claim The claim.
    /// @param groundsDigest SHA-256 of the sealed grounds; zero for none.
    /// @param auth The patient.
    function appealClaim(ClaimFacts calldata claim, bytes32 groundsDigest, Auth calldata auth) external;

    /// @notice Decides on an appeal: the insurer decides again and for good, or what was decided stands. By an agency. Refuses with WrongState,
    /// Expired and WrongRole. Emits AppealDecided.
    /// @param claim The claim.
    /// @param sendBack Whether the insurer has to decide again.
    /// @param findingDigest SHA-256 of the sealed finding; zero for none.
    /// @param auth The agency.
    function decideAppeal(ClaimFacts calldata claim, bool sendBack, bytes32 findingDigest, Auth calldata auth) external;

    /// @notice Withdraws a claim that is not decided. By the patient, a suspended one, too. Refuses with NotYours and WrongState. Emits
    /// ClaimWithdrawn.
    /// @param claim The claim.
    /// @param auth The patient.
    function withdrawClaim(ClaimFacts calldata claim, Auth calldata auth) external;

    /// @notice Ends a claim whose time passed before it was decided; what was approved before an appeal stands. By anybody. Refuses with WrongState
    /// and NotYet. Emits ClaimExpired.
    /// @param claim The claim.
    /// @param auth Who reports it.
    function expireClaim(ClaimFacts calldata claim, Auth calldata auth) external;

    /// @notice What is stored of a claim: status 4 bits | an agency reviews << 4 | appealed << 5 | approved amount 64 << 8. The statuses: 1 to 4 the
    /// level that is due, 5 an appeal is open, 6 approved, 7 rejected, 8 withdrawn, 9 expired; 0 for no claim.
    /// @param claimId The claim's id: keccak256 of abi.encode(keccak256("phr/claim/v1"), chain id, ledger, ClaimFacts).
    function claimOf(bytes32 claimId) external view returns (uint256 slot);

    /// @notice From which amount on an agency looks at claims to an insurer.
    /// @param insurer The insurer.
    /// @param currency Three capital letters.
    function reviewThresholdOf(address insurer, bytes3 currency) external view returns (uint64 threshold);
}
