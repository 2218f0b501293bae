using System.Numerics;
using System.Text.Json;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Fields;
using Phr.Consent.Tests;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>Ledgers on a development node.</summary>
internal static class NodeLedgers
{
    public static async Task<EthereumConsentLedger> DeployAsync(DevNode node, LedgerParameters parameters, EthereumFinality finality = default, string? cachePath = null, bool decidesFirst = true) =>
        await ConnectAsync(node, await EthereumLedgerDeployer.DeployAsync(NodesOf(node), DevNode.Account(), parameters), finality, cachePath, decidesFirst);

    public static Task<EthereumConsentLedger> ConnectAsync(DevNode node, EthereumDeployment deployment, EthereumFinality finality = default, string? cachePath = null, bool decidesFirst = true) =>
        ConnectAsync(node.Address, deployment, finality, cachePath, decidesFirst);

    public static Task<EthereumConsentLedger> ConnectAsync(Uri node, EthereumDeployment deployment, EthereumFinality finality = default, string? cachePath = null, bool decidesFirst = true, string? journalPath = null) =>
        ConnectAsync(new EthereumRpcOptions { Endpoints = [node], RequestTimeout = TimeSpan.FromMinutes(1) }, deployment, finality, cachePath, decidesFirst, journalPath);

    public static Task<EthereumConsentLedger> ConnectAsync(
        EthereumRpcOptions nodes, EthereumDeployment deployment, EthereumFinality finality = default, string? cachePath = null, bool decidesFirst = true, string? journalPath = null) =>
        EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
        {
            Deployment = deployment,
            Nodes = nodes,
            JournalPath = journalPath,
            Relayer = DevNode.Account(1),
            Finality = finality,
            CachePath = cachePath,
            MaxStaleness = TimeSpan.Zero,
            PollInterval = TimeSpan.FromMilliseconds(5),
            MaxHeadAge = null,
            MinesOnDemand = true,
            DecidesFirst = decidesFirst,
        });

    /// <summary>A second client of the same ledger.</summary>
    public static Task<EthereumConsentLedger> ConnectAsync(Uri node, EthereumConsentLedger other) => ConnectAsync(node, other.Deployment);

    /// <summary>Skips a test as long as the compiled contracts that are here lack a command of the model.</summary>
    public static void RequireContracts() => Assert.SkipUnless(
        ContractArtifact.Exists("PhrLedger") && CommandKinds.Blanks.All(blank => LedgerAbi.Shipped.FindFunction(blank.Kind) is not null),
        "contracts/artifacts has no ledger with every command: run 'node contracts/tools/artifacts.cjs'.");

    /// <summary>A node for ledgers; the test is skipped where there is none, or no contracts.</summary>
    public static Task<DevNode> StartNodeAsync(params string[] arguments)
    {
        RequireContracts();
        return DevNode.StartAnvilAsync(["--disable-code-size-limit", .. arguments]);
    }

    /// <summary>A story whose time is that of the next block.</summary>
    public static LedgerStory StoryOf(DevNode node, IConsentLedger ledger) => new(ledger, () => NowAsync(node).GetAwaiter().GetResult());

    /// <summary>Random commands on a ledger on which everybody is there and a bundle is sealed.</summary>
    public static async Task<RandomCommands> RandomCommandsAsync(DevNode node, EthereumConsentLedger ledger, bool lasts, Func<SignedCommand, Task>? beforeSubmit = null)
    {
        LedgerStory story = StoryOf(node, ledger);
        await story.InstituteAsync();
        await story.SealAsync();
        var commands = new RandomCommands(
            story,
            () => story.Now,
            by => AdvanceAsync(node, by),
            async block => await ledger.FindRandomnessAsync(block, default) ?? throw new InvalidOperationException("there is no such block"),
            comparesLeaves: false)
        {
            Lasts = lasts,
            BeforeSubmit = beforeSubmit,
        };
        await commands.BeginAsync();
        return commands;
    }

    public static EthereumRpcOptions NodesOf(DevNode node) => new() { Endpoints = [node.Address], RequestTimeout = TimeSpan.FromMinutes(1) };

    /// <summary>The time that the next block would have.</summary>
    public static async Task<DateTimeOffset> NowAsync(DevNode node) => await node.Rpc.SendAsync(
        new RpcCall<DateTimeOffset>("eth_getBlockByNumber", ["pending", false], block =>
            QuantityConverter.TryRead(block.GetProperty("timestamp").GetString(), out BigInteger seconds) ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : throw new JsonException()),
        default);

    public static async Task AdvanceAsync(DevNode node, TimeSpan by)
    {
        await node.DevAsync("evm_increaseTime", (long)by.TotalSeconds);
        await node.DevAsync("evm_mine");
    }
}
