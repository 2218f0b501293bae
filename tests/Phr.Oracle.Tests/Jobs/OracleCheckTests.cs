using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>What an oracle checks before it delivers (docs/protocol.md, rules 11 and 13), one thing false at a time: it makes no delivery, keeps none, and says what is wrong.</summary>
public class OracleCheckTests
{
    [Fact]
    public async Task ProcessAsync_LedgerSaysOneThingFalse_DeliversNothingAndSaysWhat()
    {
        await using Story story = await Story.BeginAsync();
        BundleHeader another = await story.World.Patient.SealAsync([new DocumentToSeal(new DocumentInfo("third.txt", "text/plain"), () => new MemoryStream("third"u8.ToArray()))]);
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        RequestRecord honest = await story.ReadAsync(request);
        DateTimeOffset now = story.Clock.GetUtcNow();
        using var key = SecretKey.Generate();
        (Func<RequestRecord, RequestRecord> Lie, JobState State, string Says)[] lies =
        [
            // The grant: final, standing, and in its time.
            (r => r with { Grant = null }, JobState.NotServed, "is Open"),
            (r => r with { Grant = r.Grant! with { VetoUntil = now.AddMinutes(1) } }, JobState.NotServed, "VetoWindow"),
            (r => r with { Ended = RequestStatus.Revoked }, JobState.NotServed, "is Revoked"),
            (r => r with { Ended = RequestStatus.Vetoed }, JobState.NotServed, "is Vetoed"),
            (r => r with { NotAfter = now.AddSeconds(-1) }, JobState.NotServed, "Expired"),
            (r => r with { NotAfter = r.NotAfter.AddHours(1) }, JobState.Waiting, "its id"),
            (r => r with { RequestedAt = now.AddHours(1) }, JobState.Waiting, "impossible time"),

            // The doctor, and the receiving key.
            (r => r with { Doctor = story.World.Hospital.Id }, JobState.NotServed, "licence"),
            (r => r with { ReceivingKey = key.PublicKey }, JobState.Waiting, "its id"),
            (r => r with { Possession = key.SignDigest(new byte[32]).Signature }, JobState.Waiting, "nobody proved"),
            (r => r with { ReusesReceivingKey = true }, JobState.Waiting, "earlier request"),

            // The seat: of this oracle, of this committee, in this round.
            (r => r with { Committee = [.. r.Committee.Skip(1)] }, JobState.NotServed, "no seat"),
            (r => r with { Committee = [r.Committee[1] with { Index = 1 }, r.Committee[0] with { Index = 2 }, .. r.Committee.Skip(2)] }, JobState.Waiting, "seed draws"),
            (r => r with { Committee = [.. r.Committee.Take(4)] }, JobState.Waiting, "committee"),
            (r => r with { Round = 1 }, JobState.Waiting, "seed draws"),
            (r => r with { Seed = Digest.Random() }, JobState.Waiting, "seed draws"),
            (r => r with { Parties = [] }, JobState.Waiting, "committee"),

            // The epoch, and every digest.
            (r => r with { Epoch = r.Epoch + 1 }, JobState.Waiting, "epoch"),
            (r => r with { Policy = r.Policy with { CommitteeThreshold = 2 } }, JobState.Waiting, "rules"),
            (r => r with { HeaderDigest = another.Digest }, JobState.Waiting, "dealing"),
            (r => r with { HeaderDigest = Digest.Random() }, JobState.Waiting, string.Empty),
            (r => r with { DealingDigest = Digest.Random() }, JobState.Waiting, string.Empty),
            (r => r with { EvidenceRoot = Digest.Random() }, JobState.Waiting, "its id"),
            (r => r with { DocumentsCommitment = Digest.Random() }, JobState.Waiting, "its id"),
            (r => r with { BodyDigest = Digest.Random() }, JobState.Waiting, "its id"),
            (r => r with { PurposeDigest = Digest.Random() }, JobState.Waiting, "its id"),
            (r => r with { Uses = 2 }, JobState.Waiting, "its id"),

            // The approvals, which the ledger only counts.
            (r => r with { Approvals = [] }, JobState.Waiting, "missing"),
            (r => r with { Approvals = [r.Approvals[0] with { ApprovalDigest = Digest.Random() }] }, JobState.Waiting, string.Empty),
            (r => r with { Approvals = [r.Approvals[0] with { Seat = new TrusteeSeat(1, 1) }] }, JobState.Waiting, "another trustee"),
        ];
        var surprises = new List<string>();
        foreach ((int i, (Func<RequestRecord, RequestRecord> lie, JobState state, string says)) in lies.Index())
        {
            JobOutcome outcome = await WorkerOf(story, oracle, new LyingLedger(story.World.Ledger, lie)).ProcessAsync(request);
            if (outcome.State != state || !outcome.Detail.Contains(says, StringComparison.OrdinalIgnoreCase))
            {
                surprises.Add($"lie {i}: {outcome.State}, {outcome.Detail}");
            }

            await AssertNothingMadeAsync(story, oracle, request);
        }

        Assert.Empty(surprises);
        Assert.Equal(JobState.Delivered, (await WorkerOf(story, oracle, new LyingLedger(story.World.Ledger, r => r)).ProcessAsync(request)).State);
    }

    [Fact]
    public async Task ProcessAsync_StoreGivesOtherBytesForOneDigest_DeliversNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        RequestRecord record = await story.ReadAsync(request);
        TrusteeApproval approval = TrusteeApproval.FromBytes(await story.World.Services.Exchange.GetBlockAsync(record.Approvals[0].ApprovalDigest));
        foreach (Digest digest in (Digest[])[record.HeaderDigest, record.DealingDigest, record.Committee[0].KeyRecordDigest, record.Committee[4].KeyRecordDigest, approval.Digest, approval.EnvelopeDigests[0]])
        {
            // Another oracle's worker, which has verified nothing yet and remembers nothing.
            var store = new SwappingStore(story.World.Services.Exchange, Cid.ForRawBlock(digest));
            JobOutcome outcome = await WorkerOf(story, oracle, story.World.Ledger, store).ProcessAsync(request);
            Assert.True(outcome.State == JobState.Waiting, outcome.ToString());
            Assert.True(store.WasAsked);
            await AssertNothingMadeAsync(story, oracle, request);
        }

        Assert.Equal(JobState.Delivered, (await WorkerOf(story, oracle, story.World.Ledger).ProcessAsync(request)).State);
    }

    [Fact]
    public async Task ProcessAsync_TwoClocks_TheEarlierEndsTheVetoWindowAndTheLaterTheGrant()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        foreach (TrusteeClient trustee in (TrusteeClient[])[story.World.Guardians[0], story.World.Guardians[1], story.World.Hospital])
        {
            await trustee.ApproveAsync(request);
        }

        // Both just before the end of the window; then the ledger's clock alone, then both.
        SampleOracle oracle = await story.SeatAsync(request, 1);
        DateTimeOffset veto = (await story.ReadAsync(request)).Grant!.VetoUntil, end = (await story.ReadAsync(request)).NotAfter;
        await MoveToAsync(story, veto.AddSeconds(10));
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.ReleaseAsync();
        }

        Assert.Equal(JobState.NotServed, (await WorkerOf(story, oracle, story.World.Ledger, time: new ManualClock(veto.AddSeconds(-5))).ProcessAsync(request)).State);
        await AssertNothingMadeAsync(story, oracle, request);

        // The own clock is past the end, the ledger's is not; then the other way round.
        Assert.Equal(JobState.NotServed, (await WorkerOf(story, oracle, story.World.Ledger, time: new ManualClock(end.AddSeconds(1))).ProcessAsync(request)).State);
        await AssertNothingMadeAsync(story, oracle, request);
        OracleWorker inTime = WorkerOf(story, oracle, story.World.Ledger, time: new ManualClock(end.AddSeconds(-20)));
        await MoveToAsync(story, end.AddSeconds(10));
        Assert.Equal(JobState.NotServed, (await inTime.ProcessAsync(request)).State);
        await AssertNothingMadeAsync(story, oracle, request);
    }

    [Fact]
    public async Task ProcessAsync_AfterADelivery_KeepsTheDeliveryAndKeysAndNoFragment()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        string[] before = [.. await oracle.Secrets.ListAsync(string.Empty)];
        Assert.Equal(JobState.Delivered, (await oracle.Worker.ProcessAsync(request)).State);
        Assert.Equal(["delivery/" + request + "/0"], (await oracle.Secrets.ListAsync(string.Empty)).Except(before));
        await story.ServeAsync(request, 2, 3, 4, 5);
        Assert.True((await story.OpenAsync(request)).Succeeded);
        await story.World.Doctor.CloseAsync(request);
        await oracle.Worker.ProcessPendingAsync();
        Assert.Equal(before.Order(), (await oracle.Secrets.ListAsync(string.Empty)).Order());
    }

    [Fact]
    public async Task RedrawCommittee_TooFewServedInTime_ASecondCommitteeServesAndTheFirstIsAskedNoMore()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 2, 4);
        Assert.False((await story.OpenAsync(request)).Succeeded);
        Assert.Equal(LedgerError.NotYet, (await Assert.ThrowsAsync<LedgerRejectedException>(() => story.World.Doctor.RedrawCommitteeAsync(request))).Error);
        story.Clock.Advance(story.World.Ledger.Parameters.DeliveryWindow + TimeSpan.FromSeconds(10));
        RequestRecord first = await story.ReadAsync(request);
        SampleOracle absent = await story.SeatAsync(request, 1);
        await story.World.Doctor.RedrawCommitteeAsync(request);
        await story.World.Doctor.DrawCommitteeAsync(request);

        // What the first committee got is void, and the patient decides again.
        RequestRecord second = await story.ReadAsync(request);
        Assert.Equal((1, 0, 0), (second.Round, second.Approvals.Count, second.Deliveries.Count));
        Assert.DoesNotContain(second.Committee, member => first.Committee.Any(former => former.Oracle == member.Oracle && former.Index is 1 or 3 or 5));
        Assert.Equal(JobState.NotServed, (await absent.Worker.ProcessAsync(request)).State);
        await story.World.Patient.ConsentAsync(request);
        await story.ServeAsync(request, 1, 3, 5);
        OpenResult result = await story.OpenAsync(request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Empty(result.Faults);
        Assert.Equal(LedgerError.AlreadyExists, (await Assert.ThrowsAsync<LedgerRejectedException>(() => story.World.Patient.RedrawCommitteeAsync(request))).Error);
    }

    private static OracleWorker WorkerOf(Story story, SampleOracle oracle, IConsentLedger ledger, IContentStore? exchange = null, TimeProvider? time = null) =>
        new(new ConsentServices { Ledger = ledger, Records = story.World.Services.Records, Exchange = exchange ?? story.World.Services.Exchange, Time = time ?? story.Clock }, oracle.Identity, oracle.Secrets);

    private static async Task AssertNothingMadeAsync(Story story, SampleOracle oracle, RequestId request)
    {
        Assert.Empty(await oracle.Secrets.ListAsync("delivery/"));
        Assert.Empty((await story.ReadAsync(request)).Deliveries);
    }

    // The embedded ledger's time is that of its last entry.
    private static async Task MoveToAsync(Story story, DateTimeOffset time)
    {
        story.Clock.Advance(time - story.Clock.GetUtcNow());
        await story.World.Agency.SuspendAsync(story.World.SourceHospitals[1].Keys.Id, 1);
        await story.World.Agency.ReinstateAsync(story.World.SourceHospitals[1].Keys.Id, 1);
    }

    /// <summary>A store that gives other bytes for one object.</summary>
    private sealed class SwappingStore(IContentStore inner, Cid swapped) : CrashingStore(inner, new CrashPoint(0, false))
    {
        public bool WasAsked { get; private set; }

        public override async ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
        {
            Stream honest = await base.OpenAsync(cid, offset, length, cancellationToken);
            if (cid != swapped)
            {
                return honest;
            }

            WasAsked = true;
            using var bytes = new MemoryStream();
            await using (honest)
            {
                await honest.CopyToAsync(bytes, cancellationToken);
            }

            byte[] changed = bytes.ToArray();
            changed[^1] ^= 1;
            return new MemoryStream(changed, writable: false);
        }
    }
}
