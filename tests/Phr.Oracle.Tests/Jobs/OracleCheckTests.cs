using System.Formats.Cbor;
using System.Reflection;
using System.Text;
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

    /// <summary>A doctor who may not receive any more, by either clock, gets nothing, and what was not asked for again is made when he may.</summary>
    [Fact]
    public async Task ProcessAsync_DoctorWithoutLicenceOrRecordByEitherClock_DeliversNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        await MoveToAsync(story, story.Clock.GetUtcNow().AddMinutes(5));
        ActorId doctor = story.World.Doctor.Id;
        DateTimeOffset ledgers = (await story.World.Ledger.GetHeadAsync(default)).Time;
        foreach (TimeSpan ahead in (TimeSpan[])[TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(-30)])
        {
            // One clock has reached the end, the other has not.
            var own = new ManualClock(ledgers + ahead);
            DateTimeOffset later = ahead > TimeSpan.Zero ? own.GetUtcNow() : ledgers;
            (string What, Func<ActorRecord, ActorRecord?> Change)[] changes =
            [
                ("the licence ended a second ago", a => a with { Licence = a.Licence! with { NotAfter = later.AddSeconds(-1) } }),
                ("the licence ends now", a => a with { Licence = a.Licence! with { NotAfter = later } }),
                ("the licence was withdrawn", a => a with { Licence = null }),
                ("the key record ended a second ago", a => a with { ValidUntil = later.AddSeconds(-1) }),
                ("the key record ends now", a => a with { ValidUntil = later }),
                ("suspended", a => a with { Status = ActorStatus.Suspended }),
                ("removed", a => a with { Status = ActorStatus.Removed }),
                ("waits to be admitted", a => a with { Status = ActorStatus.Pending }),
                ("no doctor any more", a => a with { Roles = a.Roles & ~ActorRoles.Doctor }),
                ("unknown", _ => null),
            ];
            foreach ((string what, Func<ActorRecord, ActorRecord?> change) in changes)
            {
                JobOutcome outcome = await WorkerOf(story, oracle, new ChangedActorLedger(story.World.Ledger, doctor, change), time: own).ProcessAsync(request);
                Assert.True(outcome.State == JobState.NotServed && outcome.Detail == "the doctor is not active, or has no valid licence.", $"{what}, {ahead}: {outcome}");
                await AssertNothingMadeAsync(story, oracle, request);
            }
        }

        // A second before both ends it is served.
        var last = new ManualClock(ledgers.AddSeconds(30));
        DateTimeOffset end = last.GetUtcNow().AddSeconds(1);
        var valid = new ChangedActorLedger(story.World.Ledger, doctor, a => a with { ValidUntil = end, Licence = a.Licence! with { NotAfter = end } });
        Assert.Equal(JobState.Delivered, (await WorkerOf(story, oracle, valid, time: last).ProcessAsync(request)).State);
    }

    /// <summary>The approver signed for what it sealed, and the ledger has it: only the oracle's own look at the fragments stands in the way.</summary>
    [Theory]
    [InlineData("another document's fragment", "is not the one that the approval announces")]
    [InlineData("another seat's fragment", "is not the one that the approval announces")]
    [InlineData("a flag is off", "does not verify under the trustee's keys")]
    public async Task ProcessAsync_FalseFragmentThatTheApproverSignedFor_DeliversNothing(string what, string says)
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        RequestDossier dossier = await RequestDossier.LoadAsync(story.World.Services, request);
        VerifiedApproval honest = Assert.Single((await dossier.LoadApprovalsAsync(story.World.Services)).Approvals);
        IdentityKeys patient = story.World.PatientDesk.Keys.Identity;
        byte[] plaintext = await OpenAsync(1), others = await OpenAsync(2);
        Range first = RangeOf(0), second = RangeOf(1);
        switch (what)
        {
            case "another document's fragment":
                plaintext[second].CopyTo(plaintext.AsSpan(first));
                break;
            case "another seat's fragment":
                others[first].CopyTo(plaintext.AsSpan(first));
                break;
            default:
                plaintext[^1] = 0xC2;
                break;
        }

        byte[] envelope = Envelope.Seal(dossier.Terms.Committee.Seats[0].EnvelopeKey, patient.Id, patient.PublicKeys.ObjectKey, ContextOf(1), plaintext);
        byte[] forged = Resigned(honest.Approval.ToBytes(), patient.ObjectSigner, payload => Digest.Of(envelope).CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(honest.Approval.EnvelopeDigests[0].ToBytes()))));
        await story.World.Services.Exchange.PutBlockAsync(envelope);
        await story.World.Services.Exchange.PutBlockAsync(forged);
        var ledger = new LyingLedger(story.World.Ledger, r => r with { Approvals = [r.Approvals[0] with { ApprovalDigest = Digest.Of(forged) }] });
        JobOutcome outcome = await WorkerOf(story, oracle, ledger).ProcessAsync(request);
        Assert.True(outcome.State == JobState.Waiting && outcome.Detail.Contains(says, StringComparison.Ordinal), outcome.ToString());
        await AssertNothingMadeAsync(story, oracle, request);
        Assert.Equal(JobState.Delivered, (await WorkerOf(story, oracle, story.World.Ledger).ProcessAsync(request)).State);

        // The array of pairs: its head; then of each pair the head, the id with its head of one byte, and the fragment with its head of three.
        static Range RangeOf(int document)
        {
            int begin = 1 + (document * (1 + 1 + DocumentId.Length + 3 + KeyFrag.Length)) + 1 + 1 + DocumentId.Length + 3;
            return begin..(begin + KeyFrag.Length);
        }

        async Task<byte[]> OpenAsync(int seat)
        {
            SampleOracle of = await story.SeatAsync(request, seat);
            using SecretValue secret = (await of.Secrets.GetAsync(Assert.Single(await of.Secrets.ListAsync("oracle-envelope-key/"))))!;
            using SecretKey key = SecretKey.FromBytes(secret.Bytes);
            byte[] sealedBytes = await story.World.Services.Exchange.GetBlockAsync(honest.Approval.EnvelopeDigests[seat - 1]);
            using EnvelopeContent content = Envelope.Open(key, patient.Id, patient.PublicKeys.ObjectKey, ContextOf(seat), sealedBytes);
            return content.Bytes.ToArray();
        }

        // What an envelope of fragments is bound to is nobody's to choose, and so no public member.
        byte[] ContextOf(int seat) => (byte[])typeof(RequestTerms).GetMethod("FragmentContext", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(dossier.Terms, [0, 0, seat])!;
    }

    /// <summary>Rule 13: only the capsule of the header that the grant pins. Here is another header of the same patient, well signed, in which two documents have each other's capsules.</summary>
    [Fact]
    public async Task ProcessAsync_HeaderWithAnotherValidCapsule_DeliversNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        byte[][] capsules = [.. story.Header.Documents.Select(d => d.Capsule.ToSimpleBytes())];
        byte[] other = Resigned(story.Header.ToBytes(), story.World.PatientDesk.Keys.Identity.ObjectSigner, payload =>
        {
            int first = payload.AsSpan().IndexOf(capsules[0]), second = payload.AsSpan().IndexOf(capsules[1]);
            capsules[1].CopyTo(payload.AsSpan(first));
            capsules[0].CopyTo(payload.AsSpan(second));
        });
        BundleHeader swapped = BundleHeader.FromBytes(other);
        Assert.True(swapped.IsSignedBy(story.World.PatientDesk.Keys.Identity.PublicKeys));
        Assert.Equal(capsules[1], swapped.Documents[0].Capsule.ToSimpleBytes());

        // The store gives it for the one that is pinned; or the ledger pins it.
        await story.World.Services.Exchange.PutBlockAsync(other);
        var store = new SwappingStore(story.World.Services.Exchange, story.Header.Cid, other);
        Assert.Equal(JobState.Waiting, (await WorkerOf(story, oracle, story.World.Ledger, store).ProcessAsync(request)).State);
        Assert.True(store.WasAsked);
        await AssertNothingMadeAsync(story, oracle, request);
        Assert.Equal(JobState.Waiting, (await WorkerOf(story, oracle, new LyingLedger(story.World.Ledger, r => r with { HeaderDigest = swapped.Digest })).ProcessAsync(request)).State);
        await AssertNothingMadeAsync(story, oracle, request);

        // With the pinned one the documents open.
        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
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

    // A signed object [tag, payload, signature] with another payload, signed anew by whoever signed it.
    private static byte[] Resigned(byte[] bytes, Signer signer, Action<byte[]> change)
    {
        var reader = new CborReader(bytes);
        reader.ReadStartArray();
        string tag = reader.ReadTextString();
        byte[] payload = reader.ReadByteString();
        change(payload);
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartArray(3);
        writer.WriteTextString(tag);
        writer.WriteByteString(payload);
        writer.WriteByteString(signer.Sign([.. Encoding.ASCII.GetBytes(tag), 0, .. payload]).ToBytes());
        writer.WriteEndArray();
        return writer.Encode();
    }

    /// <summary>A ledger that says something else of one actor.</summary>
    private sealed class ChangedActorLedger(IConsentLedger inner, ActorId changed, Func<ActorRecord, ActorRecord?> change) : CrashingLedger(inner, new CrashPoint(0, false))
    {
        public override async Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) =>
            await base.GetActorAsync(actor, cancellationToken) is { } record ? actor == changed ? change(record) : record : null;
    }

    /// <summary>A store that gives other bytes for one object: those that are named, or its own with the last one changed.</summary>
    private sealed class SwappingStore(IContentStore inner, Cid swapped, byte[]? instead = null) : CrashingStore(inner, new CrashPoint(0, false))
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
            if (instead is not null)
            {
                await honest.DisposeAsync();
                return new MemoryStream(instead, writable: false);
            }

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
