using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests;

/// <summary>A node of one test, on a free port of this machine; it ends with the test.</summary>
internal sealed class DevNode : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _output;
    private readonly string _states;
    private bool _isKilled;

    private DevNode(Process process, int port, string states)
    {
        _process = process;
        _states = states;
        Address = new Uri($"http://127.0.0.1:{port}/");
        _output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        Rpc = new EthereumRpc(new EthereumRpcOptions { Endpoints = [Address], MaxAttempts = 1, RequestTimeout = TimeSpan.FromMinutes(1) });
    }

    public Uri Address { get; }

    /// <summary>Asks this node alone.</summary>
    public EthereumRpc Rpc { get; }

    public ulong ChainId => 31337;

    /// <summary>Starts anvil; without arguments it mines a block for each transaction.</summary>
    public static Task<DevNode> StartAnvilAsync(params string[] arguments)
    {
        string anvil = NodeTools.Anvil;
        return StartAsync((port, states) => new ProcessStartInfo(anvil, ["--host", "127.0.0.1", "--port", port, "--quiet", "--chain-id", "31337", "--cache-path", states, .. arguments]));
    }

    public static Task<DevNode> StartHardhatAsync()
    {
        string script = NodeTools.Hardhat;
        return StartAsync((port, _) => new ProcessStartInfo(script, [port]));
    }

    /// <summary>One of the node's own accounts, each with plenty of ether: those of the mnemonic "test test … junk".</summary>
    public static SecretKey Account(int index = 0) => SecretKey.FromBytes(Convert.FromHexString(index switch
    {
        0 => "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        1 => "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        2 => "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    }));

    /// <summary>Calls a method that only development nodes have.</summary>
    public Task<JsonNode?> DevAsync(string method, params JsonNode?[] parameters) =>
        Rpc.SendAsync(new RpcCall<JsonNode?>(method, new JsonArray(parameters), e => JsonNode.Parse(e.GetRawText()), IsRepeatable: false), CancellationToken.None);

    public Task MineAsync(int count = 1) => DevAsync("anvil_mine", QuantityConverter.Text(count));

    public void Kill()
    {
        _isKilled = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        Rpc.Dispose();
        if (!_isKilled)
        {
            Kill();
        }

        await _output;
        _process.Dispose();
        Directory.Delete(_states, recursive: true);
    }

    private static async Task<DevNode> StartAsync(Func<string, string, ProcessStartInfo> command)
    {
        for (int attempt = 0; ; attempt++)
        {
            int port = FreePort();

            // Anvil's old states would otherwise stay in the user's home, a gigabyte for a long history.
            string states = Directory.CreateTempSubdirectory("phr-node-").FullName;
            ProcessStartInfo start = command(port.ToString(System.Globalization.CultureInfo.InvariantCulture), states);
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            var node = new DevNode(Process.Start(start)!, port, states);
            if (await node.WaitAsync())
            {
                return node;
            }

            // Another process may have taken the port between our looking for it and the node's using it.
            await node.DisposeAsync();
            Assert.True(attempt < 3, $"{start.FileName} does not start.");
        }
    }

    private async Task<bool> WaitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!_process.HasExited)
        {
            try
            {
                return await Rpc.GetChainIdAsync(limit.Token) == ChainId;
            }
            catch (EthereumUnavailableException)
            {
                await Task.Delay(20, limit.Token);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
