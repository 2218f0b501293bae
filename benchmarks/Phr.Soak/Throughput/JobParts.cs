using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Soak.Throughput;

/// <summary>One thing that every job does besides re-encrypting, done alone.</summary>
/// <param name="Name">What it is.</param>
/// <param name="One">Processor time of one, for a request of one document.</param>
/// <param name="Further">Processor time that each further document adds.</param>
internal sealed record JobPart(string Name, TimeSpan One, TimeSpan Further);

/// <summary>Takes the time of what a job consists of: where the time goes that is not re-encryption.</summary>
internal static class JobParts
{
    private const int WarmUp = 40;
    private const int AtOnce = 32;
    private const int Documents = 51;

    public static async Task<IReadOnlyList<JobPart>> MeasureAsync(int count, CancellationToken ct)
    {
        IReadOnlyList<(string Name, TimeSpan Time)> one = await MeasureAsync(count, 1, ct), many = await MeasureAsync(Math.Max(5, count / 10), Documents, ct);
        return [.. one.Zip(many, (small, large) => new JobPart(small.Name, small.Time, (large.Time - small.Time) / (Documents - 1)))];
    }

    private static async Task<IReadOnlyList<(string Name, TimeSpan Time)>> MeasureAsync(int count, int documents, CancellationToken ct)
    {
        await using Backlog backlog = await Backlog.PrepareAsync(new Work(1, documents, 1, 1), ct);
        ConsentServices services = backlog.Services;
        (string name, IdentityKeys keys, _) = backlog.Oracles[0];
        using var secrets = new FileSecretStore(Path.Combine(backlog.Folder, "devices", name), keys);
        await using IJobStore jobs = await JobStore.OpenSqliteAsync(Path.Combine(backlog.Folder, "parts.db"), keys.Id, ct);
        RequestDossier dossier = await RequestDossier.LoadAsync(services, backlog.Request, ct);
        int index = dossier.Terms.Committee.Seats.Select(seat => seat.Oracle).ToList().IndexOf(keys.Id) + 1;
        using SecretValue secret = (await secrets.GetAsync($"oracle-envelope-key/{dossier.Terms.Committee.Seats[index - 1].EnvelopeKey}", ct))!;
        using SecretKey envelopeKey = SecretKey.FromBytes(secret.Bytes);
        VerifiedApproval approval = (await dossier.LoadApprovalsAsync(services, ct)).Approvals[0];
        byte[] envelope = await services.Exchange.GetBlockAsync(approval.Approval.EnvelopeDigests[index - 1], ct);
        using OpenedFragments fragments = approval.OpenFragments(index, envelopeKey, envelope);
        OracleDelivery delivery = OracleDelivery.Create([fragments], keys);
        byte[] bytes = delivery.ToBytes(), sealedBytes = delivery.Seal(dossier.Terms);
        return
        [
            await TimeAsync("the job, offered, leased, admitted and finished in its table", count, _ => OneJobAsync(jobs, ct)),
            await TimeAsync("the request: its words, the draw and every seat, checked", count, async _ => await RequestDossier.LoadAsync(services, backlog.Request, ct)),
            await TimeAsync("the approval, fetched, read and verified", count, async _ => await dossier.LoadApprovalsAsync(services, ct)),
            await TimeAsync("the envelope, fetched and opened, and its fragments verified", count, async _ =>
                approval.OpenFragments(index, envelopeKey, await services.Exchange.GetBlockAsync(approval.Approval.EnvelopeDigests[index - 1], ct)).Dispose()),
            await TimeAsync("the re-encryption, and the delivery signed", count, _ => Task.Run(() => OracleDelivery.Create([fragments], keys), ct)),
            await TimeAsync("the delivery, kept among the secrets before it is published", count, i => secrets.TryAddAsync($"parts/{documents}/{i}", bytes, ct)),
            await TimeAsync("the delivery, sealed to the doctor", count, _ => Task.Run(() => delivery.Seal(dossier.Terms), ct)),
            await TimeAsync("the sealed delivery, put into the store", count, i =>
            {
                byte[] own = [.. sealedBytes];
                BitConverter.TryWriteBytes(own, i);
                return services.Exchange.PutBlockAsync(own, ct).AsTask();
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

    // As many at once as a service has in hand: what they wait for together is done together.
    private static async Task<(string Name, TimeSpan Time)> TimeAsync(string name, int count, Func<int, Task> act)
    {
        await RunAsync(0, WarmUp, act);
        using var self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        await RunAsync(WarmUp, count, act);
        self.Refresh();
        return (name, (self.TotalProcessorTime - before) / count);
    }

    private static Task RunAsync(int first, int count, Func<int, Task> act) =>
        Parallel.ForEachAsync(Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await act(i));
}
