using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Soak.Throughput;

/// <summary>One thing that every job does besides re-encrypting, done alone and one after the other.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Elapsed">How long one takes by the clock.</param>
/// <param name="Processor">Processor time of one.</param>
internal sealed record JobPart(string Name, TimeSpan Elapsed, TimeSpan Processor);

/// <summary>Takes the time of what a job does to the disk: how much of a job is not cryptography.</summary>
internal static class JobParts
{
    private const int WarmUp = 20;

    public static async Task<IReadOnlyList<JobPart>> MeasureAsync(int count, CancellationToken ct)
    {
        await using Backlog backlog = await Backlog.PrepareAsync(new Work(1, 1, 1, 1), ct);
        (string name, IdentityKeys keys, _) = backlog.Oracles[0];
        byte[] delivery = RandomNumberGenerator.GetBytes(1200);
        using var secrets = new FileSecretStore(Path.Combine(backlog.Folder, "devices", name), keys);
        IContentStore store = DirectoryContentStore.Open(Path.Combine(backlog.Folder, "exchange"));
        await using IJobStore jobs = await JobStore.OpenSqliteAsync(Path.Combine(backlog.Folder, "parts.db"), keys.Id, ct);
        return
        [
            await TimeAsync("the job, leased, admitted and finished in its table", count, _ => OneJobAsync(jobs, ct)),
            await TimeAsync("the delivery, kept among the secrets before it is published", count, i => secrets.TryAddAsync($"parts/{i}", delivery, ct)),
            await TimeAsync("the sealed delivery, put into the store", count, i =>
            {
                BitConverter.TryWriteBytes(delivery, i);
                return store.PutBlockAsync(delivery, ct).AsTask();
            }),
            await TimeAsync("a command, signed, decided and entered into the ledger", count, _ => backlog.CommandAsync(ct)),
        ];
    }

    private static async Task OneJobAsync(IJobStore jobs, CancellationToken ct)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var key = new JobKey { Request = RequestId.FromBytes(RandomNumberGenerator.GetBytes(32)), Round = 0, Use = 0 };
        await jobs.AddAsync([new JobOffer { Key = key, Requester = ActorId.FromBytes(RandomNumberGenerator.GetBytes(20)), Deadline = now.AddHours(1) }], now, ct);
        foreach (JobLease lease in await jobs.LeaseAsync(new JobLeaseOptions { Holder = "p", Count = 1 }, now, ct))
        {
            await jobs.AdmitAsync(lease, new RequesterLimit(), now, ct);
            await jobs.FinishAsync(lease, JobPhase.Delivered, string.Empty, now, ct);
        }
    }

    private static async Task<JobPart> TimeAsync(string name, int count, Func<int, Task> act)
    {
        for (int i = 0; i < WarmUp; i++)
        {
            await act(i);
        }

        using var self = Process.GetCurrentProcess();
        (long begin, TimeSpan processor) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime);
        for (int i = WarmUp; i < WarmUp + count; i++)
        {
            await act(i);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
        self.Refresh();
        return new JobPart(name, elapsed / count, (self.TotalProcessorTime - processor) / count);
    }
}
