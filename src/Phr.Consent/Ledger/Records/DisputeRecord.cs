using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dispute that an oracle lost. Disputes that show nothing are refused and leave no record.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record DisputeRecord
{
    /// <summary>The request for which it delivered.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Who delivered.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Who showed it.</summary>
    public required ActorId Challenger { get; init; }

    /// <summary>0, or 1 after a redraw.</summary>
    public required int Round { get; init; }

    /// <summary>Which use of the grant, from 0.</summary>
    public required int Use { get; init; }

    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>What was shown to be broken.</summary>
    public required DeliveryCheck Check { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
