using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>The follower on real nodes: re-organisations of every depth, restarts, and nodes that are gone.</summary>
public sealed class NodeFollowerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phr-nodes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(30)]
    public async Task SyncAsync_AnvilReplacesBlocks_FollowsTheNewChain(int depth)
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        LogTape tape = await LogTape.DeployAsync(node);
        await using var follower = new Followed(node, tape, path: null);
        for (int i = 0; i < 35; i++)
        {
            await tape.LogAsync(Digest.Random(), (byte)i);
        }

        await follower.CompareAsync();
        Assert.Equal(35, follower.Store.LogCount);
        await node.DevAsync("anvil_reorg", depth, new JsonArray());
        await follower.CompareAsync();
        Assert.Equal(35 - depth, follower.Store.LogCount);
        await tape.LogAsync(Digest.Random());
        await follower.CompareAsync();
    }

    [Fact]
    public async Task SyncAsync_ReorganisationsRestartsAndADeadNodeInAnyOrder_LosesAndDoublesNothing()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        LogTape tape = await LogTape.DeployAsync(node);
        string path = Path.Combine(_folder, "tape.db");
        var random = new Random(20261123);
        var follower = new Followed(node, tape, path);
        try
        {
            for (int step = 0; step < 60; step++)
            {
                switch (random.Next(5))
                {
                    case 0:
                        ulong head = await node.Rpc.GetBlockNumberAsync(default);
                        await node.DevAsync("anvil_reorg", 1 + random.Next((int)Math.Min(20, head - tape.StartBlock)), new JsonArray());
                        break;
                    case 1:
                        await follower.DisposeAsync();
                        follower = new Followed(node, tape, path, deadNodeFirst: random.Next(2) == 0);
                        break;
                    case 2:
                        await node.MineAsync(1 + random.Next(40));
                        break;
                    default:
                        for (int i = random.Next(4); i >= 0; i--)
                        {
                            await tape.LogAsync(Digest.Random(), (byte)step);
                        }

                        break;
                }

                if (random.Next(3) > 0)
                {
                    await follower.CompareAsync();
                }
            }

            await follower.CompareAsync();
        }
        finally
        {
            await follower.DisposeAsync();
        }
    }

    /// <summary>Ten thousand logs, or a hundred thousand with PHR_TEST_LONG, in transactions of two hundred.</summary>
    [Fact]
    public async Task SyncAsync_FromTheBeginningOfALongHistory_CatchesUpByRanges()
    {
        const int LogsPerTransaction = 200;
        int logs = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 100_000 : 10_000;
        await using DevNode node = await DevNode.StartAnvilAsync();
        LogTape tape = await LogTape.DeployManyAsync(node);
        for (int i = 0; i < logs / LogsPerTransaction; i++)
        {
            await tape.LogAsync(Digest.Random());
            await node.MineAsync(1 + (i % 20));
        }

        await using var follower = new Followed(node, tape, Path.Combine(_folder, "long.db"));
        await follower.CompareAsync();
        Assert.Equal(logs, follower.Store.LogCount);
    }

    [Fact]
    public async Task SyncAsync_OnHardhat_GivesEveryLog()
    {
        await using DevNode node = await DevNode.StartHardhatAsync();
        LogTape tape = await LogTape.DeployAsync(node);
        await using var follower = new Followed(node, tape, path: null);
        for (int i = 0; i < 20; i++)
        {
            await tape.LogAsync(Digest.Random(), (byte)i);
            if (i % 7 == 0)
            {
                await follower.CompareAsync();
            }
        }

        await follower.CompareAsync();
        Assert.Equal(20, follower.Store.LogCount);
    }

    [Fact]
    public async Task SyncAsync_NoNodeAnswers_SaysSoAndGoesOnLater()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        LogTape tape = await LogTape.DeployAsync(node);
        string path = Path.Combine(_folder, "gone.db");
        await using (var follower = new Followed(node, tape, path))
        {
            await tape.LogAsync(Digest.Random());
            await follower.CompareAsync();
        }

        await tape.LogAsync(Digest.Random());
        await using (var gone = new Followed(node, tape, path, onlyTheDeadNode: true))
        {
            await Assert.ThrowsAsync<EthereumUnavailableException>(() => gone.Follower.SyncAsync(default));
            Assert.Equal(1, gone.Store.LogCount);
        }

        await using var again = new Followed(node, tape, path);
        await again.CompareAsync();
        Assert.Equal(2, again.Store.LogCount);
    }

    private sealed class Followed : IAsyncDisposable
    {
        private static readonly Uri _nowhere = new("http://127.0.0.1:9/");

        private readonly DevNode _node;
        private readonly LogTape _tape;
        private readonly EthereumRpc _rpc;
        private readonly EntryPerLog _sink = new();

        public Followed(DevNode node, LogTape tape, string? path, bool deadNodeFirst = false, bool onlyTheDeadNode = false)
        {
            (_node, _tape) = (node, tape);
            _rpc = new EthereumRpc(new EthereumRpcOptions
            {
                Endpoints = onlyTheDeadNode ? [_nowhere] : deadNodeFirst ? [_nowhere, node.Address] : [node.Address],
                MaxAttempts = 2,
                RetryDelay = TimeSpan.FromMilliseconds(1),
            });
            Store = FollowerStore.Open(path, new LedgerId(node.ChainId, tape.Address), tape.StartBlock);
            Follower = new LogFollower(new EthereumNodeSource(_rpc, tape.Address, "anvil"), [], Store, _sink, new FollowerOptions { StartBlock = tape.StartBlock, WalkedBlocks = 40 });
        }

        public FollowerStore Store { get; }

        public LogFollower Follower { get; }

        public async Task CompareAsync()
        {
            await Follower.SyncAsync(default);
            ulong head = await _node.Rpc.GetBlockNumberAsync(default);
            EthereumLog[] logs = [.. await _node.Rpc.GetLogsAsync(new LogFilter { Addresses = [_tape.Address] }, 0, head, default)];
            Assert.Equal(head, Store.LastBlock!.Number);
            Assert.Equal(logs.Select(log => (log.BlockHash, log.TransactionHash, log.Topics[0])), Store.ReadLogs().Select(log => (log.BlockHash, log.Transaction, log.Topics[0])));
            Assert.Equal(logs.Select(log => log.Topics[0]), _sink.Entries.Select(entry => entry.Hash));
        }

        public ValueTask DisposeAsync()
        {
            Store.Dispose();
            _rpc.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
