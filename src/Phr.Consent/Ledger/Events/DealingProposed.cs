using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealing was proposed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DealingProposed : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The header it serves.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>Its epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The dealing that it follows; zero for the first.</summary>
    public required Digest PreviousDealingDigest { get; init; }

    /// <summary>Its policy.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <summary>The earliest time at which it may become active.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DealingProposed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        PreviousDealingDigest = map.Digest("previousDealingDigest", PreviousDealingDigest),
        Policy = map.Policy("policy", Policy),
        NotBefore = map.Time("notBefore", NotBefore),
    };
}
