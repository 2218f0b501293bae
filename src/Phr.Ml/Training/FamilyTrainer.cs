using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Learners.MicrosoftMl;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>Trains one kind of model on some rows: chooses its hyper-parameters, and calibrates, on folds of these rows alone.</summary>
internal sealed class FamilyTrainer(Dataset data, TrainingOptions options)
{
    /// <summary>What training gives: the pipeline, what was chosen, and how good it was inside (for the choice among kinds).</summary>
    public sealed record Result(Pipeline Pipeline, Candidate Chosen, double[] Losses)
    {
        /// <summary>Whether the log-loss of the same rows is less by more than so many standard errors of the difference.</summary>
        public bool IsBetterThan(Result other, double standardErrors)
        {
            double[] gains = [.. other.Losses.Zip(Losses, (theirs, ours) => theirs - ours).Where(d => !double.IsNaN(d))];
            double mean = gains.Average();
            double deviation = Math.Sqrt(gains.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, gains.Length - 1));
            return mean > standardErrors * deviation / Math.Sqrt(gains.Length);
        }
    }

    private int Classes => data.Schema.Classes.Count;

    /// <summary>Trains on these rows.</summary>
    public Result Train(ReadOnlySpan<Candidate> candidates, int[] rows, ulong seed, CancellationToken cancellationToken)
    {
        Result? best = null;
        int[] y = Labels(rows);
        for (int i = 0; i < candidates.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Result one = Train(candidates[i], rows, y, RandomStream.DeriveSeed(seed, (ulong)i), candidates.Length > 1, cancellationToken);
            // The first candidate is what has proved itself elsewhere; another takes its place only if it is better by more than chance would have it.
            if (best is null || one.IsBetterThan(best, standardErrors: 2))
            {
                best = one;
            }
        }

        return best!.Pipeline.Scorer is Unfitted ? best with { Pipeline = Finish(best, rows, y, seed, cancellationToken) } : best;
    }

    private Result Train(Candidate candidate, int[] rows, int[] y, ulong seed, bool isOneOfSeveral, CancellationToken cancellationToken)
    {
        // A forest scores the rows that each tree left out; one that may also choose its columns must not have seen them for that.
        if (data.Groups.Length == 0 && candidate.Preparation.KeepBest == 0 && candidate.Learner is IOutOfBagLearner { LeavesRowsOut: true } forest)
        {
            Preprocessor preprocessor = Preprocessor.Fit(data, rows, candidate.Preparation);
            Matrix x = preprocessor.Transform(data, rows);
            IScorer scorer = forest.FitWithOutOfBag(x, y, Classes, Weights(y), seed, out Matrix outOfBag, cancellationToken);
            return Judge(candidate, preprocessor, scorer, outOfBag, y);
        }

        int[] folds = InnerFolds(rows, y, seed);
        int count = folds.Max() + 1;
        Matrix? held = null;
        bool areProbabilities = false;
        for (int f = 0; f < count; f++)
        {
            int[] training = [.. rows.Where((_, i) => folds[i] != f)];
            int[] trainingY = Labels(training);
            Preprocessor preprocessor = Preprocessor.Fit(data, training, candidate.Preparation);
            IScorer scorer = candidate.Learner.Fit(preprocessor.Transform(data, training), trainingY, Classes, Weights(trainingY), RandomStream.DeriveSeed(seed, (ulong)f + 1), cancellationToken);
            held ??= new Matrix(rows.Length, scorer.Scores);
            areProbabilities = scorer.AreProbabilities;
            double[] row = new double[preprocessor.Outputs];
            for (int i = 0; i < rows.Length; i++)
            {
                if (folds[i] == f)
                {
                    preprocessor.Transform(data.Row(rows[i]), row);
                    scorer.Score(row, held.Row(i));
                }
            }
        }

        var unfitted = new Unfitted(held!.Columns, areProbabilities);
        Result judged = Judge(candidate, null!, unfitted, held!, y);
        return isOneOfSeveral ? judged : judged with { Pipeline = Finish(judged, rows, y, seed, cancellationToken) };
    }

    private Pipeline Finish(Result result, int[] rows, int[] y, ulong seed, CancellationToken cancellationToken)
    {
        Preprocessor preprocessor = Preprocessor.Fit(data, rows, result.Chosen.Preparation);
        IScorer scorer = result.Chosen.Learner.Fit(preprocessor.Transform(data, rows), y, Classes, Weights(y), RandomStream.DeriveSeed(seed, 0), cancellationToken);
        return new Pipeline(preprocessor, scorer, result.Pipeline.Calibrator);
    }

    // Calibration counts people as they are, whatever the weights of learning.
    private Result Judge(Candidate candidate, Preprocessor preprocessor, IScorer scorer, Matrix held, int[] y)
    {
        ICalibrator calibrator = Calibrator(candidate, scorer.AreProbabilities, held, y);
        double[] losses = Losses(calibrator, held, y);
        return new Result(new Pipeline(preprocessor, scorer, calibrator), candidate, losses);
    }

    // Probabilities of a model that was fitted to log-loss stay as they are unless a calibration is worth its numbers, three for each score (Schwarz's criterion).
    private ICalibrator Calibrator(Candidate candidate, bool areProbabilities, Matrix held, int[] y)
    {
        if (candidate.Learner is PriorLearner || (areProbabilities && options.Calibration == CalibrationMethod.None))
        {
            return new IdentityCalibrator(held.Columns);
        }

        ICalibrator fitted = Calibration.Fit(options.Calibration == CalibrationMethod.None ? CalibrationMethod.Platt : options.Calibration, held, areProbabilities, y, []);
        // The shares of a forest are another thing: they may be exactly 0.
        bool isFittedToLogLoss = candidate.Learner is LogisticLearner or LbfgsLearner or MlpLearner or BlendLearner;
        if (!isFittedToLogLoss || options.Calibration != CalibrationMethod.Platt)
        {
            return fitted;
        }

        var identity = new IdentityCalibrator(held.Columns);
        double gain = Losses(identity, held, y).Where(l => !double.IsNaN(l)).Sum() - Losses(fitted, held, y).Where(l => !double.IsNaN(l)).Sum();
        return gain > 1.5 * held.Columns * Math.Log(y.Length) ? fitted : identity;
    }

    // Log-loss judges the probabilities that will be stated; the area under the curve would not tell candidates apart where it is near 1. NaN where a row has no held-out score.
    private static double[] Losses(ICalibrator calibrator, Matrix held, int[] y)
    {
        double[] losses = new double[held.Rows];
        double[] p = new double[held.Columns];
        for (int i = 0; i < losses.Length; i++)
        {
            if (double.IsNaN(held[i, 0]))
            {
                losses[i] = double.NaN;
                continue;
            }

            calibrator.Apply(held.Row(i), p);
            losses[i] = -Math.Log(Metrics.Clip(p.Length > 1 ? p[y[i]] : y[i] == 1 ? p[0] : 1 - p[0]));
        }

        return losses;
    }

    private int[] InnerFolds(int[] rows, int[] y, ulong seed)
    {
        ulong part = RandomStream.DeriveSeed(seed, 0xf01d);
        if (data.Groups.Length > 0)
        {
            int[] groups = [.. rows.Select(r => data.Groups[r])];
            return StratifiedFolds.CreateGrouped(y, groups, Math.Min(options.InnerFolds, groups.Distinct().Count()), part);
        }

        int least = y.GroupBy(c => c).Min(g => g.Count());
        return StratifiedFolds.Create(y, Math.Clamp(least, 2, options.InnerFolds), part);
    }

    private int[] Labels(int[] rows)
    {
        int[] y = new int[rows.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = data.Labels.Span[rows[i]];
        }

        return y;
    }

    private double[] Weights(int[] y)
    {
        if (options.Weighting == ClassWeighting.None)
        {
            return [];
        }

        double[] counts = new double[Classes];
        foreach (int c in y)
        {
            counts[c]++;
        }

        int present = counts.Count(c => c > 0);
        return [.. y.Select(c => y.Length / (present * counts[c]))];
    }

    /// <summary>Stands where a scorer will be once the candidate is chosen.</summary>
    private sealed class Unfitted(int scores, bool areProbabilities) : IScorer
    {
        public int Features => 0;

        public int Scores => scores;

        public bool AreProbabilities => areProbabilities;

        public void Score(ReadOnlySpan<double> row, Span<double> scores) => throw new InvalidOperationException("This candidate was not chosen.");

        public void Write(System.Formats.Cbor.CborWriter writer) => throw new InvalidOperationException("This candidate was not chosen.");
    }
}
