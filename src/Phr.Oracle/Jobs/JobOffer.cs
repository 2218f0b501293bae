using Phr.Crypto;

namespace Phr.Oracle;

/// <summary>A job as the ledger shows it.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record JobOffer
{
    /// <summary>Which job.</summary>
    public required JobKey Key { get; init; }

    /// <summary>Who asked: the doctor. Counted, and shown to nobody.</summary>
    public required ActorId Requester { get; init; }

    /// <summary>Until when a delivery counts as in time.</summary>
    public required DateTimeOffset Deadline { get; init; }
}
