using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee published its envelope key for an epoch.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record EnvelopeKeyPublished : LedgerEvent
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The key.</summary>
    public required PublicKey EnvelopeKey { get; init; }

    /// <summary>SHA-256 of the signed offer.</summary>
    public required Digest OfferDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.EnvelopeKeyPublished;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Trustee = map.Actor("trustee", Trustee),
        BundleId = map.Bundle("bundleId", BundleId),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        EnvelopeKey = map.Key("envelopeKey", EnvelopeKey),
        OfferDigest = map.Digest("offerDigest", OfferDigest),
    };
}
