using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>What is permitted counts when it is final, what is taken away counts when it is seen, and what a re-organisation takes back was never final.</summary>
public sealed class LedgerFinalityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phr-finality-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task GetActorAsync_SuspendedInABlockThatIsNotFinal_IsSuspendedUntilTheBlockIsReplaced()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        await using EthereumConsentLedger hasty = await NodeLedgers.ConnectAsync(node, deployment);
        LedgerStory story = NodeLedgers.StoryOf(node, hasty);
        await story.RegisterAsync(LedgerStory.Agency, ActorRoles.Agency);
        await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        string cache = Path.Combine(_folder, "careful.db");
        EthereumConsentLedger careful = await NodeLedgers.ConnectAsync(node, deployment, EthereumFinality.After(3), cache);
        Assert.Null(await careful.GetActorAsync(LedgerStory.Patient.Id));
        await node.MineAsync(3);
        Assert.Equal(ActorStatus.Active, (await careful.GetActorAsync(LedgerStory.Patient.Id))!.Status);
        LedgerHead before = await careful.GetHeadAsync();

        await story.SubmitAsync(LedgerStory.Agency, new SuspendActor { Actor = default, Subject = LedgerStory.Patient.Id, ReasonCode = 1 });
        Assert.Equal(ActorStatus.Suspended, (await careful.GetActorAsync(LedgerStory.Patient.Id))!.Status);
        Assert.Equal(before.Number, (await careful.GetHeadAsync()).Number);

        // Opened again from its cache, it knows the same.
        await careful.DisposeAsync();
        careful = await NodeLedgers.ConnectAsync(node, deployment, EthereumFinality.After(3), cache);
        Assert.Equal(ActorStatus.Suspended, (await careful.GetActorAsync(LedgerStory.Patient.Id))!.Status);

        await node.DevAsync("anvil_reorg", 1, new JsonArray());
        Assert.Equal(ActorStatus.Active, (await careful.GetActorAsync(LedgerStory.Patient.Id))!.Status);
        Assert.Equal(ActorStatus.Active, (await hasty.GetActorAsync(LedgerStory.Patient.Id))!.Status);
        Assert.Equal(before.Hash, (await careful.GetHeadAsync()).Hash);
        await careful.DisposeAsync();
    }

    /// <summary>From the block on nothing is left but to wait: whoever handed the command in is told so long before the receipt comes, and may do other things meanwhile.</summary>
    [Fact]
    public async Task SubmitAndTellAsync_BlockThatIsNotFinal_TellsItsNumberLongBeforeTheReceipt()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        await using EthereumConsentLedger ledger = await EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
        {
            Deployment = deployment,
            Nodes = NodeLedgers.NodesOf(node),
            Relayer = DevNode.Account(1),
            MaxStaleness = TimeSpan.Zero,
            PollInterval = TimeSpan.FromMilliseconds(20),
            Finality = EthereumFinality.After(3),
            MaxHeadAge = null,
        });
        var told = new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously);
        RegisterActor register = NodeLedgers.StoryOf(node, ledger).Register(ActorRoles.Patient) with { Actor = LedgerStory.Patient.Id };
        IConsentLedger seam = ledger;
        Task<LedgerReceipt> submitting = seam.SubmitAndTellAsync(register, LedgerStory.Patient.Key, told.SetResult);
        ulong block = await told.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(await node.Rpc.GetBlockNumberAsync(default), block);
        Assert.Null(await ledger.GetActorAsync(LedgerStory.Patient.Id));
        Assert.False(submitting.IsCompleted);
        await node.MineAsync(3);
        Assert.Equal(block, (await submitting).Entry.Block.Number);
        Assert.Equal(ActorStatus.Active, (await ledger.GetActorAsync(LedgerStory.Patient.Id))!.Status);
    }

    /// <summary>The time of a final block decides whether a veto window is over, also where the block lies so deep that it was read in a range and holds nothing.</summary>
    [Fact]
    public async Task GetHeadAsync_FinalBlockBelowWhatIsWalked_HasItsTime()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        await node.MineAsync(700);
        await using EthereumConsentLedger ledger = await NodeLedgers.ConnectAsync(node, deployment, EthereumFinality.After(400));
        ulong newest = await node.Rpc.GetBlockNumberAsync(default);
        LedgerHead head = await ledger.GetHeadAsync();
        Assert.Equal(newest - 400, head.Block);
        Assert.Equal((await node.Rpc.GetBlockAsync(Phr.Consent.Ethereum.BlockTag.Number(newest - 400), default))!.Time, head.Time);
    }

    /// <summary>Whoever finds that another took the snapshot waits until it is final, and takes one itself where a re-organisation takes that one away.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RedrawCommitteeAsync_SnapshotOfAnotherIsNotFinal_WaitsForIt(bool isLost)
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        using var identity = Phr.Crypto.IdentityKeys.Generate();
        await using (EthereumConsentLedger hasty = await NodeLedgers.ConnectAsync(node, deployment))
        {
            await ClientOf(hasty, identity).RegisterAsync(ActorRoles.Patient);
            await NodeLedgers.StoryOf(node, hasty).InstituteAsync();
        }

        await using EthereumConsentLedger careful = await NodeLedgers.ConnectAsync(node, deployment, EthereumFinality.After(2));
        Assert.Null(await careful.GetSnapshotAsync(null));
        Task redrawing = ClientOf(careful, identity).RedrawCommitteeAsync(Phr.Crypto.RequestId.FromBytes(new byte[Phr.Crypto.RequestId.Length]));
        if (isLost)
        {
            await node.DevAsync("anvil_reorg", 1, new JsonArray());
        }

        while (!redrawing.IsCompleted)
        {
            await Task.WhenAny(redrawing, Task.Delay(TimeSpan.FromMilliseconds(100)));
            await node.MineAsync();
        }

        // There is no such request: that is refused only once there is a snapshot.
        await Assert.ThrowsAsync<LedgerRejectedException>(() => redrawing);
        Assert.Equal(LedgerStory.OracleCount, (await careful.GetSnapshotAsync(null))!.Entries.Count);
    }

    private DoctorClient ClientOf(IConsentLedger ledger, Phr.Crypto.IdentityKeys identity)
    {
        Phr.Storage.IContentStore store = Phr.Storage.DirectoryContentStore.Open(Path.Combine(_folder, "content"));
        return new DoctorClient(new ConsentServices { Ledger = ledger, Records = store, Exchange = store }, identity, new Phr.Crypto.FileSecretStore(Path.Combine(_folder, "secrets"), identity));
    }

    /// <summary>A node that stands still hides revocations: what it says is refused until it moves again.</summary>
    [Fact]
    public async Task GetHeadAsync_ChainThatStandsStill_IsRefusedUntilABlockComes()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        var clock = new Clock { Now = await NodeLedgers.NowAsync(node) };
        await using EthereumConsentLedger ledger = await EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
        {
            Deployment = deployment,
            Nodes = NodeLedgers.NodesOf(node),
            Relayer = DevNode.Account(1),
            MaxStaleness = TimeSpan.Zero,
            Finality = EthereumFinality.Head,
            MaxHeadAge = TimeSpan.FromMinutes(5),
            TimeProvider = clock,
        });
        await ledger.GetHeadAsync();
        clock.Now += TimeSpan.FromMinutes(6);
        Phr.Crypto.PhrDataException refused = await Assert.ThrowsAsync<Phr.Crypto.PhrDataException>(() => ledger.GetHeadAsync());
        Assert.Equal(Phr.Crypto.PhrDataReason.Expired, refused.Reason);
        await Assert.ThrowsAsync<Phr.Crypto.PhrDataException>(() => ledger.GetActorAsync(LedgerStory.Patient.Id));
        await node.DevAsync("evm_setNextBlockTimestamp", QuantityConverter.Text((ulong)clock.Now.ToUnixTimeSeconds()));
        await node.MineAsync();
        Assert.Equal(clock.Now.ToUnixTimeSeconds(), (await ledger.GetHeadAsync()).Time.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task ConnectAsync_AddressFileWithOtherRules_Refuses()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), LedgerStory.Parameters);
        Assert.Equal(deployment.ToJson(), EthereumDeployment.FromJson(deployment.ToJson()).ToJson());
        await EthereumLedgerDeployer.VerifyAsync(NodeLedgers.NodesOf(node), deployment);
        EthereumDeployment other = deployment with { Parameters = deployment.Parameters with { RecoveryDelay = TimeSpan.FromDays(1) } };
        await Assert.ThrowsAsync<Phr.Crypto.PhrDataException>(() => NodeLedgers.ConnectAsync(node, other));
        await Assert.ThrowsAsync<Phr.Crypto.PhrDataException>(() => EthereumLedgerDeployer.VerifyAsync(NodeLedgers.NodesOf(node), other));
        EthereumDeployment swapped = deployment with { Modules = deployment.Modules.ToDictionary(module => module.Key, module => deployment.Modules.Values.First()) };
        await Assert.ThrowsAsync<Phr.Crypto.PhrDataException>(() => EthereumLedgerDeployer.VerifyAsync(NodeLedgers.NodesOf(node), swapped));
        await Assert.ThrowsAsync<Phr.Crypto.PhrDataException>(() => NodeLedgers.ConnectAsync(node, deployment with { Ledger = deployment.Ledger with { Contract = LedgerStory.Doctor.Id } }));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    [Fact]
    public async Task SubmitBatchAsync_SeveralCommands_GivesAReceiptForEach()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        LedgerStory story = NodeLedgers.StoryOf(node, ledger);
        SignedCommand[] commands =
        [
            .. LedgerStory.Guardians.Select(guardian => SignedCommand.Sign(story.Register(ActorRoles.Guardian) with { Actor = guardian.Id }, 0, ledger.Id, guardian.Key)),
            SignedCommand.Sign(story.Register(ActorRoles.Patient) with { Actor = LedgerStory.Guardians[0].Id }, 1, ledger.Id, LedgerStory.Guardians[0].Key),
        ];
        Assert.Equal(LedgerError.AlreadyExists, (await Assert.ThrowsAsync<LedgerRejectedException>(() => ledger.SubmitBatchAsync(commands, LedgerBatchMode.AllOrNothing))).Error);
        IReadOnlyList<LedgerReceipt> receipts = await ledger.SubmitBatchAsync(commands, LedgerBatchMode.EachForItself);
        Assert.Equal(commands[..^1], receipts.Select(receipt => receipt.Entry.Command));

        // The development account is a patient that sends its own transactions.
        using var own = DevNode.Account(2);
        var id = Phr.Crypto.ActorId.FromPublicKey(own.PublicKey);
        LedgerReceipt registered = await ledger.SendOwnAsync(story.Register(ActorRoles.Patient) with { Actor = id }, own);
        Assert.Null(registered.Entry.Command);
        Assert.Equal(ActorStatus.Active, (await ledger.GetActorAsync(id))!.Status);
        Assert.Equal(0ul, await ledger.GetNonceAsync(id));
    }
}
