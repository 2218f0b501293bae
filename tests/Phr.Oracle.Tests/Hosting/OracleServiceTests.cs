using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Tests.Jobs;
using Phr.Oracle.Tests.Tools;
using Phr.Samples.FullFlow;
using Phr.Storage;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Hosting;

public sealed class OracleServiceTests(PostgresServer postgres)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Service_FiveOraclesWithTwoProcessesEach_DeliverOnceEachAndTheDoctorOpens(bool inPostgres)
    {
        Assert.SkipWhen(inPostgres && postgres.Missing is not null, postgres.Missing ?? string.Empty);
        await using ServiceStory service = await ServiceStory.BeginAsync(inPostgres ? await postgres.CreateDatabaseAsync() : null);
        RequestId request = await service.Story.ConsentedAsync();
        var running = new List<RunningOracle>();
        for (int seat = 1; seat <= 5; seat++)
        {
            SampleOracle oracle = await service.Story.SeatAsync(request, seat);
            running.Add(await service.StartAsync(oracle, service.Options(oracle, "a")));
            running.Add(await service.StartAsync(oracle, service.Options(oracle, "b")));
        }

        await service.UntilDeliveredAsync(request, 5);
        foreach (RunningOracle oracle in running)
        {
            await oracle.UntilAsync(JobPhase.Delivered);
            Assert.Equal(HealthStatus.Healthy, (await oracle.CheckAsync(OracleServiceCollectionExtensions.LiveTag)).Status);
        }

        // One delivery for each seat was made, and the doctor can use each.
        for (int seat = 1; seat <= 5; seat++)
        {
            SampleOracle oracle = await service.Story.SeatAsync(request, seat);
            string name = Assert.Single(await oracle.Secrets.ListAsync("delivery/"));
            using SecretValue delivery = (await oracle.Secrets.GetAsync(name))!;
            Assert.Equal(Digest.Of(delivery.Bytes), (await service.Story.ReadAsync(request)).Delivery(seat)!.DeliveryDigest);
        }

        OpenResult opened = await service.Story.OpenAsync(request);
        Assert.True(opened.Succeeded, opened.Missing);
        Assert.Empty(opened.Faults);
    }

    [Fact]
    public async Task Service_UsedAgain_ServesAgain()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync(uses: 2);
        for (int seat = 1; seat <= 3; seat++)
        {
            await service.StartAsync(await service.Story.SeatAsync(request, seat));
        }

        await service.UntilDeliveredAsync(request, 3);
        Assert.True((await service.Story.OpenAsync(request)).Succeeded);
        await service.Story.World.Doctor.UseAgainAsync(request);
        await ServiceStory.UntilAsync(async () => (await service.Story.ReadAsync(request)) is { Used: 1, Deliveries.Count: 3 });
        Assert.True((await service.Story.OpenAsync(request)).Succeeded);
    }

    [Fact]
    public async Task Service_ProcessThatEndedWithItsJobs_IsReplacedWhenTheLeaseRunsOut()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        await (await service.LeaseAsync(oracle, OfferOf(await service.Story.ReadAsync(request)), "dead", TimeSpan.FromMinutes(20))).Jobs.DisposeAsync();

        RunningOracle running = await service.StartAsync(oracle);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Jobs?.Running == 1);
        Assert.Empty((await service.Story.ReadAsync(request)).Deliveries);
        service.Story.Clock.Advance(TimeSpan.FromMinutes(20));
        await running.UntilAsync(JobPhase.Delivered);
        Assert.Equal(1, (await running.FindJobAsync())!.Losses);
    }

    [Fact]
    public async Task Service_SameProcessStartedAgain_TakesItsOwnJobsUpAtOnce()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        await (await service.LeaseAsync(oracle, OfferOf(await service.Story.ReadAsync(request)), "main")).Jobs.DisposeAsync();

        RunningOracle running = await service.StartAsync(oracle);
        await running.UntilAsync(JobPhase.Delivered);
        Assert.Equal(1, (await running.FindJobAsync())!.Losses);
    }

    /// <summary>Whatever starts the process anew each time it dies must not have it die of the same job for ever.</summary>
    [Fact]
    public async Task Service_JobThatTheSameProcessDiesOfAgainAndAgain_IsSetAside()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        await using IJobStore jobs = await service.OpenJobsAsync(oracle);
        DateTimeOffset now = service.Story.Clock.GetUtcNow();
        await jobs.AddAsync([OfferOf(await service.Story.ReadAsync(request))], now);
        for (int death = 1; death <= 3; death++)
        {
            // Its life: it takes up what it finds, and ends.
            await jobs.ReclaimAsync("main", now);
            Assert.Single(await jobs.LeaseAsync(new JobLeaseOptions { Holder = "main" }, now));
        }

        RunningOracle running = await service.StartAsync(oracle);
        await running.UntilAsync(JobPhase.SetAside);
        Assert.Contains("processes ended", (await running.FindJobAsync())!.Reason, StringComparison.Ordinal);
        Assert.Empty((await service.Story.ReadAsync(request)).Deliveries);
    }

    [Fact]
    public async Task Service_JobThatFailsAgainAndAgain_IsSetAsideAndServedWhenAskedForAgain()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        service.Exchange.BeforeReading = () => throw new InvalidOperationException("a fault of this program with the patient's name in it");
        RunningOracle running = await service.StartAsync(await service.Story.SeatAsync(request, 1));
        await running.UntilAsync(JobPhase.SetAside);
        OracleJob job = (await running.FindJobAsync())!;
        Assert.Equal(2, job.Failures);
        Assert.StartsWith("InvalidOperationException in Phr.", job.Reason, StringComparison.Ordinal);
        Assert.Equal(job.Deadline.AddSeconds(-30), job.DueAt);
        await service.UntilLoggedAsync(1305);
        Assert.False(await running.Monitor.RetryAsync(job.Key with { Round = 1 }));

        service.Exchange.BeforeReading = null;
        Assert.True(await running.Monitor.RetryAsync(job.Key));
        await running.UntilAsync(JobPhase.Delivered);
        Assert.Single((await service.Story.ReadAsync(request)).Deliveries);
    }

    [Fact]
    public async Task Service_JobSetAsideUntilItsDeadline_IsRefusedOnTheLedgerAndTheOracleLosesNothing()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        service.Exchange.BeforeReading = () => throw new InvalidOperationException("broken");
        SampleOracle oracle = await service.Story.SeatAsync(request, 2);
        RunningOracle running = await service.StartAsync(oracle, service.OptionsOfRefusal(oracle));
        await running.UntilAsync(JobPhase.SetAside);
        Assert.Empty((await service.Story.ReadAsync(request)).Refusals);
        await service.MoveToRefusalAsync(request);
        await running.UntilAsync(JobPhase.Refused);
        RefusalRecord refusal = Assert.Single((await service.Story.ReadAsync(request)).Refusals);
        Assert.Equal((2, RefusalReasons.OracleFault), (refusal.Index, refusal.ReasonCode));
    }

    [Fact]
    public async Task Service_JobThatProcessesDieOf_IsSetAside()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        await using IJobStore jobs = await service.OpenJobsAsync(oracle);
        DateTimeOffset now = service.Story.Clock.GetUtcNow();
        await jobs.AddAsync([OfferOf(await service.Story.ReadAsync(request))], now);
        for (int death = 0; death < 3; death++)
        {
            Assert.Single(await jobs.LeaseAsync(new JobLeaseOptions { Holder = "dead", Duration = TimeSpan.FromSeconds(1) }, now.AddSeconds(death)));
        }

        service.Story.Clock.Advance(TimeSpan.FromSeconds(10));
        RunningOracle running = await service.StartAsync(oracle);
        await running.UntilAsync(JobPhase.SetAside);
        Assert.Contains("processes ended", (await running.FindJobAsync())!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_RequesterOverItsLimit_WaitsAndIsRefusedIfTheDeadlineComesFirst()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        var limit = new RequesterLimit { Burst = 1, PerHour = 1 };
        JobOffer other = OfferOf(await service.Story.ReadAsync(request)) with { Key = JobStoreContract.Key(1) };
        (IJobStore jobs, JobLease lease) = await service.LeaseAsync(oracle, other, "x");
        await using (jobs)
        {
            Assert.Null(await jobs.AdmitAsync(lease, limit, service.Story.Clock.GetUtcNow()));
            await jobs.FinishAsync(lease, JobPhase.Delivered, "done.", service.Story.Clock.GetUtcNow());
        }

        RunningOracle running = await service.StartAsync(oracle, service.OptionsOfRefusal(oracle) with { Requesters = limit });
        await service.UntilLoggedAsync(1308);
        await running.UntilAsync(JobPhase.Pending);
        Assert.Equal(request, (await running.FindJobAsync())!.Key.Request);
        Assert.Empty((await service.Story.ReadAsync(request)).Deliveries);

        await service.MoveToRefusalAsync(request);
        await ServiceStory.UntilAsync(async () => (await service.Story.ReadAsync(request)).Refusals.Count == 1);
        Assert.Equal(RefusalReasons.RequesterOverLimit, (await service.Story.ReadAsync(request)).Refusals[0].ReasonCode);
    }

    [Fact]
    public async Task Service_RequesterBackInItsLimit_IsServed()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        var limit = new RequesterLimit { Burst = 1, PerHour = 3 };
        (IJobStore jobs, JobLease lease) = await service.LeaseAsync(oracle, OfferOf(await service.Story.ReadAsync(request)) with { Key = JobStoreContract.Key(1) }, "x");
        await using (jobs)
        {
            await jobs.AdmitAsync(lease, limit, service.Story.Clock.GetUtcNow());
        }

        await service.StartAsync(oracle, service.Options(oracle) with { Requesters = limit });
        await service.UntilLoggedAsync(1308);
        service.Story.Clock.Advance(TimeSpan.FromMinutes(20));
        await service.UntilDeliveredAsync(request, 1);
    }

    [Fact]
    public async Task Service_LedgerDown_IsNotReadyAndServesWhenItIsBackWithoutBlamingTheJob()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        service.Exchange.BeforeReading = () => throw new IOException("cut off");
        RunningOracle running = await service.StartAsync(await service.Story.SeatAsync(request, 1));
        await running.UntilLookedAtAsync(1);
        service.Ledger.IsDown = true;
        await ServiceStory.UntilAsync(async () => (await running.FindJobAsync())?.Reason == "HttpRequestException ConnectionError.");
        service.Exchange.BeforeReading = null;
        await running.UntilLookedAtAsync(6);
        Assert.Equal(0, (await running.FindJobAsync())!.Failures);
        Assert.Equal(HealthStatus.Unhealthy, (await running.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Status);
        Assert.Equal(HealthStatus.Healthy, (await running.CheckAsync(OracleServiceCollectionExtensions.LiveTag)).Status);

        service.Ledger.IsDown = false;
        await running.UntilAsync(JobPhase.Delivered);
        await ServiceStory.UntilAsync(async () => (await running.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Status == HealthStatus.Healthy);
        await service.UntilLoggedAsync(1201);
        await service.UntilLoggedAsync(1202);
    }

    /// <summary>On a chain a settlement waits until its block is final, for a quarter of an hour: a process that kept no house meanwhile would be taken for one that hangs.</summary>
    [Fact]
    public async Task Service_SettlementThatIsLongInBecomingFinal_KeepsHouseMeanwhile()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        await service.Story.ServeAsync(request, 1, 2, 3);
        Assert.True((await service.Story.OpenAsync(request)).Succeeded);
        await service.Story.World.Doctor.CloseAsync(request);
        var settling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        service.Ledger.BeforeSubmitting = command =>
        {
            if (command is SettleRequest)
            {
                settling.TrySetResult();
            }

            return command is SettleRequest ? new TaskCompletionSource().Task : Task.CompletedTask;
        };
        service.Story.Clock.Advance(service.Story.World.Ledger.Parameters.DeliveryWindow);
        RunningOracle running = await service.StartAsync(oracle);
        await settling.Task.WaitAsync(TimeSpan.FromMinutes(5));
        await service.Story.World.Agency.SuspendAsync(oracle.Identity.Id, 1);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Record?.Status == ActorStatus.Suspended);
        Assert.Null((await service.Story.ReadAsync(request)).SettledAt);
    }

    [Fact]
    public async Task Service_SettlementsInBlocksThatAreNotFinal_AreAllSentAndGivenUpWhenItStops()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        (SampleOracle oracle, RequestId[] requests) = await service.Story.ServedTwiceAsync();
        var sent = new ConcurrentQueue<RequestId>();
        service.Ledger.Block = 1_000_000;
        service.Ledger.BeforeSubmitting = command =>
        {
            if (command is not SettleRequest settlement)
            {
                return Task.CompletedTask;
            }

            sent.Enqueue(settlement.RequestId);
            return new TaskCompletionSource().Task;
        };
        RunningOracle running = await service.StartAsync(oracle);
        await ServiceStory.UntilAsync(() => sent.Count == 2);
        await running.StopAsync().WaitAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(requests.ToHashSet(), sent.ToHashSet());
    }

    /// <summary>Looks that wait for envelopes are not outages: the first outage after many of them is waited for as long as any first one.</summary>
    [Fact]
    public async Task Service_OutageAfterManyLooks_IsWaitedForBriefly()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        service.Exchange.BeforeReading = () => throw new IpfsUnavailableException("no node answers.", []);
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        OracleServiceOptions options = service.Options(oracle);
        RunningOracle running = await service.StartAsync(oracle, options with { Jobs = options.Jobs with { FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromHours(1) } });
        await running.UntilLookedAtAsync(14);
        service.Ledger.IsDown = true;
        await ServiceStory.UntilAsync(async () => (await running.FindJobAsync())!.Reason.Contains(nameof(HttpRequestException), StringComparison.Ordinal));

        // By its looks it would have been half an hour at least.
        Assert.InRange((await running.FindJobAsync())!.DueAt, DateTimeOffset.MinValue, service.Story.Clock.GetUtcNow().AddMinutes(10));
        service.Exchange.BeforeReading = null;
        service.Ledger.IsDown = false;
        await running.UntilAsync(JobPhase.Delivered);
    }

    [Fact]
    public async Task Service_SecretThatCannotBeRead_IsNotReadyAndSaysWhatToDoUntilItCan()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        string secret = Directory.GetFiles(Path.Combine(service.Options(oracle).Secrets!, "oracle-envelope-key")).Single();
        byte[] bytes = await File.ReadAllBytesAsync(secret);
        await File.WriteAllBytesAsync(secret, new byte[] { 9 });
        RunningOracle running = await service.StartAsync(oracle);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Obstacles.Any(obstacle => obstacle.StartsWith("the secrets does not work: ", StringComparison.Ordinal)));
        await service.UntilLoggedAsync(1405);
        Assert.Equal(HealthStatus.Unhealthy, (await running.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Status);
        Assert.Contains("own it", service.Lines.First(line => line.Event == 1405).Text, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(secret, bytes);
        await running.UntilAsync(JobPhase.Delivered);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Obstacles.Count == 0);
    }

    /// <summary>On a chain a delivery waits until its block is final, for a quarter of an hour: a process all of whose hands are busy with that does not hang.</summary>
    [Fact]
    public async Task Service_EveryHandBusyForLong_IsLive()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task recording = service.HoldDeliveries(gate.Task);
        OracleServiceOptions options = service.Options(oracle);
        RunningOracle running = await service.StartAsync(oracle, options with { Jobs = options.Jobs with { Parallelism = 1 } });
        await recording.WaitAsync(TimeSpan.FromMinutes(5));
        for (int look = 1; look <= 2; look++)
        {
            service.Story.Clock.Advance(TimeSpan.FromMinutes(6));
            await ServiceStory.UntilAsync(async () => (await running.CheckAsync(OracleServiceCollectionExtensions.LiveTag)).Status == HealthStatus.Healthy);
            Assert.Equal((1, 0), (running.Monitor.Read().InHand, running.Monitor.Read().Parked));
        }

        // The service waits for what is in hand when it stops.
        gate.SetResult();
        await running.UntilAsync(JobPhase.Delivered);
    }

    [Fact]
    public async Task Service_LoopThatHangsInItsFirstTurn_IsNotLiveAndNamed()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        service.Ledger.BeforeListing = () => new TaskCompletionSource().Task;
        RunningOracle running = await service.StartAsync(service.Story.World.Oracles[0]);
        await ServiceStory.UntilAsync(() => running.Monitor.IsOpen && running.Monitor.Read().Record is not null);
        Assert.Equal(HealthStatus.Healthy, (await running.CheckAsync(OracleServiceCollectionExtensions.LiveTag)).Status);
        service.Story.Clock.Advance(TimeSpan.FromMinutes(6));
        await UntilNotLiveAsync(running, "the loop that does 'find jobs' has not gone round for 6 minutes.");
    }

    [Fact]
    public async Task Service_OpeningThatHangs_IsNotLiveAfterHalfAnHour()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync(beforeOpening: () => new TaskCompletionSource().Task);
        RunningOracle running = await service.StartAsync(service.Story.World.Oracles[0]);
        service.Story.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(HealthStatus.Healthy, (await running.CheckAsync(OracleServiceCollectionExtensions.LiveTag)).Status);
        service.Story.Clock.Advance(TimeSpan.FromMinutes(2));
        await UntilNotLiveAsync(running, "the loop that does 'open the parts' has not gone round for 31 minutes.");
    }

    [Fact]
    public async Task Service_RecordedInABlockThatIsNotFinal_GivesTheHandBackAndKeepsTheLease()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        service.Ledger.Block = 1_000_000;
        var final = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task recording = service.HoldDeliveries(final.Task);
        OracleServiceOptions options = service.Options(oracle);
        RunningOracle running = await service.StartAsync(oracle, options with { Jobs = options.Jobs with { Parallelism = 1 } });
        await recording.WaitAsync(TimeSpan.FromMinutes(5));

        // Its one hand does another job meanwhile.
        await using IJobStore jobs = await service.OpenJobsAsync(oracle);
        JobOffer offer = OfferOf(await service.Story.ReadAsync(request)), other = offer with { Key = JobStoreContract.Key(1) };
        await jobs.AddAsync([other], service.Story.Clock.GetUtcNow());
        await ServiceStory.UntilAsync(async () => (await jobs.FindAsync(other.Key))?.Phase == JobPhase.Ended);
        await ServiceStory.UntilAsync(async () => (await jobs.FindAsync(offer.Key)) is { Phase: JobPhase.Running, Holder: "main", RecordedInBlock: 1_000_000 });
        Assert.Equal((0, 1), (running.Monitor.Read().InHand, running.Monitor.Read().Parked));

        final.SetResult();
        await ServiceStory.UntilAsync(async () => (await jobs.FindAsync(offer.Key)) is { Phase: JobPhase.Delivered, Looks: 1, Losses: 0, RecordedInBlock: null });
        await ServiceStory.UntilAsync(() => running.Monitor.Read() is { InHand: 0, Parked: 0 });
        Assert.Single((await service.Story.ReadAsync(request)).Deliveries);
    }

    [Fact]
    public async Task StopAsync_JobThatWaitsForItsBlock_IsGivenBackAtOnceAndNotMadeAgainBeforeTheBlockIsFinal()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        service.Ledger.Block = (await service.Ledger.GetHeadAsync()).Block + 2;
        Task recording = service.HoldDeliveries();

        // Nobody waits for the grace, which is minutes here.
        RunningOracle first = await service.StartAsync(oracle, service.Options(oracle, "a"));
        await recording.WaitAsync(TimeSpan.FromMinutes(5));
        await ServiceStory.UntilAsync(async () => (await first.FindJobAsync())?.RecordedInBlock is not null);
        await first.StopAsync().WaitAsync(TimeSpan.FromMinutes(2));
        OracleJob job = (await first.FindJobAsync())!;
        Assert.Equal((JobPhase.Pending, 0, service.Ledger.Block), (job.Phase, job.Losses, job.RecordedInBlock));

        // The next process sees that the block is not final, and puts nothing anywhere.
        int puts = service.Exchange.Puts;
        RunningOracle second = await service.StartAsync(oracle, service.Options(oracle, "b"));
        await second.UntilLookedAtAsync(4);
        Assert.Contains("not final yet", (await second.FindJobAsync())!.Reason, StringComparison.Ordinal);
        Assert.Equal(puts, service.Exchange.Puts);

        // The ledger goes on, and the block that is final has no delivery: a re-organisation took it. It is made known again, and it is the same.
        service.Ledger.BeforeSubmitting = null;
        service.Ledger.Block = null;
        await service.Story.World.Agency.SuspendAsync(service.Story.World.SourceHospitals[1].Keys.Id, 1);
        await service.Story.World.Agency.ReinstateAsync(service.Story.World.SourceHospitals[1].Keys.Id, 1);
        await second.UntilAsync(JobPhase.Delivered);
        using SecretValue made = (await oracle.Secrets.GetAsync($"delivery/{request}/0"))!;
        Assert.Equal(Digest.Of(made.Bytes), Assert.Single((await service.Story.ReadAsync(request)).Deliveries).DeliveryDigest);
    }

    [Fact]
    public async Task Service_LedgerThatWasCutOffWhileNothingWasToBeDone_IsNotReady()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RunningOracle running = await service.StartAsync(service.Story.World.Oracles[0]);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Record is not null);
        service.Ledger.IsCutOff = true;
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Obstacles.Any(obstacle => obstacle.Contains("was seen before", StringComparison.Ordinal)));
        Assert.Equal(HealthStatus.Unhealthy, (await running.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Status);
        service.Ledger.IsCutOff = false;
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Obstacles.Count == 0);
    }

    [Fact]
    public async Task Service_StoreDownUntilTheDeadline_RefusesRatherThanBeAbsent()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        service.Exchange.BeforeReading = () => throw new IpfsUnavailableException("no node answers.", []);
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        RunningOracle running = await service.StartAsync(oracle, service.OptionsOfRefusal(oracle));
        await running.UntilLookedAtAsync(2);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Parts.Any(part => part is { Name: OraclePart.Exchange, IsWorking: false }));
        await service.MoveToRefusalAsync(request);
        await running.UntilAsync(JobPhase.Refused);
        Assert.Equal(RefusalReasons.EnvelopesMissingOrBad, Assert.Single((await service.Story.ReadAsync(request)).Refusals).ReasonCode);
        Assert.Equal(0, (await running.FindJobAsync())!.Failures);
    }

    [Fact]
    public async Task Service_RevokedWhileItWaits_EndsTheJobAndDeliversNothing()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        await service.Story.World.Agency.SuspendAsync(service.Story.World.Doctor.Id, 1);
        RunningOracle running = await service.StartAsync(await service.Story.SeatAsync(request, 1));
        await ServiceStory.UntilAsync(async () => (await running.FindJobAsync())?.Reason.Contains("not active", StringComparison.Ordinal) == true);
        await service.Story.World.Patient.RevokeAsync(request);
        await running.UntilAsync(JobPhase.Ended);
        Assert.Empty((await service.Story.ReadAsync(request)).Deliveries);
    }

    [Fact]
    public async Task Service_TableSaysDeliveredAndTheLedgerDoesNot_ServesAfterAWhile()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        (IJobStore jobs, JobLease lease) = await service.LeaseAsync(oracle, OfferOf(await service.Story.ReadAsync(request)), "x");
        await using (jobs)
        {
            await jobs.FinishAsync(lease, JobPhase.Delivered, "on a branch of the chain that is gone.", service.Story.Clock.GetUtcNow());
        }

        service.Story.Clock.Advance(TimeSpan.FromSeconds(90));
        await service.StartAsync(oracle);
        await service.UntilDeliveredAsync(request, 1);
    }

    [Fact]
    public async Task StopAsync_JobInHand_IsFinishedFirst()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        service.Exchange.BeforeReading = () => gate.Task;
        RunningOracle running = await service.StartAsync(await service.Story.SeatAsync(request, 1));
        await ServiceStory.UntilAsync(() => running.Monitor.Read().InHand == 1);
        Task stopping = running.StopAsync();
        await service.UntilLoggedAsync(1103);
        Assert.False(stopping.IsCompleted);
        Assert.Contains("stopping", Assert.Single((await running.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Entries).Value.Description, StringComparison.Ordinal);
        service.Exchange.BeforeReading = null;
        gate.SetResult();
        await stopping;
        Assert.Single((await service.Story.ReadAsync(request)).Deliveries);
        Assert.Equal(JobPhase.Delivered, (await running.FindJobAsync())!.Phase);
    }

    [Fact]
    public async Task StopAsync_JobThatDoesNotEnd_IsGivenBackForOthersAtOnce()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        service.Exchange.BeforeReading = () => new TaskCompletionSource().Task;
        OracleServiceOptions options = service.Options(oracle, "a");
        RunningOracle first = await service.StartAsync(oracle, options with { Jobs = options.Jobs with { ShutdownGrace = TimeSpan.FromMilliseconds(50) } });
        await ServiceStory.UntilAsync(() => first.Monitor.Read().InHand == 1);
        await first.StopAsync();
        OracleJob job = (await first.FindJobAsync())!;
        Assert.Equal((JobPhase.Pending, 0, 0), (job.Phase, job.Losses, job.Failures));
        service.Exchange.BeforeReading = null;
        await service.StartAsync(oracle, service.Options(oracle, "b"));
        await service.UntilDeliveredAsync(request, 1);
    }

    [Fact]
    public async Task Service_DatabaseRestarts_GoesOn()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? string.Empty);
        await using PostgresProcess own = await PostgresProcess.StartAsync();
        await using ServiceStory service = await ServiceStory.BeginAsync(await own.CreateDatabaseAsync());
        RequestId request = await service.Story.RequestAsync();
        await service.Story.World.Patient.ConsentAsync(request);
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        service.Exchange.BeforeReading = () => throw new IOException("cut off");

        // What could not be recorded while the database was away is looked at again when its lease has run out.
        OracleServiceOptions options = service.Options(oracle);
        RunningOracle running = await service.StartAsync(oracle, options with { Jobs = options.Jobs with { LeaseDuration = TimeSpan.FromSeconds(3), MaxFailures = 100 } });
        await running.UntilLookedAtAsync(1);
        await own.StopAsync();
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Parts.Any(part => part is { Name: OraclePart.Jobs, IsWorking: false }));
        service.Exchange.BeforeReading = null;
        await own.StartAgainAsync();
        await service.UntilDeliveredAsync(request, 1);
        await running.DisposeAsync();
    }

    [Fact]
    public async Task Service_NotAdmittedOrSuspended_IsNotReadyAndSaysWhy()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        SampleOracle oracle = service.Story.World.Oracles[0];
        await service.Story.World.Agency.SuspendAsync(oracle.Identity.Id, 1);
        RunningOracle running = await service.StartAsync(oracle);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Record is not null);
        Assert.Equal("the oracle is Suspended on the ledger.", Assert.Single(running.Monitor.Read().Obstacles));
        await service.UntilLoggedAsync(1402);
    }

    [Fact]
    public async Task Service_KeyRecordEndsSoon_Warns()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        service.Story.Clock.Advance(TimeSpan.FromDays(23));
        RunningOracle running = await service.StartAsync(service.Story.World.Oracles[0]);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Warnings.Count > 0);
        Assert.Contains("renew it", running.Monitor.Read().Warnings[0], StringComparison.Ordinal);
        await ServiceStory.UntilAsync(async () => (await running.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Status == HealthStatus.Degraded);
        await service.UntilLoggedAsync(1401);
    }

    [Fact]
    public async Task Service_SecondProcessOfTheSameName_DoesNotOpen()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        SampleOracle oracle = service.Story.World.Oracles[0];
        OracleServiceOptions options = service.Options(oracle);
        RunningOracle first = await service.StartAsync(oracle, options);
        await ServiceStory.UntilAsync(() => first.Monitor.IsOpen);
        RunningOracle second = await service.StartAsync(oracle, options);
        await service.UntilLoggedAsync(1105);
        Assert.False(second.Monitor.IsOpen);
        await Assert.ThrowsAsync<InvalidOperationException>(() => second.Monitor.ListJobsAsync(new JobFilter()));
        Assert.Contains("has not opened", Assert.Single((await second.CheckAsync(OracleServiceCollectionExtensions.ReadyTag)).Entries).Value.Description, StringComparison.Ordinal);
    }

    private static Task UntilNotLiveAsync(RunningOracle running, string description) => ServiceStory.UntilAsync(async () =>
        (await running.CheckAsync(OracleServiceCollectionExtensions.LiveTag)) is { Status: HealthStatus.Unhealthy } report && Assert.Single(report.Entries).Value.Description == description);

    private static JobOffer OfferOf(RequestRecord request) => new()
    {
        Key = new JobKey { Request = request.Id, Round = request.Round, Use = request.Used },
        Requester = request.Doctor,
        Deadline = request.DeliveryDeadline(new LedgerParameters { FoundingAgency = request.Doctor })!.Value,
    };
}
