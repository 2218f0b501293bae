using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealer's contribution to a reshare.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ReshareContributionRecord
{
    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the contribution.</summary>
    public required Digest ContributionDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
