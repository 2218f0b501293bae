using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Learners;

/// <summary>
/// Judges a learner on given folds as the anchors were judged: median imputation, one-hot encoding and z-scores fitted in each fold, the area under the
/// curve as the mean over folds, log-loss and Brier likewise, the calibration error over all held-out rows together.
/// </summary>
internal sealed class CrossValidation
{
    public required double RocAuc { get; init; }

    public required double LogLoss { get; init; }

    public required double Brier { get; init; }

    public required double CalibrationError { get; init; }

    public required double Accuracy { get; init; }

    public override string ToString() => FormattableString.Invariant($"AUC {RocAuc:F4} log-loss {LogLoss:F4} Brier {Brier:F4} ECE {CalibrationError:F4} acc {Accuracy:F4}");

    public static CrossValidation Run(
        ILearner learner, CalibrationMethod calibration, Matrix x, int[] y, int[][] folds, int[]? categories = null, bool scale = true, ulong seed = 7)
    {
        int classes = y.Max() + 1;
        var parts = folds.SelectMany((fold, repeat) => fold.Distinct().Order().Select(f => (Fold: fold, Repeat: repeat, F: f))).ToArray();
        var results = new (Matrix P, int[] Y)[parts.Length];
        for (int part = 0; part < parts.Length; part++)
        {
            (int[] fold, int repeat, int f) = parts[part];
            int[] train = [.. Enumerable.Range(0, x.Rows).Where(i => fold[i] != f)];
            int[] test = [.. Enumerable.Range(0, x.Rows).Where(i => fold[i] == f)];
            (Matrix trainX, Matrix testX) = Prepare(x.Select(train), x.Select(test), categories ?? [], scale);
            int[] trainY = [.. train.Select(i => y[i])];
            ulong foldSeed = RandomStream.DeriveSeed(seed, (ulong)part);
            (IScorer scorer, ICalibrator calibrator) = Fit(learner, calibration, trainX, trainY, classes, foldSeed);
            var p = new Matrix(test.Length, scorer.Scores);
            for (int i = 0; i < test.Length; i++)
            {
                scorer.Score(testX.Row(i), p.Row(i));
                calibrator.Apply(p.Row(i), p.Row(i));
            }

            results[part] = (p, [.. test.Select(i => y[i])]);
        }

        DiagnosisMetrics[] each = [.. results.Select(r => DiagnosisMetrics.Compute(r.P, r.Y))];
        var all = new Matrix(results.Sum(r => r.P.Rows), results[0].P.Columns, [.. results.SelectMany(r => r.P.Values.ToArray())]);
        return new CrossValidation
        {
            RocAuc = each.Average(m => m.RocAuc),
            LogLoss = each.Average(m => m.LogLoss),
            Brier = each.Average(m => m.Brier),
            CalibrationError = DiagnosisMetrics.Compute(all, [.. results.SelectMany(r => r.Y)]).CalibrationError,
            Accuracy = each.Average(m => m.Accuracy),
        };
    }

    public static (IScorer Scorer, ICalibrator Calibrator) Fit(ILearner learner, CalibrationMethod calibration, Matrix x, int[] y, int classes, ulong seed)
    {
        if (calibration == CalibrationMethod.None)
        {
            IScorer plain = learner.Fit(x, y, classes, default, seed, CancellationToken.None);
            return (plain, new IdentityCalibrator(plain.Scores));
        }

        Matrix held = Calibration.HeldOutScores(learner, x, y, classes, default, default, 5, seed, CancellationToken.None);
        IScorer scorer = learner.Fit(x, y, classes, default, seed, CancellationToken.None);
        return (scorer, Calibration.Fit(calibration, held, scorer.AreProbabilities, y, default));
    }

    public static (Matrix Train, Matrix Test) Prepare(Matrix train, Matrix test, int[] categories, bool scale)
    {
        var columns = new List<Func<Matrix, int, double>>();
        for (int c = 0; c < train.Columns; c++)
        {
            int column = c;
            double[] known = [.. Enumerable.Range(0, train.Rows).Select(i => train[i, column]).Where(v => !double.IsNaN(v)).Order()];
            if (categories.Contains(c))
            {
                double mode = known.GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
                double[] levels = [.. known.Distinct()];
                columns.AddRange(levels.Select(level => (Func<Matrix, int, double>)((m, i) => (double.IsNaN(m[i, column]) ? mode : m[i, column]) == level ? 1 : 0)));
            }
            else
            {
                double median = known.Length % 2 == 1 ? known[known.Length / 2] : (known[(known.Length / 2) - 1] + known[known.Length / 2]) / 2;
                columns.Add((m, i) => double.IsNaN(m[i, column]) ? median : m[i, column]);
            }
        }

        var a = new Matrix(train.Rows, columns.Count);
        var b = new Matrix(test.Rows, columns.Count);
        for (int c = 0; c < columns.Count; c++)
        {
            double mean = 0;
            for (int i = 0; i < a.Rows; i++)
            {
                a[i, c] = columns[c](train, i);
                mean += a[i, c] / a.Rows;
            }

            double variance = 0;
            for (int i = 0; i < a.Rows; i++)
            {
                variance += (a[i, c] - mean) * (a[i, c] - mean) / a.Rows;
            }

            double deviation = scale && variance > 0 ? Math.Sqrt(variance) : 1;
            mean = scale ? mean : 0;
            for (int i = 0; i < a.Rows; i++)
            {
                a[i, c] = (a[i, c] - mean) / deviation;
            }

            for (int i = 0; i < b.Rows; i++)
            {
                b[i, c] = (columns[c](test, i) - mean) / deviation;
            }
        }

        return (a, b);
    }
}
