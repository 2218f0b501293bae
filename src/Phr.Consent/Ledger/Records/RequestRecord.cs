using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A request for access, with all that it pins and all that happened to it.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed partial record RequestRecord
{
    /// <summary>Its id.</summary>
    public required RequestId Id { get; init; }

    /// <summary>Who asks.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>Whose bundle it is about.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The pinned header.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The pinned dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The pinned epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The pinned policy.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <summary>The pinned policy's digest.</summary>
    public required Digest PolicyDigest { get; init; }

    /// <summary>The commitment to the documents.</summary>
    public required Digest DocumentsCommitment { get; init; }

    /// <summary>How many documents.</summary>
    public required int DocumentCount { get; init; }

    /// <summary>The commitment to purpose, documents and reason.</summary>
    public required Digest BodyCommitment { get; init; }

    /// <summary>SHA-256 of the sealed body.</summary>
    public required Digest BodyDigest { get; init; }

    /// <summary>The commitment to the purpose.</summary>
    public required Digest PurposeDigest { get; init; }

    /// <summary>B, the key made for this request.</summary>
    public required PublicKey ReceivingKey { get; init; }

    /// <summary>Who receives.</summary>
    public required RequestReceiver Receiver { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it, and a grant of it, ends.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The doctor's 32 random bytes.</summary>
    public required Digest Nonce { get; init; }

    /// <summary>How many openings were asked for, 1 to 15.</summary>
    public required int Uses { get; init; }

    /// <summary>The reason code of an emergency; 0 when it is none.</summary>
    public required int EmergencyReason { get; init; }

    /// <summary>What deliveries are judged by in a dispute; zero for nothing.</summary>
    public required Digest EvidenceRoot { get; init; }

    /// <summary>The signature that proves that the receiving key's secret is known. The ledger only carries it; <see cref="RequestDossier"/> checks it.</summary>
    public required Signature Possession { get; init; }

    /// <summary>The team's key when the request was made; null when a person receives.</summary>
    public PublicKey? TeamKey { get; init; }

    /// <summary>Whether an earlier request had the same receiving key. Nobody honest serves such a request.</summary>
    public bool ReusesReceivingKey { get; init; }

    /// <summary>The number of the snapshot of the registry that the request pins.</summary>
    public required int Snapshot { get; init; }

    /// <summary>The number of the snapshot from which the present round draws: the pinned one, or after a redraw a later one.</summary>
    public required int DrawSnapshot { get; init; }

    /// <summary>The block whose randomness decides the present round's draw.</summary>
    public required ulong SeedBlock { get; init; }

    /// <summary>The time to which <see cref="Status"/> refers: the head's, when the record was read.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>0, or 1 after a redraw.</summary>
    public int Round { get; init; }

    /// <summary>The randomness that the present committee was drawn with; null before the draw.</summary>
    public Digest? Seed { get; init; }

    /// <summary>When the present committee was drawn; null before the draw.</summary>
    public DateTimeOffset? DrawnAt { get; init; }

    /// <summary>Who had an interest in the request when the present committee was drawn, in the order of the ids; empty before the draw.</summary>
    public IReadOnlyList<ActorId> Parties { get; init => field = ValueList.Of(value); } = ValueList.Of<ActorId>([]);

    /// <summary>The registry numbers of the oracles of round 0 that did not serve; empty in round 0.</summary>
    public IReadOnlyList<int> FailedOracles { get; init => field = ValueList.Of(value); } = ValueList.Of<int>([]);

    /// <summary>The committee of round 0, in round 1; empty in round 0.</summary>
    public IReadOnlyList<CommitteeMember> FormerCommittee { get; init => field = ValueList.Of(value); } = ValueList.Of<CommitteeMember>([]);

    /// <summary>The committee in the order of the draw; empty before it.</summary>
    public IReadOnlyList<CommitteeMember> Committee { get; init => field = ValueList.Of(value); } = ValueList.Of<CommitteeMember>([]);

    /// <summary>The approvals of the present round in order, the patient's consent among them.</summary>
    public IReadOnlyList<ApprovalRecord> Approvals { get; init => field = ValueList.Of(value); } = ValueList.Of<ApprovalRecord>([]);

    /// <summary>The denials of the present round in order.</summary>
    public IReadOnlyList<DenialRecord> Denials { get; init => field = ValueList.Of(value); } = ValueList.Of<DenialRecord>([]);

    /// <summary>The grant of the present round; null before.</summary>
    public GrantRecord? Grant { get; init; }

    /// <summary>The deliveries of the present round in order.</summary>
    public IReadOnlyList<DeliveryRecord> Deliveries { get; init => field = ValueList.Of(value); } = ValueList.Of<DeliveryRecord>([]);

    /// <summary>The refusals of the present round in order.</summary>
    public IReadOnlyList<RefusalRecord> Refusals { get; init => field = ValueList.Of(value); } = ValueList.Of<RefusalRecord>([]);

    /// <summary>The doctor's ratings in order.</summary>
    public IReadOnlyList<RatingRecord> Ratings { get; init => field = ValueList.Of(value); } = ValueList.Of<RatingRecord>([]);

    /// <summary>How many of its uses are behind: the delivery windows before the present one.</summary>
    public int Used { get; init; }

    /// <summary>When the present delivery window was opened to use the grant again; null in the first one.</summary>
    public DateTimeOffset? UsedAgainAt { get; init; }

    /// <summary>When the present delivery window began: at the end of the veto window, or when the grant was used again; null without a grant.</summary>
    public DateTimeOffset? ServiceStart => UsedAgainAt ?? Grant?.VetoUntil;

    /// <summary>When the doctor confirmed the opening; null before.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When the present round was settled; null before.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Until when an emergency that trustees granted should be reviewed; null where there is nothing to review.</summary>
    public DateTimeOffset? ReviewDueAt { get; init; }

    /// <summary>The review of the emergency; null before.</summary>
    public EmergencyReviewRecord? Review { get; init; }

    /// <summary>How it ended, by an event; null while none ended it. Time may have ended it all the same.</summary>
    public RequestStatus? Ended { get; init; }

    /// <summary>When it ended by an event; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it is void, or was revoked by another event than its own.</summary>
    public VoidCause VoidCause { get; init; }

    /// <summary>The reason code of a revocation; null without one.</summary>
    public int? RevocationReason { get; init; }

    /// <summary>Where it stands at <see cref="AsOf"/>.</summary>
    public RequestStatus Status => StatusAt(AsOf);

    /// <summary>The leader of the committee; null before the draw.</summary>
    public CommitteeMember? Leader => CommitteeMember(1);

    /// <summary>m: how many oracles must serve.</summary>
    public int Threshold => Policy.CommitteeThreshold;

    /// <summary>Where the request stands at a time.</summary>
    /// <param name="time">The time, not before the last event.</param>
    /// <returns>The status. The end of its time ends a request whether or not anybody recorded it.</returns>
    public RequestStatus StatusAt(DateTimeOffset time) =>
        Ended is { } ended ? ended
        : time >= NotAfter && SettledAt is null ? RequestStatus.Expired
        : SettledAt is not null ? RequestStatus.Settled
        : Grant is { } grant ? time < grant.VetoUntil ? RequestStatus.VetoWindow : RequestStatus.Granted
        : Committee.Count == 0 ? RequestStatus.AwaitingDraw
        : RequestStatus.Open;

    /// <summary>Whether it waits for the draw or for decisions, so that it counts as the doctor's open request.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Whether it is undecided then.</returns>
    public bool IsUndecided(DateTimeOffset time) => StatusAt(time) is RequestStatus.AwaitingDraw or RequestStatus.Open;

    /// <summary>Whether the grant is final: issued, its veto window over, and not ended since.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Whether oracles may serve then.</returns>
    public bool IsFinal(DateTimeOffset time) =>
        Ended is null && time < NotAfter && Grant is { } grant && time >= grant.VetoUntil;

    /// <summary>Whether nothing can come of it any more: denied, vetoed, revoked, expired, cancelled or void, or settled and its time over.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Whether it is over then.</returns>
    public bool IsOver(DateTimeOffset time) => Ended is not null || time >= NotAfter;

    /// <summary>Until when deliveries of the present grant count as on time.</summary>
    /// <param name="parameters">The ledger's rules.</param>
    /// <returns><see cref="ServiceStart"/> plus the delivery window; null without a grant.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    public DateTimeOffset? DeliveryDeadline(LedgerParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return ServiceStart + parameters.DeliveryWindow;
    }

    /// <summary>The oracle in a seat of the committee.</summary>
    /// <param name="index">The seat, counted from 1.</param>
    /// <returns>The member, or null when there is no such seat, or no committee yet.</returns>
    public CommitteeMember? CommitteeMember(int index) => index >= 1 && index <= Committee.Count ? Committee[index - 1] : null;

    /// <summary>The seat of an oracle.</summary>
    /// <param name="oracle">The oracle.</param>
    /// <returns>The seat, counted from 1, or null when the oracle does not sit in the committee.</returns>
    public int? FindCommitteeIndex(ActorId oracle) => Committee.FirstOrDefault(member => member.Oracle == oracle)?.Index;

    /// <summary>An oracle's delivery.</summary>
    /// <param name="index">The oracle's seat, counted from 1.</param>
    /// <returns>The delivery, or null.</returns>
    public DeliveryRecord? Delivery(int index) => Deliveries.FirstOrDefault(delivery => delivery.Index == index);

    /// <summary>The doctor's rating of an oracle.</summary>
    /// <param name="index">The oracle's seat, counted from 1.</param>
    /// <returns>The rating, or null.</returns>
    public RatingRecord? Rating(int index) => Ratings.FirstOrDefault(rating => rating.Index == index);

    /// <summary>A seat's approval.</summary>
    /// <param name="seat">The seat; <see cref="TrusteeSeat.Patient"/> for the patient's consent.</param>
    /// <returns>The approval, or null.</returns>
    public ApprovalRecord? Approval(TrusteeSeat seat) => Approvals.FirstOrDefault(approval => approval.Seat == seat);
}
