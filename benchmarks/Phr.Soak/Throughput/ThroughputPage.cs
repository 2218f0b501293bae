using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Phr.Simulation;

namespace Phr.Soak.Throughput;

/// <summary>Writes what was measured.</summary>
internal sealed class ThroughputPage(
    IReadOnlyList<Measured> documents, IReadOnlyList<Measured> shapes, IReadOnlyList<Measured> processes, IReadOnlyList<Measured> backlogs, IReadOnlyList<JobPart> parts, Effort effort)
{
    private const string Heading = "| jobs | documents | approvals | bundles | processes | jobs/s | cores at work | jobs/s per core | in the kernel | share of bare re-encryption | with verification |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";

    public string Write()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # How many jobs an oracle does

            Written by `benchmarks/run-oracle.sh`. One oracle of five works off requests that are granted and final, on embedded parts: the ledger in a SQLite file, stores in folders, jobs in SQLite, everything synced to the disk as in
            service. A job is everything from finding it on the ledger to the delivery that the ledger has: header, dealing, key records and approvals fetched and verified, envelopes opened, every fragment verified and re-encrypted
            with its proof, the delivery signed, kept, sealed, stored and recorded.

            *Per core* is jobs in a second of processor time, of which a part goes to the kernel, for files and syncs. *Share of bare re-encryption* is the part of that time that the job's re-encryptions with their proofs would take alone; *with verification* adds the check of each
            fragment, without which nobody may re-encrypt. Both are measured before and after each line, in the same process. A re-encryption took {Micro(documents[0].Bare.Reencryption)} here, with verification {Micro(documents[0].Bare.Verified)}.
            {(IsBusy ? "\n**The machine had other work while this was measured** (its load is below): rates are lower than they would be alone, and lines vary. Take the shape, not the height; `benchmarks/run-oracle.sh` on a quiet machine gives the numbers.\n" : string.Empty)}

            """);
        Table(page, "Documents in a request", "The fixed part of a job is shared by its documents.", documents);
        Table(page, "Other jobs", "Two trustees approve in the place of the patient; and no two jobs are about the same bundle, so that no dealing that was verified before helps.", shapes);
        Table(page, "Processes of one oracle", "Processes of samples/OracleNode, from the moment at which all are ready. Their code gets warm while it is measured.", processes);
        Table(page, "Jobs that wait", "One document each.", backlogs);
        Measured one = documents[0];
        page.Append(CultureInfo.InvariantCulture, $"""
            ## Why it is not more

            What every job does to the disk, whatever it has of documents, done alone and one after the other on one core. A job of one document took {Milli(one.Processor / one.Work.Jobs)} of processor time in the table above.

            | part | by the clock | processor time |
            | --- | ---: | ---: |

            """);
        foreach (JobPart part in parts.Append(new JobPart("all of these", Sum(parts, p => p.Elapsed), Sum(parts, p => p.Processor))).Append(new JobPart("for comparison: one re-encryption, its fragment verified", one.Bare.Verified, one.Bare.Verified)))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {part.Name} | {Milli(part.Elapsed)} | {Milli(part.Processor)} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"""

            None of it can be left out: a delivery that was published and not kept could be made a second time, with other bytes, and two deliveries for one job cost the bond. With the other checks of a job (the request's own words, the draw repeated,
            the approval and its proofs, the envelope) it is the fixed part, which is why the share grows with the documents. The aim of 70 % is {(documents.Max(m => m.VerifiedShare) >= 0.7 ? "met where a request has many documents, and missed where it has few" : "missed")}: the largest share here is {documents.Max(m => m.Share):0 %}, or {documents.Max(m => m.VerifiedShare):0 %} with the verification of each fragment counted.


            """);
        page.Append("![Share of processor time that re-encryption has, by documents](oracle-documents.svg)\n\n![Jobs in a second of processor time, by jobs that wait](oracle-backlog.svg)\n\n![Jobs per second by processes](oracle-processes.svg)\n\n## Machine\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| what | value |\n| --- | --- |\n| date | {TimeProvider.System.GetUtcNow():yyyy-MM-dd} |\n| effort | {effort} |\n| processor | {Processor()} |\n| cores seen | {Environment.ProcessorCount} |\n| load, 1 minute, at the end | {Load()} |\n| system | {RuntimeInformation.OSDescription} |\n| runtime | {RuntimeInformation.FrameworkDescription} |\n");
        return page.ToString();
    }

    public IEnumerable<(string Name, string Svg)> Plots()
    {
        yield return ("oracle-documents.svg", Plot("Share of processor time by documents in a request", "documents in a request", documents, m => m.Work.Documents, "0 %", ("re-encryption", m => m.Share), ("with verification", m => m.VerifiedShare)));
        yield return ("oracle-backlog.svg", Plot("Jobs in a second of processor time by jobs that wait", "jobs that wait", backlogs, m => m.Work.Jobs, "0", ("jobs/s per core", m => m.RatePerCore)));
        yield return ("oracle-processes.svg", Plot("Jobs in a second by processes of one oracle", "processes", processes, m => m.Processes, "0", ("jobs/s", m => m.Rate)));
    }

    private static string Plot(string title, string axis, IReadOnlyList<Measured> lines, Func<Measured, int> x, string format, params (string Name, Func<Measured, double> Value)[] values)
    {
        double highest = format.Contains('%', StringComparison.Ordinal) ? 1 : lines.Max(m => values.Max(v => v.Value(m)));
        double step = Math.Pow(10, Math.Floor(Math.Log10(highest)));
        double top = format.Contains('%', StringComparison.Ordinal) ? 1 : Math.Ceiling(highest / step) * step;
        return LineChart.Write(
            title,
            axis,
            top,
            value => value.ToString(format, CultureInfo.InvariantCulture),
            [.. values.Select(v => (v.Name, (IReadOnlyList<double>)[.. lines.Select(v.Value)]))],
            [.. lines.Select(m => x(m).ToString("N0", CultureInfo.InvariantCulture))]);
    }

    private static void Table(StringBuilder page, string title, string note, IReadOnlyList<Measured> lines)
    {
        page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{note}\n\n{Heading}");
        foreach (Measured m in lines)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {m.Work.Jobs:N0} | {m.Work.Documents} | {m.Work.Approvals} | {m.Work.Bundles:N0} | {m.Processes} | {m.Rate:0.0} | {m.Cores:0.00} | {m.RatePerCore:0.0} | {(m.Kernel > TimeSpan.Zero ? m.KernelShare.ToString("0 %", CultureInfo.InvariantCulture) : "")} | {m.Share:0.0 %} | {m.VerifiedShare:0.0 %} |\n");
        }

        page.Append('\n');
    }

    private static TimeSpan Sum(IReadOnlyList<JobPart> parts, Func<JobPart, TimeSpan> time) => parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + time(part));

    private static string Milli(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static string Micro(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} µs");

    private static bool IsBusy => double.TryParse(Load(), NumberStyles.Float, CultureInfo.InvariantCulture, out double load) && load > Environment.ProcessorCount + 1;

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "not told";

    private static string Processor() =>
        File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown" : RuntimeInformation.ProcessArchitecture.ToString();
}
