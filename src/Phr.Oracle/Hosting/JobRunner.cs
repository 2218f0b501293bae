using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Oracle.Telemetry;

namespace Phr.Oracle.Hosting;

/// <summary>Does one leased job: looks at it through the worker, and writes down what became of it. One object for each lease.</summary>
internal sealed class JobRunner(OracleParts parts, OracleServiceOptions options, OracleState state, OracleInstruments instruments, TimeProvider time, ILogger logger)
{
    private const string OverLimit = "its requester asked for more than one is served.";
    private const string NotFinal = "what was recorded stands in a block that is not final yet.";

    /// <summary>How many jobs one process lets wait for their blocks without a hand; more of them keep theirs.</summary>
    private const int MostParked = 1024;

    private readonly OracleJobOptions _jobs = options.Jobs;

    // From here on the lease is given back by what is written, and not kept any more.
    private volatile bool _isRecording;
    private Task _parking = Task.CompletedTask;
    private int _isParked;
    private CancellationTokenRegistration _stopsWaiting;
    private CancellationToken _abort;
    private readonly Backoff _retries = new(options.Jobs.FirstRetry, options.Jobs.LongestRetry);
    private readonly Backoff _waits = new(options.Worker.PollInterval, Max(options.Worker.PollInterval, options.Worker.EnvelopeGrace));

    /// <summary>Called once when nothing is left to do but to wait until a block is final: the lease is kept, and another job may be taken in hand.</summary>
    public Action OnParked { get; init; } = () => { };

    /// <summary>How many outages each job has met in this process since it last met none. Looks that only waited do not make the next outage's wait longer.</summary>
    public ConcurrentDictionary<JobKey, int> Outages { get; init; } = [];

    /// <summary>Ends the wait for a block at once, since nothing is lost by that: whoever looks next finds which block it was.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Does a job. Nothing is thrown: what cannot be written down is done again when the lease has run out.</summary>
    /// <param name="lease">The job.</param>
    /// <param name="abort">Gives the job up; its lease is given back by whoever does so.</param>
    public async Task RunAsync(JobLease lease, CancellationToken abort)
    {
        _abort = abort;
        using Activity? span = instruments.Source.StartActivity("phr.oracle.job", ActivityKind.Consumer);
        span?.SetTag("phr.request", lease.Job.Key.Request.ToString()).SetTag("phr.look", lease.Job.Looks);
        long begin = time.GetTimestamp();
        string end = "given_up";
        using var work = CancellationTokenSource.CreateLinkedTokenSource(abort);
        Task keeping = KeepAsync(lease, work);
        state.TookInHand(1);
        try
        {
            end = await HandleAsync(lease, work).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Log.JobNotRecorded(logger, lease.Job.Key, Fault.Describe(e));
            span?.SetStatus(ActivityStatusCode.Error);
        }
        finally
        {
            if (Volatile.Read(ref _isParked) == 1)
            {
                state.Parked(-1);
            }
            else
            {
                state.TookInHand(-1);
            }

            await _stopsWaiting.DisposeAsync().ConfigureAwait(false);
            await _parking.ConfigureAwait(false);
            await work.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(false);
            instruments.Looked(time.GetElapsedTime(begin), end);
            span?.SetTag("phr.end", end);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    // How it ended, for the metrics.
    private async Task<string> HandleAsync(JobLease lease, CancellationTokenSource work)
    {
        CancellationToken cancellationToken = work.Token;
        OracleJob job = lease.Job;
        if (job.Losses + job.Failures >= _jobs.MaxFailures && !job.WasSetAside)
        {
            return await SetAsideAsync(lease, job.Failures == 0 ? "processes ended, or stood still, while they worked on it." : $"{job.Reason} Processes ended while they worked on it.", cancellationToken).ConfigureAwait(false);
        }

        try
        {
            RequestRecord? request = await state.TrackAsync(OraclePart.Ledger, () => parts.Services.Ledger.GetRequestAsync(job.Key.Request, cancellationToken)).ConfigureAwait(false);
            if (FindEnd(request, job.Key) is { } ended)
            {
                return await FinishAsync(lease, ended.Phase, ended.Reason, cancellationToken, DelayOf(request, request?.FindCommitteeIndex(parts.Worker.Id) is { } index ? request.Delivery(index)?.Time : null)).ConfigureAwait(false);
            }

            if (job.RecordedInBlock is { } block && !job.WasSetAside)
            {
                if ((await state.TrackAsync(OraclePart.Ledger, () => parts.Services.Ledger.GetHeadAsync(cancellationToken)).ConfigureAwait(false)).Block < block)
                {
                    return await PostponeAsync(lease, Next(job, _waits.After(job.Looks)), JobDelay.Waiting, NotFinal, cancellationToken).ConfigureAwait(false);
                }

                // The block became final without it: a re-organisation took it away.
                await state.TrackAsync(OraclePart.Jobs, () => parts.Jobs.NoteBlockAsync(lease, null, cancellationToken)).ConfigureAwait(false);
            }

            return await ServeAsync(lease, request!, included => Park(lease, included, work), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return await FailAsync(lease, e, cancellationToken).ConfigureAwait(false);
        }
    }

    // What the ledger says without our doing anything.
    private (JobPhase Phase, string Reason)? FindEnd(RequestRecord? request, JobKey job)
    {
        if (request?.FindCommitteeIndex(parts.Worker.Id) is not { } index || request.Round != job.Round || request.Used != job.Use)
        {
            return (JobPhase.Ended, "the ledger does not ask this oracle for it any more.");
        }

        return request.Delivery(index) is not null ? (JobPhase.Delivered, string.Empty)
            : request.Refusals.Any(refusal => refusal.Index == index) ? (JobPhase.Refused, string.Empty)
            : request.IsOver(time.GetUtcNow()) || request.Status is RequestStatus.Settled ? (JobPhase.Ended, $"the request is {request.StatusAt(Later(request.AsOf))}.")
            : null;
    }

    // What is to be recorded stands in a block. From now on the job needs its lease and no hand.
    private void Park(JobLease lease, ulong block, CancellationTokenSource work)
    {
        Task before = _parking;
        _parking = NoteAsync();
        if (Volatile.Read(ref _isParked) == 1 || state.Read().Parked >= MostParked)
        {
            return;
        }

        Volatile.Write(ref _isParked, 1);
        state.Parked(1);
        state.TookInHand(-1);
        _stopsWaiting = Stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), work);
        OnParked();

        async Task NoteAsync()
        {
            await before.ConfigureAwait(false);
            try
            {
                await state.TrackAsync(OraclePart.Jobs, () => parts.Jobs.NoteBlockAsync(lease, block, _abort)).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Then the end of this process counts as a loss, and nothing else.
                Log.JobNotRecorded(logger, lease.Job.Key, Fault.Describe(e));
            }
        }
    }

    private DateTimeOffset Later(DateTimeOffset asOf) => time.GetUtcNow() is var now && now > asOf ? now : asOf;

    private async Task<string> ServeAsync(JobLease lease, RequestRecord request, Action<ulong> included, CancellationToken cancellationToken)
    {
        OracleJob job = lease.Job;
        DateTimeOffset refuseAt = job.Deadline - parts.Worker.RefusalMargin;
        JobOutcome outcome;
        if (job.WasSetAside)
        {
            outcome = await parts.Worker.RefuseAsync(job.Key.Request, RefusalReasons.OracleFault, included, cancellationToken).ConfigureAwait(false);
        }
        else if (await state.TrackAsync(OraclePart.Jobs, () => parts.Jobs.AdmitAsync(lease, options.Requesters, time.GetUtcNow(), cancellationToken)).ConfigureAwait(false) is { } until)
        {
            if (time.GetUtcNow() < refuseAt)
            {
                DateTimeOffset due = until < refuseAt ? until : refuseAt;
                Log.JobLimited(logger, job.Key, due);
                return await PostponeAsync(lease, due, JobDelay.Limited, OverLimit, cancellationToken).ConfigureAwait(false);
            }

            outcome = await parts.Worker.RefuseAsync(job.Key.Request, RefusalReasons.RequesterOverLimit, included, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            outcome = await parts.Worker.ProcessAsync(job.Key.Request, included, cancellationToken).ConfigureAwait(false);
        }

        return outcome.State switch
        {
            JobState.Delivered => await FinishAsync(lease, JobPhase.Delivered, string.Empty, cancellationToken, DelayOf(request, outcome.RecordedAt)).ConfigureAwait(false),
            JobState.Refused => await FinishAsync(lease, JobPhase.Refused, outcome.Detail, cancellationToken).ConfigureAwait(false),
            JobState.NotServed when job.WasSetAside && time.GetUtcNow() >= job.Deadline => await FinishAsync(lease, JobPhase.Ended, "it was set aside, and its deadline passed.", cancellationToken).ConfigureAwait(false),
            JobState.NotServed => await PostponeAsync(lease, Next(job, _waits.After(job.Looks)), JobDelay.NotServed, outcome.Detail, cancellationToken).ConfigureAwait(false),

            // What was done in between shows at the next look.
            _ => await PostponeAsync(lease, Next(job, _waits.After(job.Looks)), JobDelay.Waiting, outcome.Detail, cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<string> FailAsync(JobLease lease, Exception exception, CancellationToken cancellationToken)
    {
        OracleJob job = lease.Job;
        string fault = Fault.Describe(exception);
        if (Fault.IsOutage(exception) || job.WasSetAside)
        {
            return await PostponeAsync(lease, Next(job, _retries.After(Outages.AddOrUpdate(job.Key, 1, (_, known) => known + 1))), JobDelay.Outage, fault, cancellationToken).ConfigureAwait(false);
        }

        int failures = job.Failures + 1;
        Log.JobFailed(logger, job.Key, failures, fault);
        return failures + job.Losses >= _jobs.MaxFailures
            ? await SetAsideAsync(lease, fault, cancellationToken).ConfigureAwait(false)
            : await PostponeAsync(lease, Next(job, _retries.After(failures)), JobDelay.Failure, fault, cancellationToken).ConfigureAwait(false);
    }

    // No wait leaps over the moment at which a refusal is due, and none between that and the deadline over most of what is left.
    private DateTimeOffset Next(OracleJob job, TimeSpan wait)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset refuseAt = job.Deadline - parts.Worker.RefusalMargin;
        return now < refuseAt && now + wait > refuseAt ? refuseAt
            : now >= refuseAt && now < job.Deadline ? now + Min(wait, Max(_jobs.FirstRetry, (job.Deadline - now) / 4))
            : now + wait;
    }

    private async Task<string> FinishAsync(JobLease lease, JobPhase phase, string reason, CancellationToken cancellationToken, TimeSpan? delay = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (await RecordAsync(lease, () => parts.Jobs.FinishAsync(lease, phase, reason, now, cancellationToken)).ConfigureAwait(false))
        {
            Log.JobFinished(logger, lease.Job.Key, phase, reason);
            instruments.Finished(phase);
            if (phase == JobPhase.Delivered && delay is { } taken)
            {
                instruments.Delivered(taken);
            }
        }

        return OracleInstruments.Name(phase);
    }

    // As reputation counts it: by the ledger's time of the record, which on a chain is final long after.
    private static TimeSpan? DelayOf(RequestRecord? request, DateTimeOffset? recordedAt) => request?.ServiceStart is { } start && recordedAt is { } at && at >= start ? at - start : null;

    private async Task<string> PostponeAsync(JobLease lease, DateTimeOffset due, JobDelay delay, string reason, CancellationToken cancellationToken)
    {
        if (await RecordAsync(lease, () => parts.Jobs.PostponeAsync(lease, due, delay, reason, cancellationToken), isOutage: delay == JobDelay.Outage).ConfigureAwait(false))
        {
            Log.JobPostponed(logger, lease.Job.Key, due, delay, reason);
            instruments.Postponed(delay);
        }

        return "postponed";
    }

    private async Task<string> SetAsideAsync(JobLease lease, string reason, CancellationToken cancellationToken)
    {
        DateTimeOffset refuseAt = lease.Job.Deadline - parts.Worker.RefusalMargin;
        if (await RecordAsync(lease, () => parts.Jobs.SetAsideAsync(lease, refuseAt, reason, cancellationToken)).ConfigureAwait(false))
        {
            Log.JobSetAside(logger, lease.Job.Key, refuseAt, reason);
            instruments.SetAside();
        }

        return OracleInstruments.Name(JobPhase.SetAside);
    }

    private async Task<bool> RecordAsync(JobLease lease, Func<Task<bool>> record, bool isOutage = false)
    {
        if (!isOutage)
        {
            Outages.TryRemove(lease.Job.Key, out _);
        }

        _isRecording = true;
        await _parking.ConfigureAwait(false);
        bool stands = await state.TrackAsync(OraclePart.Jobs, record).ConfigureAwait(false);
        if (!stands)
        {
            instruments.LostLease();
            Log.LeaseLost(logger, lease.Job.Key);
        }

        return stands;
    }

    // Renews the lease until the work is over; gives the work up when the lease is gone.
    private async Task KeepAsync(JobLease lease, CancellationTokenSource work)
    {
        DateTimeOffset until = lease.Job.LeasedUntil!.Value;
        try
        {
            while (true)
            {
                await Task.Delay(_jobs.LeaseDuration / 3, time, work.Token).ConfigureAwait(false);
                bool stands;
                try
                {
                    DateTimeOffset next = time.GetUtcNow() + _jobs.LeaseDuration;
                    stands = await parts.Jobs.RenewAsync(lease, next, work.Token).ConfigureAwait(false);
                    until = next;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    stands = time.GetUtcNow() < until;
                }

                if (_isRecording)
                {
                    return;
                }

                if (!stands)
                {
                    instruments.LostLease();
                    Log.LeaseLost(logger, lease.Job.Key);
                    await work.CancelAsync().ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The work is over.
        }
    }
}
