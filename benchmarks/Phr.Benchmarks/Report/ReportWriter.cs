using System.Globalization;
using System.Text;
using Phr.Benchmarks.Measuring;
using Phr.Benchmarks.Sections;

namespace Phr.Benchmarks.Report;

/// <summary>Writes <c>crypto.md</c> and <c>growth.svg</c> from what the sections left: ratios first, times second.</summary>
internal static class ReportWriter
{
    /// <summary>The page, and the file in which a person explains an aim that was not met.</summary>
    private const string Page = "crypto.md", Plot = "growth.svg", Analysis = "analysis.md";

    public static void Write(RunContext context)
    {
        var page = new StringBuilder();
        RatioResults? ratios = context.Results.Read<RatioResults>(RatioSection.Name);
        List<TimingResult>? timing = context.Results.Read<List<TimingResult>>(TimingSection.Name);
        List<GrowthSeries>? growth = context.Results.Read<List<GrowthSeries>>(GrowthSection.Name);
        List<StorageRow>? storage = context.Results.Read<List<StorageRow>>(StorageSection.Name);

        page.Append("# Phr.Crypto, measured\n\nWritten by `benchmarks/run.sh`; do not edit. ");
        page.Append("Ratios are of medians, measured in turns within one run: a machine that is slow for a while is slow for all. Times belong to this machine; ratios travel better.\n\n");
        if (ratios is not null)
        {
            if (ratios.LoadAtStart > 0.5)
            {
                page.Append(CultureInfo.InvariantCulture, $"**The machine was not quiet: its load was {ratios.LoadAtStart:0.0} when the ratios began.** Take them with that in mind.\n\n");
            }

            Ratios(page, ratios);
            NotMet(page, context, ratios);
        }

        if (timing is not null)
        {
            Timing(page, timing);
        }

        if (growth is not null)
        {
            Growth(page, growth);
            File.WriteAllText(Path.Combine(context.Results.Path, Plot), PlotWriter.Write(growth));
        }

        if (storage is not null)
        {
            Storage(page, storage);
        }

        if (ratios is not null)
        {
            Times(page, ratios);
        }

        page.Append("## What ran, and on what\n\n| | |\n| --- | --- |\n");
        foreach ((string what, string value) in Machine.Describe(context.Peers))
        {
            Row(page, what, value);
        }

        if (ratios is not null)
        {
            Row(page, "effort", ratios.Effort);
            foreach (string missing in ratios.Missing)
            {
                Row(page, "not measured", missing);
            }
        }

        const string Single = "benchmarkdotnet.md";
        page.Append(File.Exists(Path.Combine(context.Results.Path, Single))
            ? $"\nTimes of single calls with their allocations, as BenchmarkDotNet takes them, are in [{Single}]({Single}). Raw numbers are in `raw/`.\n"
            : "\nRaw numbers are in `raw/`. BenchmarkDotNet's times of single calls were not taken in this run.\n");
        Directory.CreateDirectory(context.Results.Path);
        string path = Path.Combine(context.Results.Path, Page);
        File.WriteAllText(path, page.ToString());
        RunContext.Progress($"written: {path}");
        if (ratios is not null)
        {
            Console.WriteLine(Summary(ratios));
        }
    }

    /// <summary>The ratios as lines of text, for a terminal.</summary>
    private static string Summary(RatioResults results)
    {
        var text = new StringBuilder();
        foreach ((ComparisonResult comparison, Ratio ratio) in results.Comparisons.SelectMany(c => c.Ratios.Select(r => (c, r))))
        {
            string verdict = ratio.IsMet is { } met ? $"aim {RatioSection.DescribeAim(ratio)} {(met ? "met" : "NOT MET")}" : "";
            text.Append(CultureInfo.InvariantCulture, $"{comparison.Title,-72} {ratio.Peer,-26} {RatioSection.Describe(ratio),-20} {verdict}").Append('\n');
        }

        return text.ToString();
    }

    private static void Ratios(StringBuilder page, RatioResults results)
    {
        page.Append("## Ratios\n\n*Fixed*, *variable* and *double* count group operations in theory: multiplications of a fixed base, of any point, and sums of two with public numbers.\n\n");
        Row(page, "what", "work in theory", "peer", "ratio", "aim", "");
        page.Append("| --- | --- | --- | --- | --- | --- |\n");
        foreach (ComparisonResult comparison in results.Comparisons)
        {
            foreach (Ratio ratio in comparison.Ratios)
            {
                Row(page, comparison.Title, comparison.Operations, ratio.Peer, RatioSection.Describe(ratio), RatioSection.DescribeAim(ratio), ratio.IsMet switch { true => "met", false => "**not met**", _ => "" });
            }
        }

        page.Append('\n');
    }

    private static void NotMet(StringBuilder page, RunContext context, RatioResults results)
    {
        string[] unmet =
        [
            .. results.Comparisons.SelectMany(c => c.Ratios.Where(r => r.IsMet == false).Select(r => $"- {c.Title}: {RatioSection.Describe(r)} ({r.Peer}); the aim is {RatioSection.DescribeAim(r)}.\n")),
        ];
        page.Append("### Aims that were not met\n\n").Append(unmet.Length == 0 ? "None.\n" : string.Concat(unmet)).Append('\n');
        string analysis = Path.Combine(context.Results.Path, Analysis);
        if (unmet.Length > 0 && File.Exists(analysis))
        {
            page.Append("Why, with the profile: [analysis.md](analysis.md).\n\n");
        }
    }

    private static void Timing(StringBuilder page, List<TimingResult> results)
    {
        page.Append("## Does time depend on secrets?\n\n");
        page.Append(CultureInfo.InvariantCulture, $"Welch's t between samples with a fixed secret and with random ones, classes drawn at random; the largest |t| over all samples and those below each of a hundred thresholds. |t| > {TimingSection.Threshold} is called a leak. ");
        page.Append("The planted ones must be seen. A small |t| is no proof: it says that this many samples on this machine showed nothing.\n\n");
        Row(page, "operation", "samples", "median", "t, all samples", "largest &#124;t&#124;", "fixed − random there", "samples there", "");
        page.Append("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (TimingResult result in results)
        {
            string verdict = (result.IsLeak, result.IsPlanted) switch
            {
                (true, true) => "seen, as it must be",
                (true, false) => "**leaks**",
                (false, true) => "**not seen**",
                _ => "nothing seen",
            };
            Row(page, result.Name, result.Samples.ToString("N0", CultureInfo.InvariantCulture), RatioSection.Duration(result.Median), F(result.T), F(result.LargestT), $"{F(result.Difference)} ns", result.Kept.ToString("P0", CultureInfo.InvariantCulture), verdict);
        }

        page.Append('\n');
    }

    private static void Growth(StringBuilder page, List<GrowthSeries> growth)
    {
        page.Append("## How cost grows\n\n![Time against trustees, documents and sizes, both axes logarithmic](growth.svg)\n\n");
        foreach (GrowthSeries series in growth)
        {
            page.Append("### ").Append(series.Title).Append("\n\n");
            Row(page, [series.Axis, .. series.Lines.SelectMany(l => (string[])[l.Name, "work in theory"])]);
            page.Append('|').Append(string.Concat(Enumerable.Repeat(" --- |", 1 + (2 * series.Lines.Count)))).Append('\n');
            for (int i = 0; i < series.Lines[0].Points.Count; i++)
            {
                int row = i;
                Row(page,
                [
                    series.Lines[0].Points[i].Size.ToString("N0", CultureInfo.InvariantCulture),
                    .. series.Lines.SelectMany(l => row < l.Points.Count ? (string[])[Cell(series, l.Points[row]), l.Points[row].Work] : ["", ""]),
                ]);
            }

            page.Append('\n');
        }
    }

    private static string Cell(GrowthSeries series, GrowthPoint point) =>
        series.Axis == "bytes" && point.Size >= 1 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{RatioSection.Duration(point.Nanoseconds)} ({point.Size / point.Nanoseconds * 1e9 / (1 << 20):0} MiB/s)")
            : RatioSection.Duration(point.Nanoseconds);

    private static void Storage(StringBuilder page, List<StorageRow> rows)
    {
        page.Append("## Storage\n\n");
        Row(page, "object", "bytes", "remark");
        page.Append("| --- | ---: | --- |\n");
        foreach (StorageRow row in rows)
        {
            Row(page, row.What, row.Bytes.ToString("N0", CultureInfo.InvariantCulture), row.Remark);
        }

        page.Append('\n');
    }

    private static void Times(StringBuilder page, RatioResults results)
    {
        page.Append("## Times\n\nMedian and quartiles of one operation; bytes that the thread allocated for it.\n\n");
        Row(page, "what", "who", "median", "quartiles", "allocated", "work in theory");
        page.Append("| --- | --- | --- | --- | --- | --- |\n");
        foreach (ComparisonResult comparison in results.Comparisons)
        {
            foreach (Measurement m in comparison.Measurements)
            {
                string allocated = m.BytesAllocated is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0}") : "";
                Row(page, comparison.Title, m.Name, RatioSection.Duration(m.Median), $"{RatioSection.Duration(m.LowerQuartile)} – {RatioSection.Duration(m.UpperQuartile)}", allocated, comparison.Operations);
            }
        }

        page.Append('\n');
    }

    private static string F(double number) => number.ToString("0.00", CultureInfo.InvariantCulture);

    private static void Row(StringBuilder page, params IEnumerable<string> cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
