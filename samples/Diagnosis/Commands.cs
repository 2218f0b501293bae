using System.Diagnostics;
using System.Globalization;
using Phr.Fhir;
using Phr.Ml;

namespace Phr.Samples.Diagnosis;

/// <summary>The commands, each a few calls of the library.</summary>
internal static class Commands
{
    public static void Sets()
    {
        foreach (KnownSet set in KnownSchemas.All)
        {
            string here = File.Exists(Bundled(set)) ? "comes with this sample" : $"--data {set.FileName}";
            Console.WriteLine($"{set.Name,-16} {set.Title} ({here}; {set.Licence})");
            Console.WriteLine($"{"",-16} {set.Citation}");
        }
    }

    public static async Task TrainAsync(Options options, CancellationToken ct)
    {
        TrainingReport report = await RunAsync(options, ct);
        string model = options.Model ?? $"{options.Set ?? "model"}.phrmodel";
        report.Winner.Save(model);
        Console.WriteLine($"Saved {model}, {new FileInfo(model).Length:n0} bytes, digest {report.Winner.Digest}.");
        Write(options, report);
    }

    public static async Task ReportAsync(Options options, CancellationToken ct) =>
        Write(options with { Report = options.Report ?? "report.html" }, await RunAsync(options, ct));

    public static void Evaluate(Options options, CancellationToken ct)
    {
        DiagnosisModel model = DiagnosisModel.Load(Required(options.Model, "model"));
        Dataset rows = Dataset.ReadCsv(Required(options.Csv ?? options.Data, "csv"), model.Schema);
        DiagnosisMetrics m = model.Evaluate(rows, ct);
        Console.WriteLine(Invariant($"{m.Rows} rows; at the threshold {model.Threshold:0.###}:"));
        Console.WriteLine(Invariant($"ROC-AUC {m.RocAuc:0.0000}  PR-AUC {m.PrAuc:0.0000}  log-loss {m.LogLoss:0.0000}  Brier {m.Brier:0.0000}  ECE {m.CalibrationError:0.0000}"));
        Console.WriteLine(Invariant($"sensitivity {m.Sensitivity:0.000}  specificity {m.Specificity:0.000}  accuracy {m.Accuracy:0.000}"));
        for (int k = 0; k < m.Confusion.Classes; k++)
        {
            string[] counts = new string[m.Confusion.Classes];
            for (int given = 0; given < counts.Length; given++)
            {
                counts[given] = $"{m.Confusion.Row(k)[given]} {model.Schema.Classes[given]}";
            }

            Console.WriteLine($"  {model.Schema.Classes[k]} called: {string.Join(", ", counts)}");
        }
    }

    public static void Predict(Options options, CancellationToken ct)
    {
        DiagnosisModel model = DiagnosisModel.Load(Required(options.Model, "model"));
        Console.WriteLine($"{model.Card.Title}: {model.Card.Algorithm}, {model.Card.Classes.Sum(c => c.Rows)} training rows. {model.Card.IntendedUse}");
        var asked = new PredictionOptions { Level = options.Level };
        IReadOnlyList<Phr.Ml.Diagnosis> answers = options.Observations is { } file ? [Ask(model, file, asked)] : Ask(model, options, asked, ct);
        for (int i = 0; i < answers.Count; i++)
        {
            Phr.Ml.Diagnosis d = answers[i];
            Console.WriteLine($"row {i + 1}: {d}");
            Console.WriteLine($"  for and against {d.ExplainedClass}, in {d.Unit} ({d.Method}): {string.Join(", ", d.Contributions.Take(5))}");
            Console.WriteLine(Invariant($"  most like {d.Cohort.Cohort}, of whom {string.Join(", ", model.Schema.Classes.Select((c, k) => Invariant($"{100 * d.Cohort.Cohort.ClassShares[k]:0} % {c}")))}"));
            foreach (UnlikenessReason reason in d.Reasons)
            {
                Console.WriteLine($"  do not rely on it: {reason}");
            }
        }
    }

    private static IReadOnlyList<Phr.Ml.Diagnosis> Ask(DiagnosisModel model, Options options, PredictionOptions asked, CancellationToken ct)
    {
        Dataset rows = Dataset.ReadCsv(Required(options.Csv, "csv"), model.Schema, new CsvReadOptions { Purpose = CsvPurpose.Prediction });
        return model.PredictAll(options.Rows < rows.Count ? rows.Subset([.. Enumerable.Range(0, options.Rows)]) : rows, asked, ct);
    }

    private static Phr.Ml.Diagnosis Ask(DiagnosisModel model, string observations, PredictionOptions asked)
    {
        LaboratoryReading reading = FhirR4.ReadLaboratory(File.ReadAllBytes(observations));
        foreach (FhirFault fault in reading.Faults)
        {
            Console.WriteLine($"left out: {fault}");
        }

        IReadOnlyList<CodedValue> findings = Laboratory.Findings(reading.Observations);
        double[] row = new double[model.Schema.Features.Count];
        int known = model.Schema.ReadCoded(findings, row).Count(f => f is not null);
        Console.WriteLine($"{findings.Count} laboratory values, {reading.RefusedCount} left out, {reading.OtherCount} other resources; {known} of {row.Length} features are known");
        return known > 0 ? model.PredictValues(row, asked) : throw new InvalidDataException("None of the laboratory's values is one that the model asks for.");
    }

    public static void Card(Options options) => Console.Write(DiagnosisModel.Load(Required(options.Model, "model")).Card.ToMarkdown());

    private static async Task<TrainingReport> RunAsync(Options options, CancellationToken ct)
    {
        Dataset data = Read(options);
        await Console.Error.WriteLineAsync($"Training on {data.Count} rows of {data.Schema.Name}: each kind of model, on the same folds, and then the choice itself. This takes some minutes.");
        var shown = new Progress();
        TrainingReport report = await new DiagnosisTrainer(data.Schema, options.Seed).TrainAsync(data, options.Training, shown, ct);
        Console.WriteLine($"{data.Count} rows of {data.Schema}, {string.Join(" / ", report.Schema.Classes.Select((c, k) => $"{report.Data.ClassCounts[k]} {c}"))}");
        Console.WriteLine($"{"model",-52} {"ROC-AUC",22} {"log-loss",9} {"Brier",7} {"ECE",7} {"sens.",6} {"spec.",6}");
        foreach (ModelEvaluation m in report.Models.Append(report.Nested))
        {
            string name = m == report.Nested ? "the whole procedure, choice included" : m.Name;
            Console.WriteLine(Invariant($"{name,-52} {m.RocAuc.Value:0.0000} ({m.RocAuc.Lower:0.000}–{m.RocAuc.Upper:0.000}) {m.LogLoss.Value,9:0.0000} {m.Brier.Value,7:0.0000} {m.CalibrationError.Value,7:0.0000} {m.Sensitivity.Value,6:0.000} {m.Specificity.Value,6:0.000}"));
        }

        foreach (OmittedModel omitted in report.Omitted)
        {
            Console.WriteLine($"{omitted.Family} did not take part: {omitted.Reason}");
        }

        foreach (string warning in report.Warnings)
        {
            Console.WriteLine($"Mind: {warning}");
        }

        return report;
    }

    private static void Write(Options options, TrainingReport report)
    {
        if (options.Report is { } page)
        {
            File.WriteAllText(page, report.ToHtml());
            Console.WriteLine($"Wrote {page}.");
        }

        if (options.Pictures is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach (ReportChart chart in Enum.GetValues<ReportChart>())
            {
                File.WriteAllText(Path.Combine(folder, $"{chart}.svg"), report.ToSvg(chart));
            }

            Console.WriteLine($"Wrote {Enum.GetValues<ReportChart>().Length} pictures to {folder}.");
        }
    }

    private static Dataset Read(Options options)
    {
        if (options.Csv is { } csv)
        {
            return Dataset.ReadCsv(csv, FeatureSchema.FromJson(File.ReadAllBytes(Required(options.Schema, "schema"))));
        }

        string name = Required(options.Set, "set or --csv");
        KnownSet set = KnownSchemas.All.FirstOrDefault(s => s.Name == name) ?? throw new UsageException($"There is no set {name}. There are: {string.Join(", ", KnownSchemas.All.Select(s => s.Name))}.");
        string path = options.Data ?? Bundled(set);
        return File.Exists(path) ? set.Read(path) : throw new UsageException($"{set.Name} does not come with this sample: say where {set.FileName} is with --data.");
    }

    private static string Bundled(KnownSet set) => Path.Combine(AppContext.BaseDirectory, "data", set.FileName);

    private static string Required(string? value, string name) => value ?? throw new UsageException($"--{name} is missing.");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // On one line that is written over; a line every few seconds where that cannot be. A training may take minutes.
    private sealed class Progress : IProgress<TrainingProgress>
    {
        private static readonly TimeSpan _betweenLines = TimeSpan.FromSeconds(5);

        private readonly Lock _gate = new();
        private TrainingStage? _stage;
        private long _written;

        public void Report(TrainingProgress value)
        {
            lock (_gate)
            {
                if (!Console.IsErrorRedirected)
                {
                    Console.Error.Write($"\r{value.Stage} {value.Done}/{value.Of}          {(value.Done == value.Of ? "\n" : "")}");
                }
                else if (value.Stage != _stage || Stopwatch.GetElapsedTime(_written) >= _betweenLines)
                {
                    (_stage, _written) = (value.Stage, Stopwatch.GetTimestamp());
                    Console.Error.WriteLine($"{value.Stage} {value.Done}/{value.Of}");
                }
            }
        }
    }
}
