using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee of the active policy dealt its share onward.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareContributed : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the contribution.</summary>
    public required Digest ContributionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareContributed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
        ContributionDigest = map.Digest("contributionDigest", ContributionDigest),
    };
}
