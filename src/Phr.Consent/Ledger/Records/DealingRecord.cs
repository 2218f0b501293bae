using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealing on the ledger.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record DealingRecord
{
    /// <summary>SHA-256 of its bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Its bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>Whose it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The header it serves.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>Its epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The dealing that it follows; zero for the first.</summary>
    public required Digest PreviousDealingDigest { get; init; }

    /// <summary>Its policy.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <summary>The policy's digest.</summary>
    public required Digest PolicyDigest { get; init; }

    /// <summary>Where it stands.</summary>
    public required DealingState State { get; init; }

    /// <summary>The plan of the trustees' reshare that it came of; null for a dealing by the patient.</summary>
    public Digest? PlanDigest { get; init; }

    /// <summary>When it was proposed.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>The earliest time at which it may become active.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Who acknowledged, in order.</summary>
    public IReadOnlyList<AcknowledgementRecord> Acknowledgements { get; init => field = ValueList.Of(value); } = ValueList.Of<AcknowledgementRecord>([]);

    /// <summary>Who complained, in order.</summary>
    public IReadOnlyList<ComplaintRecord> Complaints { get; init => field = ValueList.Of(value); } = ValueList.Of<ComplaintRecord>([]);

    /// <summary>When it became active; null before.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>The seats that had not acknowledged when it became active.</summary>
    public IReadOnlyList<TrusteeSeat> Missing { get; init => field = ValueList.Of(value); } = ValueList.Of<TrusteeSeat>([]);

    /// <summary>Whether the trustees made it, and not the patient.</summary>
    public bool IsReshared => PlanDigest is not null;

    /// <summary>Whether it waits to become active.</summary>
    public bool IsPending => State is DealingState.Registered or DealingState.Acknowledged;

    /// <summary>Whether the trustee in a seat acknowledged.</summary>
    /// <param name="seat">The seat.</param>
    /// <returns>Whether it did.</returns>
    public bool HasAcknowledged(TrusteeSeat seat) => Acknowledgements.Any(acknowledgement => acknowledgement.Seat == seat);

    /// <summary>Whether enough trustees acknowledged for the policy.</summary>
    /// <returns>Whether the seats that acknowledged meet it.</returns>
    public bool HasQuorum() => Policy.IsSatisfiedBy(Acknowledgements.Select(acknowledgement => acknowledgement.Seat));

    /// <summary>The seats that have not acknowledged.</summary>
    /// <returns>The seats in policy order.</returns>
    public IEnumerable<TrusteeSeat> Outstanding() => Policy.Seats().Where(seat => !HasAcknowledged(seat));
}
