using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee's acknowledgement of a dealing.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record AcknowledgementRecord
{
    /// <summary>The seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
