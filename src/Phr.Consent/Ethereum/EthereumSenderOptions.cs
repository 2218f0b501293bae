using System.Numerics;

namespace Phr.Consent;

/// <summary>How transactions are priced, sent and waited for.</summary>
/// <remarks>
/// Fees: the priority fee is the median, over the last <see cref="FeeHistoryBlocks"/> blocks that were not empty, of what the transactions at <see cref="PriorityFeePercentile"/> of each block's gas paid; the highest fee is twice
/// the next block's base fee and the priority fee, so that it stays enough for six full blocks in a row. A transaction that waits too long is sent anew with both fees raised, never above <see cref="MaxFeePerGas"/>.
/// Source: EIP-1559. Immutable and thread safe.
/// </remarks>
public sealed record EthereumSenderOptions
{
    /// <summary>How many blocks the fees are learned from. 1 to 1,024, default 10.</summary>
    public int FeeHistoryBlocks { get; init; } = 10;

    /// <summary>Where in a block's gas, ordered by priority fee, the fee is taken from. 0 to 100, default 50.</summary>
    public double PriorityFeePercentile { get; init; } = 50;

    /// <summary>The lowest priority fee that is offered, in wei per gas. Default 1,000,000 (0.001 gwei).</summary>
    public BigInteger MinPriorityFeePerGas { get; init; } = 1_000_000;

    /// <summary>The highest fee that is ever offered, in wei per gas, base and priority fee together. Default 500 gwei.</summary>
    public BigInteger MaxFeePerGas { get; init; } = 500_000_000_000;

    /// <summary>What is added to the node's estimate of gas, in percent. Only gas that is used is paid for. 0 to 400, default 25.</summary>
    public int GasMarginPercent { get; init; } = 25;

    /// <summary>How long the oldest transaction may wait for a block before it is sent anew with higher fees. Default 90 seconds.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How much both fees rise each time, in percent. Nodes ask for 10 at least. 10 to 100, default 13.</summary>
    public int ReplacementBumpPercent { get; init; } = 13;

    /// <summary>How often one transaction is sent anew with higher fees. 0 to 50, default 20.</summary>
    public int MaxReplacements { get; init; } = 20;

    /// <summary>When a transaction's block counts as final, so that it need not be watched any more.</summary>
    internal EthereumFinality Finality { get; init; } = EthereumFinality.Head;

    /// <summary>How often the node is asked what became of transactions.</summary>
    internal TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(FeeHistoryBlocks, 1, nameof(FeeHistoryBlocks));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FeeHistoryBlocks, 1024, nameof(FeeHistoryBlocks));
        if (PriorityFeePercentile is not (>= 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(PriorityFeePercentile));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MinPriorityFeePerGas, BigInteger.Zero, nameof(MinPriorityFeePerGas));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFeePerGas, MinPriorityFeePerGas, nameof(MaxFeePerGas));
        ArgumentOutOfRangeException.ThrowIfLessThan(GasMarginPercent, 0, nameof(GasMarginPercent));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(GasMarginPercent, 400, nameof(GasMarginPercent));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollInterval, TimeSpan.Zero, nameof(PollInterval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PollInterval, TimeSpan.FromHours(1), nameof(PollInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(StuckAfter, TimeSpan.Zero, nameof(StuckAfter));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReplacementBumpPercent, 10, nameof(ReplacementBumpPercent));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReplacementBumpPercent, 100, nameof(ReplacementBumpPercent));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxReplacements, 0, nameof(MaxReplacements));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxReplacements, 50, nameof(MaxReplacements));
    }
}
