// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Seat, TeamTerms} from "./LedgerTypes.sol";

/// @title What the ledger tells: the whole state can be rebuilt from these events and the blocks that they are in.
/// @dev Named and filled as the model's events; what follows from another event has none of its own.
abstract contract LedgerEvents {
    /// @notice A signed command of an actor was accepted.
    event NonceUsed(address indexed actor, uint64 nonce);
    /// @notice A call of a batch that may fail in part was refused.
    event CallFailed(uint256 index, bytes reason);

    // Identities.
    event ActorRegistered(
        address indexed actor,
        uint32 roles,
        bool active,
        bytes32 keyRecordDigest,
        uint64 validUntil,
        address organisation,
        address operator
    );
    event ActorAdmitted(address indexed actor, address indexed agency, uint64 effectiveAt, uint32 oracleIndex);
    event AdmissionAccepted(address indexed actor);
    event LicenceRecorded(
        address indexed doctor,
        address indexed agency,
        bytes32 credentialDigest,
        string speciality,
        address organisation,
        uint64 notAfter
    );
    event LicenceWithdrawn(address indexed doctor, address indexed agency, uint32 reasonCode);
    event KeyReplaced(
        address indexed actor, address indexed newLedgerAddress, bytes32 keyRecordDigest, uint64 validUntil
    );
    event ActorSuspended(address indexed actor, address indexed agency, uint32 reasonCode);
    event ActorReinstated(address indexed actor, address indexed agency, uint32 reasonCode);
    event ActorRemoved(address indexed actor, address indexed by, uint32 reasonCode);
    event PresenceConfirmed(address indexed patient);

    // Bonds, in gwei.
    event BondPosted(address indexed oracle, address indexed by, uint64 amount);
    event BondReleased(address indexed oracle, uint64 amount, uint64 payableAt);
    event BondWithdrawn(address indexed oracle, uint64 amount);
    event BondSlashed(address indexed oracle, uint64 amount, address indexed challenger, uint64 reward);
    event CreditWithdrawn(address indexed payee, uint64 amount);

    // Teams.
    event TeamRegistered(address indexed team, address indexed member, TeamTerms terms, address organisation);
    event TeamChangeProposed(address indexed team, address indexed member, TeamTerms terms);
    event TeamChangeConfirmed(address indexed team, address indexed member, bytes32 charterDigest);
    event TeamChanged(address indexed team, bytes32 charterDigest);

    // Bundles and dealings. names and rule are what the policy blob has the hashes of.
    event BundleRegistered(
        bytes32 indexed bundleId, address indexed patient, bytes32 headerDigest, bytes32 documentsRoot
    );
    event BundleRevised(
        bytes32 indexed bundleId, bytes32 previousHeaderDigest, bytes32 headerDigest, bytes32 documentsRoot
    );
    event BundleRevoked(bytes32 indexed bundleId, uint32 reasonCode);
    event EnvelopeKeyPublished(
        address indexed trustee, bytes32 indexed bundleId, uint32 epoch, bytes envelopeKey, bytes32 offerDigest
    );
    event DealingProposed(
        bytes32 indexed bundleId,
        bytes32 indexed dealingDigest,
        bytes32 headerDigest,
        uint32 epoch,
        bytes32 previousDealingDigest,
        bytes policy,
        bytes names,
        bytes rule,
        uint64 notBefore
    );
    event DealingCancelled(bytes32 indexed bundleId, bytes32 indexed dealingDigest);
    event DealingAcknowledged(
        bytes32 indexed bundleId, bytes32 indexed dealingDigest, Seat seat, address indexed trustee
    );
    event DealingComplained(
        bytes32 indexed bundleId,
        bytes32 indexed dealingDigest,
        Seat seat,
        address indexed trustee,
        bytes32 evidenceDigest
    );
    event DealingActivated(bytes32 indexed bundleId, bytes32 indexed dealingDigest, uint32 epoch, Seat[] missing);

    // The registry's snapshots: the entries are 16 bits each, as stored, two bytes big-endian.
    event SnapshotTaken(uint32 indexed number, bytes entries);

    // Requests.
    /// @notice meta is that of the request's facts; header and dealing are the bundle's present ones, the seed block follows from this one.
    event AccessRequested(
        bytes32 indexed requestId,
        address indexed doctor,
        bytes32 indexed bundleId,
        uint256 meta,
        address team,
        bytes32 documentsCommitment,
        bytes32 bodyCommitment,
        bytes32 bodyDigest,
        bytes32 purposeDigest,
        bytes32 requestNonce,
        bytes32 evidenceRoot,
        bytes receivingKey,
        bytes possession
    );
    event EmergencyDeclared(
        bytes32 indexed requestId, address indexed patient, address indexed doctor, uint32 reasonCode
    );
    event CommitteeDrawn(bytes32 indexed requestId, uint32 round, bytes32 seed, uint256 members);
    event RequestApproved(bytes32 indexed requestId, Seat seat, address indexed trustee, bytes32 approvalDigest);
    event DenialRecorded(bytes32 indexed requestId, Seat seat, address indexed trustee, uint32 reasonCode);
    event RequestDenied(bytes32 indexed requestId);
    event PatientConsented(bytes32 indexed requestId, address indexed patient, bytes32 approvalDigest);
    event GrantIssued(bytes32 indexed requestId, uint64 vetoUntil);
    event RequestVetoed(bytes32 indexed requestId);
    event RequestCancelled(bytes32 indexed requestId);
    event RequestVoided(bytes32 indexed requestId, uint32 cause);
    event GrantRevoked(bytes32 indexed requestId, uint32 reasonCode);
    event RequestExpired(bytes32 indexed requestId);
    event GrantAttached(bytes32 indexed requestId, uint32 attachmentKind, bytes32 attachmentDigest);

    // Service. members: 16 numbers of 10 bits, seat 1 lowest; index counts seats from 1.
    event CommitteeRedrawn(bytes32 indexed requestId, uint32 snapshot, uint64 seedBlock);
    event DeliveryRecorded(
        bytes32 indexed requestId, uint32 index, address indexed oracle, bytes32 deliveryDigest, bytes32 envelopeDigest
    );
    event DeliveryRefused(bytes32 indexed requestId, uint32 index, address indexed oracle, uint32 reasonCode);
    event OpeningConfirmed(bytes32 indexed requestId);
    event RequestSettled(bytes32 indexed requestId, uint32 round);
    event UsedAgain(bytes32 indexed requestId, uint32 used);
    event OracleRated(bytes32 indexed requestId, uint32 index, uint32 rating, bytes32 evidenceDigest);
    /// @notice An oracle's slot after a dispute, as it is stored. What settlements and ratings make of it follows from their own events.
    event ReputationChanged(bytes32 indexed requestId, uint32 indexed oracleIndex, uint256 record);

    // Emergencies, beside EmergencyDeclared above.
    event EmergencyReviewed(bytes32 indexed requestId, address indexed reviewer, uint32 finding, bytes32 reportDigest);

    // Recovery.
    event RecoveryProposed(
        address indexed patient,
        address indexed trustee,
        bytes32 indexed bundleId,
        bytes32 dealingDigest,
        address newLedgerAddress,
        bytes32 keyRecordDigest,
        uint64 keyValidUntil
    );
    event RecoverySupported(address indexed patient, Seat seat, address indexed trustee);
    event RecoveryScheduled(address indexed patient, uint64 effectiveAt);
    event RecoveryCancelled(address indexed patient);
    event RecoveryCompleted(address indexed patient);

    // Reshares by the trustees.
    event ReshareProposed(
        bytes32 indexed bundleId,
        bytes32 indexed planDigest,
        bytes32 headerDigest,
        uint32 epoch,
        bytes32 previousDealingDigest,
        bytes policy,
        bytes names,
        bytes rule,
        address indexed proposer,
        uint64 notBefore,
        uint64 notAfter
    );
    event ReshareCancelled(bytes32 indexed bundleId, bytes32 indexed planDigest);
    event ReshareContributed(
        bytes32 indexed bundleId,
        bytes32 indexed planDigest,
        Seat seat,
        address indexed trustee,
        bytes32 contributionDigest
    );
    event ReshareComplained(
        bytes32 indexed bundleId,
        bytes32 indexed planDigest,
        Seat seat,
        address indexed trustee,
        Seat dealer,
        bytes32 evidenceDigest
    );
    event ReshareConfirmed(
        bytes32 indexed bundleId,
        bytes32 indexed planDigest,
        Seat seat,
        address indexed trustee,
        bytes32 dealingDigest,
        Seat[] dealers,
        bytes32 confirmationDigest
    );
    event ReshareCompleted(bytes32 indexed bundleId, bytes32 indexed planDigest, bytes32 dealingDigest, Seat[] dealers);
    event ReshareExpired(bytes32 indexed bundleId, bytes32 indexed planDigest);

    // Disputes.
    event DeliveryDisputed(
        bytes32 indexed requestId,
        address indexed oracle,
        address indexed challenger,
        uint32 round,
        uint32 use,
        uint32 index,
        uint32 check
    );

    // Insurance claims.
    event ReviewThresholdSet(address indexed insurer, string currency, uint64 threshold);
    event ClaimFiled(
        bytes32 indexed claimId,
        address indexed patient,
        address indexed insurer,
        address doctor,
        address hospital,
        uint64 amount,
        string currency,
        bytes32 relatedTo,
        bytes32 evidenceCommitment,
        bytes32 evidenceDigest,
        uint64 notAfter,
        bytes32 salt,
        bool agencyReviews
    );
    event ClaimEndorsed(bytes32 indexed claimId, address indexed by, uint32 level, bytes32 opinionDigest);
    event ClaimRejected(
        bytes32 indexed claimId, address indexed by, uint32 level, uint32 reasonCode, bytes32 opinionDigest
    );
    event ClaimApproved(bytes32 indexed claimId, address indexed insurer, uint64 amount, bytes32 opinionDigest);
    event ClaimAppealed(bytes32 indexed claimId, bytes32 groundsDigest);
    event AppealDecided(bytes32 indexed claimId, address indexed agency, bool sentBack, bytes32 findingDigest);
    event ClaimWithdrawn(bytes32 indexed claimId);
    event ClaimExpired(bytes32 indexed claimId);
}
