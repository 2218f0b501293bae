using System.Collections.Immutable;
using System.Numerics;
using Phr.Consent;
using Phr.Consent.Ethereum;

namespace Phr.Ethereum.Tests.Transactions;

public class FeeOfferTests
{
    private static readonly EthereumSenderOptions _options = new() { MinPriorityFeePerGas = 5, MaxFeePerGas = 1000 };

    [Fact]
    public void From_SeveralBlocks_TakesTheMedianOfThoseNotEmpty()
    {
        FeeHistory history = History([100, 110, 120], [0.5, 0.0, 0.9, 0.1], [[30], [0], [10], [20]]);
        Assert.Equal(new FeeOffer(20, 260), FeeOffer.From(history, _options));
    }

    [Fact]
    public void From_NothingToLearnFrom_OffersTheLeast()
    {
        Assert.Equal(new FeeOffer(5, 245), FeeOffer.From(History([100, 120], [0.0], [[0]]), _options));
        Assert.Equal(new FeeOffer(5, 245), FeeOffer.From(History([120], [], null), _options));
    }

    [Fact]
    public void From_NearTheLimit_StaysBelowIt()
    {
        Assert.Equal(new FeeOffer(5, 1000), FeeOffer.From(History([995], [], null), _options));
        Assert.Equal(new FeeOffer(1000, 1000), FeeOffer.From(History([900], [0.5], [[5000]]), _options));
        Assert.Equal(EthereumTransactionFault.FeeAboveLimit, Assert.Throws<EthereumTransactionException>(() => FeeOffer.From(History([996], [], null), _options)).Fault);
    }

    [Fact]
    public void Raise_Once_RaisesBothByATenthAtLeast()
    {
        for (int fee = 0; fee < 300; fee++)
        {
            var offer = new FeeOffer(fee, 2 * fee);
            FeeOffer raised = offer.Raise(null, _options)!.Value;
            Assert.True(raised.MaxPriorityFeePerGas * 10 >= offer.MaxPriorityFeePerGas * 11);
            Assert.True(raised.MaxFeePerGas * 10 >= offer.MaxFeePerGas * 11);
            Assert.True(raised.MaxPriorityFeePerGas <= raised.MaxFeePerGas);
        }
    }

    [Fact]
    public void Raise_ChainAsksForMore_OffersThat() =>
        Assert.Equal(new FeeOffer(50, 600), new FeeOffer(10, 100).Raise(new FeeOffer(50, 600), _options));

    [Fact]
    public void Raise_LimitLeavesNoTenth_StaysAsItIs()
    {
        Assert.Null(new FeeOffer(10, 950).Raise(null, _options));
        Assert.Equal(new FeeOffer(12, 1000), new FeeOffer(10, 900).Raise(null, _options));
    }

    [Fact]
    public void Check_OptionsOutOfBounds_AreACallersMistake()
    {
        EthereumSenderOptions[] bad =
        [
            _options with { FeeHistoryBlocks = 0 },
            _options with { PriorityFeePercentile = 101 },
            _options with { PriorityFeePercentile = double.NaN },
            _options with { MinPriorityFeePerGas = -1 },
            _options with { MaxFeePerGas = 1 },
            _options with { GasMarginPercent = -1 },
            _options with { PollInterval = TimeSpan.Zero },
            _options with { StuckAfter = TimeSpan.FromSeconds(-1) },
            _options with { ReplacementBumpPercent = 9 },
            _options with { MaxReplacements = -1 },
        ];
        Assert.All(bad, options => Assert.ThrowsAny<ArgumentException>(options.Check));
    }

    private static FeeHistory History(BigInteger[] baseFees, double[] ratios, BigInteger[][]? rewards) => new()
    {
        OldestBlock = 1,
        BaseFeePerGas = [.. baseFees],
        GasUsedRatio = [.. ratios],
        Reward = rewards is null ? null : [.. rewards.Select(r => r.ToImmutableArray())],
    };
}
