using System.Diagnostics;
using System.Globalization;
using System.Text;
using Phr.Simulation;

// A year of a thousand oracles, a third of them bad, with the draw and the reputation of the ledger.
// Usage: Phr.Simulation [--seed N] [--smoke] [--results FOLDER]
int seed = 1;
bool smoke = false;
string? folder = null;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed):
            i++;
            break;
        case "--results" when i + 1 < args.Length:
            folder = args[++i];
            break;
        case "--smoke":
            smoke = true;
            break;
        default:
            Console.Error.WriteLine($"'{args[i]}' is not understood. Usage: Phr.Simulation [--seed N] [--smoke] [--results FOLDER]");
            return 2;
    }
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var results = new List<YearResult>();
foreach (Settings scenario in Scenarios.All)
{
    Settings settings = smoke ? scenario with { Oracles = 60, Days = 28, RequestsPerDay = 20 } : scenario;
    long begin = Stopwatch.GetTimestamp();
    YearResult year = new Year(settings, seed).Play(day => Say($"\r{settings.Name}: day {day} of {settings.Days} "), stop.Token);
    Say($"\r{settings.Name}: {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s                \n");
    results.Add(year);
}

string page = ReputationPage.Write(results, seed);
if (folder is null)
{
    Console.Write(page);
}
else
{
    Directory.CreateDirectory(folder);
    File.WriteAllText(Path.Combine(folder, "reputation.md"), page, new UTF8Encoding(false));
    foreach ((string name, string svg) in ReputationPage.Plots(results))
    {
        File.WriteAllText(Path.Combine(folder, name), svg, new UTF8Encoding(false));
    }
}

return 0;

// Progress is for people who watch; a log gets the page alone.
static void Say(string text)
{
    if (!Console.IsErrorRedirected)
    {
        Console.Error.Write(text);
    }
}
