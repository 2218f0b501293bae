using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>What happens between a client's look at the chain and the block in which its command stands.</summary>
public sealed class LedgerRaceTests
{
    /// <summary>Only ends a test that would hang.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SubmitAsync_BundleRevisedMeanwhile_IsPutTogetherOnceMore(int revisions)
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        LedgerStory story = NodeLedgers.StoryOf(node, ledger);
        await story.InstituteAsync();
        await story.SealAsync();
        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger slow = await NodeLedgers.ConnectAsync(proxy.Address, ledger);
        int estimates = 0;
        Digest header = story.Header;
        proxy.Before = async (method, _) =>
        {
            if (method == "eth_estimateGas" && Interlocked.Increment(ref estimates) <= revisions)
            {
                Digest next = LedgerStory.Fresh();
                await story.SubmitAsync(LedgerStory.Patient, new ReviseBundle { Actor = default, BundleId = story.Bundle, PreviousHeaderDigest = header, HeaderDigest = next, DocumentsRoot = LedgerStory.Fresh() });
                header = next;
            }

            return null;
        };
        ProposeReshare reshare = LedgerStory.Reshare(story.Bundle, (await slow.GetBundleAsync(story.Bundle))!, story.Now) with { Actor = LedgerStory.Hospital.Id };
        SignedCommand command = SignedCommand.Sign(reshare, await slow.GetNonceAsync(LedgerStory.Hospital.Id), ledger.Id, LedgerStory.Hospital.Key);
        if (revisions == 1)
        {
            Assert.Equal(command, (await slow.SubmitAsync(command)).Entry.Command);
        }
        else
        {
            Assert.Equal("BadWitness", (await Assert.ThrowsAsync<EthereumRevertException>(() => slow.SubmitAsync(command))).ErrorName);
        }

        Assert.Equal(2, estimates);
        Assert.Equal(revisions == 1, await ledger.GetReshareAsync(story.Bundle, reshare.PlanDigest) is not null);
    }

    /// <summary>The model decides anew on what is there then.</summary>
    [Fact]
    public async Task SubmitAsync_WhatItIsAboutEndedMeanwhile_IsRefusedAsTheModelSays()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        LedgerStory story = NodeLedgers.StoryOf(node, ledger);
        await story.InstituteAsync();
        await story.SealAsync();
        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger slow = await NodeLedgers.ConnectAsync(proxy.Address, ledger);
        int estimates = 0;
        proxy.Before = async (method, _) =>
        {
            if (method == "eth_estimateGas" && Interlocked.Increment(ref estimates) == 1)
            {
                await story.SubmitAsync(LedgerStory.Patient, new ProposeDealing
                {
                    Actor = default, BundleId = story.Bundle, HeaderDigest = story.Header, Epoch = 2, PreviousDealingDigest = story.Dealing, DealingDigest = LedgerStory.Fresh(), Policy = LedgerStory.Policy,
                });
            }

            return null;
        };
        ProposeReshare reshare = LedgerStory.Reshare(story.Bundle, (await slow.GetBundleAsync(story.Bundle))!, story.Now) with { Actor = LedgerStory.Hospital.Id };
        SignedCommand command = SignedCommand.Sign(reshare, await slow.GetNonceAsync(LedgerStory.Hospital.Id), ledger.Id, LedgerStory.Hospital.Key);
        Assert.Equal(LedgerError.AlreadyExists, (await Assert.ThrowsAsync<LedgerRejectedException>(() => slow.SubmitAsync(command))).Error);
    }

    /// <summary>Two commands of one actor are signed with one nonce, as two tasks of a process do: one is accepted, and the other one is told so, in whatever way it was sent.</summary>
    [Theory]
    [InlineData("single")]
    [InlineData("signed anew")]
    [InlineData("all or nothing")]
    [InlineData("each for itself")]
    public async Task Submit_AnotherCommandTookTheNonceOnTheWay_IsNotTakenForIt(string way)
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        LedgerStory story = NodeLedgers.StoryOf(node, ledger);
        await story.RegisterAsync(LedgerStory.Agency, ActorRoles.Agency);
        foreach (Person guardian in LedgerStory.Guardians)
        {
            await story.RegisterAsync(guardian, ActorRoles.Guardian);
        }

        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger slow = await EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
        {
            Deployment = ledger.Deployment,
            Nodes = new EthereumRpcOptions { Endpoints = [proxy.Address], RequestTimeout = _patience },
            Relayer = DevNode.Account(2),
            Finality = EthereumFinality.Head,
            MaxStaleness = TimeSpan.Zero,
            PollInterval = TimeSpan.FromMilliseconds(5),
            MaxHeadAge = null,
            MinesOnDemand = true,
        });
        ulong nonce = await slow.GetNonceAsync(LedgerStory.Agency.Id);
        int sent = 0;
        proxy.Before = async (method, _) =>
        {
            if (method == "eth_sendRawTransaction" && Interlocked.Increment(ref sent) == 1)
            {
                await story.SubmitAsync(LedgerStory.Agency, Suspend(0));
            }

            return null;
        };
        SignedCommand displaced = Sign(Suspend(1), LedgerStory.Agency, nonce), next = Sign(Suspend(2), LedgerStory.Agency, nonce + 1), other = Sign(story.Register(ActorRoles.Patient), LedgerStory.Patient, 0);
        switch (way)
        {
            case "single":
                Assert.Equal(LedgerError.WrongNonce, (await Assert.ThrowsAsync<LedgerRejectedException>(() => slow.SubmitAsync(displaced).WaitAsync(_patience))).Error);
                break;
            case "signed anew":
                Assert.Equal(Suspend(1) with { Actor = LedgerStory.Agency.Id }, (await slow.SubmitAsync(Suspend(1) with { Actor = LedgerStory.Agency.Id }, LedgerStory.Agency.Key).WaitAsync(_patience)).Entry.Command!.Command);
                break;
            case "all or nothing":
                Assert.Equal(LedgerError.WrongNonce, (await Assert.ThrowsAsync<LedgerRejectedException>(() => slow.SubmitBatchAsync([displaced, next, other], LedgerBatchMode.AllOrNothing).WaitAsync(_patience))).Error);
                break;
            default:
                Assert.Equal([next, other], (await slow.SubmitBatchAsync([displaced, next, other], LedgerBatchMode.EachForItself).WaitAsync(_patience)).Select(receipt => receipt.Entry.Command));
                break;
        }

        ActorStatus[] after = await Task.WhenAll(LedgerStory.Guardians.Select(async guardian => (await slow.GetActorAsync(guardian.Id))!.Status));
        Assert.Equal([ActorStatus.Suspended, way == "signed anew" ? ActorStatus.Suspended : ActorStatus.Active, way == "each for itself" ? ActorStatus.Suspended : ActorStatus.Active], after);

        static SuspendActor Suspend(int guardian) => new() { Actor = default, Subject = LedgerStory.Guardians[guardian].Id, ReasonCode = 1 };
        SignedCommand Sign(LedgerCommand command, Person person, ulong number) => SignedCommand.Sign(command with { Actor = person.Id }, number, ledger.Id, person.Key);
    }

    /// <summary>An oracle has many jobs in hand, and its commands follow each other by their nonces: none is sent that another one displaces, which would show only when a block is final.</summary>
    [Fact]
    public async Task SubmitAsync_ManyAtOnceOfOneActor_AreSentOnceEach()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger made = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        await using NodeProxy proxy = NodeProxy.Start(node);
        await using EthereumConsentLedger ledger = await NodeLedgers.ConnectAsync(proxy.Address, made.Deployment, EthereumFinality.After(4));
        await NodeLedgers.StoryOf(node, ledger).RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        int sent = 0;
        proxy.Before = (method, _) =>
        {
            _ = method == "eth_sendRawTransaction" ? Interlocked.Increment(ref sent) : 0;
            return Task.FromResult<string?>(null);
        };
        RegisterBundle[] bundles =
        [
            .. Enumerable.Range(0, 12).Select(_ => new RegisterBundle
            {
                Actor = LedgerStory.Patient.Id, BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()), HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh(),
            }),
        ];
        LedgerReceipt[] receipts = await Task.WhenAll(bundles.Select(bundle => Task.Run(() => ledger.SubmitAsync(bundle, LedgerStory.Patient.Key)))).WaitAsync(_patience);
        Assert.Equal(bundles.ToHashSet<LedgerCommand>(), receipts.Select(receipt => receipt.Entry.Command!.Command).ToHashSet());
        Assert.Equal(bundles.Length, sent);
        Assert.Equal(13ul, await ledger.GetNonceAsync(LedgerStory.Patient.Id));
    }

    /// <summary>The transaction is in a block, and before that is final a re-organisation drops it and the node forgets it: nobody else would send it again.</summary>
    [Fact]
    public async Task SubmitAsync_ReorganisationDropsTheTransaction_IsSentAgain()
    {
        await using Dropping scene = await Dropping.BeginAsync();
        LedgerReceipt receipt = await scene.Story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient).WaitAsync(_patience);
        Assert.Equal(2, scene.Sent);
        Assert.Equal(1ul, receipt.Number);
        Assert.Equal(1ul, await scene.Ledger.GetNonceAsync(LedgerStory.Patient.Id));
        Assert.Equal(ActorStatus.Active, (await scene.Ledger.GetActorAsync(LedgerStory.Patient.Id))!.Status);
        Assert.Equal([receipt.Entry.Hash], await scene.EntriesAsync());
    }

    [Theory]
    [InlineData(LedgerBatchMode.AllOrNothing)]
    [InlineData(LedgerBatchMode.EachForItself)]
    public async Task SubmitBatchAsync_ReorganisationDropsTheTransaction_IsSentAgainAndEachIsReportedOnce(LedgerBatchMode mode)
    {
        await using Dropping scene = await Dropping.BeginAsync();
        SignedCommand[] commands = [.. LedgerStory.Guardians.Select(guardian => scene.Sign(scene.Story.Register(ActorRoles.Guardian), guardian))];
        SignedCommand[] sent = mode == LedgerBatchMode.AllOrNothing ? commands : [.. commands, scene.Sign(scene.Story.Register(ActorRoles.Patient), LedgerStory.Guardians[0], 1)];
        IReadOnlyList<LedgerReceipt> receipts = await scene.Ledger.SubmitBatchAsync(sent, mode).WaitAsync(_patience);
        Assert.Equal(2, scene.Sent);
        Assert.Equal(commands, receipts.Select(receipt => receipt.Entry.Command));
        Assert.Equal(receipts.Select(receipt => receipt.Entry.Hash), await scene.EntriesAsync());
    }

    /// <summary>After the re-organisation another relayer carries one of the commands: the batch's own transaction fails in its new block, and the others are carried in a new one.</summary>
    [Fact]
    public async Task SubmitBatchAsync_DroppedAndOneCarriedByAnotherRelayer_CarriesTheOthersOnce()
    {
        await using Dropping scene = await Dropping.BeginAsync();
        SignedCommand[] commands = [.. LedgerStory.Guardians.Select(guardian => scene.Sign(scene.Story.Register(ActorRoles.Guardian), guardian))];
        await using EthereumConsentLedger other = await EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
        {
            Deployment = scene.Ledger.Deployment,
            Nodes = NodeLedgers.NodesOf(scene.Node),
            Relayer = DevNode.Account(),
            Finality = EthereumFinality.Head,
            MaxStaleness = TimeSpan.Zero,
            PollInterval = TimeSpan.FromMilliseconds(5),
            MaxHeadAge = null,
        });
        scene.AfterDrop = () => other.SubmitAsync(commands[1]);
        IReadOnlyList<LedgerReceipt> receipts = await scene.Ledger.SubmitBatchAsync(commands, LedgerBatchMode.AllOrNothing).WaitAsync(_patience);
        Assert.Equal(commands.ToHashSet(), receipts.Select(receipt => receipt.Entry.Command!).ToHashSet());
        Assert.Equal(commands.Length, receipts.Count);
        Assert.Equal(receipts.Select(receipt => receipt.Entry.Hash), await scene.EntriesAsync());
    }

    /// <summary>Nothing but its account's nonce protects an own transaction from taking effect twice: the same one is sent again, and the bond is posted once.</summary>
    [Fact]
    public async Task SendOwnAsync_ReorganisationDropsTheTransaction_IsSentAgainAndTakesEffectOnce()
    {
        await using Dropping scene = await Dropping.BeginAsync(begins: false);
        using SecretKey own = DevNode.Account(2);
        var id = ActorId.FromPublicKey(own.PublicKey);
        await using EthereumConsentLedger hasty = await NodeLedgers.ConnectAsync(scene.Node, scene.Ledger.Deployment);
        await NodeLedgers.StoryOf(scene.Node, hasty).InstituteAsync();
        await scene.Node.MineAsync(4);
        await scene.Ledger.SendOwnAsync(scene.Story.Register(ActorRoles.Patient) with { Actor = id }, own);
        ActorId oracle = LedgerStory.Oracles[0].Id;
        ulong before = (await scene.OracleAsync(oracle)).Bond, transactions = await scene.Node.Rpc.GetTransactionCountAsync(id, BlockTag.Latest, default);
        ulong entries = (await scene.Ledger.GetHeadAsync()).Number;
        scene.Begin();
        LedgerReceipt receipt = await scene.Ledger.SendOwnAsync(new PostBond { Actor = id, Oracle = oracle, Amount = 1_000 }, own).WaitAsync(_patience);
        Assert.Equal(2, scene.Sent);
        Assert.Equal(oracle, Assert.IsType<BondPosted>(Assert.Single(receipt.Entry.Events)).Oracle);
        Assert.Equal(entries + 1, receipt.Number);
        Assert.Equal(entries + 1, (await scene.Ledger.GetHeadAsync()).Number);
        Assert.Equal(before + 1_000, (await scene.OracleAsync(oracle)).Bond);
        Assert.Equal(transactions + 1, await scene.Node.Rpc.GetTransactionCountAsync(id, BlockTag.Latest, default));
        await StorageComparison.RunAsync(scene.Node, scene.Ledger);
    }

    /// <summary>
    /// The client ends after its transaction was in a block, and then a re-organisation drops that. The next one knows it from the journal and sends it again by itself; what the account of an own transaction sent before
    /// goes out with that account's next one.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ConnectAsync_DroppedWhileNoClientRan_IsSentAgainFromTheJournal(bool isOwn)
    {
        await using Dropping scene = await Dropping.BeginAsync(keepsJournal: true);
        using SecretKey own = DevNode.Account(2);
        var id = ActorId.FromPublicKey(own.PublicKey);
        SignedCommand[] batch = [.. LedgerStory.Guardians.Select(guardian => scene.Sign(scene.Story.Register(ActorRoles.Guardian), guardian))];
        RegisterActor registration = scene.Story.Register(ActorRoles.Patient) with { Actor = id };
        await Assert.ThrowsAsync<EthereumUnavailableException>(
            () => (isOwn ? scene.Ledger.SendOwnAsync(registration, own) : (Task)scene.Ledger.SubmitBatchAsync(batch, LedgerBatchMode.AllOrNothing)).WaitAsync(_patience));
        await scene.Ledger.DisposeAsync();
        Assert.Single(Directory.GetFiles(scene.Journal!, "*.tx", SearchOption.AllDirectories));
        Assert.Equal(0ul, await scene.Node.Rpc.GetTransactionCountAsync(isOwn ? id : ActorId.FromPublicKey(DevNode.Account(1).PublicKey), BlockTag.Pending, default));

        await using EthereumConsentLedger again = await NodeLedgers.ConnectAsync(scene.Node.Address, scene.Ledger.Deployment, EthereumFinality.After(3), journalPath: scene.Journal);
        if (isOwn)
        {
            await again.SendOwnAsync(new RegisterBundle { Actor = id, BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()), HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh() }, own).WaitAsync(_patience);
            Assert.Equal(2ul, await scene.Node.Rpc.GetTransactionCountAsync(id, BlockTag.Latest, default));
        }

        ActorId[] actors = isOwn ? [id] : [.. LedgerStory.Guardians.Select(guardian => guardian.Id)];
        using var limit = new CancellationTokenSource(_patience);
        while (Directory.GetFiles(scene.Journal!, "*.tx", SearchOption.AllDirectories).Length > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await scene.Node.MineAsync();
        }

        foreach (ActorId actor in actors)
        {
            Assert.Equal(ActorStatus.Active, (await again.GetActorAsync(actor))!.Status);
        }

        Assert.Equal(isOwn ? 2ul : 3ul, (await again.GetHeadAsync()).Number);
    }

    /// <summary>Two commands of one account at once, each in a transaction of the account's own: their nonces do not get into each other's way.</summary>
    [Fact]
    public async Task SendOwnAsync_SeveralAtOnceOfOneAccount_EachGetsInOnce()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        LedgerStory story = NodeLedgers.StoryOf(node, ledger);
        using SecretKey own = DevNode.Account(2);
        var id = ActorId.FromPublicKey(own.PublicKey);
        await ledger.SendOwnAsync(story.Register(ActorRoles.Patient) with { Actor = id }, own);
        BundleId[] bundles = [.. Enumerable.Range(0, 6).Select(_ => BundleId.FromBytes(LedgerStory.Fresh().ToBytes()))];
        await Task.WhenAll(bundles.Select(bundle => ledger.SendOwnAsync(new RegisterBundle { Actor = id, BundleId = bundle, HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh() }, own)));
        foreach (BundleId bundle in bundles)
        {
            Assert.Equal(id, (await ledger.GetBundleAsync(bundle))!.Patient);
        }

        Assert.Equal(7ul, await node.Rpc.GetTransactionCountAsync(id, BlockTag.Latest, default));
    }

    /// <summary>
    /// A ledger whose blocks are final when three follow, and whose node replaces the last two blocks and forgets what was on its way, once: when a transaction has been in a block for one block. A client with a journal is cut
    /// off from its node for good just then.
    /// </summary>
    private sealed class Dropping : IAsyncDisposable
    {
        private readonly NodeProxy _proxy;
        private int _mined = int.MinValue;
        private int _sent;
        private volatile bool _isCutOff;

        private Dropping(DevNode node, NodeProxy proxy, EthereumConsentLedger ledger, string? journal)
        {
            (Node, _proxy, Ledger, Journal) = (node, proxy, ledger, journal);
            Story = NodeLedgers.StoryOf(node, ledger);
            proxy.Before = async (method, _) =>
            {
                if (_isCutOff)
                {
                    throw new HttpRequestException("The client is cut off.");
                }

                if (method == "eth_sendRawTransaction")
                {
                    Interlocked.Increment(ref _sent);
                }
                else if (method == "evm_mine" && Interlocked.Increment(ref _mined) == 2)
                {
                    // The client sees none of it before it is done.
                    _isCutOff = true;
                    await node.DevAsync("anvil_reorg", 2, new JsonArray());
                    await node.DevAsync("anvil_dropAllTransactions");
                    await AfterDrop();
                    _isCutOff = journal is not null;
                }

                return null;
            };
        }

        public DevNode Node { get; }

        public EthereumConsentLedger Ledger { get; }

        public LedgerStory Story { get; }

        public string? Journal { get; }

        /// <summary>How many transactions the client sent since the beginning.</summary>
        public int Sent => _sent;

        public Func<Task> AfterDrop { get; set; } = () => Task.CompletedTask;

        public static async Task<Dropping> BeginAsync(bool begins = true, bool keepsJournal = false)
        {
            DevNode node = await NodeLedgers.StartNodeAsync();
            EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
            await node.MineAsync(5);
            NodeProxy proxy = NodeProxy.Start(node);
            string? journal = keepsJournal ? Directory.CreateTempSubdirectory("phr-journal-").FullName : null;
            var scene = new Dropping(node, proxy, await NodeLedgers.ConnectAsync(proxy.Address, deployment, EthereumFinality.After(3), journalPath: journal), journal);
            if (begins)
            {
                scene.Begin();
            }

            return scene;
        }

        public void Begin()
        {
            _sent = 0;
            _mined = 0;
        }

        public SignedCommand Sign(LedgerCommand command, Person person, ulong nonce = 0) => SignedCommand.Sign(command with { Actor = person.Id }, nonce, Ledger.Id, person.Key);

        public async Task<OracleRecord> OracleAsync(ActorId oracle) => (await Ledger.ListOraclesAsync()).Single(record => record.Id == oracle);

        public async Task<List<Digest>> EntriesAsync()
        {
            var hashes = new List<Digest>();
            await foreach (LedgerEntry entry in Ledger.ReadAsync(0))
            {
                hashes.Add(entry.Hash);
            }

            return hashes;
        }

        public async ValueTask DisposeAsync()
        {
            await Ledger.DisposeAsync();
            await _proxy.DisposeAsync();
            await Node.DisposeAsync();
            if (Journal is not null)
            {
                Directory.Delete(Journal, recursive: true);
            }
        }
    }
}
