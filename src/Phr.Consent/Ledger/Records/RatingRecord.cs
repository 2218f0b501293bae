using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A doctor's rating of an oracle.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record RatingRecord
{
    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>Who was rated.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>0 (useless or false) to 100.</summary>
    public required int Rating { get; init; }

    /// <summary>SHA-256 of the evidence; zero for none.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
