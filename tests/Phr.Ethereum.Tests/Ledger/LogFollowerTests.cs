using FsCheck;
using FsCheck.Fluent;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>The follower on a chain that does its worst.</summary>
public sealed class LogFollowerTests : IDisposable
{
    private static readonly LedgerId Id = new(31337, ActorId.FromBytes(new byte[19].Append((byte)1).ToArray()));

    private readonly string _folder = Directory.CreateTempSubdirectory("phr-follower-").FullName;
    private int _files;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task SyncAsync_TwoNodesDisagreeAboutAFinalBlock_Refuses()
    {
        var chain = new ChainOnPaper();
        var other = new ChainOnPaper { Name = "the other" };
        Mine(chain, 5);
        Mine(other, 5);
        other.TakeBack(3);
        other.Mine(7);
        Mine(other, 2);
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var follower = new LogFollower(chain, [other], store, new EntryPerLog(), new FollowerOptions { Finality = EthereumFinality.After(1) });

        PhrDataException refusal = await Assert.ThrowsAsync<PhrDataException>(() => follower.SyncAsync(default));
        Assert.Contains("disagree", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0ul, store.FinalBlock);
    }

    [Fact]
    public async Task SyncAsync_AWitnessLagsBehind_WaitsWithTheFinalBlock()
    {
        var chain = new ChainOnPaper();
        Mine(chain, 5);
        var witness = new ChainOnPaper { BeforeAnswer = null };
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var follower = new LogFollower(chain, [witness], store, new EntryPerLog(), new FollowerOptions { Finality = EthereumFinality.After(1) });
        await follower.SyncAsync(default);
        Assert.Equal(0ul, store.FinalBlock);
        Assert.Equal(chain.Head, store.LastBlock);
    }

    /// <summary>Hashes of blocks do not show what a node leaves out of the logs; another node does.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(100)]
    public async Task SyncAsync_NodeLeavesOutALogThatAWitnessHas_IsNotFinal(int walked)
    {
        var chain = new ChainOnPaper();
        Mine(chain, 40);
        var hiding = new Hiding(chain);
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var options = new FollowerOptions { Finality = EthereumFinality.After(1), WalkedBlocks = walked, MaxRange = 24 };
        PhrDataException refusal = await Assert.ThrowsAsync<PhrDataException>(() => new LogFollower(hiding, [chain], store, new EntryPerLog(), options).SyncAsync(default));
        Assert.Contains("leaves something out", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0ul, store.FinalBlock);

        // A witness that hides stops the client as well; with honest ones everything is final.
        await Assert.ThrowsAsync<PhrDataException>(() => FollowAsync(chain, hiding));
        Assert.Equal(39ul, await FollowAsync(chain, chain));

        async Task<ulong> FollowAsync(IChainSource source, IChainSource witness)
        {
            using FollowerStore own = FollowerStore.Open(null, Id, 0);
            await new LogFollower(source, [witness], own, new EntryPerLog(), options).SyncAsync(default);
            return own.FinalBlock;
        }
    }

    [Fact]
    public async Task SyncAsync_LogsOfAnotherBlockOrOutOfOrder_Refuses()
    {
        var chain = new ChainOnPaper();
        chain.Mine(3);
        var lying = new Lying(chain);
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var sink = new EntryPerLog();
        var follower = new LogFollower(lying, [], store, sink, new FollowerOptions());
        foreach (Func<FollowedLog, FollowedLog> lie in (IEnumerable<Func<FollowedLog, FollowedLog>>)
            [log => log with { BlockHash = default }, log => log with { Block = log.Block + 1 }, log => log with { Index = 0 }])
        {
            lying.Lie = lie;
            await Assert.ThrowsAsync<PhrDataException>(() => follower.SyncAsync(default));
            Assert.Equal(0, store.LogCount);
            Assert.Empty(sink.Entries);
        }

        lying.Lie = log => log;
        await follower.SyncAsync(default);
        Assert.Equal(3, store.LogCount);
    }

    [Fact]
    public async Task SyncAsync_ReplacedFurtherThanIsRemembered_RefusesUntilRebuilt()
    {
        var chain = new ChainOnPaper();
        Mine(chain, 40);
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var sink = new EntryPerLog();
        var follower = new LogFollower(chain, [], store, sink, new FollowerOptions { RetainedBlocks = 10, WalkedBlocks = 100 });
        await follower.SyncAsync(default);
        chain.TakeBack(9);
        Mine(chain, 12);
        await SyncAndCompareAsync(follower, chain, store, sink);
        chain.TakeBack(20);
        Mine(chain, 22);

        PhrDataException refusal = await Assert.ThrowsAsync<PhrDataException>(() => follower.SyncAsync(default));
        Assert.Contains("rebuild", refusal.Message, StringComparison.Ordinal);
        follower.Rebuild();
        await SyncAndCompareAsync(follower, chain, store, sink);
    }

    /// <summary>A busy node has a block some time before it can tell all that is in it: asked again at once it only says the same again.</summary>
    [Fact]
    public async Task SyncAsync_NodeHasABlockBeforeItsTransactions_WaitsForThem()
    {
        var chain = new ChainOnPaper();
        Mine(chain, 5);
        var slow = new Slow(chain, TimeSpan.FromMilliseconds(400));
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var sink = new EntryPerLog();
        await SyncAndCompareAsync(new LogFollower(slow, [], store, sink, new FollowerOptions { Pause = TimeSpan.FromMilliseconds(10) }), chain, store, sink);
    }

    [Fact]
    public async Task SyncAsync_NodeLagsBehindAfterAFailOver_KeepsWhatItHas()
    {
        var chain = new ChainOnPaper();
        Mine(chain, 8);
        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var sink = new EntryPerLog();
        var follower = new LogFollower(new Lagging(chain, 3), [], store, sink, new FollowerOptions());
        await SyncAndCompareAsync(new LogFollower(chain, [], store, sink, new FollowerOptions()), chain, store, sink);
        int reloads = sink.Reloads;
        await follower.SyncAsync(default);
        Assert.Equal(chain.Head, store.LastBlock);
        Assert.Equal(reloads, sink.Reloads);
    }

    [Fact]
    public async Task SyncAsync_FinalityOfEachKind_FollowsBehind()
    {
        var chain = new ChainOnPaper();
        Mine(chain, 20);
        foreach ((EthereumFinality finality, ulong expected) in (IEnumerable<(EthereumFinality, ulong)>)
            [(EthereumFinality.Head, 20), (EthereumFinality.After(6), 14), (EthereumFinality.After(30), 0), (EthereumFinality.Safe, 11), (EthereumFinality.Finalized, 11)])
        {
            chain.FinalNumber = 11;
            using FollowerStore store = FollowerStore.Open(null, Id, 0);
            await new LogFollower(chain, [], store, new EntryPerLog(), new FollowerOptions { Finality = finality }).SyncAsync(default);
            Assert.Equal(expected, store.FinalBlock);
        }
    }

    [Fact]
    public async Task SyncAsync_FarBehind_ReadsRangesThatTheNodeCanAnswer()
    {
        var chain = new ChainOnPaper { MaxLogsPerAnswer = 50 };
        for (int i = 0; i < 3000; i++)
        {
            chain.Mine(i % 10 == 0 ? 7 : 0);
        }

        using FollowerStore store = FollowerStore.Open(null, Id, 0);
        var sink = new EntryPerLog();
        var follower = new LogFollower(chain, [], store, sink, new FollowerOptions { WalkedBlocks = 20, RetainedBlocks = 100 });
        await SyncAndCompareAsync(follower, chain, store, sink);
        Assert.InRange(chain.Questions, 1, 1500);
    }

    [Fact]
    public void Open_AFileOfAnotherLedger_Refuses()
    {
        string path = NextFile();
        FollowerStore.Open(path, Id, 5).Dispose();
        FollowerStore.Open(path, Id, 5).Dispose();
        Assert.Throws<PhrDataException>(() => FollowerStore.Open(path, Id with { ChainId = 1 }, 5));
        Assert.Throws<PhrDataException>(() => FollowerStore.Open(path, Id, 6));
        string other = NextFile();
        File.WriteAllBytes(other, [.. Enumerable.Repeat((byte)7, 5000)]);
        Assert.Throws<PhrDataException>(() => FollowerStore.Open(other, Id, 5));
    }

    [Fact]
    public void Open_WhileAnotherHasTheFile_Refuses()
    {
        string path = NextFile();
        using FollowerStore store = FollowerStore.Open(path, Id, 0);
        Assert.Throws<IOException>(() => FollowerStore.Open(path, Id, 0));
    }

    /// <summary>Blocks come and go, also between two questions of one look; the node fails; the process dies at any question and goes on from the bytes that were on disk at that instant.</summary>
    [Fact]
    public void SyncAsync_ReorganisationsFailuresAndKills_LoseAndDoubleNothing() => Prop.ForAll(
        ArbMap.Default.ArbFor<uint[]>().Filter(script => script.Length > 4),
        script => RunAsync(script).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(25).WithStartSize(10).WithEndSize(40));

    private static void Mine(ChainOnPaper chain, int blocks)
    {
        for (int i = 0; i < blocks; i++)
        {
            chain.Mine(i % 3);
        }
    }

    private static async Task SyncAndCompareAsync(LogFollower follower, ChainOnPaper chain, FollowerStore store, EntryPerLog sink)
    {
        await follower.SyncAsync(default);
        Compare(chain, store, sink);
    }

    private static void Compare(ChainOnPaper chain, FollowerStore store, EntryPerLog sink)
    {
        Assert.Equal(chain.Head, store.LastBlock);
        Assert.Equal(chain.Logs.Select(Key), store.ReadLogs().Select(Key));
        Assert.Equal(chain.Logs.Select(log => log.Topics[1]), sink.Entries.Select(entry => entry.Hash));
        var stored = new List<FollowedEntry>();
        while (store.ReadEntries((ulong)stored.Count) is { Count: > 0 } page)
        {
            stored.AddRange(page);
        }

        Assert.Equal(sink.Entries.Select(e => (e.Number, e.Block, e.Hash)), stored.Select(e => (e.Number, e.Block, e.Hash)));
        Assert.All(chain.Logs, log => Assert.NotNull(store.FindTransaction(log.Transaction)));
    }

    private static (ulong, Digest, int, Digest, string, string) Key(FollowedLog log) =>
        (log.Block, log.BlockHash, log.Index, log.Transaction, string.Join(',', log.Topics), Convert.ToHexString(log.Data.Span));

    private async Task RunAsync(uint[] script)
    {
        int at = 0;
        uint Next() => unchecked(script[at++ % script.Length] * 2654435761u + (uint)at);
        var chain = new ChainOnPaper();
        string path = NextFile();
        var options = new FollowerOptions { RetainedBlocks = 64, WalkedBlocks = 1 + (int)(Next() % 12), MaxRange = 4 + (int)(Next() % 30), Attempts = 100 };
        chain.MaxLogsPerAnswer = 1 + (int)(Next() % 12);
        FollowerStore store = FollowerStore.Open(path, Id, 0);
        var sink = new EntryPerLog();
        var follower = new LogFollower(chain, [], store, sink, options);
        async Task CompareAsync()
        {
            try
            {
                await follower.SyncAsync(default);
            }
            catch (PhrDataException e) when (e.Message.Contains("rebuild", StringComparison.Ordinal))
            {
                follower.Rebuild();
                await follower.SyncAsync(default);
            }

            Compare(chain, store, sink);
        }

        try
        {
            for (int round = 0; round < script.Length; round++)
            {
                Shake(chain, Next, options.WalkedBlocks);
                int until = (int)(Next() % 24);
                uint what = Next() % 4;
                string? snapshot = null;
                chain.BeforeAnswer = _ =>
                {
                    if (until-- != 0)
                    {
                        return;
                    }

                    switch (what)
                    {
                        case 0: Shake(chain, Next, options.WalkedBlocks); break;
                        case 1: throw new HttpRequestException("the node is down");
                        case 2: snapshot = Copy(path); break;
                    }
                };
                try
                {
                    await follower.SyncAsync(default);
                }
                catch (HttpRequestException)
                {
                }
                catch (PhrDataException e) when (e.Message.Contains("rebuild", StringComparison.Ordinal))
                {
                    follower.Rebuild();
                }

                chain.BeforeAnswer = null;
                if (snapshot is not null)
                {
                    store.Dispose();
                    (path, sink) = (snapshot, new EntryPerLog());
                    store = FollowerStore.Open(path, Id, 0);
                    follower = new LogFollower(chain, [], store, sink, options);
                }

                if (Next() % 3 == 0)
                {
                    await CompareAsync();
                }
            }

            await CompareAsync();
        }
        finally
        {
            store.Dispose();
        }
    }

    /// <summary>Grows the chain, or takes a piece of it back and grows another, no deeper than is walked.</summary>
    private static void Shake(ChainOnPaper chain, Func<uint> next, int walked)
    {
        if (next() % 3 == 0)
        {
            // A chain that only got shorter is not told apart from a node that lags behind; the next block decides.
            chain.TakeBack((int)(next() % (uint)walked));
            chain.Mine((int)(next() % 5));
        }

        for (uint blocks = next() % 3 == 0 ? next() % 30 : next() % 4; blocks > 0; blocks--)
        {
            chain.Mine((int)(next() % 5));
        }
    }

    private string NextFile() => Path.Combine(_folder, $"{++_files}.db");

    /// <summary>What a process that is killed now leaves behind.</summary>
    private string Copy(string path)
    {
        string copy = NextFile();
        foreach (string suffix in (ReadOnlySpan<string>)[string.Empty, "-wal"])
        {
            if (File.Exists(path + suffix))
            {
                File.Copy(path + suffix, copy + suffix);
            }
        }

        return copy;
    }

    private sealed class Lying(ChainOnPaper chain) : Wrapper(chain)
    {
        public Func<FollowedLog, FollowedLog> Lie { get; set; } = log => log;

        public override async Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(Digest blockHash, CancellationToken ct) =>
            await base.FindLogsAsync(blockHash, ct) is { } logs ? [.. logs.Select(Lie)] : null;
    }

    /// <summary>Leaves out the first log of every block that has one.</summary>
    private sealed class Hiding(ChainOnPaper chain) : Wrapper(chain)
    {
        public override async Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(Digest blockHash, CancellationToken ct) => Without(await base.FindLogsAsync(blockHash, ct));

        public override async Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(ulong first, FollowedBlock last, CancellationToken ct) => Without(await base.FindLogsAsync(first, last, ct));

        private static FollowedLog[]? Without(IReadOnlyList<FollowedLog>? logs) => logs is null ? null : [.. logs.Where(log => log.Index > 0)];
    }

    private sealed class Lagging(ChainOnPaper chain, int behind) : Wrapper(chain)
    {
        public override Task<FollowedBlock> GetHeadAsync(CancellationToken ct) => Task.FromResult(Chain.BlockAt((int)Chain.Head.Number - behind));
    }

    /// <summary>Has transactions some time after it was first asked for them.</summary>
    private sealed class Slow(ChainOnPaper chain, TimeSpan late) : Wrapper(chain)
    {
        private long? _first;

        public override async Task<IReadOnlyList<FollowedTransaction?>> FindTransactionsAsync(IReadOnlyList<Digest> hashes, CancellationToken ct)
        {
            _first ??= TimeProvider.System.GetTimestamp();
            IReadOnlyList<FollowedTransaction?> found = await base.FindTransactionsAsync(hashes, ct);
            return TimeProvider.System.GetElapsedTime(_first.Value) < late ? [.. found.Select(_ => (FollowedTransaction?)null)] : found;
        }
    }

    private abstract class Wrapper(ChainOnPaper chain) : IChainSource
    {
        protected ChainOnPaper Chain => chain;

        public string Name => "the wrapper";

        public virtual Task<FollowedBlock> GetHeadAsync(CancellationToken ct) => chain.GetHeadAsync(ct);

        public Task<FollowedBlock?> FindBlockAsync(ulong number, CancellationToken ct) => chain.FindBlockAsync(number, ct);

        public Task<FollowedBlock?> FindBlockAsync(Digest hash, CancellationToken ct) => chain.FindBlockAsync(hash, ct);

        public Task<FollowedBlock?> FindFinalBlockAsync(FinalityKind kind, CancellationToken ct) => chain.FindFinalBlockAsync(kind, ct);

        public virtual Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(Digest blockHash, CancellationToken ct) => chain.FindLogsAsync(blockHash, ct);

        public virtual Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(ulong first, FollowedBlock last, CancellationToken ct) => chain.FindLogsAsync(first, last, ct);

        public virtual Task<IReadOnlyList<FollowedTransaction?>> FindTransactionsAsync(IReadOnlyList<Digest> hashes, CancellationToken ct) => chain.FindTransactionsAsync(hashes, ct);
    }
}
