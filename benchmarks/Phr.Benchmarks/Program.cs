// Measures Phr.Crypto, alone and against its peers. benchmarks/run.sh runs all of it and writes the results.
//
//   dotnet Phr.Benchmarks.dll [--ratios] [--timing] [--growth] [--storage] [--report] [--quick | --smoke] [--results FOLDER] [--peers FOLDER] [--only TEXT]
//
// With one of these, the sections that are named run one after the other; each leaves a file below FOLDER/raw, and --report puts what is there
// together. --only leaves out comparisons whose id, and timing checks whose name, does not contain the text. Without any section, the
// arguments are BenchmarkDotNet's: --filter '*', --list flat, --artifacts FOLDER.
using BenchmarkDotNet.Running;
using Phr.Benchmarks;
using Phr.Benchmarks.Measuring;
using Phr.Benchmarks.Report;
using Phr.Benchmarks.Sections;

(string Option, Action<RunContext> Run)[] sections =
[
    ("--ratios", RatioSection.Run),
    ("--storage", StorageSection.Run),
    ("--growth", GrowthSection.Run),
    ("--timing", TimingSection.Run),
    ("--report", ReportWriter.Write),
];

if (!args.Any(a => sections.Any(s => s.Option == a)))
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new InProcessConfig());
    return 0;
}

Effort effort = args.Contains("--smoke") ? Effort.Smoke : args.Contains("--quick") ? Effort.Quick : Effort.Full;
string? results = ValueOf("--results"), temporary = null;
if (results is null)
{
    results = temporary = Directory.CreateTempSubdirectory("phr-benchmark-").FullName;
}

var context = new RunContext(effort, new ResultFolder(Path.GetFullPath(results)), ValueOf("--peers") is { } peers ? Path.GetFullPath(peers) : null, ValueOf("--only") ?? "");
try
{
    foreach ((string option, Action<RunContext> run) in sections)
    {
        if (args.Contains(option))
        {
            RunContext.Progress($"{option} ({effort.Name})");
            run(context);
        }
    }
}
finally
{
    if (temporary is not null)
    {
        Directory.Delete(temporary, recursive: true);
    }
}

return 0;

string? ValueOf(string option) => Array.IndexOf(args, option) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;
