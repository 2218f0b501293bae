using Phr.Crypto;

namespace Phr.Oracle;

/// <summary>A job in the job store.</summary>
/// <remarks>A snapshot: immutable and thread safe. Times are whole milliseconds.</remarks>
public sealed record OracleJob
{
    /// <summary>Which job.</summary>
    public required JobKey Key { get; init; }

    /// <summary>Who asked.</summary>
    public required ActorId Requester { get; init; }

    /// <summary>Until when a delivery counts as in time.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobPhase Phase { get; init; }

    /// <summary>When it is looked at next. For one that was set aside: when its refusal is filed.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When it was found on the ledger.</summary>
    public required DateTimeOffset FoundAt { get; init; }

    /// <summary>When it was finished; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether it was set aside and has not been asked for again since. Whoever leases it then refuses it on the ledger.</summary>
    public bool WasSetAside { get; init; }

    /// <summary>Whether its requester's limit was asked already, and let it pass.</summary>
    public bool IsAdmitted { get; init; }

    /// <summary>How often it was taken on lease.</summary>
    public int Looks { get; init; }

    /// <summary>How often the oracle failed at it.</summary>
    public int Failures { get; init; }

    /// <summary>How often a lease was lost: the process that had it ended without giving it back, or stood still.</summary>
    public int Losses { get; init; }

    /// <summary>The block that has this oracle's delivery or refusal, and is not final yet as far as is known; null for none. Until it is there is nothing to do but to wait, so that no process's end is counted against the job.</summary>
    public ulong? RecordedInBlock { get; init; }

    /// <summary>Which process has it, or had it last; empty for none.</summary>
    public string Holder { get; init; } = string.Empty;

    /// <summary>Until when the lease runs; null when it is on none.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>One sentence on the last look; no personal data. Empty before the first.</summary>
    public string Reason { get; init; } = string.Empty;
}
