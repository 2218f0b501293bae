using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Phr.Simulation;

namespace Phr.Soak.Throughput;

/// <summary>Writes what was measured.</summary>
internal sealed class ThroughputPage(
    IReadOnlyList<Measured> documents, IReadOnlyList<Measured> trustees, Measured strangers, IReadOnlyList<Measured> processes, IReadOnlyList<Measured> backlogs, IReadOnlyList<JobPart> parts, Effort effort)
{
    private const string Heading = "| jobs | documents | approvals | bundles | processes | jobs/s | cores at work | jobs/s per core | in the kernel | share of bare re-encryption | with verification |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";

    private const double Aim = 0.7;

    public string Write()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # How many jobs an oracle does

            Written by `benchmarks/run-oracle.sh`. One oracle of five works off requests that are granted and final, on embedded parts: the ledger in a SQLite file, stores in folders, jobs in SQLite, everything synced to the disk as in
            service. A job is everything from finding it on the ledger to the delivery that the ledger has: header, dealing, key records and approvals fetched and verified, envelopes opened, every fragment verified and re-encrypted
            with its proof, the delivery signed, kept, sealed, stored and recorded.

            *Per core* is jobs in a second of processor time, of which a part goes to the kernel, for files and syncs. *Share of bare re-encryption* is the part of that time that the job's re-encryptions with their proofs would take alone; *with verification* adds the check of each
            fragment by itself, without which nobody may re-encrypt; a job checks those of one approval together, for less. Both are measured before and after each line, in the same process and on all cores at once, as an oracle uses them. A re-encryption took {Micro(documents[0].Bare.Reencryption)} here, with verification {Micro(documents[0].Bare.Verified)}.
            {(IsBusy ? "\n**The machine had other work while this was measured** (its load is below): rates are lower than they would be alone, and lines vary. Take the shape, not the height; `benchmarks/run-oracle.sh` on a quiet machine gives the numbers.\n" : string.Empty)}

            """);
        Table(page, "Documents in a request", "The patient consents: one fragment for each document, with a proof that the patient's own commitment is right. The fixed part of a job is shared by its documents.", documents);
        Table(page, "Documents in a request that two trustees approve", "Two fragments for each document, and no such proof: the dealing has it.", trustees);
        Table(page, "Every job about another bundle", "No dealing that was verified before helps.", [strangers]);
        Table(page, "Processes of one oracle", "Processes of samples/OracleNode, from the moment at which all are ready. Their code gets warm while it is measured.", processes);
        Table(page, "Jobs that wait", "One document each.", backlogs);
        Measured one = documents[0];
        page.Append(CultureInfo.InvariantCulture, $"""
            ## Where the time goes

            What a job consists of, each part done alone, as many at once as the service has in hand. A job of one document took {Milli(one.Processor / one.Work.Jobs)} of processor time in the table above.


            """);
        JobPart all = new("all of these", Sum(parts, p => p.One), Sum(parts, p => p.Further));
        JobPart bare = new("for comparison: one re-encryption, its fragment verified by itself", one.Bare.Verified, one.Bare.Verified);
        page.Append(Lines([.. parts, all, bare]));

        page.Append(CultureInfo.InvariantCulture, $"""

            None of it can be left out. A delivery that was published and not kept could be made a second time, with other bytes, and two deliveries for one job cost the bond. Who does not check the request, the draw, the seats and the approval serves whoever writes the ledger. What a job has of
            one document is mostly that, so its share stays small whatever the disk: {(all.One > TimeSpan.Zero ? one.Bare.Verified / all.One : 0):0 %} by the table of parts. What a document adds is little more than its re-encryption, so the share grows with the documents.

            The aim is 70 %. {Reached("Where the patient consents, with the verification of each fragment counted as what a bare re-encryption needs,", documents, m => m.VerifiedShare)} {Reached("By re-encryption alone", documents, m => m.Share)} {Reached("Where two trustees approve, with verification,", trustees, m => m.VerifiedShare)} {Reached("By re-encryption alone", trustees, m => m.Share)}


            """);
        page.Append("![Share of processor time that re-encryption has, by documents](oracle-documents.svg)\n\n![The same where two trustees approve](oracle-trustees.svg)\n\n![Jobs in a second of processor time, by jobs that wait](oracle-backlog.svg)\n\n![Jobs per second by processes](oracle-processes.svg)\n\n## Machine\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| what | value |\n| --- | --- |\n| date | {TimeProvider.System.GetUtcNow():yyyy-MM-dd} |\n| effort | {effort} |\n| processor | {Processor()} |\n| cores seen | {Environment.ProcessorCount} |\n| load, 1 minute, at the end | {Load()} |\n| system | {RuntimeInformation.OSDescription} |\n| runtime | {RuntimeInformation.FrameworkDescription} |\n");
        return page.ToString();
    }

    public IEnumerable<(string Name, string Svg)> Plots()
    {
        yield return ("oracle-documents.svg", Plot("Share of processor time by documents in a request", "documents in a request", documents, m => m.Work.Documents, "0 %", ("re-encryption", m => m.Share), ("with verification", m => m.VerifiedShare)));
        yield return ("oracle-trustees.svg", Plot("The same where two trustees approve", "documents in a request", trustees, m => m.Work.Documents, "0 %", ("re-encryption", m => m.Share), ("with verification", m => m.VerifiedShare)));
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
        page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{note}\n\n{Lines(lines)}\n");
    }

    /// <summary>A table of what was measured.</summary>
    public static string Lines(IReadOnlyList<Measured> lines)
    {
        var page = new StringBuilder(Heading);
        foreach (Measured m in lines)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {m.Work.Jobs:N0} | {m.Work.Documents} | {m.Work.Approvals} | {m.Work.Bundles:N0} | {m.Processes} | {m.Rate:0.0} | {m.Cores:0.00} | {m.RatePerCore:0.0} | {(m.Kernel > TimeSpan.Zero ? m.KernelShare.ToString("0 %", CultureInfo.InvariantCulture) : "")} | {m.Share:0.0 %} | {m.VerifiedShare:0.0 %} |\n");
        }

        return page.ToString();
    }

    /// <summary>A table of parts of a job.</summary>
    public static string Lines(IReadOnlyList<JobPart> parts) =>
        "| part | one document | each further one |\n| --- | ---: | ---: |\n"
        + string.Concat(parts.Select(part => $"| {part.Name} | {Milli(part.One)} | {Milli(part.Further)} |\n"));

    private static string Reached(string how, IReadOnlyList<Measured> lines, Func<Measured, double> share)
    {
        Measured? first = lines.FirstOrDefault(m => share(m) >= Aim);
        return first is null
            ? string.Create(CultureInfo.InvariantCulture, $"{how} it is missed: the largest share is {lines.Max(share):0 %}.")
            : string.Create(CultureInfo.InvariantCulture, $"{how} it is reached with {first.Work.Documents} documents in a request ({share(first):0 %}); the largest share is {lines.Max(share):0 %}.");
    }

    private static TimeSpan Sum(IReadOnlyList<JobPart> parts, Func<JobPart, TimeSpan> time) => parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + time(part));

    private static string Milli(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static string Micro(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} µs");

    private static bool IsBusy => double.TryParse(Load(), NumberStyles.Float, CultureInfo.InvariantCulture, out double load) && load > Environment.ProcessorCount + 1;

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "not told";

    private static string Processor() =>
        File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown" : RuntimeInformation.ProcessArchitecture.ToString();
}
