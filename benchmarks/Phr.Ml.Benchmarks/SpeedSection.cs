using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Benchmarks;

/// <summary>How long fitting and predicting take on 512 rows of the breast masses, in turns with the peers.</summary>
internal static class SpeedSection
{
    public const string File = "speed.json";
    private const int Training = 512;

    public static void Measure(Run run)
    {
        string sample = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "samples", "Diagnosis", "data", "wdbc.csv"));
        (Matrix raw, int[] y) = MeasuredSet.Read(sample, []);
        Matrix x = MeasuredSet.Prepare(raw, raw, []).Train;
        using var file = new RowFile(x, y);
        int rounds = run.Effort switch { Effort.Smoke => 1, Effort.Quick => 9, _ => 21 };
        var fits = new List<Subject>();
        foreach ((string name, string model, Func<int, ILearner> learner) in ((string, string, Func<int, ILearner>)[])
        [
            ("random forest, 500 trees", "random-forest", threads => new ForestLearner { Threads = threads }),
            ("extra-trees, 500 trees", "extra-trees", threads => new ForestLearner { Kind = ForestKind.ExtraTrees, Threads = threads }),
            ("SVM (RBF, C = 10, γ = .01)", "svm", _ => new SvmLearner()),
            ("logistic regression", "logistic", _ => new LogisticLearner()),
        ])
        {
            bool forest = model is "random-forest" or "extra-trees";
            foreach (int jobs in forest ? (int[])[1, 2] : [1])
            {
                fits.Add(Ours(name, jobs, learner(jobs), x, y));
                if (run.Peer is { } peer)
                {
                    fits.Add(Theirs(name, jobs, peer, file, model));
                }
            }
        }

        fits.Add(MicrosoftMl(x, y));
        if (run.Effort == Effort.Smoke)
        {
            fits.RemoveAll(s => s.Who != "Phr.Ml");
        }

        Rounds.Run(rounds, [.. fits.Select(f => f.MeasureRound)], round => Run.Progress($"speed: round {round} of {rounds}"));

        run.Save(File, new Table(
            [.. fits.Select(f => f.ToRow())],
            run.Peer?.Versions,
            typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "of unknown version",
            System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
            Environment.ProcessorCount,
            Load()));
    }

    private static double Load() => System.IO.File.Exists("/proc/loadavg")
        ? double.Parse(System.IO.File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)
        : double.NaN;

    private static Subject Ours(string name, int jobs, ILearner learner, Matrix x, int[] y)
    {
        Matrix training = x.Select([.. Enumerable.Range(0, Training)]);
        int[] trainingY = y[..Training];
        var subject = new Subject("Phr.Ml", name, jobs);
        double[] score = new double[1];
        ulong seed = 0;
        subject.Measure = warm =>
        {
            long begin = Stopwatch.GetTimestamp();
            IScorer scorer = learner.Fit(training, trainingY, 2, default, ++seed, CancellationToken.None);
            subject.Add(subject.Fit, begin, warm);
            double[] held = new double[x.Rows - Training];
            for (int i = Training; i < x.Rows; i++)
            {
                scorer.Score(x.Row(i), held.AsSpan(i - Training, 1));
            }

            subject.Auc.Add(Metrics.RocAuc(held, y.AsSpan(Training)));
            const int times = 10;
            for (int repeat = 0; repeat < 2; repeat++)
            {
                begin = Stopwatch.GetTimestamp();
                for (int t = 0; t < times; t++)
                {
                    for (int i = 0; i < x.Rows; i++)
                    {
                        scorer.Score(x.Row(i), score);
                    }
                }
            }

            double all = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / times;
            begin = Stopwatch.GetTimestamp();
            Parallel.For(0, 2 * times, () => new double[1], (_, _, own) =>
            {
                for (int i = 0; i < x.Rows; i++)
                {
                    scorer.Score(x.Row(i), own);
                }

                return own;
            }, _ => { });
            double throughput = 2.0 * times * x.Rows / Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (!warm)
            {
                subject.All.Add(all);
                subject.One.Add(all / x.Rows);
                subject.Throughput.Add(throughput);
            }
        };
        return subject;
    }

    private static Subject Theirs(string name, int jobs, Peer peer, RowFile file, string model)
    {
        var subject = new Subject("scikit-learn", name, jobs);
        int seed = 0;
        subject.Measure = warm =>
        {
            JsonObject request = file.Request(model, Training, jobs, 500);
            request["seed"] = ++seed;
            JsonNode answer = peer.Ask("fit", request);
            if (answer["RocAuc"] is { } auc)
            {
                subject.Auc.Add(auc.GetValue<double>());
            }

            request = file.Request(model, Training, jobs, 500);
            request["one"] = false;
            double all = peer.Ask("predict", request)["Nanoseconds"]!.GetValue<double>();
            request = file.Request(model, Training, jobs, 500);
            request["one"] = true;
            double one = peer.Ask("predict", request)["Nanoseconds"]!.GetValue<double>();
            if (!warm)
            {
                subject.Fit.Add(answer["Nanoseconds"]!.GetValue<double>());
                subject.All.Add(all);
                subject.One.Add(one);
            }
        };
        return subject;
    }

    private static Subject MicrosoftMl(Matrix x, int[] y)
    {
        var subject = new Subject("Microsoft.ML", "FastForest, 500 trees, 64 leaves", 2);
        Example[] rows = [.. Enumerable.Range(0, x.Rows).Select(i => new Example { Features = [.. x.Row(i).ToArray().Select(v => (float)v)], Label = y[i] == 1 })];
        subject.Measure = warm =>
        {
            var context = new MLContext(1);
            IDataView data = context.Data.LoadFromEnumerable(rows[..Training]);
            var trainer = context.BinaryClassification.Trainers.FastForest(new FastForestBinaryTrainer.Options
            {
                NumberOfTrees = 500,
                NumberOfLeaves = 64,
                MinimumExampleCountPerLeaf = 2,
                FeatureFraction = 1,
                FeatureFractionPerSplit = 5.0 / 30,
            });
            long begin = Stopwatch.GetTimestamp();
            ITransformer model = trainer.Fit(data);
            subject.Add(subject.Fit, begin, warm);
            using PredictionEngine<Example, Answer> engine = context.Model.CreatePredictionEngine<Example, Answer>(model);
            subject.Auc.Add(Metrics.RocAuc(rows[Training..].Select(r => (double)engine.Predict(r).Score).ToArray(), y.AsSpan(Training)));
            begin = Stopwatch.GetTimestamp();
            foreach (Example row in rows)
            {
                engine.Predict(row);
            }

            double all = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
            if (!warm)
            {
                subject.All.Add(all);
                subject.One.Add(all / rows.Length);
                subject.Throughput.Add(rows.Length * 1e9 / all);
            }
        };
        return subject;
    }

    internal sealed record Time(double Least, double Median);

    internal sealed record Row(string Who, string Model, int Jobs, Time Fit, Time All, Time One, double? Throughput, double? RocAuc);

    internal sealed record Table(IReadOnlyList<Row> Rows, string? Peer, string MicrosoftMl, string Runtime, int Cores, double Load);

    private sealed class Subject(string who, string model, int jobs)
    {
        public string Who => who;

        public Action<bool> MeasureRound { get; private set; } = _ => { };

        public Action<bool> Measure
        {
            set => MeasureRound = value;
        }

        public List<double> Fit { get; } = [];

        public List<double> All { get; } = [];

        public List<double> One { get; } = [];

        public List<double> Throughput { get; } = [];

        public List<double> Auc { get; } = [];

        public void Add(List<double> times, long begin, bool warm)
        {
            if (!warm)
            {
                times.Add(Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
            }
        }

        public Row ToRow() => new(who, model, jobs, Of(Fit), Of(All), Of(One), Throughput.Count == 0 ? null : Throughput.Max(), Auc.Count == 0 ? null : Auc.Average());

        private static Time Of(List<double> times)
        {
            double[] sorted = [.. times.Order()];
            return new Time(sorted[0], sorted[sorted.Length / 2]);
        }
    }

    private sealed class Example
    {
        [VectorType(30)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    private sealed class Answer
    {
        public float Score { get; set; }
    }
}
