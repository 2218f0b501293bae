using System.Globalization;
using System.Text.Json;

namespace Phr.Fuzz;

/// <summary>Writes the table of a campaign. A target's runs, several files of one folder, are added up; targets that the campaign left out keep their rows.</summary>
internal static class Report
{
    private const long Full = 10_000_000, Many = 1_000_000;

    public static int Write(string folder, string page, string machine)
    {
        var rows = File.Exists(page) ? Rows(page) : new SortedDictionary<string, Row>(StringComparer.Ordinal);
        foreach (IGrouping<string, FuzzResult> runs in Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories)
            .OrderBy(File.GetLastWriteTimeUtc)
            .Select(f => JsonSerializer.Deserialize<FuzzResult>(File.ReadAllText(f))!)
            .GroupBy(r => r.Target))
        {
            var r = FuzzResult.Sum([.. runs]);
            double rate = r.Executions / Math.Max(r.Seconds, 0.1);
            rows[r.Target] = new Row(r.Executions, rate, r.Crashes, string.Create(
                CultureInfo.InvariantCulture,
                $"| {r.Target} | {r.Executions:n0} | {rate:n0} | {r.Edges} | {r.SeedEdges} | {r.CorpusInputs} | {r.KeptInputs} | {100.0 * r.Accepted / r.Executions:n1} % | {r.SlowestMilliseconds:n0} ms | {r.Crashes} |"));
        }

        int full = rows.Values.Count(r => r.Executions >= Full), many = rows.Values.Count(r => r.Executions >= Many) - full;
        File.WriteAllText(page, string.Create(CultureInfo.InvariantCulture, $"""
            # Fuzzing

            The readers of Phr.Crypto, Phr.Ml and Phr.Fhir, and those of Phr.Storage and Phr.Records, led by coverage: `tests/Phr.Fuzz/campaign.sh` on {machine}, as of {DateTime.UtcNow:yyyy-MM-dd}; a row stays
            until its target is run again. {rows.Values.Sum(r => r.Executions):n0} executions of {rows.Count} targets in {rows.Values.Sum(r => r.Executions / r.Rate) / 3600:n1} hours, {rows.Values.Sum(r => r.Crashes)} crashes. An execution is one input read; a reader that accepts it also writes it again,
            and must write the same bytes where the format has one form. A crash is any exception but the promised one, other bytes written, more than 4 MiB and 2 KiB a byte allocated, or 20 seconds.

            *Edges* are pairs of branches in the libraries, plain arithmetic apart; *at first* is what the seeds and the corpus kept until then take. *Found* counts the inputs that took a new one, *kept* those that the tests
            replay. *Slowest* includes pauses of the collector and of a machine that does other things, and *per second* is what that machine left over. A target's runs are added up; of *found* and *kept* the last counts.

            {full} of the readers have had {Full:n0} executions each, {many} have had {Many:n0} to {Full - 1:n0}, the other {rows.Count - full - many} fewer.

            | target | executions | per second | edges | at first | found | kept | accepted | slowest | crashes |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            {string.Join('\n', rows.Values.Select(r => r.Text))}

            """));
        return 0;
    }

    private static SortedDictionary<string, Row> Rows(string page)
    {
        var rows = new SortedDictionary<string, Row>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(page).SkipWhile(l => !l.StartsWith("| ---", StringComparison.Ordinal)).Skip(1))
        {
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            long Number(int cell) => long.Parse(cells[cell], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            rows[cells[1]] = new Row(Number(2), Number(3), (int)Number(10), line);
        }

        return rows;
    }

    private sealed record Row(long Executions, double Rate, int Crashes, string Text);
}
