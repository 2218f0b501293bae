namespace Phr.Oracle;

/// <summary>The jobs of one oracle, shared by every process that serves it: who has which on lease, when each is looked at again, and what became of it.</summary>
/// <remarks>
/// <para><b>What it is for.</b> It divides work and remembers failures. It does not say what was delivered: the ledger does, and a store that is lost is filled from the ledger again.
/// What must never be doubled, the delivery itself, is guarded by the oracle's secret store.</para>
/// <para><b>Phases.</b> Pending, then running under a lease, then pending again (postponed, or the lease ran out), finished (delivered, refused, ended) or set aside. A finished job is offered
/// anew when the ledger shows it open again a while after.</para>
/// <para><b>Leases.</b> Each lease has a token of its own. A process whose lease ran out can write nothing once another has the job; it is told by <see langword="false"/>.</para>
/// <para><b>Time</b> comes from the caller; processes that share a store keep their clocks within seconds of each other. Thread safe. A database that does not answer is a
/// <see cref="System.Data.Common.DbException"/>; every member can throw it.</para>
/// </remarks>
public interface IJobStore : IAsyncDisposable
{
    /// <summary>Adds jobs that are not known, and opens finished ones again that were finished more than a minute ago. One that was set aside stays so, and after its deadline it is not opened again.</summary>
    /// <param name="offers">The jobs that the ledger shows as open.</param>
    /// <param name="now">The time; new jobs are due at once.</param>
    /// <param name="cancellationToken">Cancels; some may have been added.</param>
    /// <returns>How many were added or opened again.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="offers"/> is null.</exception>
    Task<int> AddAsync(IReadOnlyCollection<JobOffer> offers, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Takes jobs on lease that are due or whose lease ran out, those with the nearest deadline first. No two processes get the same.</summary>
    /// <param name="options">Who asks, for how many, for how long.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels; what was leased all the same runs out.</param>
    /// <returns>The leases, as many as asked for or fewer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option lies outside its bounds.</exception>
    Task<IReadOnlyList<JobLease>> LeaseAsync(JobLeaseOptions options, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Lets a lease run longer.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="until">Until when.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the lease still stands.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> is null.</exception>
    Task<bool> RenewAsync(JobLease lease, DateTimeOffset until, CancellationToken cancellationToken = default);

    /// <summary>Notes which block has the delivery or the refusal of a leased job, and is not final yet. While that is noted, the end of a process is not counted as a loss: the job cannot be what it died of.</summary>
    /// <param name="lease">The lease, which stands on.</param>
    /// <param name="block">The block's number; null when it turned out that none has it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the lease still stands.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> is null.</exception>
    /// <exception cref="OverflowException"><paramref name="block"/> is 2^63 or more.</exception>
    Task<bool> NoteBlockAsync(JobLease lease, ulong? block, CancellationToken cancellationToken = default);

    /// <summary>Counts a leased job against its requester's limit, once.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when the job may go on; else when the limit lets the requester's next job pass, if nobody takes its place.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The limit lies outside its bounds.</exception>
    Task<DateTimeOffset?> AdmitAsync(JobLease lease, RequesterLimit limit, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Gives a leased job back, to be looked at later. One that was set aside is set aside again.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="dueAt">When it is looked at again.</param>
    /// <param name="delay">Why.</param>
    /// <param name="reason">One sentence; no personal data. At most 500 characters are kept.</param>
    /// <param name="cancellationToken">Cancels; the lease then runs out.</param>
    /// <returns>Whether the lease still stood.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> or <paramref name="reason"/> is null.</exception>
    Task<bool> PostponeAsync(JobLease lease, DateTimeOffset dueAt, JobDelay delay, string reason, CancellationToken cancellationToken = default);

    /// <summary>Finishes a leased job.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="phase"><see cref="JobPhase.Delivered"/>, <see cref="JobPhase.Refused"/> or <see cref="JobPhase.Ended"/>.</param>
    /// <param name="reason">One sentence; no personal data. At most 500 characters are kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels; the lease then runs out.</param>
    /// <returns>Whether the lease still stood.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> or <paramref name="reason"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="phase"/> is none of the three.</exception>
    Task<bool> FinishAsync(JobLease lease, JobPhase phase, string reason, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Sets a leased job aside: it is leased once more, to be refused, and otherwise left alone until <see cref="RetryAsync"/>.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="refuseAt">When it is to be refused: shortly before its deadline.</param>
    /// <param name="reason">One sentence; no personal data. At most 500 characters are kept.</param>
    /// <param name="cancellationToken">Cancels; the lease then runs out.</param>
    /// <returns>Whether the lease still stood.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lease"/> or <paramref name="reason"/> is null.</exception>
    Task<bool> SetAsideAsync(JobLease lease, DateTimeOffset refuseAt, string reason, CancellationToken cancellationToken = default);

    /// <summary>Asks for a job again that was set aside: it is due at once, and its failures are forgotten. Also when it has ended since.</summary>
    /// <param name="job">The job.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was such a job, and it was set aside.</returns>
    Task<bool> RetryAsync(JobKey job, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Ends every lease of a process at once, so that others need not wait for them to run out. A process does it when it stops.</summary>
    /// <param name="holder">The process's name.</param>
    /// <param name="now">The time; the jobs are due at once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many leases were ended.</returns>
    /// <exception cref="ArgumentException"><paramref name="holder"/> is null or empty.</exception>
    Task<int> ReleaseAsync(string holder, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Ends every lease that an earlier life of a process left, which did not stop in order: each counts as lost, as if it had run out. A process does it when it starts.</summary>
    /// <param name="holder">The process's name.</param>
    /// <param name="now">The time; the jobs are due at once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many leases were ended.</returns>
    /// <exception cref="ArgumentException"><paramref name="holder"/> is null or empty.</exception>
    Task<int> ReclaimAsync(string holder, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Finds a job.</summary>
    /// <param name="job">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The job, or null.</returns>
    Task<OracleJob?> FindAsync(JobKey job, CancellationToken cancellationToken = default);

    /// <summary>Lists jobs: unfinished ones by their deadline, then finished ones, the latest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The jobs.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    /// <exception cref="ArgumentException">The filter lies outside its bounds.</exception>
    Task<IReadOnlyList<OracleJob>> ListAsync(JobFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Counts the jobs.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many are in each phase.</returns>
    Task<JobCounts> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets jobs that were finished before a time, and requesters that nothing was counted against since.</summary>
    /// <param name="finishedBefore">The time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many jobs were forgotten.</returns>
    Task<int> PurgeAsync(DateTimeOffset finishedBefore, CancellationToken cancellationToken = default);
}
