using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee's complaint of a dealing.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ComplaintRecord
{
    /// <summary>The seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
