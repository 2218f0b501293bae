using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The key to which a trustee's share of one epoch is sealed.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record EnvelopeKeyRecord
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
}
