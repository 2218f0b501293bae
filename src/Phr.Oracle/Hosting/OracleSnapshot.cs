using Phr.Consent;
using Phr.Crypto;

namespace Phr.Oracle;

/// <summary>How a service is.</summary>
/// <remarks>A snapshot: immutable and thread safe. What comes from the ledger and the job store is from the last look, some seconds ago.</remarks>
public sealed record OracleSnapshot
{
    /// <summary>When the snapshot was made.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>When the service started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The oracle; zero before its keys were loaded.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>The process's name.</summary>
    public required string Process { get; init; }

    /// <summary>The parts that it stands on.</summary>
    public IReadOnlyList<OraclePart> Parts { get; init; } = [];

    /// <summary>How many jobs this process has in hand.</summary>
    public int InHand { get; init; }

    /// <summary>How many jobs of this process wait for nothing but that the block with their delivery or refusal becomes final. They take no hand.</summary>
    public int Parked { get; init; }

    /// <summary>How many jobs are in each phase; null before they were counted.</summary>
    public JobCounts? Jobs { get; init; }

    /// <summary>The ledger's head; null before it was seen.</summary>
    public LedgerHead? Head { get; init; }

    /// <summary>The oracle's record on the ledger; null before it was seen, or where the ledger has none.</summary>
    public ActorRecord? Record { get; init; }

    /// <summary>The oracle's reputation now; null where the ledger has none.</summary>
    public Reputation? Reputation { get; init; }

    /// <summary>Why it cannot serve now, one sentence each; empty when it can.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    /// <summary>What an operator should look at although it can serve, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
