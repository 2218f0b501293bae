using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A reshare by the trustees on the ledger.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ReshareRecord
{
    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>Its bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>Whose bundle it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The header that the active dealing serves.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The epoch of the new dealing.</summary>
    public required int Epoch { get; init; }

    /// <summary>The dealing whose shares are dealt onward.</summary>
    public required Digest PreviousDealingDigest { get; init; }

    /// <summary>The policy of the new dealing.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <summary>Who proposed it.</summary>
    public required ActorId ProposedBy { get; init; }

    /// <summary>When it was proposed.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>From when dealers may contribute: until then the patient can stop it before anything is dealt.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Until when it may be contributed to and confirmed.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Where it stands.</summary>
    public required ReshareState State { get; init; }

    /// <summary>Who dealt onward, in order.</summary>
    public IReadOnlyList<ReshareContributionRecord> Contributions { get; init => field = ValueList.Of(value); } = ValueList.Of<ReshareContributionRecord>([]);

    /// <summary>Who complained of whom, in order.</summary>
    public IReadOnlyList<ReshareComplaintRecord> Complaints { get; init => field = ValueList.Of(value); } = ValueList.Of<ReshareComplaintRecord>([]);

    /// <summary>The latest confirmation of each dealer that confirmed, in the order of the first ones.</summary>
    public IReadOnlyList<ReshareConfirmationRecord> Confirmations { get; init => field = ValueList.Of(value); } = ValueList.Of<ReshareConfirmationRecord>([]);

    /// <summary>The dealing that came of it; null before.</summary>
    public Digest? DealingDigest { get; init; }

    /// <summary>The dealers whose contributions made it; empty before.</summary>
    public IReadOnlyList<TrusteeSeat> Dealers { get; init => field = ValueList.Of(value); } = ValueList.Of<TrusteeSeat>([]);

    /// <summary>The policy whose trustees deal onward: that of the dealing that was active when it was proposed.</summary>
    internal ConsentPolicy DecidingPolicy { get; init; } = null!;

    /// <summary>The number of the reshare among its bundle's, from 1.</summary>
    internal int Round { get; init; }

    /// <summary>Whether a dealer may be one of those that make the dealing.</summary>
    /// <param name="dealer">A seat in the active policy.</param>
    /// <returns>Whether it contributed and nobody complained of it.</returns>
    public bool IsQualified(TrusteeSeat dealer) =>
        Contributions.Any(contribution => contribution.Seat == dealer) && !Complaints.Any(complaint => complaint.Dealer == dealer);

    /// <summary>The dealers that contributed and are not left out.</summary>
    /// <returns>Their seats in the active policy, by group and then by member.</returns>
    public IEnumerable<TrusteeSeat> Qualified() =>
        Contributions.Select(contribution => contribution.Seat).Where(IsQualified).OrderBy(seat => seat.Group).ThenBy(seat => seat.Member);
}
