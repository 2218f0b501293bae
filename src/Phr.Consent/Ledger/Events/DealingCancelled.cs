using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealing was cancelled before it became active.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DealingCancelled : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DealingCancelled;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
    };
}
