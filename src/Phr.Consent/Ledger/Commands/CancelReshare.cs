using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Cancels a reshare that has not led to a dealing yet; after that, <see cref="CancelDealing"/> cancels the dealing. By the bundle's patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CancelReshare : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.CancelReshare;

    internal override bool OnlyWithdraws => true;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
    };
}
