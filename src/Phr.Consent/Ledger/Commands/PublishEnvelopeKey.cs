using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Publishes the key to which this trustee's share of the next epoch is to be sealed. By the trustee; a later key for the same epoch replaces the one before.</summary>
/// <remarks>Whether everybody who is to receive a share has published one is for the dealer to check: the ledger keeps no list. Immutable and thread safe.</remarks>
public sealed record PublishEnvelopeKey : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The bundle's last epoch plus 1; 1 for the first dealing.</summary>
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
