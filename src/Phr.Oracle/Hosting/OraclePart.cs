namespace Phr.Oracle;

/// <summary>One of the parts that a service stands on, and whether it works.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record OraclePart
{
    /// <summary>The name of the ledger's part.</summary>
    public const string Ledger = "ledger";

    /// <summary>The name of the part through which the parties exchange objects.</summary>
    public const string Exchange = "exchange";

    /// <summary>The name of the part that keeps the jobs.</summary>
    public const string Jobs = "jobs";

    /// <summary>The name of the part that keeps the oracle's secrets.</summary>
    public const string Secrets = "secrets";

    /// <summary>Its name: one of the constants of this type.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the last thing that was asked of it succeeded.</summary>
    public required bool IsWorking { get; init; }

    /// <summary>Since when it has worked, or has not.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What went wrong last, while it does not work; else empty. No personal data, no secrets.</summary>
    public string Fault { get; init; } = string.Empty;
}
