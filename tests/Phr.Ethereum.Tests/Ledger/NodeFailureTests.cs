using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// Nodes that are killed with SIGKILL while one client sends and another follows, and that come back with the chain as it was, with an older one, or not at all, so that a second node takes over. Afterwards every
/// command that was reported stands in the ledger once, whoever follows was given every entry once, and the state is the contract's storage.
/// </summary>
public sealed class NodeFailureTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>So many blocks follow before a block is final: more than a node ever loses, but where a test says so.</summary>
    private const int Confirmations = 24;
    private const int CommandsPerBatch = 4;

    /// <summary>Only ends a test that would hang.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private static readonly int _kills = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 60 : 6;

    private static readonly Func<(string?, int)> _anyRequest = () => (null, 5 + RandomNumberGenerator.GetInt32(400));

    private readonly string _folder = Directory.CreateTempSubdirectory("phr-node-failure-").FullName;

    private string StateFile => Path.Combine(_folder, "chain.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ledger_NodeKilledAndStartedAgainWithItsState_LosesAndDoublesNothing()
    {
        await using Scene scene = await Scene.BeginAsync(_folder);
        await RunAsync(scene, _anyRequest, async () =>
        {
            await scene.First.Process.SaveStateAsync(StateFile);
            await scene.First.Process.KillAsync();
            await scene.First.Process.StartAgainAsync(StateFile);
        });
    }

    /// <summary>What the node did after its last write to disk is gone: blocks, and the transactions in them. They are sent again.</summary>
    [Fact]
    public async Task Ledger_NodeKilledAndStartedAgainWithAnOlderState_SendsAgainWhatWasLost()
    {
        await using Scene scene = await Scene.BeginAsync(_folder);
        bool isSaved = false;
        int lost = 0;

        // The state is written just before a batch is sent, so that the batch is among what is lost some blocks later.
        Func<(string?, int)> moments = () => isSaved ? ("evm_mine", 6 + RandomNumberGenerator.GetInt32(Confirmations / 2)) : ("eth_sendRawTransaction", 1);
        await RunAsync(scene, moments, async () =>
        {
            // Every second time: in between the chain grows by what is lost then, and the follower has seen it.
            await scene.Reader.GetHeadAsync();
            if (!isSaved)
            {
                await scene.First.Process.SaveStateAsync(StateFile);
            }
            else
            {
                ulong before = await scene.First.Rpc.GetBlockNumberAsync(default);
                await scene.First.Process.KillAsync();
                await scene.First.Process.StartAgainAsync(StateFile);
                lost += (int)(before - await scene.First.Rpc.GetBlockNumberAsync(default));
            }

            isSaved = !isSaved;
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lost} blocks lost"));
        Assert.InRange(lost, 1, int.MaxValue);
        Assert.InRange(scene.Reader.Reloads, 2, int.MaxValue);
    }

    /// <summary>Two nodes of one network: while one is dead the other serves, from where the first one was.</summary>
    [Fact]
    public async Task Ledger_NodeKilledWhileASecondOneLives_GoesOnWithThat()
    {
        await using Scene scene = await Scene.BeginAsync(_folder, hasSecondNode: true);
        (DevNode living, DevNode dead) = (scene.First, scene.Second!);
        await RunAsync(scene, _anyRequest, async () =>
        {
            await living.Process.SaveStateAsync(StateFile);
            await dead.Process.StartAgainAsync(StateFile);
            await living.Process.KillAsync();
            (living, dead) = (dead, living);
        });
        Assert.Equal(_kills % 2 == 0 ? scene.First : scene.Second, living);
    }

    /// <summary>Blocks that were final by the client's settings are lost: the client says so, to whoever sends, follows or asks, and begins anew when it is told to.</summary>
    [Fact]
    public async Task Ledger_NodeLosesFinalBlocks_SaysSoAndIsRebuilt()
    {
        const int Lost = 40;
        await using Scene scene = await Scene.BeginAsync(_folder, confirmations: 2, retainedBlocks: 16);
        await scene.Writer.SubmitBatchAsync(scene.NewBatch(), LedgerBatchMode.AllOrNothing);
        await scene.First.Process.SaveStateAsync(StateFile);
        ulong kept = (await scene.Reader.GetHeadAsync()).Number;
        await scene.Writer.SubmitBatchAsync(scene.NewBatch(), LedgerBatchMode.AllOrNothing);
        LedgerHead head = await scene.Reader.GetHeadAsync();
        Assert.Equal(kept + CommandsPerBatch, head.Number);
        await using IAsyncEnumerator<LedgerEntry> following = scene.Reader.FollowAsync(head.Number - 1).GetAsyncEnumerator();
        Assert.True(await following.MoveNextAsync());
        await scene.First.MineAsync(Lost);
        await scene.Reader.GetHeadAsync();

        // In flight: sent, and not final yet when the node ends.
        SignedCommand[] batch = scene.NewBatch();
        Task killed = scene.AtNextAsync("evm_mine", async () =>
        {
            await scene.First.Process.KillAsync();
            await scene.First.Process.StartAgainAsync(StateFile);
            await scene.First.MineAsync(2 * Lost);
        });
        Task<IReadOnlyList<LedgerReceipt>> sending = scene.Writer.SubmitBatchAsync(batch, LedgerBatchMode.AllOrNothing);
        await killed.WaitAsync(_patience);
        PhrDataException told = await Assert.ThrowsAsync<PhrDataException>(() => sending.WaitAsync(_patience));
        Assert.Equal(PhrDataReason.Mismatched, told.Reason);
        foreach (Func<Task> ask in (Func<Task>[])[() => scene.Reader.GetHeadAsync(), () => following.MoveNextAsync().AsTask(), () => scene.Reader.GetNonceAsync(LedgerStory.Patient.Id)])
        {
            Assert.Contains("rebuild", (await Assert.ThrowsAsync<PhrDataException>(ask)).Message, StringComparison.Ordinal);
        }

        await scene.Reader.RebuildAsync();
        await scene.Writer.RebuildAsync();
        await scene.First.MineAsync(3);
        int stands = (await scene.Reader.GetNonceAsync(batch[0].Command.Actor)) == 0 ? 0 : CommandsPerBatch;
        Assert.Equal(kept + (ulong)stands, (await scene.Reader.GetHeadAsync()).Number);
        await scene.Writer.SubmitBatchAsync(scene.NewBatch(), LedgerBatchMode.AllOrNothing).WaitAsync(_patience);
        await scene.CompareAsync(output);
    }

    /// <summary>A client that is not told to wait for its node says at once that there is none, and what it sent is settled when the node is back.</summary>
    [Fact]
    public async Task SubmitBatchAsync_NodeIsDead_SaysSoAndIsSettledWhenItIsBack()
    {
        await using Scene scene = await Scene.BeginAsync(_folder, attempts: 2);
        SignedCommand[] batch = scene.NewBatch();
        Task killed = scene.AtNextAsync("evm_mine", async () =>
        {
            await scene.First.Process.SaveStateAsync(StateFile);
            await scene.First.Process.KillAsync();
        });
        Task<IReadOnlyList<LedgerReceipt>> sending = scene.Writer.SubmitBatchAsync(batch, LedgerBatchMode.AllOrNothing);
        await killed.WaitAsync(_patience);
        await Assert.ThrowsAsync<EthereumUnavailableException>(() => sending.WaitAsync(_patience));
        await Assert.ThrowsAsync<EthereumUnavailableException>(() => scene.Writer.SubmitBatchAsync(scene.NewBatch(), LedgerBatchMode.AllOrNothing));
        await Assert.ThrowsAsync<EthereumUnavailableException>(() => scene.Reader.GetHeadAsync());
        await scene.First.Process.StartAgainAsync(StateFile);
        await scene.First.MineAsync(Confirmations);
        Assert.Equal((ulong)CommandsPerBatch, (await scene.Reader.GetHeadAsync()).Number);
        Assert.Equal(LedgerError.WrongNonce, (await Assert.ThrowsAsync<LedgerRejectedException>(() => scene.Writer.SubmitBatchAsync(batch, LedgerBatchMode.AllOrNothing))).Error);
        await scene.CompareAsync(output);
    }

    /// <summary>Lets a client send and another follow, and does something to the nodes after so many requests of a method, or of all: asked before each time.</summary>
    private async Task RunAsync(Scene scene, Func<(string? Method, int Count)> when, Func<Task> fault)
    {
        using var limit = new CancellationTokenSource(_patience * (_kills / 6));
        Task following = scene.FollowAsync(limit.Token);
        Task sending = scene.SendAsync(limit.Token);
        for (int kill = 0; kill < _kills; kill++)
        {
            (string? method, int count) = when();
            await Task.WhenAny(scene.AtAsync(count, method, fault), sending, following).Unwrap();
        }

        scene.StopsSending = true;
        await sending;
        await scene.CatchUpAsync(limit);
        await following;
        await scene.CompareAsync(output);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly SemaphoreSlim _gate = new(1);
        private readonly List<NodeProxy> _proxies = [];
        private readonly ConcurrentBag<(SignedCommand Command, Digest Entry)> _reported = [];
        private readonly List<(ulong Number, Digest Hash)> _given = [];
        private TaskCompletionSource? _done;
        private Func<Task>? _fault;
        private string? _method;
        private int _countdown;

        private Scene(DevNode first, DevNode? second) => (First, Second) = (first, second);

        public DevNode First { get; }

        public DevNode? Second { get; }

        /// <summary>Sends, and reaches the nodes through this test's proxies, so that it is known what it was doing when they died.</summary>
        public EthereumConsentLedger Writer { get; private set; } = null!;

        /// <summary>Follows, and reaches the nodes directly: it finds nobody where one died.</summary>
        public EthereumConsentLedger Reader { get; private set; } = null!;

        public bool StopsSending { get; set; }

        public static async Task<Scene> BeginAsync(string folder, bool hasSecondNode = false, int confirmations = Confirmations, int retainedBlocks = 4096, int attempts = 20)
        {
            var scene = new Scene(await NodeLedgers.StartNodeAsync(), hasSecondNode ? await NodeLedgers.StartNodeAsync() : null);
            EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(scene.First), DevNode.Account(), LedgerStory.Parameters);
            DevNode[] nodes = scene.Second is { } second ? [scene.First, second] : [scene.First];
            if (scene.Second is not null)
            {
                await scene.Second.Process.KillAsync();
            }

            foreach (DevNode node in nodes)
            {
                NodeProxy proxy = NodeProxy.Start(node);
                proxy.Before = scene.BeforeAsync;
                scene._proxies.Add(proxy);
            }

            EthereumConsentLedger[] clients = new EthereumConsentLedger[2];
            for (int i = 0; i < 2; i++)
            {
                clients[i] = await EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
                {
                    Deployment = deployment,
                    Nodes = new EthereumRpcOptions
                    {
                        Endpoints = [.. i == 0 ? scene._proxies.Select(proxy => proxy.Address) : nodes.Select(node => node.Address)],
                        MaxAttempts = attempts,
                        RetryDelay = TimeSpan.FromMilliseconds(20),
                        MaxRetryDelay = TimeSpan.FromSeconds(1),
                        CoolDown = TimeSpan.FromMilliseconds(100),
                    },
                    Relayer = i == 0 ? DevNode.Account(1) : null,
                    JournalPath = i == 0 ? Path.Combine(folder, "journal") : null,
                    CachePath = Path.Combine(folder, $"cache-{i}.db"),
                    Finality = EthereumFinality.After(confirmations),
                    RetainedBlocks = retainedBlocks,
                    MaxStaleness = TimeSpan.Zero,
                    PollInterval = TimeSpan.FromMilliseconds(10),
                    MaxHeadAge = null,
                    MinesOnDemand = i == 0,
                    Sending = new EthereumSenderOptions { StuckAfter = TimeSpan.FromSeconds(1) },
                });
            }

            (scene.Writer, scene.Reader) = (clients[0], clients[1]);
            return scene;
        }

        /// <summary>Registrations of actors that are new.</summary>
        public SignedCommand[] NewBatch() =>
        [
            .. Enumerable.Range(0, CommandsPerBatch).Select(_ =>
            {
                using var key = SecretKey.Generate();
                var register = new RegisterActor { Actor = ActorId.FromPublicKey(key.PublicKey), Roles = ActorRoles.Guardian, KeyRecordDigest = LedgerStory.Fresh(), ValidUntil = DateTimeOffset.UtcNow.AddDays(20) };
                return SignedCommand.Sign(register, 0, Writer.Id, key);
            }),
        ];

        /// <summary>Does something before the writer's next request of a method is passed on.</summary>
        public Task AtNextAsync(string method, Func<Task> fault) => AtAsync(1, method, fault);

        /// <summary>Does something before one of the writer's next requests is passed on.</summary>
        public Task AtAsync(int count, string? method, Func<Task> fault)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (_fault, _method, _done) = (fault, method, done);
            Volatile.Write(ref _countdown, count);
            return done.Task;
        }

        public async Task SendAsync(CancellationToken ct)
        {
            while (!StopsSending)
            {
                SignedCommand[] batch = NewBatch();
                foreach (LedgerReceipt receipt in await Writer.SubmitBatchAsync(batch, LedgerBatchMode.AllOrNothing, ct))
                {
                    _reported.Add((receipt.Entry.Command!, receipt.Entry.Hash));
                }
            }
        }

        public async Task FollowAsync(CancellationToken ct)
        {
            try
            {
                await foreach (LedgerEntry entry in Reader.FollowAsync(0, ct))
                {
                    lock (_given)
                    {
                        _given.Add((entry.Number, entry.Hash));
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The test ends it.
            }
        }

        /// <summary>Waits until the follower was given everything, and ends it.</summary>
        public async Task CatchUpAsync(CancellationTokenSource limit)
        {
            ulong last = (await Writer.GetHeadAsync(limit.Token)).Number;
            while (true)
            {
                lock (_given)
                {
                    if (_given is [.., var entry] && entry.Number >= last)
                    {
                        break;
                    }
                }

                await Task.Delay(20, limit.Token);
            }

            await limit.CancelAsync();
        }

        public async Task CompareAsync(ITestOutputHelper output)
        {
            DevNode node = First;
            if (Second is { } second && await Record.ExceptionAsync(() => First.Rpc.GetChainIdAsync(default)) is not null)
            {
                node = second;
            }

            await node.MineAsync(Confirmations);
            await using EthereumConsentLedger fresh = await NodeLedgers.ConnectAsync(node, Writer.Deployment, EthereumFinality.After(2));
            var entries = new List<LedgerEntry>();
            await foreach (LedgerEntry entry in fresh.ReadAsync(0))
            {
                entries.Add(entry);
            }

            Assert.Equal(entries.Count, entries.Select(entry => entry.Command!).Distinct().Count());
            lock (_given)
            {
                if (_given.Count > 0)
                {
                    Assert.Equal(entries.Select(entry => (entry.Number, entry.Hash)), _given);
                }
            }

            // What was reported is exactly what stands there.
            if (!_reported.IsEmpty)
            {
                Assert.Equal(entries.Select(entry => (entry.Command!, entry.Hash)).ToHashSet(), _reported.ToHashSet());
                Assert.Equal(entries.Count, _reported.Count);
            }

            int words = await StorageComparison.RunAsync(node, fresh);
            Assert.Equal((await fresh.GetHeadAsync()).Hash, (await Reader.GetHeadAsync()).Hash);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entries.Count} entries, {words} words of storage, {_reported.Count} receipts"));
        }

        public async ValueTask DisposeAsync()
        {
            await Writer.DisposeAsync();
            await Reader.DisposeAsync();
            foreach (NodeProxy proxy in _proxies)
            {
                await proxy.DisposeAsync();
            }

            await First.DisposeAsync();
            await (Second?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        private async Task<string?> BeforeAsync(string method, System.Text.Json.Nodes.JsonNode request)
        {
            // One at a time: while the nodes change nothing reaches them.
            await _gate.WaitAsync();
            try
            {
                if (_countdown > 0 && (_method is null || _method == method) && --_countdown == 0)
                {
                    try
                    {
                        await _fault!();
                        _done!.SetResult();
                    }
                    catch (Exception e)
                    {
                        _done!.SetException(e);
                    }
                }

                return null;
            }
            finally
            {
                _gate.Release();
            }
        }
    }
}
