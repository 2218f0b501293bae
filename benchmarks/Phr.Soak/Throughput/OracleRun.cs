using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Samples.FullFlow;

namespace Phr.Soak.Throughput;

/// <summary>Lets one oracle do a backlog on embedded parts, and takes the time.</summary>
internal static class OracleRun
{
    // What waits for the disk together is synced together.
    private const int AtOnce = 32;

    private static readonly TimeSpan _patience = TimeSpan.FromHours(3);

    /// <summary>As a hosted service in this process, with its code warm.</summary>
    public static async Task<Measured> InProcessAsync(Work work, Backlog backlog, (string Name, IdentityKeys Keys, string Secrets) oracle, CancellationToken ct)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services
            .AddPhrOracle(new OracleServiceOptions
            {
                Secrets = oracle.Secrets,
                State = Path.Combine(backlog.Folder, "state", oracle.Name),
                Worker = new OracleOptions { EnvelopeGrace = TimeSpan.Zero },
                Jobs = new OracleJobOptions { File = JobsOf(backlog, oracle.Name), Parallelism = AtOnce },
                Requesters = Unlimited,
            })
            .UseEmbedded(backlog.Folder).UseSqliteJobs().UseKeys(_ => new CopiedKeys(oracle.Keys));
        BareRate before = BareRate.Measure();
        using IHost host = builder.Build();
        OracleMonitor monitor = host.Services.GetRequiredService<OracleMonitor>();
        await host.StartAsync(ct);
        while (!monitor.IsOpen)
        {
            await Task.Delay(1, ct);
        }

        using var self = Process.GetCurrentProcess();
        (long begin, TimeSpan processor, TimeSpan kernel) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime, self.PrivilegedProcessorTime);
        TimeSpan elapsed = await UntilDoneAsync(work, backlog, oracle, begin, ct);
        self.Refresh();
        (processor, kernel) = (self.TotalProcessorTime - processor, self.PrivilegedProcessorTime - kernel);
        await host.StopAsync(ct);
        return new Measured(work, 1, elapsed, processor, kernel, BareRate.Mean(before, BareRate.Measure()));
    }

    /// <summary>As processes of samples/OracleNode, which share ledger, stores, secrets and jobs. Their starts, and what they do before all are ready, do not count; that their code gets warm only by and by does.</summary>
    public static async Task<Measured> InProcessesAsync(Work work, Backlog backlog, (string Name, IdentityKeys Keys, string Secrets) oracle, int processes, CancellationToken ct)
    {
        (string file, string passphraseFile) = await OracleNodeSettings.WriteKeyAsync(backlog.Folder, oracle.Name, oracle.Keys);
        BareRate before = BareRate.Measure();
        var nodes = new List<OracleProcess>();
        try
        {
            for (int i = 1; i <= processes; i++)
            {
                nodes.Add(new OracleProcess($"{oracle.Name}, process {i}", new OracleNodeSettings
                {
                    Process = $"p{i}",
                    KeyFile = file,
                    PassphraseFile = passphraseFile,
                    Secrets = oracle.Secrets,
                    State = Path.Combine(backlog.Folder, "state", $"{oracle.Name}-{i}"),
                    EmbeddedFolder = backlog.Folder,
                    JobFile = JobsOf(backlog, oracle.Name),
                    More = new Dictionary<string, string>
                    {
                        ["Logging__LogLevel__Default"] = "None",
                        ["Oracle__Jobs__Parallelism"] = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(4, AtOnce / processes)}"),
                        ["Oracle__Requesters__Burst"] = "1000000",
                        ["Oracle__Requesters__PerHour"] = "3600000",
                    },
                }.ToEnvironment()));
                nodes[^1].Start();
            }

            // Starts do not count.
            foreach (OracleProcess node in nodes)
            {
                await node.WaitUntilReadyAsync(ct);
            }

            int done;
            await using (IJobStore jobs = await JobStore.OpenSqliteAsync(JobsOf(backlog, oracle.Name), oracle.Keys.Id, ct))
            {
                done = (await jobs.CountAsync(ct)).Delivered;
            }

            TimeSpan Spent() => nodes.Aggregate(TimeSpan.Zero, (sum, node) =>
            {
                using var process = Process.GetProcessById(node.ProcessId);
                return sum + process.TotalProcessorTime;
            });
            (long begin, TimeSpan processor) = (Stopwatch.GetTimestamp(), Spent());
            TimeSpan elapsed = await UntilDoneAsync(work, backlog, oracle, begin, ct);
            processor = Spent() - processor;
            return new Measured(work with { Jobs = work.Jobs - done }, processes, elapsed, processor, TimeSpan.Zero, BareRate.Mean(before, BareRate.Measure()));
        }
        finally
        {
            foreach (OracleProcess node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static RequesterLimit Unlimited { get; } = new() { Burst = 1_000_000, PerHour = 3_600_000 };

    private static string JobsOf(Backlog backlog, string oracle) => Path.Combine(backlog.Folder, $"jobs-{oracle}.db");

    private static async Task<TimeSpan> UntilDoneAsync(Work work, Backlog backlog, (string Name, IdentityKeys Keys, string Secrets) oracle, long begin, CancellationToken ct)
    {
        await using IJobStore jobs = await JobStore.OpenSqliteAsync(JobsOf(backlog, oracle.Name), oracle.Keys.Id, ct);

        // Counting reads every job, so it is done the less often the more there are.
        TimeSpan look = TimeSpan.FromMilliseconds(Math.Clamp(work.Jobs / 5, 20, 2000));
        while (true)
        {
            JobCounts counts = await jobs.CountAsync(ct);
            if (counts.Delivered == work.Jobs)
            {
                return Stopwatch.GetElapsedTime(begin);
            }

            if (counts.Refused + counts.Ended + counts.SetAside > 0 || Stopwatch.GetElapsedTime(begin) > _patience)
            {
                IReadOnlyList<OracleJob> odd = await jobs.ListAsync(new JobFilter { Limit = 5 }, ct);
                throw new InvalidOperationException($"The oracle did not deliver everything: {counts}. {string.Join(' ', odd.Select(job => job.Reason))}");
            }

            await Task.Delay(look, ct);
        }
    }

    private sealed class CopiedKeys(IdentityKeys keys) : IKeyProvider
    {
        public Task<IdentityKeys> LoadAsync(CancellationToken cancellationToken = default)
        {
            byte[] root = new byte[IdentityKeys.RootSecretLength];
            keys.ExportRootSecret(root);
            return Task.FromResult(IdentityKeys.FromRootSecret(root, keys.Id, keys.Generation));
        }
    }
}
