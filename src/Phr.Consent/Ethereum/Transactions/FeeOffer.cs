using System.Numerics;

namespace Phr.Consent.Ethereum;

/// <summary>What a transaction offers to pay, in wei per gas. Source: EIP-1559.</summary>
internal readonly record struct FeeOffer(BigInteger MaxPriorityFeePerGas, BigInteger MaxFeePerGas)
{
    /// <summary>Works out an offer from the fees of past blocks, as <see cref="EthereumSenderOptions"/> says.</summary>
    /// <exception cref="EthereumTransactionException">The next block's base fee alone is above the highest fee that is allowed.</exception>
    public static FeeOffer From(FeeHistory history, EthereumSenderOptions options)
    {
        BigInteger baseFee = history.BaseFeePerGas.IsDefaultOrEmpty ? BigInteger.Zero : history.BaseFeePerGas[^1];
        if (baseFee + options.MinPriorityFeePerGas > options.MaxFeePerGas)
        {
            throw new EthereumTransactionException(EthereumTransactionFault.FeeAboveLimit, $"The next block asks for {baseFee} wei per gas, and at most {options.MaxFeePerGas} are allowed.");
        }

        BigInteger highest = BigInteger.Min(2 * baseFee + PriorityOf(history, options), options.MaxFeePerGas);
        return new FeeOffer(BigInteger.Min(PriorityOf(history, options), highest), highest);
    }

    /// <summary>This offer raised by a share, at least to what an offer made now would be, and at most to what is allowed; null when that is no raise that nodes take.</summary>
    public FeeOffer? Raise(FeeOffer? now, EthereumSenderOptions options)
    {
        BigInteger priority = BigInteger.Max(Bump(MaxPriorityFeePerGas, options), now?.MaxPriorityFeePerGas ?? 0);
        BigInteger highest = BigInteger.Max(BigInteger.Max(Bump(MaxFeePerGas, options), now?.MaxFeePerGas ?? 0), priority);
        if (highest > options.MaxFeePerGas)
        {
            highest = options.MaxFeePerGas;
            priority = BigInteger.Min(priority, highest);
        }

        return highest >= Least(MaxFeePerGas) && priority >= Least(MaxPriorityFeePerGas) ? new FeeOffer(priority, highest) : null;
    }

    private static BigInteger PriorityOf(FeeHistory history, EthereumSenderOptions options)
    {
        BigInteger[] rewards =
        [
            .. (history.Reward ?? [])
                .Where((r, i) => !r.IsDefaultOrEmpty && (i >= history.GasUsedRatio.Length || history.GasUsedRatio[i] > 0))
                .Select(r => r[0])
                .Order(),
        ];
        return BigInteger.Max(rewards.Length == 0 ? BigInteger.Zero : rewards[rewards.Length / 2], options.MinPriorityFeePerGas);
    }

    private static BigInteger Bump(BigInteger fee, EthereumSenderOptions options) => (fee * (100 + options.ReplacementBumpPercent) / 100) + 1;

    // What nodes ask for: a tenth more, rounded up.
    private static BigInteger Least(BigInteger fee) => ((fee * 110) + 99) / 100;
}
