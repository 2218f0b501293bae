using System.Data.Common;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;
using Phr.Oracle.Tests.Tools;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Phr.Oracle.Tests.Jobs;

/// <summary>What every job store does. Each implementation derives this once.</summary>
public abstract class JobStoreContract : IAsyncLifetime
{
    private static readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly ActorId _oracle = IdOf(1);

    private IJobStore Store { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        Store = await OpenAsync(_oracle);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await CleanAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task AddAsync_KnownJob_IsNotAddedAgain()
    {
        Assert.Equal(2, await Store.AddAsync([Offer(1), Offer(2)], _start));
        Assert.Equal(1, await Store.AddAsync([Offer(2), Offer(3)], _start.AddSeconds(1)));
        Assert.Equal(0, await Store.AddAsync([], _start));
        OracleJob job = (await Store.FindAsync(Key(2)))!;
        Assert.Equal((JobPhase.Pending, _start, _start, _start.AddHours(2), IdOf(7)), (job.Phase, job.FoundAt, job.DueAt, job.Deadline, job.Requester));
        Assert.Null(await Store.FindAsync(Key(4)));
        Assert.Equal(3, (await Store.CountAsync()).Pending);
    }

    [Fact]
    public async Task AddAsync_FinishedJob_IsOpenedAgainOnlyAfterAWhile()
    {
        JobLease lease = await LeaseNewAsync(1);
        Assert.True(await Store.FinishAsync(lease, JobPhase.Delivered, "done.", _start));
        Assert.Equal(0, await Store.AddAsync([Offer(1)], _start.AddSeconds(59)));
        Assert.Equal(1, await Store.AddAsync([Offer(1)], _start.AddSeconds(61)));
        OracleJob job = (await Store.FindAsync(Key(1)))!;
        Assert.Equal((JobPhase.Pending, _start.AddSeconds(61), null), (job.Phase, job.DueAt, job.FinishedAt));
    }

    /// <summary>What a process dies of, or fails at, must not come back by itself for as long as the ledger shows the request as open.</summary>
    [Fact]
    public async Task AddAsync_SetAsideAndOver_IsNotOpenedAgainUnlessAskedFor()
    {
        JobLease lease = await LeaseNewAsync(1);
        DateTimeOffset deadline = lease.Job.Deadline;
        await Store.SetAsideAsync(lease, deadline, "bad.");
        lease = Assert.Single(await LeaseAsync("a", 1, deadline));
        Assert.True(await Store.FinishAsync(lease, JobPhase.Ended, "its deadline passed.", deadline));
        Assert.Equal(0, await Store.AddAsync([Offer(1)], deadline.AddHours(1)));
        Assert.Empty(await LeaseAsync("a", 1, deadline.AddHours(1)));

        Assert.True(await Store.RetryAsync(Key(1), deadline.AddHours(2)));
        OracleJob job = (await Store.FindAsync(Key(1)))!;
        Assert.Equal((JobPhase.Pending, false, null, deadline.AddHours(2)), (job.Phase, job.WasSetAside, job.FinishedAt, job.DueAt));
    }

    /// <summary>A re-organisation took its refusal away: it is refused again, and not tried.</summary>
    [Fact]
    public async Task AddAsync_SetAsideAndRefusedBeforeItsDeadline_IsOpenedAgainAsSetAside()
    {
        JobLease lease = await LeaseNewAsync(1);
        await Store.SetAsideAsync(lease, _start, "bad.");
        lease = Assert.Single(await LeaseAsync("a", 1));
        Assert.True(await Store.FinishAsync(lease, JobPhase.Refused, "refused.", _start));
        Assert.Equal(1, await Store.AddAsync([Offer(1)], _start.AddSeconds(61)));
        Assert.Equal(JobPhase.SetAside, (await Store.FindAsync(Key(1)))!.Phase);
        Assert.True(Assert.Single(await LeaseAsync("a", 1, _start.AddSeconds(61))).Job.WasSetAside);
    }

    [Fact]
    public async Task AddAsync_AnotherOraclesJobs_AreNotSeen()
    {
        await using IJobStore other = await OpenAsync(IdOf(2));
        await Store.AddAsync([Offer(1)], _start);
        await other.AddAsync([Offer(1), Offer(2)], _start);
        Assert.Equal(1, (await Store.CountAsync()).Pending);
        Assert.Single(await LeaseAsync("a", 10));
        Assert.Equal(2, (await other.CountAsync()).Pending);
    }

    [Fact]
    public async Task LeaseAsync_SeveralDue_GivesTheNearestDeadlinesFirstAndEachOnce()
    {
        await Store.AddAsync([Offer(1, hours: 3), Offer(2, hours: 1), Offer(3, hours: 2)], _start);
        Assert.Equal([Key(2), Key(3)], (await LeaseAsync("a", 2)).Select(l => l.Job.Key));
        JobLease last = Assert.Single(await LeaseAsync("b", 2));
        Assert.Equal((Key(1), JobPhase.Running, "b", _start.AddMinutes(1), 1), (last.Job.Key, last.Job.Phase, last.Job.Holder, last.Job.LeasedUntil, last.Job.Looks));
        Assert.Empty(await LeaseAsync("a", 2));
    }

    [Fact]
    public async Task LeaseAsync_LeaseRanOut_AnotherGetsItAndTheFirstCanWriteNothing()
    {
        JobLease first = await LeaseNewAsync(1);
        Assert.Empty(await LeaseAsync("b", 1, _start.AddSeconds(59)));
        JobLease second = Assert.Single(await LeaseAsync("b", 1, _start.AddSeconds(60)));
        Assert.Equal((1, 2), (second.Job.Losses, second.Job.Looks));
        Assert.False(await Store.RenewAsync(first, _start.AddHours(1)));
        Assert.False(await Store.PostponeAsync(first, _start, JobDelay.Waiting, "late."));
        Assert.False(await Store.SetAsideAsync(first, _start, "late."));
        Assert.False(await Store.FinishAsync(first, JobPhase.Ended, "late.", _start));
        Assert.True(await Store.FinishAsync(second, JobPhase.Delivered, "done.", _start.AddSeconds(61)));
        Assert.False(await Store.FinishAsync(second, JobPhase.Refused, "twice.", _start.AddSeconds(62)));
        OracleJob job = (await Store.FindAsync(Key(1)))!;
        Assert.Equal((JobPhase.Delivered, "done.", _start.AddSeconds(61), "b"), (job.Phase, job.Reason, job.FinishedAt, job.Holder));
    }

    [Fact]
    public async Task RenewAsync_StandingLease_KeepsItFromOthers()
    {
        JobLease lease = await LeaseNewAsync(1);
        Assert.True(await Store.RenewAsync(lease, _start.AddMinutes(5)));
        Assert.Empty(await LeaseAsync("b", 1, _start.AddMinutes(4)));
        Assert.Single(await LeaseAsync("b", 1, _start.AddMinutes(5)));
    }

    [Fact]
    public async Task PostponeAsync_Failure_IsCountedAndOtherDelaysAreNot()
    {
        JobLease lease = await LeaseNewAsync(1);
        foreach (JobDelay delay in Enum.GetValues<JobDelay>())
        {
            Assert.True(await Store.PostponeAsync(lease, _start.AddSeconds(5), delay, $"{delay}."));
            Assert.Empty(await LeaseAsync("a", 1, _start.AddSeconds(4)));
            lease = Assert.Single(await LeaseAsync("a", 1, _start.AddSeconds(5)));
        }

        Assert.Equal((1, 0, 6, "Failure."), (lease.Job.Failures, lease.Job.Losses, lease.Job.Looks, lease.Job.Reason));
    }

    [Fact]
    public async Task SetAsideAsync_ThenDue_IsLeasedOnlyToBeRefusedAndSetAsideAgainWhenPostponed()
    {
        JobLease lease = await LeaseNewAsync(1);
        Assert.True(await Store.SetAsideAsync(lease, _start.AddHours(1), "bad."));
        Assert.Equal((JobPhase.SetAside, "bad."), ((await Store.FindAsync(Key(1)))!.Phase, (await Store.FindAsync(Key(1)))!.Reason));
        Assert.Empty(await LeaseAsync("a", 1, _start.AddMinutes(59)));
        lease = Assert.Single(await LeaseAsync("a", 1, _start.AddHours(1)));
        Assert.True(lease.Job.WasSetAside);
        Assert.True(await Store.PostponeAsync(lease, _start.AddHours(1).AddSeconds(1), JobDelay.Outage, "no node."));
        Assert.Equal(JobPhase.SetAside, (await Store.FindAsync(Key(1)))!.Phase);
        lease = Assert.Single(await LeaseAsync("a", 1, _start.AddHours(2)));
        Assert.True(await Store.FinishAsync(lease, JobPhase.Refused, "refused.", _start.AddHours(2)));
        Assert.Equal(1, (await Store.CountAsync()).Refused);
    }

    [Fact]
    public async Task RetryAsync_SetAside_StartsAfreshAndNothingElseDoes()
    {
        JobLease lease = await LeaseNewAsync(1);
        Assert.False(await Store.RetryAsync(Key(1), _start));
        Assert.False(await Store.RetryAsync(Key(2), _start));
        await Store.PostponeAsync(lease, _start, JobDelay.Failure, "bad.");
        lease = Assert.Single(await LeaseAsync("a", 1));
        await Store.SetAsideAsync(lease, _start.AddHours(1), "bad.");
        Assert.True(await Store.RetryAsync(Key(1), _start.AddMinutes(1)));
        lease = Assert.Single(await LeaseAsync("a", 1, _start.AddMinutes(1)));
        Assert.Equal((false, 0, 0), (lease.Job.WasSetAside, lease.Job.Failures, lease.Job.Losses));
        Assert.False(await Store.RetryAsync(Key(1), _start));
    }

    [Fact]
    public async Task ReleaseAsync_OneProcess_ItsJobsAreDueAtOnceAndItsLeasesOver()
    {
        await Store.AddAsync([Offer(1), Offer(2), Offer(3)], _start);
        IReadOnlyList<JobLease> mine = await LeaseAsync("a", 2);
        await LeaseAsync("b", 1);
        Assert.Equal(2, await Store.ReleaseAsync("a", _start.AddSeconds(1)));
        Assert.False(await Store.FinishAsync(mine[0], JobPhase.Delivered, "late.", _start));
        IReadOnlyList<JobLease> taken = await LeaseAsync("c", 3, _start.AddSeconds(1));
        Assert.Equal(mine.Select(l => l.Job.Key), taken.Select(l => l.Job.Key));
        Assert.All(taken, lease => Assert.Equal(0, lease.Job.Losses));
        Assert.Equal(0, await Store.ReleaseAsync("nobody", _start));
    }

    /// <summary>A job that ends its process must not be taken up for ever by the process's next life.</summary>
    [Fact]
    public async Task ReclaimAsync_ProcessThatDied_ItsJobsAreDueAtOnceAndTheDeathIsCounted()
    {
        JobLease lease = await LeaseNewAsync(1);
        for (int death = 1; death <= 3; death++)
        {
            Assert.Equal(0, await Store.ReclaimAsync("b", _start));
            Assert.Equal(1, await Store.ReclaimAsync("a", _start));
            Assert.False(await Store.RenewAsync(lease, _start.AddHours(1)));
            lease = Assert.Single(await LeaseAsync("a", 1));
            Assert.Equal((death, 0, death + 1), (lease.Job.Losses, lease.Job.Failures, lease.Job.Looks));
        }

        await Store.SetAsideAsync(lease, _start, "they died.");
        await LeaseAsync("a", 1);
        Assert.Equal(1, await Store.ReclaimAsync("a", _start));
        Assert.Equal(JobPhase.SetAside, (await Store.FindAsync(Key(1)))!.Phase);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReclaimAsync(string.Empty, _start));
    }

    [Fact]
    public async Task AdmitAsync_BurstThenRate_LetsThroughWhatTheLimitSaysAndEachJobOnce()
    {
        var limit = new RequesterLimit { Burst = 2, PerHour = 3600 };
        await Store.AddAsync([.. Enumerable.Range(1, 5).Select(i => Offer(i)), Offer(6, requester: 8)], _start);
        IReadOnlyList<JobLease> all = await LeaseAsync("a", 6);
        JobLease[] leases = [.. all.Where(l => l.Job.Requester == IdOf(7))];
        Assert.Null(await Store.AdmitAsync(leases[0], limit, _start));
        Assert.Null(await Store.AdmitAsync(leases[1], limit, _start));
        Assert.Equal(_start.AddSeconds(1), await Store.AdmitAsync(leases[2], limit, _start));
        Assert.Null(await Store.AdmitAsync(all.Single(l => l.Job.Requester == IdOf(8)), limit, _start));

        // A job that passed once is not counted again.
        await Store.PostponeAsync(leases[0], _start, JobDelay.Waiting, "waits.");
        JobLease again = Assert.Single(await LeaseAsync("a", 1));
        Assert.True(again.Job.IsAdmitted);
        Assert.Null(await Store.AdmitAsync(again, limit, _start));

        Assert.Null(await Store.AdmitAsync(leases[2], limit, _start.AddSeconds(1)));
        Assert.Equal(_start.AddSeconds(2), await Store.AdmitAsync(leases[3], limit, _start.AddSeconds(1)));

        // After a rest the whole burst is there again, and no more.
        Assert.Null(await Store.AdmitAsync(leases[3], limit, _start.AddHours(1)));
        Assert.Null(await Store.AdmitAsync(leases[4], limit, _start.AddHours(1)));
        Assert.NotNull(await Store.AdmitAsync(leases[3] with { Job = leases[3].Job with { Key = Key(9) } }, limit, _start.AddHours(1)));
    }

    [Fact]
    public async Task AdmitAsync_LeaseThatWasLost_CountsTheJobOnce()
    {
        var limit = new RequesterLimit { Burst = 2, PerHour = 1 };
        JobLease lost = await LeaseNewAsync(1);
        JobLease second = Assert.Single(await LeaseAsync("b", 1, _start.AddMinutes(1)));
        Assert.Null(await Store.AdmitAsync(second, limit, _start));
        Assert.Null(await Store.AdmitAsync(lost, limit, _start));
        await Store.AddAsync([Offer(2), Offer(3)], _start);
        IReadOnlyList<JobLease> others = await LeaseAsync("a", 2);
        Assert.Null(await Store.AdmitAsync(others[0], limit, _start));
        Assert.NotNull(await Store.AdmitAsync(others[1], limit, _start));

        // It is not for the limit any more to keep back what it let pass.
        Assert.Null(await Store.AdmitAsync(lost, limit, _start));
    }

    [Fact]
    public async Task AdmitAsync_ManyLeasesOfOneJobAtOnce_CountItOnce()
    {
        var limit = new RequesterLimit { Burst = 2, PerHour = 1 };
        JobLease lease = await LeaseNewAsync(1);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Store.AdmitAsync(lease, limit, _start)))), Assert.Null);
        await Store.AddAsync([Offer(2), Offer(3)], _start);
        IReadOnlyList<JobLease> others = await LeaseAsync("a", 2);
        Assert.Null(await Store.AdmitAsync(others[0], limit, _start));
        Assert.NotNull(await Store.AdmitAsync(others[1], limit, _start));
    }

    [Fact]
    public async Task AdmitAsync_ManyAtOnce_LetsThroughExactlyTheBurst()
    {
        var limit = new RequesterLimit { Burst = 5, PerHour = 1 };
        await Store.AddAsync([.. Enumerable.Range(1, 20).Select(i => Offer(i))], _start);
        IReadOnlyList<JobLease> leases = await LeaseAsync("a", 20);
        DateTimeOffset?[] answers = await Task.WhenAll(leases.Select(lease => Task.Run(() => Store.AdmitAsync(lease, limit, _start))));
        Assert.Equal(5, answers.Count(a => a is null));
    }

    [Fact]
    public async Task LeaseAsync_SeveralStoresAtOnce_EveryJobIsFinishedOnceAndNoneIsLost()
    {
        const int Jobs = 120;
        await Store.AddAsync([.. Enumerable.Range(1, Jobs).Select(i => Offer(i))], _start);
        int finished = 0;
        var seen = new System.Collections.Concurrent.ConcurrentBag<JobKey>();
        await Task.WhenAll(Enumerable.Range(1, 4).Select(worker => Task.Run(async () =>
        {
            await using IJobStore store = await OpenAsync(_oracle);
            while (Volatile.Read(ref finished) < Jobs)
            {
                foreach (JobLease lease in await store.LeaseAsync(new JobLeaseOptions { Holder = $"worker-{worker}", Count = 3 }, _start))
                {
                    seen.Add(lease.Job.Key);
                    Assert.True(await store.FinishAsync(lease, JobPhase.Delivered, "done.", _start));
                    Interlocked.Increment(ref finished);
                }
            }
        })));
        Assert.Equal(Jobs, finished);
        Assert.Distinct(seen);
        Assert.Equal(Jobs, (await Store.CountAsync()).Delivered);
    }

    [Fact]
    public async Task OpenAsync_SeveralAtOnceOnNothing_AllSucceed()
    {
        await CleanAsync();
        await PrepareAsync();
        IJobStore[] stores = await Task.WhenAll(Enumerable.Range(1, 5).Select(_ => Task.Run(() => OpenAsync(_oracle))));
        Assert.Equal(1, await stores[0].AddAsync([Offer(1)], _start));
        Assert.Equal(0, await stores[4].AddAsync([Offer(1)], _start));
        foreach (IJobStore store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task OpenAsync_Again_FindsWhatWasKept()
    {
        JobLease lease = await LeaseNewAsync(1);
        await Store.SetAsideAsync(lease, _start.AddHours(1), "bad.");
        await Store.DisposeAsync();
        Store = await OpenAsync(_oracle);
        Assert.Equal(JobPhase.SetAside, (await Store.FindAsync(Key(1)))!.Phase);
    }

    [Fact]
    public async Task OpenAsync_FormatOfTheFuture_IsRefused()
    {
        await using (DbConnection connection = await ConnectAsync())
        {
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE phr_job_format SET version = 3";
            await command.ExecuteNonQueryAsync();
        }

        PhrDataException refused = await Assert.ThrowsAsync<PhrDataException>(() => OpenAsync(_oracle));
        Assert.Equal(PhrDataReason.UnknownVersion, refused.Reason);
    }

    /// <summary>A store that a version before wrote is taken over with its jobs, by several processes at once; the first format has no column for blocks.</summary>
    [Fact]
    public async Task OpenAsync_FirstFormat_IsBroughtToThisOneWithItsJobs()
    {
        JobLease lease = await LeaseNewAsync(1);
        await Store.DisposeAsync();
        await using (DbConnection connection = await ConnectAsync())
        {
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = "ALTER TABLE phr_jobs DROP COLUMN recorded; UPDATE phr_job_format SET version = 1";
            await command.ExecuteNonQueryAsync();
        }

        IJobStore[] stores = await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => Task.Run(() => OpenAsync(_oracle))));
        Store = stores[0];
        await stores[1].DisposeAsync();
        await stores[2].DisposeAsync();
        Assert.True(await Store.NoteBlockAsync(lease, 7));
        Assert.Equal((JobPhase.Running, 7UL), ((await Store.FindAsync(Key(1)))!.Phase, (await Store.FindAsync(Key(1)))!.RecordedInBlock));
        await using IJobStore again = await OpenAsync(_oracle);
        Assert.Equal(1, (await again.CountAsync()).Running);
    }

    /// <summary>A job that waits for its block cannot be what its process died of: however often that dies meanwhile, the job is not blamed.</summary>
    [Fact]
    public async Task NoteBlockAsync_ProcessesThatEndMeanwhile_AreNotCountedUntilItIsTakenBack()
    {
        JobLease lease = await LeaseNewAsync(1);
        Assert.True(await Store.NoteBlockAsync(lease, long.MaxValue));
        await Assert.ThrowsAsync<OverflowException>(() => Store.NoteBlockAsync(lease, ulong.MaxValue));
        Assert.Equal(1, await Store.ReclaimAsync("a", _start));
        Assert.False(await Store.NoteBlockAsync(lease, 8));
        lease = Assert.Single(await LeaseAsync("a", 1));
        lease = Assert.Single(await LeaseAsync("b", 1, _start.AddMinutes(1)));
        Assert.Equal((0, 3, (ulong)long.MaxValue), (lease.Job.Losses, lease.Job.Looks, lease.Job.RecordedInBlock));
        Assert.True(await Store.PostponeAsync(lease, _start, JobDelay.Waiting, "not final yet."));
        lease = Assert.Single(await LeaseAsync("a", 1));
        Assert.NotNull(lease.Job.RecordedInBlock);

        Assert.True(await Store.NoteBlockAsync(lease, null));
        Assert.Equal(1, await Store.ReclaimAsync("a", _start));
        lease = Assert.Single(await LeaseAsync("a", 1));
        Assert.Equal((1, null), (lease.Job.Losses, lease.Job.RecordedInBlock));
        Assert.True(await Store.NoteBlockAsync(lease, 9));
        Assert.True(await Store.FinishAsync(lease, JobPhase.Delivered, "done.", _start));
        Assert.Null((await Store.FindAsync(Key(1)))!.RecordedInBlock);
    }

    [Theory]
    [InlineData("job", "nonsense")]
    [InlineData("requester", "nobody")]
    [InlineData("phase", "9")]
    public async Task FindAsync_RowThatNobodyWrites_IsRefused(string column, string value)
    {
        await Store.AddAsync([Offer(1)], _start);
        await using (DbConnection connection = await ConnectAsync())
        {
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = $"UPDATE phr_jobs SET {column} = {(column == "phase" ? value : $"'{value}'")}";
            await command.ExecuteNonQueryAsync();
        }

        Assert.Equal(PhrDataReason.Malformed, (await Assert.ThrowsAsync<PhrDataException>(() => Store.ListAsync(new JobFilter()))).Reason);
    }

    [Fact]
    public async Task ListAsync_EveryPhase_OpenOnesByDeadlineThenFinishedOnesLatestFirst()
    {
        await Store.AddAsync([Offer(1, hours: 5), Offer(2, hours: 1), Offer(3, hours: 2), Offer(4, hours: 3)], _start);
        IReadOnlyList<JobLease> leases = await LeaseAsync("a", 3);
        await Store.FinishAsync(leases[0], JobPhase.Refused, "x.", _start.AddSeconds(1));
        await Store.FinishAsync(leases[1], JobPhase.Ended, "x.", _start.AddSeconds(2));
        Assert.Equal([Key(4), Key(1), Key(3), Key(2)], (await Store.ListAsync(new JobFilter())).Select(j => j.Key));
        Assert.Equal([Key(2)], (await Store.ListAsync(new JobFilter { Phase = JobPhase.Refused })).Select(j => j.Key));
        Assert.Equal([Key(4)], (await Store.ListAsync(new JobFilter { Limit = 1 })).Select(j => j.Key));
        JobCounts counts = await Store.CountAsync();
        Assert.Equal([1, 1, 0, 1, 1, 0], Enum.GetValues<JobPhase>().Select(counts.Of));
        Assert.Equal(_start, counts.OldestDue);
    }

    [Fact]
    public async Task PurgeAsync_OldFinishedJobs_AreForgottenAndOpenOnesAreNot()
    {
        await Store.AddAsync([Offer(1), Offer(2), Offer(3)], _start);
        IReadOnlyList<JobLease> leases = await LeaseAsync("a", 2);
        await Store.AdmitAsync(leases[0], new RequesterLimit(), _start);
        await Store.FinishAsync(leases[0], JobPhase.Delivered, "x.", _start);
        await Store.FinishAsync(leases[1], JobPhase.Delivered, "x.", _start.AddDays(2));
        Assert.Equal(1, await Store.PurgeAsync(_start.AddDays(1)));
        JobKey open = Assert.Single(new[] { Key(1), Key(2), Key(3) }.Except(leases.Select(l => l.Job.Key)));
        Assert.Equal([open, leases[1].Job.Key], (await Store.ListAsync(new JobFilter())).Select(j => j.Key));
    }

    [Fact]
    public async Task Reasons_LongOrWithAnyCharacters_AreKeptAsFarAsTheyFit()
    {
        JobLease lease = await LeaseNewAsync(1);
        string reason = "a'b\"; DROP TABLE phr_jobs; -- \u00e9\u4e2d" + new string('x', 600);
        await Store.PostponeAsync(lease, _start, JobDelay.Waiting, reason);
        Assert.Equal(reason[..500], (await Store.FindAsync(Key(1)))!.Reason);
        lease = Assert.Single(await LeaseAsync("a", 1));
        await Store.PostponeAsync(lease, _start, JobDelay.Waiting, "a\0b");
        Assert.Equal("a b", (await Store.FindAsync(Key(1)))!.Reason);
    }

    [Fact]
    public async Task Arguments_OutOfBounds_AreRefused()
    {
        JobLease lease = await LeaseNewAsync(1);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LeaseAsync("a", 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LeaseAsync("a", 1001));
        await Assert.ThrowsAsync<ArgumentException>(() => LeaseAsync("", 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LeaseAsync(new string('a', 101), 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.FinishAsync(lease, JobPhase.Running, "x.", _start));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.AdmitAsync(lease, new RequesterLimit { Burst = 0 }, _start));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.AdmitAsync(lease, new RequesterLimit { PerHour = 0 }, _start));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListAsync(new JobFilter { Limit = 0 }));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.AddAsync(null!, _start));
    }

    /// <summary>Random histories of two processes, beside a model in a dictionary: every answer and every job agree.</summary>
    [Fact]
    public async Task Histories_Random_AgreeWithAModel()
    {
        int history = 0;
        Gen<(int What, int Job, int Worker, int Seconds)[]> steps = Gen.ArrayOf(Gen.Choose(0, 9).SelectMany(what =>
            Gen.Choose(1, 4).SelectMany(job => Gen.Choose(0, 1).SelectMany(worker => Gen.Choose(0, 70).Select(seconds => (what, job, worker, seconds))))));
        await Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(30).WithEndSize(40).WithQuietOnSuccess(true),
            Prop.ForAll(steps.ToArbitrary(), script => JobStoreModel.AgreesAsync(() => OpenAsync(IdOf(1000 + Interlocked.Increment(ref history))), script).GetAwaiter().GetResult())));
    }

    protected abstract Task PrepareAsync();

    protected abstract Task CleanAsync();

    protected abstract Task<IJobStore> OpenAsync(ActorId oracle);

    protected abstract Task<DbConnection> ConnectAsync();

    internal static JobKey Key(int number) => new() { Request = RequestId.FromBytes(SHA256.HashData([(byte)number])), Round = number % 2, Use = 0 };

    internal static JobOffer Offer(int number, int hours = 2, int requester = 7) => new() { Key = Key(number), Requester = IdOf(requester), Deadline = _start.AddHours(hours) };

    internal static ActorId IdOf(int number) => ActorId.Parse(number.ToString("x40", System.Globalization.CultureInfo.InvariantCulture));

    private async Task<JobLease> LeaseNewAsync(int number)
    {
        await Store.AddAsync([Offer(number)], _start);
        return Assert.Single(await LeaseAsync("a", 1));
    }

    private Task<IReadOnlyList<JobLease>> LeaseAsync(string holder, int count, DateTimeOffset? now = null) => Store.LeaseAsync(new JobLeaseOptions { Holder = holder, Count = count }, now ?? _start);
}
