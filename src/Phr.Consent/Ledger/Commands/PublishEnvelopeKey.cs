using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Publishes the key to which this trustee's share of the next epoch is to be sealed. By the trustee, once for each bundle and epoch.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record PublishEnvelopeKey : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The epoch after the bundle's active one; 1 for the first dealing.</summary>
    public required int Epoch { get; init; }

    /// <summary>The key, made for this bundle and epoch alone.</summary>
    public required PublicKey EnvelopeKey { get; init; }

    /// <summary>SHA-256 of the signed offer that carries the key.</summary>
    public required Digest OfferDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.PublishEnvelopeKey;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        EnvelopeKey = map.Key("envelopeKey", EnvelopeKey),
        OfferDigest = map.Digest("offerDigest", OfferDigest),
    };
}
