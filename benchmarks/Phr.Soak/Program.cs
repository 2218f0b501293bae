// Runs oracles for long, or fast.
//
//   Phr.Soak faults [--requests N] [--seed N] [--recording FILE]          a run with faults, judged by Phr.RunChecker: benchmarks/soak.sh
//   Phr.Soak throughput [--smoke | --quick | --long] [--results FOLDER]   how many jobs an oracle does: benchmarks/run-oracle.sh
//   Phr.Soak throughput --backlog N | --parts                             the line of the table for N jobs that wait, or the table of parts, alone
//   Phr.Soak job JOBS DOCUMENTS APPROVALS BUNDLES                         one line of that, to look into with a profiler
using Phr.Soak.Faults;
using Phr.Soak.Throughput;

const string usage = "Usage: Phr.Soak faults [--requests N] [--seed N] [--recording FILE] | throughput [--smoke | --quick | --long] [--results FOLDER] | throughput --backlog N | throughput --parts";
static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

switch (args)
{
    case ["faults", .. var rest] when SoakOptions.Parse(rest) is { } options:
        return await SoakCommand.RunAsync(options, stop.Token);
    case ["throughput", "--backlog", var size]:
        await ThroughputCommand.RunBacklogAsync(Number(size), stop.Token);
        return 0;
    case ["throughput", "--parts"]:
        await ThroughputCommand.RunPartsAsync(stop.Token);
        return 0;
    case ["throughput", .. var rest]:
        Effort effort = rest.Contains("--smoke") ? Effort.Smoke : rest.Contains("--quick") ? Effort.Quick : rest.Contains("--long") ? Effort.Long : Effort.Full;
        int at = Array.IndexOf(rest, "--results");
        return await ThroughputCommand.RunAsync(effort, at >= 0 && at + 1 < rest.Length ? rest[at + 1] : null, stop.Token);
    case ["job", var jobs, var documents, var approvals, var bundles]:
        await ThroughputCommand.MeasureAsync(new Work(Number(jobs), Number(documents), Number(approvals), Number(bundles)), 1, asProcesses: false, stop.Token);
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}
