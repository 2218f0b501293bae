using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Phr.Fuzz;

/// <summary>Writes the table of a campaign.</summary>
internal static class Report
{
    public static int Write(string folder, string page, string machine)
    {
        var results = Directory.GetFiles(folder, "*.json")
            .Select(f => JsonSerializer.Deserialize<FuzzResult>(File.ReadAllText(f))!)
            .OrderBy(r => r.Target, StringComparer.Ordinal)
            .ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Fuzzing

            Every reader of Phr.Crypto, Phr.Ml and Phr.Fhir, and those of Phr.Storage and Phr.Records, led by coverage: `tests/Phr.Fuzz/campaign.sh` on {machine}, {DateTime.UtcNow:yyyy-MM-dd}. {results.Sum(r => r.Executions):n0} executions of {results.Count} targets in {results.Sum(r => r.Seconds) / 3600:n1} hours,
            {results.Sum(r => r.Crashes)} crashes. An execution is one input read; a reader that accepts it also writes it again, and must write the same bytes where the format has one form. A crash is any
            exception but the promised one, other bytes written, more than 4 MiB and 2 KiB a byte allocated, or 20 seconds.

            *Edges* are pairs of branches in the libraries, plain arithmetic apart; *at first* is what the seeds and the kept corpus of the run before take. *Found* counts the inputs that took a new one, *kept* those that the tests
            replay. *Slowest* includes pauses of the collector and of a machine that does other things.

            | target | executions | per second | edges | at first | found | kept | accepted | slowest | crashes |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |

            """);
        foreach (FuzzResult r in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {r.Target} | {r.Executions:n0} | {r.Executions / Math.Max(r.Seconds, 0.1):n0} | {r.Edges} | {r.SeedEdges} | {r.CorpusInputs} | {r.KeptInputs} | {100.0 * r.Accepted / r.Executions:n1} % | {r.SlowestMilliseconds:n0} ms | {r.Crashes} |\n");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(page))!);
        File.WriteAllText(page, text.ToString());
        return 0;
    }
}
