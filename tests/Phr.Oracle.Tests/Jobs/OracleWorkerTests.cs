using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Tests.Hosting;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

public class OracleWorkerTests
{
    [Fact]
    public async Task ProcessPending_KilledBeforeOrAfterAnyStep_DeliversOnceAndTheSameBytes()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();

        // Its steps: keep the delivery, publish it, record it. Each seat of the committee dies at another instant.
        (int Step, bool After)[] deaths = [(1, false), (2, false), (3, false), (1, true), (3, true)];
        for (int seat = 1; seat <= 5; seat++)
        {
            SampleOracle oracle = await story.SeatAsync(request, seat);
            var crash = new CrashPoint(deaths[seat - 1].Step, deaths[seat - 1].After);
            var services = new ConsentServices
            {
                Ledger = new CrashingLedger(story.World.Ledger, crash),
                Records = story.World.Services.Records,
                Exchange = new CrashingStore(story.World.Services.Exchange, crash),
                Time = story.Clock,
            };
            var mortal = new OracleWorker(services, oracle.Identity, new CrashingSecrets(oracle.Secrets, crash));
            await Assert.ThrowsAsync<CrashException>(() => mortal.ProcessPendingAsync());
            IReadOnlyList<string> stored = await oracle.Secrets.ListAsync("delivery/");
            byte[]? made = null;
            if (stored.Count == 1)
            {
                using SecretValue value = (await oracle.Secrets.GetAsync(stored[0]))!;
                made = value.Bytes.ToArray();
            }

            await oracle.Worker.ProcessPendingAsync();
            await oracle.Worker.ProcessPendingAsync();
            DeliveryRecord delivery = (await story.ReadAsync(request)).Delivery(seat)!;
            Assert.NotNull(delivery);
            if (made is not null)
            {
                Assert.Equal(Digest.Of(made), delivery.DeliveryDigest);
            }

            Assert.Single(await oracle.Secrets.ListAsync("delivery/"));
        }

        Assert.Equal(5, (await story.ReadAsync(request)).Deliveries.Count);
        OpenResult result = await story.OpenAsync(request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Empty(result.Faults);

        // Nobody can ask for it again.
        await story.World.Doctor.CloseAsync(request);
        SampleOracle last = await story.SeatAsync(request, 5);
        await last.Worker.ProcessPendingAsync();
        Assert.Empty(await last.Secrets.ListAsync("delivery/"));
    }

    [Fact]
    public async Task ProcessPending_DoctorClosedWhileOneHadStillTime_SettlesAfterTheDeadlineAndTheAbsentLoses()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 4, 5);
        Assert.True((await story.OpenAsync(request)).Succeeded);
        await story.World.Doctor.CloseAsync(request);
        RequestRecord closed = await story.ReadAsync(request);
        Assert.NotNull(closed.OpenedAt);
        Assert.Null(closed.SettledAt);
        SampleOracle first = await story.SeatAsync(request, 1), second = await story.SeatAsync(request, 2), absent = await story.SeatAsync(request, 3);
        await first.Worker.ProcessPendingAsync();
        Assert.Null((await story.ReadAsync(request)).SettledAt);

        // Seat 1 is gone: seat 2 waits for it, and then does it.
        story.Clock.Advance(story.World.Ledger.Parameters.DeliveryWindow + TimeSpan.FromSeconds(10));
        await second.Worker.ProcessPendingAsync();
        Assert.Null((await story.ReadAsync(request)).SettledAt);
        story.Clock.Advance(TimeSpan.FromMinutes(1));
        await second.Worker.ProcessPendingAsync();
        Assert.NotNull((await story.ReadAsync(request)).SettledAt);
        Reputation lost = (await story.World.Ledger.GetActorAsync(absent.Identity.Id, default))!.Reputation!;
        Reputation earned = (await story.World.Ledger.GetActorAsync(first.Identity.Id, default))!.Reputation!;
        Assert.True(lost.Timeliness < Reputation.Prior);
        Assert.True(earned.Timeliness > Reputation.Prior && earned.Correctness > Reputation.Prior);
        await first.Worker.ProcessPendingAsync();
    }

    [Fact]
    public async Task ProcessPending_UsedAgain_DeliversTheSameBytesAndTheDocumentsOpenAgain()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync(uses: 2);
        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
        IReadOnlyList<DeliveryRecord> first = (await story.ReadAsync(request)).Deliveries;
        await story.World.Doctor.UseAgainAsync(request);
        Assert.Empty((await story.ReadAsync(request)).Deliveries);
        await story.ServeAsync(request, 1, 2, 3);
        IReadOnlyList<DeliveryRecord> second = (await story.ReadAsync(request)).Deliveries;
        Assert.Equal(first.Select(delivery => (delivery.Index, delivery.DeliveryDigest)), second.Select(delivery => (delivery.Index, delivery.DeliveryDigest)));
        Assert.True((await story.OpenAsync(request)).Succeeded);
        await story.World.Doctor.CloseAsync(request);
        LedgerRejectedException refused = await Assert.ThrowsAsync<LedgerRejectedException>(() => story.World.Doctor.UseAgainAsync(request));
        Assert.Equal(LedgerError.TooMany, refused.Error);
        SampleOracle oracle = await story.SeatAsync(request, 1);
        await oracle.Worker.ProcessPendingAsync();
        Assert.Empty(await oracle.Secrets.ListAsync("delivery/"));
    }

    [Fact]
    public async Task ProcessPending_DoctorMayNotReceiveUntilTheDeadline_RefusesAndLosesNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        await story.World.Agency.SuspendAsync(story.World.Doctor.Id, 1);
        Assert.Equal(JobState.NotServed, Assert.Single(await oracle.Worker.ProcessPendingAsync()).State);
        story.Clock.Advance(story.World.Ledger.Parameters.DeliveryWindow - TimeSpan.FromSeconds(10));
        Assert.Equal(JobState.Refused, Assert.Single(await oracle.Worker.ProcessPendingAsync()).State);
        RefusalRecord refusal = Assert.Single((await story.ReadAsync(request)).Refusals);
        Assert.Equal((1, RefusalReasons.ReceiverNotEntitled), (refusal.Index, refusal.ReasonCode));
    }

    [Fact]
    public async Task ProcessPending_DoctorSuspended_DoesNotServeUntilReinstated()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        await story.World.Agency.SuspendAsync(story.World.Doctor.Id, 1);
        Assert.All(await oracle.Worker.ProcessPendingAsync(), o => Assert.Equal(JobState.NotServed, o.State));
        await story.World.Agency.ReinstateAsync(story.World.Doctor.Id, 1);
        Assert.Equal(JobState.Delivered, Assert.Single(await oracle.Worker.ProcessPendingAsync()).State);
    }

    [Fact]
    public async Task ProcessPending_RevokedBetweenApprovalAndService_DoesNotServe()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2);
        await story.World.Patient.RevokeAsync(request);
        await story.ServeAsync(request, 3, 4, 5);
        Assert.Equal(2, (await story.ReadAsync(request)).Deliveries.Count);
        Assert.False((await story.OpenAsync(request)).Succeeded);
    }

    [Fact]
    public async Task ProcessPending_EnvelopesNeverCome_WaitsAndRefusesBeforeTheDeadline()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        foreach (TrusteeClient trustee in new[] { story.World.Guardians[0], story.World.Guardians[1], story.World.Hospital })
        {
            await trustee.ApproveAsync(request);
        }

        // The grant becomes final, but no trustee ever opens its outbox.
        story.Clock.Advance(TimeSpan.FromMinutes(11));
        SampleOracle oracle = await story.SeatAsync(request, 1);
        Assert.Equal(JobState.Waiting, Assert.Single(await oracle.Worker.ProcessPendingAsync()).State);
        story.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(JobState.Refused, Assert.Single(await oracle.Worker.ProcessPendingAsync()).State);
        Assert.Empty(await oracle.Worker.ProcessPendingAsync());
        Assert.Equal(1, Assert.Single((await story.ReadAsync(request)).Refusals).Index);
    }

    /// <summary>The folder was written by another user: the oracle says so without the path, and refuses rather than be absent.</summary>
    [Fact]
    public async Task ProcessPending_SecretsThatMayNotBeRead_RefusesShortlyBeforeTheDeadlineAndTellsNoPath()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var worker = new OracleWorker(story.World.Services, oracle.Identity, new ForbiddenSecrets(oracle.Secrets));
        JobOutcome outcome = Assert.Single(await worker.ProcessPendingAsync());
        Assert.Equal(JobState.Waiting, outcome.State);
        Assert.StartsWith("UnauthorizedAccessException in Phr.", outcome.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("jane", outcome.Detail, StringComparison.Ordinal);
        story.Clock.Advance(story.World.Ledger.Parameters.DeliveryWindow - TimeSpan.FromSeconds(10));
        Assert.Equal(JobState.Refused, Assert.Single(await worker.ProcessPendingAsync()).State);
        Assert.Equal(1, Assert.Single((await story.ReadAsync(request)).Refusals).Index);
    }

    [Fact]
    public async Task ProcessPending_OnAChain_RefusesWhileABlockForEachIsLeft()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var chain = new OracleWorker(OnAChain(story, new FaultyLedger(story.World.Ledger)), oracle.Identity, new ForbiddenSecrets(oracle.Secrets));
        var embedded = new OracleWorker(story.World.Services, oracle.Identity, new ForbiddenSecrets(oracle.Secrets));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30)), (chain.RefusalMargin, embedded.RefusalMargin));
        story.Clock.Advance(story.World.Ledger.Parameters.DeliveryWindow - TimeSpan.FromMinutes(4));
        Assert.Equal(JobState.Waiting, Assert.Single(await embedded.ProcessPendingAsync()).State);
        Assert.Equal(JobState.Refused, Assert.Single(await chain.ProcessPendingAsync()).State);
    }

    /// <summary>On a chain it takes a quarter of an hour until a settlement is final: all that are due are sent meanwhile, and none twice although the ledger does not show it.</summary>
    [Fact]
    public async Task SendSettlementsAsync_BlocksThatAreNotFinal_SendsAllThatAreDueAndNoneAgain()
    {
        await using Story story = await Story.BeginAsync();
        (SampleOracle oracle, RequestId[] requests) = await story.ServedTwiceAsync();
        var final = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ledger = new FaultyLedger(story.World.Ledger) { Block = 1_000_000 };
        ledger.BeforeSubmitting = _ => final.Task;
        var worker = new OracleWorker(OnAChain(story, ledger), oracle.Identity, oracle.Secrets);

        IReadOnlyList<Task<bool>> sent = await worker.SendSettlementsAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(2, sent.Count);
        Assert.DoesNotContain(sent, settling => settling.IsCompleted);
        Assert.Empty(await worker.SendSettlementsAsync(CancellationToken.None));
        final.SetResult();
        Assert.All(await Task.WhenAll(sent), Assert.True);
        foreach (RequestId request in requests)
        {
            Assert.NotNull((await story.ReadAsync(request)).SettledAt);
        }

        Assert.Equal(0, await worker.SettleDueAsync());
    }

    [Fact]
    public async Task ProcessPending_LedgerTimeAheadOfTheClock_DoesNotServe()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        var slow = new ManualClock(story.Clock.GetUtcNow().AddMinutes(-10));
        var services = new ConsentServices { Ledger = story.World.Ledger, Records = story.World.Services.Records, Exchange = story.World.Services.Exchange, Time = slow };
        JobOutcome outcome = Assert.Single(await new OracleWorker(services, oracle.Identity, oracle.Secrets).ProcessPendingAsync());
        Assert.Equal(JobState.NotServed, outcome.State);
        Assert.Contains("ahead", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishKeysAsync_ClockAheadOfTheLedgers_RecordServesCommitteesThatAreDrawnMeanwhile()
    {
        await using Story story = await Story.BeginAsync();
        DateTimeOffset head = (await story.World.Ledger.GetHeadAsync(default)).Time;
        var fast = new ManualClock(story.Clock.GetUtcNow().AddMinutes(20));
        var services = new ConsentServices { Ledger = story.World.Ledger, Records = story.World.Services.Records, Exchange = story.World.Services.Exchange, Time = fast };
        TimeSpan longest = story.World.Ledger.Parameters.MaxOracleKeyLifetime;
        foreach (TimeSpan lifetime in (TimeSpan[])[TimeSpan.FromDays(20), longest])
        {
            foreach (SampleOracle oracle in story.World.Oracles)
            {
                var worker = new OracleWorker(services, oracle.Identity, oracle.Secrets);
                DateTimeOffset until = (await story.World.Ledger.GetHeadAsync(default)).Time + lifetime;
                IdentityPublicKeys keys = await worker.RenewEnvelopeKeyAsync();
                await worker.PublishKeysAsync(keys, OperatorEndorsement.Create(oracle.Operator, story.World.Ledger.Id, keys, until), until);
                ActorRecord actor = (await story.World.Ledger.GetActorAsync(worker.Id))!;
                var record = KeyRecord.FromBytes(await services.Exchange.GetBlockAsync(actor.KeyRecordDigest));
                Assert.InRange(record.ValidFrom, head, story.Clock.GetUtcNow());
                Assert.True(record.ValidUntil - record.ValidFrom <= longest);
            }
        }

        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
    }

    [Fact]
    public async Task RunAsync_FiveWorkersOnALiveLedger_ServeWithoutBeingCalled()
    {
        await using Story story = await Story.BeginAsync();
        using var stop = new CancellationTokenSource();
        Task[] running = [.. story.World.Oracles.Select(o => Task.Run(() => o.Worker.RunAsync(stop.Token)))];
        RequestId request = await story.ConsentedAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        RequestRecord record = await story.World.Doctor.WaitForDeliveriesAsync(request, 5, limit.Token);
        Assert.Equal(5, record.Deliveries.Count);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        Assert.True((await story.OpenAsync(request)).Succeeded);
    }

    [Fact]
    public async Task OpenAsync_LyingOracle_IsNamedAndTheOthersSuffice()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle liar = await story.SeatAsync(request, 4);
        await LyingOracle.DeliverAsync(story.World.Services, liar.Identity, liar.Secrets, request, CancellationToken.None);
        await story.ServeAsync(request, 1, 2, 3);
        OpenResult result = await story.OpenAsync(request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.All(result.Faults, f => Assert.Equal((FaultyParty.Oracle, liar.Identity.Id, 4), (f.Party, f.Actor, f.Index)));
        Assert.NotEmpty(result.Faults);
        Assert.Equal([1, 2, 3], result.Served);
    }

    private static ConsentServices OnAChain(Story story, FaultyLedger ledger) =>
        new() { Ledger = ledger, Records = story.World.Services.Records, Exchange = story.World.Services.Exchange, Time = story.Clock };

    /// <summary>Secrets in a folder of another user.</summary>
    private sealed class ForbiddenSecrets(ISecretStore inner) : ISecretStore
    {
        public Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default) => inner.PutAsync(name, secret, cancellationToken);

        public Task<bool> TryAddAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default) => inner.TryAddAsync(name, secret, cancellationToken);

        public Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default) =>
            name.StartsWith("oracle-envelope-key/", StringComparison.Ordinal) ? throw new UnauthorizedAccessException("Access to the path '/srv/jane/secrets' is denied.") : inner.GetAsync(name, cancellationToken);

        public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default) => inner.DeleteAsync(name, cancellationToken);

        public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, cancellationToken);
    }
}
