using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The patient cancelled a reshare, by saying so, by proposing a dealing or by closing the bundle.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareCancelled : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareCancelled;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
    };
}
