// Measures Phr.Ml beside scikit-learn and Microsoft.ML, and writes ml.md. benchmarks/run-ml.sh runs all of it.
//
//   dotnet Phr.Ml.Benchmarks.dll [--quality] [--speed] [--growth] [--report] [--quick | --smoke] [--sets A,B] [--results FOLDER] [--data FOLDER] [--python PROGRAM] [--peer FILE]
//
// Each section leaves a file below FOLDER/ml, and --report puts what is there together. --data has the measured sets (PHR_TEST_DATA/data); without it
// only the set that comes with samples/Diagnosis is used. --sets measures the quality of these alone and keeps what FOLDER/ml has of the others. Without --python nothing is compared.
using Phr.Ml.Benchmarks;

Effort effort = args.Contains("--smoke") ? Effort.Smoke : args.Contains("--quick") ? Effort.Quick : Effort.Full;
string? temporary = ValueOf("--results") is null ? Directory.CreateTempSubdirectory("phr-ml-benchmark-").FullName : null;
string results = Path.GetFullPath(ValueOf("--results") ?? temporary!);
Directory.CreateDirectory(Path.Combine(results, "ml"));
try
{
    using Peer? peer = ValueOf("--python") is { } python && ValueOf("--peer") is { } script ? Peer.Start(python, script) : null;
    var run = new Run(effort, results, ValueOf("--data"), peer) { Sets = ValueOf("--sets")?.Split(',') ?? [] };
    if (args.Contains("--quality"))
    {
        QualitySection.Measure(run);
    }

    if (args.Contains("--speed"))
    {
        SpeedSection.Measure(run);
    }

    if (args.Contains("--growth"))
    {
        GrowthSection.Measure(run);
    }

    if (args.Contains("--report"))
    {
        ReportWriter.Write(run);
    }
}
finally
{
    if (temporary is not null)
    {
        Directory.Delete(temporary, recursive: true);
    }
}

string? ValueOf(string option) => Array.IndexOf(args, option) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;
