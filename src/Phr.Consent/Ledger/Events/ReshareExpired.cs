using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A reshare's time is over, and somebody said so.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareExpired : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareExpired;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
    };
}
