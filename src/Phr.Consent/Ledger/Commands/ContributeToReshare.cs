using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Records that a trustee of the active policy dealt its share onward. By that trustee, once, when the patient's delay is over.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ContributeToReshare : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>SHA-256 of the contribution's bytes.</summary>
    public required Digest ContributionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ContributeToReshare;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Seat = map.Nested("seat", Seat),
        ContributionDigest = map.Digest("contributionDigest", ContributionDigest),
    };
}
