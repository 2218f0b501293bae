using System.Collections.Immutable;
using System.Numerics;

namespace Phr.Consent.Ethereum;

/// <summary>Fees of past blocks, in wei per gas. Source: EIP-1559, <c>eth_feeHistory</c>.</summary>
internal sealed record FeeHistory
{
    public required ulong OldestBlock { get; init; }

    /// <summary>The base fee of each block, and last that of the block to come.</summary>
    public required ImmutableArray<BigInteger> BaseFeePerGas { get; init; }

    public ImmutableArray<double> GasUsedRatio { get; init; } = [];

    /// <summary>For each block the priority fee at each percentile that was asked for; missing from some nodes.</summary>
    public ImmutableArray<ImmutableArray<BigInteger>>? Reward { get; init; }
}
