using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle's refusal to serve.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record RefusalRecord
{
    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
