using System.Data;
using System.Data.Common;
using System.Globalization;
using Phr.Crypto;

namespace Phr.Oracle.Jobs;

/// <summary>The job store over SQL that both databases understand. Times are Unix milliseconds.</summary>
internal sealed class SqlJobStore(JobDatabase database, ActorId oracle) : IJobStore
{
    private const int MaxReasonLength = 500;
    private const string Columns = "job, requester, deadline, phase, due, set_aside, admitted, looks, failures, losses, token, holder, lease_until, reason, found, finished, recorded";
    private const string Held = "oracle = @oracle AND job = @job AND phase = 1 AND token = @token";

    private static readonly TimeSpan _reopenAfter = TimeSpan.FromMinutes(1);

    private readonly string _oracle = oracle.ToString();

    public Task<int> AddAsync(IReadOnlyCollection<JobOffer> offers, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offers);
        return offers.Count == 0 ? Task.FromResult(0) : database.WriteAsync(
            async connection =>
            {
                await using JobStatement command = Command(
                    connection,
                    """
                    INSERT INTO phr_jobs (oracle, job, requester, deadline, phase, due, found) VALUES (@oracle, @job, @requester, @deadline, 0, @now, @now)
                    ON CONFLICT (oracle, job) DO UPDATE SET phase = CASE WHEN phr_jobs.set_aside = 1 THEN 5 ELSE 0 END, due = @now, finished = NULL, failures = 0, losses = 0, recorded = NULL, reason = 'the ledger shows it as open again.'
                    WHERE phr_jobs.finished IS NOT NULL AND phr_jobs.finished <= @reopen AND (phr_jobs.set_aside = 0 OR @now < phr_jobs.deadline)
                    """,
                    ("@job", string.Empty),
                    ("@requester", string.Empty),
                    ("@deadline", 0L),
                    ("@now", Milliseconds(now)),
                    ("@reopen", Milliseconds(now - _reopenAfter)));
                int added = 0;

                // In one order, so that two processes that add the same never wait for each other in a circle.
                foreach (JobOffer offer in offers.OrderBy(o => o.Key.ToString(), StringComparer.Ordinal))
                {
                    command.Set("@job", offer.Key.ToString());
                    command.Set("@requester", offer.Requester.ToString());
                    command.Set("@deadline", Milliseconds(offer.Deadline));
                    added += await command.Command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                }

                return added;
            },
            cancellationToken);
    }

    public Task<IReadOnlyList<JobLease>> LeaseAsync(JobLeaseOptions options, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return database.WriteAsync<IReadOnlyList<JobLease>>(
            async connection =>
            {
                await using JobStatement command = Command(
                    connection,
                    $"""
                    WITH ready AS MATERIALIZED (
                      SELECT job AS picked FROM phr_jobs
                      WHERE oracle = @oracle AND finished IS NULL AND ((phase <> 1 AND due <= @now) OR (phase = 1 AND lease_until <= @now))
                      ORDER BY deadline, job LIMIT @count{database.SkipLocked})
                    UPDATE phr_jobs SET losses = losses + CASE WHEN phase = 1 AND recorded IS NULL THEN 1 ELSE 0 END, phase = 1, looks = looks + 1, token = token + 1, holder = @holder, lease_until = @until
                    FROM ready WHERE oracle = @oracle AND job = picked
                    RETURNING {Columns}
                    """,
                    ("@holder", options.Holder),
                    ("@until", Milliseconds(now + options.Duration)),
                    ("@now", Milliseconds(now)),
                    ("@count", (long)options.Count));
                var leases = new List<JobLease>();
                await using DbDataReader reader = await command.Command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    leases.Add(new JobLease(Read(reader), reader.GetInt64(10)));
                }

                leases.Sort((a, b) => (a.Job.Deadline, a.Job.Key.Request).CompareTo((b.Job.Deadline, b.Job.Key.Request)));
                return leases;
            },
            cancellationToken);
    }

    public Task<bool> RenewAsync(JobLease lease, DateTimeOffset until, CancellationToken cancellationToken = default) =>
        ChangeHeldAsync(lease, "lease_until = @until", cancellationToken, ("@until", Milliseconds(until)));

    public Task<bool> NoteBlockAsync(JobLease lease, ulong? block, CancellationToken cancellationToken = default) =>
        ChangeHeldAsync(lease, "recorded = @recorded", cancellationToken, ("@recorded", block is { } number ? checked((long)number) : DBNull.Value));

    public Task<DateTimeOffset?> AdmitAsync(JobLease lease, RequesterLimit limit, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(limit);
        limit.Check();
        if (lease.Job.IsAdmitted)
        {
            return Task.FromResult<DateTimeOffset?>(null);
        }

        // One number for each requester says until when it used up its share: each job moves it on by a step, and it may lie a burst of steps ahead.
        long step = limit.StepMilliseconds;
        return database.WriteAsync<DateTimeOffset?>(
            async connection =>
            {
                // A process whose lease was lost meanwhile may have been counted, or be about to be.
                await using JobStatement look = Command(connection, "SELECT admitted FROM phr_jobs WHERE oracle = @oracle AND job = @job", ("@job", lease.Job.Key.ToString()));
                if (await look.Command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is { } admitted and not DBNull && Convert.ToInt64(admitted, CultureInfo.InvariantCulture) == 1)
                {
                    return null;
                }

                await using JobStatement take = Command(
                    connection,
                    """
                    INSERT INTO phr_requesters (oracle, requester, paid_until) VALUES (@oracle, @requester, @now + @step)
                    ON CONFLICT (oracle, requester) DO UPDATE SET paid_until = CASE WHEN phr_requesters.paid_until < @now THEN @now ELSE phr_requesters.paid_until END + @step
                    WHERE phr_requesters.paid_until + @step <= @now + @burst
                    """,
                    ("@requester", lease.Job.Requester.ToString()),
                    ("@now", Milliseconds(now)),
                    ("@step", step),
                    ("@burst", step * limit.Burst));
                if (await take.Command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0)
                {
                    await using JobStatement ask = Command(connection, "SELECT paid_until FROM phr_requesters WHERE oracle = @oracle AND requester = @requester", ("@requester", lease.Job.Requester.ToString()));
                    long paidUntil = Convert.ToInt64(await ask.Command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
                    return Time(paidUntil + step - (step * limit.Burst));
                }

                await using JobStatement mark = Command(connection, "UPDATE phr_jobs SET admitted = 1 WHERE oracle = @oracle AND job = @job AND admitted = 0", ("@job", lease.Job.Key.ToString()));
                if (await mark.Command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0)
                {
                    await using JobStatement giveBack = Command(
                        connection,
                        "UPDATE phr_requesters SET paid_until = paid_until - @step WHERE oracle = @oracle AND requester = @requester",
                        ("@requester", lease.Job.Requester.ToString()),
                        ("@step", step));
                    await giveBack.Command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                }

                return null;
            },
            cancellationToken);
    }

    public Task<bool> PostponeAsync(JobLease lease, DateTimeOffset dueAt, JobDelay delay, string reason, CancellationToken cancellationToken = default) =>
        ChangeHeldAsync(
            lease,
            "phase = CASE WHEN set_aside = 1 THEN 5 ELSE 0 END, due = @due, lease_until = NULL, failures = failures + @failed, reason = @reason",
            cancellationToken,
            ("@due", Milliseconds(dueAt)),
            ("@failed", delay == JobDelay.Failure ? 1L : 0L),
            ("@reason", Shortened(reason)));

    public Task<bool> FinishAsync(JobLease lease, JobPhase phase, string reason, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        if (phase is not (JobPhase.Delivered or JobPhase.Refused or JobPhase.Ended))
        {
            throw new ArgumentOutOfRangeException(nameof(phase), "A job is finished as delivered, refused or ended.");
        }

        return ChangeHeldAsync(
            lease,
            "phase = @phase, finished = @now, lease_until = NULL, recorded = NULL, reason = @reason",
            cancellationToken,
            ("@phase", (long)phase),
            ("@now", Milliseconds(now)),
            ("@reason", Shortened(reason)));
    }

    public Task<bool> SetAsideAsync(JobLease lease, DateTimeOffset refuseAt, string reason, CancellationToken cancellationToken = default) =>
        ChangeHeldAsync(
            lease, "phase = 5, set_aside = 1, due = @due, lease_until = NULL, reason = @reason", cancellationToken, ("@due", Milliseconds(refuseAt)), ("@reason", Shortened(reason)));

    public Task<bool> RetryAsync(JobKey job, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            "UPDATE phr_jobs SET phase = 0, set_aside = 0, due = @now, finished = NULL, failures = 0, losses = 0, recorded = NULL WHERE oracle = @oracle AND job = @job AND (phase = 5 OR (phase = 4 AND set_aside = 1))",
            cancellationToken,
            ("@job", job.ToString()),
            ("@now", Milliseconds(now))).ContinueWithResult(changed => changed == 1);

    public Task<int> ReleaseAsync(string holder, DateTimeOffset now, CancellationToken cancellationToken = default) => EndLeasesAsync(holder, losses: 0, now, cancellationToken);

    public Task<int> ReclaimAsync(string holder, DateTimeOffset now, CancellationToken cancellationToken = default) => EndLeasesAsync(holder, losses: 1, now, cancellationToken);

    public Task<OracleJob?> FindAsync(JobKey job, CancellationToken cancellationToken = default) =>
        QueryAsync($"SELECT {Columns} FROM phr_jobs WHERE oracle = @oracle AND job = @job", cancellationToken, ("@job", job.ToString())).ContinueWithResult(jobs => jobs.Count == 0 ? null : jobs[0]);

    public Task<IReadOnlyList<OracleJob>> ListAsync(JobFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        filter.Check();
        string phase = filter.Phase is null ? string.Empty : " AND phase = @phase";
        return QueryAsync(
            $"""
            SELECT {Columns} FROM phr_jobs WHERE oracle = @oracle{phase}
            ORDER BY CASE WHEN finished IS NULL THEN 0 ELSE 1 END, CASE WHEN finished IS NULL THEN deadline ELSE -finished END, job LIMIT @limit
            """,
            cancellationToken,
            filter.Phase is { } wanted ? [("@limit", (long)filter.Limit), ("@phase", (long)wanted)] : [("@limit", (long)filter.Limit)]);
    }

    public Task<JobCounts> CountAsync(CancellationToken cancellationToken = default) => database.ReadAsync(
        async connection =>
        {
            await using JobStatement command = Command(connection, "SELECT phase, count(*), min(due) FROM phr_jobs WHERE oracle = @oracle GROUP BY phase");
            var counts = new int[6];
            DateTimeOffset? oldest = null;
            await using DbDataReader reader = await command.Command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                int phase = reader.GetInt32(0);
                counts[phase] = checked((int)reader.GetInt64(1));
                oldest = phase == (int)JobPhase.Pending ? Time(reader.GetInt64(2)) : oldest;
            }

            return new JobCounts { Pending = counts[0], Running = counts[1], Delivered = counts[2], Refused = counts[3], Ended = counts[4], SetAside = counts[5], OldestDue = oldest };
        },
        cancellationToken);

    public async Task<int> PurgeAsync(DateTimeOffset finishedBefore, CancellationToken cancellationToken = default)
    {
        await ChangeAsync("DELETE FROM phr_requesters WHERE oracle = @oracle AND paid_until < @before", cancellationToken, ("@before", Milliseconds(finishedBefore))).ConfigureAwait(false);
        return await ChangeAsync("DELETE FROM phr_jobs WHERE oracle = @oracle AND finished < @before", cancellationToken, ("@before", Milliseconds(finishedBefore))).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static string Shortened(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);

        // PostgreSQL takes no zero character.
        string clean = reason.Replace('\0', ' ');
        return clean.Length <= MaxReasonLength ? clean : clean[..MaxReasonLength];
    }

    private static OracleJob Read(DbDataReader row) => new()
    {
        Key = JobKey.TryParse(row.GetString(0), out JobKey key) ? key : throw Damaged(),
        Requester = ActorId.TryParse(row.GetString(1), out ActorId requester) ? requester : throw Damaged(),
        Deadline = Time(row.GetInt64(2)),
        Phase = row.GetInt32(3) is >= 0 and <= 5 and int phase ? (JobPhase)phase : throw Damaged(),
        DueAt = Time(row.GetInt64(4)),
        WasSetAside = row.GetInt32(5) == 1,
        IsAdmitted = row.GetInt32(6) == 1,
        Looks = row.GetInt32(7),
        Failures = row.GetInt32(8),
        Losses = row.GetInt32(9),
        Holder = row.GetString(11),
        LeasedUntil = row.IsDBNull(12) ? null : Time(row.GetInt64(12)),
        Reason = row.GetString(13),
        FoundAt = Time(row.GetInt64(14)),
        FinishedAt = row.IsDBNull(15) ? null : Time(row.GetInt64(15)),
        RecordedInBlock = row.IsDBNull(16) ? null : row.GetInt64(16) is >= 0 and long block ? (ulong)block : throw Damaged(),
    };

    private static PhrDataException Damaged() => new("job store", PhrDataReason.Malformed, "a row is not what this program writes.");

    private Task<int> EndLeasesAsync(string holder, long losses, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(holder);
        return ChangeAsync(
            """
            UPDATE phr_jobs SET phase = CASE WHEN set_aside = 1 THEN 5 ELSE 0 END, due = @now, lease_until = NULL, token = token + 1, losses = losses + CASE WHEN recorded IS NULL THEN @losses ELSE 0 END
            WHERE oracle = @oracle AND holder = @holder AND phase = 1
            """,
            cancellationToken,
            ("@holder", holder),
            ("@losses", losses),
            ("@now", Milliseconds(now)));
    }

    private Task<bool> ChangeHeldAsync(JobLease lease, string changes, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return ChangeAsync($"UPDATE phr_jobs SET {changes} WHERE {Held}", cancellationToken, [.. parameters, ("@job", lease.Job.Key.ToString()), ("@token", lease.Token)]).ContinueWithResult(changed => changed == 1);
    }

    private Task<int> ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters) => database.WriteAsync(
        async connection =>
        {
            await using JobStatement command = Command(connection, sql, parameters);
            return await command.Command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private Task<IReadOnlyList<OracleJob>> QueryAsync(string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters) => database.ReadAsync<IReadOnlyList<OracleJob>>(
        async connection =>
        {
            await using JobStatement command = Command(connection, sql, parameters);
            var jobs = new List<OracleJob>();
            await using DbDataReader reader = await command.Command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                jobs.Add(Read(reader));
            }

            return jobs;
        },
        cancellationToken);

    private JobStatement Command(DbConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        JobStatement statement = database.Prepare(connection, sql);
        statement.Set("@oracle", _oracle);
        foreach ((string name, object value) in parameters)
        {
            statement.Set(name, value);
        }

        return statement;
    }
}
