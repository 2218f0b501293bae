using System.Diagnostics;
using System.Text.Json.Nodes;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Benchmarks;

/// <summary>How fitting grows with rows and with trees, on made-up rows of twenty features of which five say something.</summary>
internal static class GrowthSection
{
    public const string File = "growth.json";
    private const int Features = 20;
    private const int Unseen = 10_000;
    private const int TreesForRows = 20;

    public static void Measure(Run run)
    {
        var points = new List<Point>();
        Warm();
        int[] rows = run.Effort switch { Effort.Smoke => [1000], Effort.Quick => [1000, 10_000, 30_000], _ => [1000, 10_000, 100_000, 1_000_000] };
        foreach (int n in rows)
        {
            (Matrix x, int[] y) = MadeUp(n + Unseen);
            using var file = new RowFile(x, y);
            int rounds = n <= 10_000 ? 5 : n <= 100_000 ? 2 : 1;
            points.Add(Forest(run, "rows", n, TreesForRows, x, y, file, rounds));
            if (n <= (run.Effort == Effort.Full ? 10_000 : 1000))
            {
                points.Add(Svm(run, n, x, y));
            }

            run.Save(File, points);
        }

        (Matrix some, int[] classes) = MadeUp(2000 + Unseen);
        using var fixedRows = new RowFile(some, classes);
        foreach (int trees in run.Effort switch { Effort.Smoke => (int[])[10], Effort.Quick => [100, 300], _ => [100, 300, 1000, 3000] })
        {
            points.Add(Forest(run, "trees", 2000, trees, some, classes, fixedRows, rounds: run.Effort == Effort.Full ? 2 : 1));
            run.Save(File, points);
        }
    }

    // The first call of anything is compiled while it runs.
    private static void Warm()
    {
        (Matrix x, int[] y) = MadeUp(500);
        foreach (ILearner learner in (ILearner[])[new ForestLearner { Trees = 2, Threads = 2 }, new SvmLearner()])
        {
            Auc(learner.Fit(x, y, 2, default, 1, CancellationToken.None), x, y, 0);
        }
    }

    private static Point Forest(Run run, string what, int n, int trees, Matrix x, int[] y, RowFile file, int rounds)
    {
        Matrix training = x.Select([.. Enumerable.Range(0, n)]);
        var learner = new ForestLearner { Trees = trees, Threads = 2 };
        double ours = double.PositiveInfinity;
        double? theirs = null;
        double auc = 0;
        double? theirAuc = null;
        for (int round = 0; round < rounds; round++)
        {
            long begin = Stopwatch.GetTimestamp();
            IScorer scorer = learner.Fit(training, y.AsMemory(0, n), 2, default, (ulong)round, CancellationToken.None);
            ours = Math.Min(ours, Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
            auc += Auc(scorer, x, y, n) / rounds;
            if (run.Peer is { } peer)
            {
                // At a million rows one of one and two jobs is enough: two are faster.
                foreach (int jobs in n > 100_000 ? (int[])[2] : [1, 2])
                {
                    JsonNode answer = peer.Ask("fit", file.Request("random-forest", n, jobs, trees));
                    theirs = Math.Min(theirs ?? double.PositiveInfinity, answer["Nanoseconds"]!.GetValue<double>());
                    theirAuc = answer["RocAuc"]!.GetValue<double>();
                }
            }
        }

        Run.Progress($"growth: {n} rows, {trees} trees: {ours / 1e6:F0} ms beside {theirs / 1e6:F0} ms");
        return new Point(what, "random forest", n, trees, ours, theirs, auc, theirAuc);
    }

    private static Point Svm(Run run, int n, Matrix x, int[] y)
    {
        Matrix training = x.Select([.. Enumerable.Range(0, n)]);
        long begin = Stopwatch.GetTimestamp();
        IScorer scorer = new SvmLearner().Fit(training, y.AsMemory(0, n), 2, default, 1, CancellationToken.None);
        double ours = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
        double auc = Auc(scorer, x, y, n);
        double? theirs = null;
        if (run.Peer is { } peer)
        {
            using var exact = new RowFile(training, y[..n]);
            theirs = peer.Ask("fit", exact.Request("svm", n, 1, 1))["Nanoseconds"]!.GetValue<double>();
        }

        Run.Progress($"growth: SVM, {n} rows: {ours / 1e6:F0} ms beside {theirs / 1e6:F0} ms");
        return new Point("rows", "SVM (RBF)", n, 0, ours, theirs, auc, null);
    }

    private static double Auc(IScorer scorer, Matrix x, int[] y, int from)
    {
        double[] scores = new double[x.Rows - from];
        for (int i = from; i < x.Rows; i++)
        {
            scorer.Score(x.Row(i), scores.AsSpan(i - from, 1));
        }

        return Metrics.RocAuc(scores, y.AsSpan(from));
    }

    private static (Matrix X, int[] Y) MadeUp(int n)
    {
        var random = RandomStream.ForStream(99, 0);
        var x = new Matrix(n, Features);
        int[] y = new int[n];
        for (int i = 0; i < n; i++)
        {
            Span<double> row = x.Row(i);
            for (int c = 0; c < Features; c++)
            {
                row[c] = random.NextNormal();
            }

            double s = (1.5 * Math.Sin(2 * row[0])) + (row[1] * row[2]) + (row[3] > 0.5 ? 1 : -0.5) + (0.5 * row[4]);
            y[i] = random.NextDouble() < Vectors.Logistic(2 * s) ? 1 : 0;
        }

        return (x, y);
    }

    internal sealed record Point(string What, string Model, int Rows, int Trees, double Ours, double? Theirs, double RocAuc, double? TheirRocAuc);
}
