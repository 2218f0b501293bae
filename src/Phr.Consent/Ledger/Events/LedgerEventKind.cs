namespace Phr.Consent;

/// <summary>Numbers the events in their encoding.</summary>
/// <remarks>
/// The numbers are part of the format and never change. Reserved for what later versions add: 60–69 events on insurance claims, level by level; 70–79 disputes;
/// 80–89 break-glass and its review; 90–99 teams as receivers; 101–109 further grant attachments; 117–119 further dealing states. A reader refuses a number that it does not know.
/// </remarks>
public enum LedgerEventKind
{
    /// <summary>No event.</summary>
    None = 0,

    /// <summary>A command was accepted: its actor's next nonce is one higher. The first event of every entry that carries a command.</summary>
    NonceUsed = 1,

    /// <summary>An identity was registered.</summary>
    ActorRegistered = 2,

    /// <summary>An agency admitted an actor.</summary>
    ActorAdmitted = 3,

    /// <summary>An agency recorded a doctor's licence.</summary>
    LicenceRecorded = 4,

    /// <summary>An agency withdrew a doctor's licence.</summary>
    LicenceWithdrawn = 5,

    /// <summary>An actor's ledger key or key record was replaced.</summary>
    KeyReplaced = 6,

    /// <summary>An agency suspended an actor. While it is, its approvals do not count.</summary>
    ActorSuspended = 7,

    /// <summary>An agency ended a suspension.</summary>
    ActorReinstated = 8,

    /// <summary>An actor was removed for good. Its approvals count no more.</summary>
    ActorRemoved = 9,

    /// <summary>A bundle was registered.</summary>
    BundleRegistered = 10,

    /// <summary>A bundle has a new header.</summary>
    BundleRevised = 11,

    /// <summary>A bundle was closed for good. A dealing or reshare that waited is cancelled.</summary>
    BundleRevoked = 12,

    /// <summary>An admitted agency began its work.</summary>
    AdmissionAccepted = 14,

    /// <summary>A trustee published its envelope key for an epoch.</summary>
    EnvelopeKeyPublished = 15,

    /// <summary>The patient proposed a dealing. A reshare that was under way, or its dealing, is cancelled.</summary>
    DealingProposed = 16,

    /// <summary>A dealing was cancelled before it became active.</summary>
    DealingCancelled = 17,

    /// <summary>A trustee acknowledged its share.</summary>
    DealingAcknowledged = 18,

    /// <summary>A trustee complained of its share.</summary>
    DealingComplained = 19,

    /// <summary>A dealing became the active one of its track. The one before it is superseded.</summary>
    DealingActivated = 20,

    /// <summary>An actor took out what it had earned.</summary>
    CreditWithdrawn = 22,

    /// <summary>A doctor asked for documents. It holds all that the request pins.</summary>
    AccessRequested = 30,

    /// <summary>The committee was drawn.</summary>
    CommitteeDrawn = 31,

    /// <summary>A trustee approved.</summary>
    RequestApproved = 32,

    /// <summary>A trustee denied.</summary>
    DenialRecorded = 33,

    /// <summary>So many denied that the quorum cannot be reached.</summary>
    RequestDenied = 34,

    /// <summary>The patient consented.</summary>
    PatientConsented = 35,

    /// <summary>The request is granted.</summary>
    GrantIssued = 36,

    /// <summary>The patient vetoed.</summary>
    RequestVetoed = 37,

    /// <summary>The doctor withdrew the request.</summary>
    RequestCancelled = 38,

    /// <summary>The request became void.</summary>
    RequestVoided = 39,

    /// <summary>The patient revoked the grant.</summary>
    GrantRevoked = 40,

    /// <summary>The request's time is over, and somebody said so.</summary>
    RequestExpired = 41,

    /// <summary>A second committee is to be drawn; approvals, denials, the grant and its deliveries are void.</summary>
    CommitteeRedrawn = 42,

    /// <summary>An oracle delivered.</summary>
    DeliveryRecorded = 43,

    /// <summary>An oracle said that it cannot serve.</summary>
    DeliveryRefused = 44,

    /// <summary>The doctor opened the documents.</summary>
    OpeningConfirmed = 45,

    /// <summary>The facts of the request were turned into reputation.</summary>
    RequestSettled = 46,

    /// <summary>The doctor rated an oracle.</summary>
    OracleRated = 47,

    /// <summary>An oracle's reputation changed.</summary>
    ReputationChanged = 48,

    /// <summary>A new delivery window began.</summary>
    UsedAgain = 29,

    /// <summary>The registry of oracles was listed for draws.</summary>
    SnapshotTaken = 49,

    /// <summary>A trustee proposed a new ledger key for a patient.</summary>
    RecoveryProposed = 50,

    /// <summary>A trustee supported a recovery.</summary>
    RecoverySupported = 51,

    /// <summary>A recovery reached its quorum.</summary>
    RecoveryScheduled = 52,

    /// <summary>The patient cancelled a recovery.</summary>
    RecoveryCancelled = 53,

    /// <summary>A recovery is complete; the event KeyReplaced beside it says what changed.</summary>
    RecoveryCompleted = 54,

    /// <summary>A patient showed that it is there.</summary>
    PresenceConfirmed = 55,

    /// <summary>Somebody added to an oracle's bond.</summary>
    BondPosted = 56,

    /// <summary>An oracle asked back a part of its bond.</summary>
    BondReleased = 57,

    /// <summary>An oracle took out what it had asked back.</summary>
    BondWithdrawn = 58,

    /// <summary>An oracle's bond was taken.</summary>
    BondSlashed = 59,

    /// <summary>A doctor asked in an emergency.</summary>
    EmergencyDeclared = 80,

    /// <summary>An emergency was reviewed.</summary>
    EmergencyReviewed = 81,

    /// <summary>A team was registered.</summary>
    TeamRegistered = 90,

    /// <summary>A member proposed a team's next charter.</summary>
    TeamChangeProposed = 91,

    /// <summary>A member confirmed it.</summary>
    TeamChangeConfirmed = 92,

    /// <summary>A team's proposed charter holds.</summary>
    TeamChanged = 93,

    /// <summary>A trustee proposed a reshare.</summary>
    ReshareProposed = 110,

    /// <summary>The patient cancelled a reshare.</summary>
    ReshareCancelled = 111,

    /// <summary>A trustee dealt its share onward.</summary>
    ReshareContributed = 112,

    /// <summary>A new trustee complained of a dealer.</summary>
    ReshareComplained = 113,

    /// <summary>A dealer confirmed the dealing that a set of dealers makes.</summary>
    ReshareConfirmed = 114,

    /// <summary>A dealing came of a reshare.</summary>
    ReshareCompleted = 115,

    /// <summary>A reshare's time is over, and somebody said so.</summary>
    ReshareExpired = 116,

    /// <summary>The patient attached something to a grant.</summary>
    GrantAttached = 100,

    /// <summary>An insurer set from which amount on an agency looks at claims, too.</summary>
    ReviewThresholdSet = 60,

    /// <summary>A patient filed a claim.</summary>
    ClaimFiled = 61,

    /// <summary>A claim was endorsed at a level.</summary>
    ClaimEndorsed = 62,

    /// <summary>A claim was rejected at a level.</summary>
    ClaimRejected = 63,

    /// <summary>An insurer approved a claim.</summary>
    ClaimApproved = 64,

    /// <summary>A patient appealed.</summary>
    ClaimAppealed = 65,

    /// <summary>An agency decided on an appeal.</summary>
    AppealDecided = 66,

    /// <summary>A patient withdrew a claim.</summary>
    ClaimWithdrawn = 67,

    /// <summary>A claim's time passed before it was decided.</summary>
    ClaimExpired = 68,

    /// <summary>A delivery was shown to be false.</summary>
    DeliveryDisputed = 70,
}
