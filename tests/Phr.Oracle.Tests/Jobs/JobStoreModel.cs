using Phr.Crypto;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>A job store as plainly as it can be said, to compare the real ones with.</summary>
internal sealed class JobStoreModel
{
    private static readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly Dictionary<JobKey, OracleJob> _jobs = [];
    private readonly Dictionary<JobKey, int> _tokens = [];

    /// <summary>Plays one history on a store and on the model.</summary>
    public static async Task<bool> AgreesAsync(Func<Task<IJobStore>> open, (int What, int Job, int Worker, int Seconds)[] script)
    {
        await using IJobStore store = await open();
        var model = new JobStoreModel();
        var leases = new JobLease?[2];
        DateTimeOffset now = _start;
        foreach ((int what, int number, int worker, int seconds) in script)
        {
            now = now.AddSeconds(seconds);
            string holder = $"w{worker}";
            JobOffer offer = JobStoreContract.Offer(number, hours: 1 + (number % 2));
            JobLease? lease = leases[worker];
            switch (what)
            {
                case 0 or 1:
                    Assert.Equal(model.Add(offer, now), await store.AddAsync([offer], now));
                    break;
                case 2 or 3 or 4:
                    JobLease? leased = (await store.LeaseAsync(new JobLeaseOptions { Holder = holder, Duration = TimeSpan.FromSeconds(60) }, now)).SingleOrDefault();
                    JobKey? expected = model.Lease(holder, now);
                    Assert.Equal(expected, leased?.Job.Key);
                    leases[worker] = leased ?? lease;
                    break;
                case 5 when lease is not null:
                    Assert.Equal(
                        model.Change(lease, job => job with { Phase = job.WasSetAside ? JobPhase.SetAside : JobPhase.Pending, DueAt = now.AddSeconds(10), LeasedUntil = null, Failures = job.Failures + 1, Reason = "f." }),
                        await store.PostponeAsync(lease, now.AddSeconds(10), JobDelay.Failure, "f."));
                    break;
                case 6 when lease is not null:
                    JobPhase end = seconds % 2 == 0 ? JobPhase.Delivered : JobPhase.Ended;
                    Assert.Equal(
                        model.Change(lease, job => job with { Phase = end, FinishedAt = now, LeasedUntil = null, Reason = "d." }),
                        await store.FinishAsync(lease, end, "d.", now));
                    break;
                case 7 when lease is not null:
                    Assert.Equal(
                        model.Change(lease, job => job with { Phase = JobPhase.SetAside, WasSetAside = true, DueAt = now.AddSeconds(100), LeasedUntil = null, Reason = "s." }),
                        await store.SetAsideAsync(lease, now.AddSeconds(100), "s."));
                    break;
                case 8:
                    Assert.Equal(model.Retry(offer.Key, now), await store.RetryAsync(offer.Key, now));
                    break;
                case 9 when seconds % 2 == 0:
                    Assert.Equal(model.EndLeases(holder, 0, now), await store.ReleaseAsync(holder, now));
                    break;
                case 9:
                    Assert.Equal(model.EndLeases(holder, 1, now), await store.ReclaimAsync(holder, now));
                    break;
                default:
                    break;
            }

            foreach (OracleJob job in model._jobs.Values)
            {
                Assert.Equal(job, await store.FindAsync(job.Key));
            }
        }

        return true;
    }

    private int Add(JobOffer offer, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(offer.Key, out OracleJob? job))
        {
            _jobs.Add(offer.Key, new OracleJob { Key = offer.Key, Requester = offer.Requester, Deadline = offer.Deadline, Phase = JobPhase.Pending, DueAt = now, FoundAt = now });
            _tokens.Add(offer.Key, 0);
            return 1;
        }

        if (job.FinishedAt is null || job.FinishedAt > now.AddMinutes(-1) || (job.WasSetAside && now >= job.Deadline))
        {
            return 0;
        }

        _jobs[offer.Key] = job with { Phase = job.WasSetAside ? JobPhase.SetAside : JobPhase.Pending, DueAt = now, FinishedAt = null, Failures = 0, Losses = 0, Reason = "the ledger shows it as open again." };
        return 1;
    }

    private JobKey? Lease(string holder, DateTimeOffset now)
    {
        OracleJob? job = _jobs.Values
            .Where(j => j.FinishedAt is null && (j.Phase == JobPhase.Running ? j.LeasedUntil <= now : j.DueAt <= now))
            .OrderBy(j => j.Deadline).ThenBy(j => j.Key.ToString(), StringComparer.Ordinal).FirstOrDefault();
        if (job is null)
        {
            return null;
        }

        _tokens[job.Key]++;
        _jobs[job.Key] = job with { Losses = job.Losses + (job.Phase == JobPhase.Running ? 1 : 0), Phase = JobPhase.Running, Looks = job.Looks + 1, Holder = holder, LeasedUntil = now.AddSeconds(60) };
        return job.Key;
    }

    private bool Change(JobLease lease, Func<OracleJob, OracleJob> change)
    {
        OracleJob job = _jobs[lease.Job.Key];
        bool stands = job.Phase == JobPhase.Running && _tokens[job.Key] == lease.Token;
        _jobs[job.Key] = stands ? change(job) : job;
        return stands;
    }

    private bool Retry(JobKey key, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(key, out OracleJob? job) || (job.Phase != JobPhase.SetAside && !(job.Phase == JobPhase.Ended && job.WasSetAside)))
        {
            return false;
        }

        _jobs[key] = job with { Phase = JobPhase.Pending, WasSetAside = false, DueAt = now, FinishedAt = null, Failures = 0, Losses = 0 };
        return true;
    }

    private int EndLeases(string holder, int losses, DateTimeOffset now)
    {
        OracleJob[] held = [.. _jobs.Values.Where(j => j.Phase == JobPhase.Running && j.Holder == holder)];
        foreach (OracleJob job in held)
        {
            _jobs[job.Key] = job with { Phase = job.WasSetAside ? JobPhase.SetAside : JobPhase.Pending, DueAt = now, LeasedUntil = null, Losses = job.Losses + losses };
            _tokens[job.Key]++;
        }

        return held.Length;
    }
}
