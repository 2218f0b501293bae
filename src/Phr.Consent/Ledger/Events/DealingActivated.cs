using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealing became the active one.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DealingActivated : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>Its epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The seats that had not acknowledged.</summary>
    public required IReadOnlyList<TrusteeSeat> Missing { get; init => field = ValueList.Of(value); }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DealingActivated;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        Missing = map.List("missing", Missing, LedgerLimits.Trustees),
    };
}
