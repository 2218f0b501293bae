using Phr.Crypto;

namespace Phr.Oracle;

/// <summary>What became of one job.</summary>
/// <param name="Request">The request.</param>
/// <param name="State">The outcome.</param>
/// <param name="Detail">One sentence for an operator; no personal data.</param>
public sealed record JobOutcome(RequestId Request, JobState State, string Detail)
{
    /// <summary>When the ledger recorded what was delivered now; null where nothing was.</summary>
    internal DateTimeOffset? RecordedAt { get; init; }
}
