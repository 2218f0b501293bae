using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A new trustee's complaint of a dealer.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ReshareComplaintRecord
{
    /// <summary>The complaining trustee's seat in the new policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who complained.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Dealer { get; init; }

    /// <summary>SHA-256 of the evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
