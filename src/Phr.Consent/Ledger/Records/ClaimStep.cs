using Phr.Crypto;

namespace Phr.Consent;

/// <summary>One step in a claim's history.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ClaimStep
{
    /// <summary>What was done.</summary>
    public required ClaimStepKind Kind { get; init; }

    /// <summary>By whom; zero for an end of time, which anybody may report.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>At which level, 1 to 4; 0 for what the patient or an appeal's agency does.</summary>
    public int Level { get; init; }

    /// <summary>Why, in the parties' own codes; 0 for none.</summary>
    public int ReasonCode { get; init; }

    /// <summary>What was approved, in the currency's smallest units; 0 for everything but an approval.</summary>
    public ulong Amount { get; init; }

    /// <summary>SHA-256 of the sealed opinion, grounds or finding; zero for none.</summary>
    public Digest PaperDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
