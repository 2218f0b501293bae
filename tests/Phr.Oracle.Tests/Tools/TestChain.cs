using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;

namespace Phr.Oracle.Tests.Tools;

/// <summary>A development chain in a process of its own, with one ledger on it.</summary>
internal sealed class TestChain : IAsyncDisposable
{
    // The first account of every development node.
    private readonly SecretKey _payer = SecretKey.FromBytes(Convert.FromHexString("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"));
    private readonly CancellationTokenSource _ending = new();
    private readonly Process _node;
    private Task _ticking = Task.CompletedTask;

    private TestChain(Process node, Uri address)
    {
        _node = node;
        Address = address;
    }

    public static string? Program => Environment.GetEnvironmentVariable("PHR_ANVIL") is { Length: > 0 } path && File.Exists(path) ? path : null;

    public Uri Address { get; }

    public ChainClock Clock { get; } = new();

    public EthereumDeployment Deployment { get; private set; } = null!;

    // What anvil keeps of old states goes with it.
    private string States { get; init; } = null!;

    public static TestChain Start()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        string states = Directory.CreateTempSubdirectory("phr-anvil-").FullName;
        Process node = Process.Start(new ProcessStartInfo(Program!, ["--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--quiet", "--block-time", "1", "--mixed-mining", "--cache-path", states]))!;
        return new TestChain(node, new Uri($"http://127.0.0.1:{port}/")) { States = states };
    }

    public async Task<IConsentLedger> OpenLedgerAsync(LedgerParameters rules)
    {
        var nodes = new EthereumRpcOptions { Endpoints = [Address], MaxAttempts = 15 };
        Deployment = await EthereumLedgerDeployer.DeployAsync(nodes, _payer, rules, null, _ending.Token);
        EthereumConsentLedger ledger = await EthereumConsentLedger.ConnectAsync(
            new EthereumLedgerOptions
            {
                Deployment = Deployment,
                Nodes = nodes,
                Relayer = _payer,
                Finality = EthereumFinality.Head,
                MaxStaleness = TimeSpan.Zero,
                PollInterval = TimeSpan.FromMilliseconds(100),
                MaxHeadAge = null,
            },
            _ending.Token);
        _ticking = TickAsync(ledger);
        return ledger;
    }

    /// <summary>Gives an account ether to pay with.</summary>
    public async Task FundAsync(ActorId account)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsJsonAsync(Address, new { jsonrpc = "2.0", id = 1, method = "anvil_setBalance", @params = new[] { "0x" + account, "0xde0b6b3a7640000" } });
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _ticking;
        _node.Kill();
        await _node.WaitForExitAsync();
        _node.Dispose();
        Directory.Delete(States, recursive: true);
        _payer.Dispose();
        _ending.Dispose();
    }

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
