using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Samples.FullFlow;

/// <summary>A chain to play on: anvil, which is started and stopped here, or a node that is given. Each story gets a ledger of its own.</summary>
internal sealed class SampleChain : IAsyncDisposable, IProgress<EthereumTransactionCost>
{
    /// <summary>The first account of every development node: everybody knows it.</summary>
    private const string DevelopmentKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    private readonly Process? _node;
    private readonly SecretKey _payer;
    private readonly EthereumRpcOptions _nodes;
    private readonly ConcurrentQueue<EthereumTransactionCost> _costs = [];
    private readonly CancellationTokenSource _ending = new();
    private Task _ticking = Task.CompletedTask;

    private SampleChain(Process? node, SecretKey payer, EthereumRpcOptions nodes)
    {
        _node = node;
        _payer = payer;
        _nodes = nodes;
    }

    public ChainClock Clock { get; } = new();

    private string? States { get; init; }

    public static async Task<SampleChain> StartAsync(Options options, CancellationToken ct)
    {
        SecretKey payer = SecretKey.FromBytes(Convert.FromHexString(options.KeyFile is null ? DevelopmentKey : (await File.ReadAllTextAsync(options.KeyFile, ct)).Trim()));
        if (options.Rpc is not null)
        {
            return new SampleChain(null, payer, new EthereumRpcOptions { Endpoints = [options.Rpc] });
        }

        int port = FreePort();
        // What it keeps of old states goes with it; by default that would stay in the user's home.
        string states = Directory.CreateTempSubdirectory("phr-anvil-").FullName;
        Process node = Process.Start(new ProcessStartInfo(
            FindAnvil(), ["--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--quiet", "--block-time", "1", "--mixed-mining", "--cache-path", states]))!;
        var nodes = new EthereumRpcOptions { Endpoints = [new Uri($"http://127.0.0.1:{port}/")], MaxAttempts = 10 };
        return new SampleChain(node, payer, nodes) { States = states };
    }

    public async Task<IConsentLedger> OpenLedgerAsync(LedgerParameters rules)
    {
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(_nodes, _payer, rules, this, _ending.Token);
        EthereumConsentLedger ledger = await EthereumConsentLedger.ConnectAsync(
            new EthereumLedgerOptions
            {
                Deployment = deployment,
                Nodes = _nodes,
                Relayer = _payer,
                Finality = EthereumFinality.Head,
                MaxStaleness = TimeSpan.Zero,
                PollInterval = TimeSpan.FromMilliseconds(100),
                MaxHeadAge = null,
                Costs = this,
            },
            _ending.Token);
        _ticking = TickAsync(ledger);
        return ledger;
    }

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
        if (_node is not null)
        {
            _node.Kill();
            await _node.WaitForExitAsync();
            _node.Dispose();
            Directory.Delete(States!, recursive: true);
        }

        _payer.Dispose();
        _ending.Dispose();
    }

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

    private static string FindAnvil()
    {
        if (Environment.GetEnvironmentVariable("PHR_ANVIL") is { Length: > 0 } named)
        {
            return named;
        }

        for (string? folder = Environment.CurrentDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string anvil = Path.Combine(folder, "contracts", "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
            if (File.Exists(anvil))
            {
                return anvil;
            }
        }

        throw new FileNotFoundException("anvil is not there: run 'npm ci --ignore-scripts' in contracts/, set PHR_ANVIL, or name a node with --rpc.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
