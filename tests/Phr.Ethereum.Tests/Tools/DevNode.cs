using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests;

/// <summary>A node of one test, on a free port of this machine; it ends with the test.</summary>
internal sealed class DevNode : IAsyncDisposable
{
    private DevNode(EthereumNodeProcess process)
    {
        Process = process;
        Rpc = new EthereumRpc(new EthereumRpcOptions { Endpoints = [Address], MaxAttempts = 1, RequestTimeout = TimeSpan.FromMinutes(1) });
    }

    public EthereumNodeProcess Process { get; }

    public Uri Address => Process.Address;

    /// <summary>Asks this node alone.</summary>
    public EthereumRpc Rpc { get; }

    public ulong ChainId => EthereumNodeProcess.ChainId;

    /// <summary>Starts anvil; without arguments it mines a block for each transaction. The test is skipped where there is none.</summary>
    public static async Task<DevNode> StartAnvilAsync(params string[] arguments)
    {
        SkipWithout(NodePrograms.Anvil());
        return new DevNode(await EthereumNodeProcess.StartAnvilAsync(arguments));
    }

    public static async Task<DevNode> StartHardhatAsync()
    {
        SkipWithout(NodePrograms.Hardhat());
        return new DevNode(await EthereumNodeProcess.StartHardhatAsync());
    }

    /// <summary>One of the node's own accounts, each with plenty of ether.</summary>
    public static SecretKey Account(int index = 0) => SecretKey.FromBytes(EthereumNodeProcess.AccountKey(index));

    /// <summary>Calls a method that only development nodes have.</summary>
    public Task<JsonNode?> DevAsync(string method, params JsonNode?[] parameters) =>
        Rpc.SendAsync(new RpcCall<JsonNode?>(method, new JsonArray(parameters), e => JsonNode.Parse(e.GetRawText()), IsRepeatable: false), CancellationToken.None);

    public Task MineAsync(int count = 1) => DevAsync("anvil_mine", QuantityConverter.Text(count));

    public async ValueTask DisposeAsync()
    {
        Rpc.Dispose();
        await Process.DisposeAsync();
    }

    private static void SkipWithout((string? Path, string Reason) program) => Assert.SkipUnless(program.Path is not null, program.Reason);
}
