using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle's delivery.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record DeliveryRecord
{
    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>SHA-256 of the signed delivery.</summary>
    public required Digest DeliveryDigest { get; init; }

    /// <summary>SHA-256 of the envelope to the doctor.</summary>
    public required Digest EnvelopeDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How early it came: 1 (in the first thirteenth of the delivery window) to 13, or 14 after the window. See <see cref="Reputation.LevelOf"/>.</summary>
    public required int Level { get; init; }

    /// <summary>Whether it was there when the doctor confirmed that the documents opened.</summary>
    public bool BeforeOpening { get; init; }
}
