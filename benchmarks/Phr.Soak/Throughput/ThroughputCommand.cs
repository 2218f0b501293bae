using System.Diagnostics;
using System.Text;

namespace Phr.Soak.Throughput;

/// <summary>Measures how many jobs an oracle does, and how that grows.</summary>
internal static class ThroughputCommand
{
    /// <summary>Measures, and writes the page.</summary>
    /// <param name="effort">How much is measured.</param>
    /// <param name="results">The folder of the page; null to print it.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<int> RunAsync(Effort effort, string? results, CancellationToken ct)
    {
        int jobs = effort switch { Effort.Smoke => 10, Effort.Quick => 60, _ => 400 };

        // Nothing is counted before the code has been compiled for good.
        await MeasureAsync(new Work(effort switch { Effort.Smoke => 3, Effort.Quick => 200, _ => 600 }, 2, 1, 1), 1, asProcesses: false, ct);
        var documents = new List<Measured>();
        foreach (int count in effort == Effort.Smoke ? [1, 4] : (int[])[1, 3, 10, 30, 100])
        {
            documents.Add(await MeasureAsync(new Work(Math.Max(jobs / 10, jobs / count), count, 1, 1), 1, asProcesses: false, ct));
        }

        // Trustees approve instead of the patient; then, no two jobs about the same bundle.
        var trustees = new List<Measured>();
        foreach (int count in effort == Effort.Smoke ? [2] : (int[])[1, 10, 30, 100])
        {
            trustees.Add(await MeasureAsync(new Work(Math.Max(jobs / 20, jobs / (4 * count)), count, 2, 1), 1, asProcesses: false, ct));
        }

        Measured strangers = await MeasureAsync(new Work(jobs / 4, 4, 1, jobs / 4), 1, asProcesses: false, ct);
        var processes = new List<Measured>();
        foreach (int count in effort switch { Effort.Smoke => [2], Effort.Quick => [1, 2], _ => (int[])[1, 2, 4] })
        {
            processes.Add(await MeasureAsync(new Work(jobs * 3, 4, 1, 4), count, asProcesses: true, ct));
        }

        var backlogs = new List<Measured>();
        int[] sizes = effort switch
        {
            Effort.Smoke => [10],
            Effort.Quick => [10, 100],
            Effort.Full => [10, 100, 1_000, 10_000],
            _ => [10, 100, 1_000, 10_000, 100_000],
        };
        foreach (int size in sizes)
        {
            backlogs.Add(await MeasureAsync(Waiting(size), 1, asProcesses: false, ct));
        }

        IReadOnlyList<JobPart> parts = await JobParts.MeasureAsync(effort switch { Effort.Smoke => 10, Effort.Quick => 100, _ => 400 }, ct);
        var page = new ThroughputPage(documents, trustees, strangers, processes, backlogs, parts, effort);
        if (results is null)
        {
            Console.Write(page.Write());
            return 0;
        }

        Directory.CreateDirectory(results);
        await File.WriteAllTextAsync(Path.Combine(results, "oracle-throughput.md"), page.Write(), new UTF8Encoding(false), ct);
        foreach ((string name, string svg) in page.Plots())
        {
            await File.WriteAllTextAsync(Path.Combine(results, name), svg, new UTF8Encoding(false), ct);
        }

        return 0;
    }

    /// <summary>Measures one line of the table of jobs that wait, and prints it.</summary>
    /// <param name="size">How many jobs.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task RunBacklogAsync(int size, CancellationToken ct)
    {
        await MeasureAsync(new Work(Math.Min(size, 600), 2, 1, 1), 1, asProcesses: false, ct);
        Console.Write(ThroughputPage.Lines([await MeasureAsync(Waiting(size), 1, asProcesses: false, ct)]));
    }

    /// <summary>Measures what jobs consist of, and prints it.</summary>
    /// <param name="ct">Cancels.</param>
    public static async Task RunPartsAsync(CancellationToken ct) => Console.Write(ThroughputPage.Lines(await JobParts.MeasureAsync(400, ct)));

    private static Work Waiting(int size) => new(size, 1, 1, (int)Math.Ceiling(Math.Sqrt(size / 4.0)));

    /// <summary>Prepares one backlog, lets an oracle do it, and tells what came out.</summary>
    public static async Task<Measured> MeasureAsync(Work work, int processes, bool asProcesses, CancellationToken ct)
    {
        Console.Error.WriteLine($"{work.Jobs} jobs of {work.Documents} documents, {work.Approvals} approvals, {work.Bundles} bundles, {processes} processes: preparing");
        using var self = Process.GetCurrentProcess();
        (long begin, TimeSpan spent) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime);
        await using Backlog backlog = await Backlog.PrepareAsync(work, ct);
        self.Refresh();
        Console.Error.WriteLine(FormattableString.Invariant($"  prepared in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s, {(self.TotalProcessorTime - spent).TotalSeconds:0.0} s of processor time"));
        Measured measured = asProcesses
            ? await OracleRun.InProcessesAsync(work, backlog, backlog.Oracles[0], processes, ct)
            : await OracleRun.InProcessAsync(work, backlog, backlog.Oracles[0], ct);
        Console.Error.WriteLine(FormattableString.Invariant($"  {measured.Rate:0.0} jobs/s, {measured.RatePerCore:0.0} per core, {measured.Cores:0.00} cores, {measured.KernelShare:P0} in the kernel, share {measured.Share:P1}, with verification {measured.VerifiedShare:P1}"));
        return measured;
    }
}

/// <summary>How much is measured.</summary>
internal enum Effort
{
    /// <summary>Whether it runs at all.</summary>
    Smoke,

    /// <summary>Some minutes.</summary>
    Quick,

    /// <summary>Half an hour.</summary>
    Full,

    /// <summary>With the largest backlog.</summary>
    Long,
}
