using System.Collections.Concurrent;
using System.Globalization;
using Phr.Consent;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Samples.FullFlow;

/// <summary>A chain to play on: anvil, which is started and stopped here, or a node that is given. Each story gets a ledger of its own.</summary>
internal sealed class SampleChain : IAsyncDisposable, IProgress<EthereumTransactionCost>
{
    private readonly EthereumNodeProcess? _process;
    private readonly SecretKey _payer;
    private readonly EthereumRpcOptions _nodes;
    private readonly ConcurrentQueue<EthereumTransactionCost> _costs = [];
    private readonly CancellationTokenSource _ending = new();
    private Task _ticking = Task.CompletedTask;

    private SampleChain(EthereumNodeProcess? process, Uri node, SecretKey payer, ChainClock clock)
    {
        Clock = clock;
        _process = process;
        _payer = payer;
        Node = node;
        _nodes = new EthereumRpcOptions { Endpoints = [node], MaxAttempts = 10 };
    }

    /// <summary>Where the node is.</summary>
    public Uri Node { get; }

    public ChainClock Clock { get; }

    /// <summary>The ledger that was opened last; null before.</summary>
    public EthereumDeployment? Deployment { get; private set; }

    /// <summary>Takes the node that is given, else starts one that makes a block for each transaction, and one a second besides.</summary>
    /// <param name="node">The node to use; null to start one.</param>
    /// <param name="keyFile">64 hex digits: the key that pays. Null for the first account of every development node, whose key everybody knows.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="behind">How far behind the system's the time of a chain that is started begins. It then stays behind for as long, although blocks come faster than seconds: processes on it have the system's time.</param>
    public static async Task<SampleChain> StartAsync(Uri? node = null, string? keyFile = null, CancellationToken ct = default, TimeSpan behind = default)
    {
        byte[] key = keyFile is null ? EthereumNodeProcess.AccountKey(0) : Convert.FromHexString((await File.ReadAllTextAsync(keyFile, ct)).Trim());
        string genesis = (TimeProvider.System.GetUtcNow() - behind).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        EthereumNodeProcess? process = node is null ? await EthereumNodeProcess.StartAnvilAsync("--block-time", "1", "--mixed-mining", "--timestamp", genesis) : null;
        return new SampleChain(process, node ?? process!.Address, SecretKey.FromBytes(key), new ChainClock(node is null ? behind : TimeSpan.Zero));
    }

    public async Task<IConsentLedger> OpenLedgerAsync(LedgerParameters rules)
    {
        Deployment = await EthereumLedgerDeployer.DeployAsync(_nodes, _payer, rules, this, _ending.Token);
        EthereumConsentLedger ledger = await EthereumConsentLedger.ConnectAsync(OptionsFor(_payer, TimeSpan.FromMilliseconds(100)), _ending.Token);
        _ticking = TickAsync(ledger);
        return ledger;
    }

    /// <summary>Another connection to the ledger that was opened last, with an account of its own that pays; only on a node that was started here.</summary>
    /// <returns>The connection, which the caller disposes before the key of its account.</returns>
    public async Task<(IConsentLedger Ledger, SecretKey Payer)> ConnectAsync(CancellationToken ct)
    {
        var payer = SecretKey.Generate();
        try
        {
            await FundAsync(ActorId.FromPublicKey(payer.PublicKey));
            return (await EthereumConsentLedger.ConnectAsync(OptionsFor(payer, TimeSpan.FromMilliseconds(250)), ct), payer);
        }
        catch
        {
            payer.Dispose();
            throw;
        }
    }

    /// <summary>Gives an account ether to pay with; only on a node that was started here.</summary>
    public Task FundAsync(ActorId account) =>
        (_process ?? throw new InvalidOperationException("A node that is given makes no ether.")).CallAsync("anvil_setBalance", $"0x{account}", "0xde0b6b3a7640000");

    public void Report(EthereumTransactionCost value) => _costs.Enqueue(value);

    /// <summary>Gas by kind of command since the last story.</summary>
    public IReadOnlyDictionary<string, GasLine> TakeGas()
    {
        EthereumTransactionCost[] costs = [.. _costs];
        _costs.Clear();
        return costs.GroupBy(cost => cost.What).ToDictionary(group => group.Key, group =>
        {
            ulong[] gas = [.. group.Select(cost => cost.Gas).Order()];
            return new GasLine(gas.Length, gas[0], gas[gas.Length / 2], gas[^1]);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _ticking;
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _payer.Dispose();
        _ending.Dispose();
    }

    private EthereumLedgerOptions OptionsFor(SecretKey payer, TimeSpan interval) => new()
    {
        Deployment = Deployment!,
        Nodes = _nodes,
        Relayer = payer,
        Finality = EthereumFinality.Head,
        MaxStaleness = TimeSpan.Zero,
        PollInterval = interval,
        MaxHeadAge = null,
        Costs = this,
    };

    // Blocks come faster than seconds, and the chain's time with them.
    private async Task TickAsync(EthereumConsentLedger ledger)
    {
        try
        {
            while (true)
            {
                Clock.MoveTo((await ledger.GetHeadAsync(_ending.Token)).Time);
                await Task.Delay(100, _ending.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The story is over.
        }
    }
}
