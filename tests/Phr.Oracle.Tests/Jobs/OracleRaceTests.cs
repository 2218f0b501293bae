using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Jobs;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>What happens elsewhere while an oracle's process is at work, or has a look at the ledger that is behind: nothing leaves it that must not, and nothing is erased that is needed.</summary>
public class OracleRaceTests
{
    [Fact]
    public async Task ProcessAsync_RevokedWhileEnvelopesAreFetched_PublishesNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var published = new CrashPoint(0, false);
        JobOutcome outcome = await (await WorkerAsync(story, oracle, request, published, () => story.World.Patient.RevokeAsync(request))).ProcessAsync(request);
        Assert.Equal((JobState.NotServed, "the request is Revoked."), (outcome.State, outcome.Detail));
        Assert.Equal(0, published.Steps);
    }

    [Fact]
    public async Task ProcessAsync_DoctorSuspendedWhileEnvelopesAreFetched_PublishesNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var published = new CrashPoint(0, false);
        OracleWorker worker = await WorkerAsync(story, oracle, request, published, () => story.World.Agency.SuspendAsync(story.World.Doctor.Id, 1));
        Assert.Equal(JobState.NotServed, (await worker.ProcessAsync(request)).State);
        Assert.Equal(0, published.Steps);

        // What was made is kept, and delivered when it may be.
        await story.World.Agency.ReinstateAsync(story.World.Doctor.Id, 1);
        using SecretValue made = (await oracle.Secrets.GetAsync($"delivery/{request}/0"))!;
        Assert.Equal(JobState.Delivered, (await worker.ProcessAsync(request)).State);
        Assert.Equal(Digest.Of(made.Bytes), (await story.ReadAsync(request)).Delivery(1)!.DeliveryDigest);
    }

    /// <summary>A process that was paused comes back when the job is done and its delivery erased. Another delivery of its own, seen by anybody, would cost the bond.</summary>
    [Fact]
    public async Task ProcessAsync_AnotherProcessDeliveredAndErasedMeanwhile_PublishesNoSecondDelivery()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var published = new CrashPoint(0, false);
        OracleWorker paused = await WorkerAsync(story, oracle, request, published, async () =>
        {
            await story.ServeAsync(request, 1, 2, 3, 4, 5);
            Assert.True((await story.OpenAsync(request)).Succeeded);
            await story.World.Doctor.CloseAsync(request);
            await oracle.Worker.ProcessPendingAsync();
            Assert.Empty(await oracle.Secrets.ListAsync("delivery/"));
        });
        Assert.Equal(JobState.AlreadyDone, (await paused.ProcessAsync(request)).State);
        Assert.Equal(0, published.Steps);
        await paused.EraseFinishedAsync();
        Assert.Empty(await oracle.Secrets.ListAsync("delivery/"));
    }

    [Fact]
    public async Task ProcessAsync_DeliveryOfAnEarlierLife_IsMadeDurableBeforeItIsPublished()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var crash = new CrashPoint(1, true);
        var mortal = new OracleWorker(story.World.Services, oracle.Identity, new CrashingSecrets(oracle.Secrets, crash));
        await Assert.ThrowsAsync<CrashException>(() => mortal.ProcessAsync(request));

        // The store cannot say any more that it is on the disk.
        var broken = new OracleWorker(story.World.Services, oracle.Identity, new CrashingSecrets(oracle.Secrets, new CrashPoint(1, false)));
        await Assert.ThrowsAsync<CrashException>(() => broken.ProcessAsync(request));
        Assert.Empty((await story.ReadAsync(request)).Deliveries);
        Assert.Equal(JobState.Delivered, (await oracle.Worker.ProcessAsync(request)).State);
    }

    [Fact]
    public async Task EraseFinishedAsync_LookThatIsBehind_KeepsTheDeliveryOfALaterRound()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        await oracle.Secrets.PutAsync($"delivery/{request}/0", new byte[] { 1 });
        await oracle.Secrets.PutAsync($"delivery/{request}/1", new byte[] { 2 });
        await oracle.Worker.EraseFinishedAsync();
        Assert.Equal([$"delivery/{request}/0", $"delivery/{request}/1"], await oracle.Secrets.ListAsync("delivery/"));
        await WorkerOf(story, oracle, new LyingLedger(story.World.Ledger, r => r with { Round = 1 })).EraseFinishedAsync();
        Assert.Equal([$"delivery/{request}/1"], await oracle.Secrets.ListAsync("delivery/"));
    }

    /// <summary>On a chain a revocation counts as soon as it is in any block, which a re-organisation can still take away. The job is then open again, and has one delivery.</summary>
    [Fact]
    public async Task EraseFinishedAsync_RevocationInABlockThatIsNotFinal_KeepsTheDelivery()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        await story.ServeAsync(request, 1);
        DateTimeOffset final = (await story.World.Ledger.GetHeadAsync(default)).Time;
        RequestRecord Ended(RequestRecord r, int seconds) => r with { Ended = RequestStatus.Revoked, EndedAt = final.AddSeconds(seconds) };
        await WorkerOf(story, oracle, new LyingLedger(story.World.Ledger, r => Ended(r, 1))).EraseFinishedAsync();
        Assert.Single(await oracle.Secrets.ListAsync("delivery/"));
        await WorkerOf(story, oracle, new LyingLedger(story.World.Ledger, r => Ended(r, 0))).EraseFinishedAsync();
        Assert.Empty(await oracle.Secrets.ListAsync("delivery/"));
    }

    [Fact]
    public async Task EraseReplacedKeysAsync_LookThatIsBehind_KeepsTheKeyThatWasJustPublished()
    {
        await using Story story = await Story.BeginAsync();
        SampleOracle oracle = story.World.Oracles[0];
        ActorRecord before = (await story.World.Ledger.GetActorAsync(oracle.Identity.Id, default))!;
        story.Clock.Advance(TimeSpan.FromDays(20));
        DateTimeOffset until = story.Clock.GetUtcNow().AddDays(20);
        IdentityPublicKeys renewed = await oracle.Worker.RenewEnvelopeKeyAsync();
        await oracle.Worker.PublishKeysAsync(renewed, OperatorEndorsement.Create(oracle.Operator, story.World.Ledger.Id, renewed, until), until);

        // Of two processes of one oracle, one asks a node that stands still.
        OracleWorker behind = WorkerOf(story, oracle, new BehindLedger(story.World.Ledger, before));
        Assert.Equal(0, await behind.EraseReplacedKeysAsync());
        Assert.Equal(2, (await oracle.Secrets.ListAsync("oracle-envelope-key/")).Count);
        Assert.Equal(1, await oracle.Worker.EraseReplacedKeysAsync());
        Assert.Equal($"oracle-envelope-key/{renewed.EnvelopeKey}", Assert.Single(await oracle.Secrets.ListAsync("oracle-envelope-key/")));
    }

    [Fact]
    public void PublishedKey_NotesOfEachVersion_AreReadAndOthersRefused()
    {
        using var key = SecretKey.Generate();
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123);
        Assert.Equal(new PublishedKey(key.PublicKey, at), PublishedKey.FromBytes(PublishedKey.ToBytes(key.PublicKey, at)));
        Assert.Equal(new PublishedKey(key.PublicKey, DateTimeOffset.UnixEpoch), PublishedKey.FromBytes(key.PublicKey.ToBytes()));
        byte[] good = PublishedKey.ToBytes(key.PublicKey, at);
        foreach (byte[] bad in (byte[][])[[], good[..^1], [.. good, 0], [.. good[..^8], 0x80, 0, 0, 0, 0, 0, 0, 0], [.. good[..^8], 0x7f, 0, 0, 0, 0, 0, 0, 0], [.. new byte[33], .. good[^8..]]])
        {
            Assert.Throws<PhrDataException>(() => PublishedKey.FromBytes(bad));
        }
    }

    private static OracleWorker WorkerOf(Story story, SampleOracle oracle, IConsentLedger ledger, IContentStore? exchange = null) =>
        new(
            new ConsentServices { Ledger = ledger, Records = story.World.Services.Records, Exchange = exchange ?? story.World.Services.Exchange, Time = story.Clock },
            oracle.Identity,
            oracle.Secrets,
            new OracleOptions { EnvelopeGrace = TimeSpan.Zero });

    /// <summary>A worker for whose last fetch, of its envelope, something happens first.</summary>
    private static async Task<OracleWorker> WorkerAsync(Story story, SampleOracle oracle, RequestId request, CrashPoint published, Func<Task> meanwhile)
    {
        ApprovalRecord record = (await story.ReadAsync(request)).Approvals[0];
        TrusteeApproval approval = TrusteeApproval.FromBytes(await story.World.Services.Exchange.GetBlockAsync(record.ApprovalDigest));
        return WorkerOf(story, oracle, story.World.Ledger, new MeddledStore(story.World.Services.Exchange, published, Cid.ForRawBlock(approval.EnvelopeDigests[0]), meanwhile));
    }

    private sealed class MeddledStore(IContentStore inner, CrashPoint published, Cid awaited, Func<Task> meanwhile) : CrashingStore(inner, published)
    {
        private bool _isOver;

        public override async ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
        {
            if (cid == awaited && !_isOver)
            {
                _isOver = true;
                await meanwhile();
            }

            return await base.OpenAsync(cid, offset, length, cancellationToken);
        }
    }

    private sealed class BehindLedger(IConsentLedger inner, ActorRecord former) : CrashingLedger(inner, new CrashPoint(0, false))
    {
        public override async Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) =>
            actor == former.Id ? former : await base.GetActorAsync(actor, cancellationToken);
    }
}
