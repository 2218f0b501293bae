using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee's denial of a request.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record DenialRecord
{
    /// <summary>The seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
