using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>Fits calibrators, to scores of rows that the model has not seen.</summary>
internal static class Calibration
{
    /// <summary>Fits to held-out scores; rows with a score that is NaN (in every bag of a forest) are left out.</summary>
    /// <param name="method">How. Platt means the beta curve where the scores are probabilities already, and the weighted softmax for more than two classes.</param>
    /// <param name="scores">One row of scores per row.</param>
    /// <param name="areProbabilities">Whether the scores are probabilities already.</param>
    /// <param name="y">The true classes.</param>
    /// <param name="weights">The weight of each row, or empty.</param>
    /// <exception cref="ArgumentException">Isotonic regression of fewer than 1,000 rows, or of more than two classes; or none, of scores that are no probabilities.</exception>
    public static ICalibrator Fit(CalibrationMethod method, Matrix scores, bool areProbabilities, ReadOnlySpan<int> y, ReadOnlySpan<double> weights)
    {
        if (method == CalibrationMethod.None)
        {
            return areProbabilities
                ? new IdentityCalibrator(scores.Columns)
                : throw new ArgumentException("The scores of this model are no probabilities: it has to be calibrated.", nameof(method));
        }

        int[] rows = [.. Enumerable.Range(0, scores.Rows).Where(i => !double.IsNaN(scores[i, 0]))];
        if (rows.Length != scores.Rows)
        {
            int[] allY = y.ToArray();
            double[] allWeights = weights.ToArray();
            scores = scores.Select(rows);
            y = rows.Select(i => allY[i]).ToArray();
            weights = weights.IsEmpty ? [] : rows.Select(i => allWeights[i]).ToArray();
        }

        if (method == CalibrationMethod.Isotonic)
        {
            return scores.Columns > 1
                ? throw new ArgumentException("Isotonic regression is for two classes.", nameof(method))
                : rows.Length < IsotonicCalibrator.LeastRows
                ? throw new ArgumentException($"Isotonic regression wants at least {IsotonicCalibrator.LeastRows} rows; there are {rows.Length}.", nameof(method))
                : IsotonicCalibrator.Fit(scores.Values, y, weights);
        }

        return scores.Columns > 1
            ? SoftmaxCalibrator.Fit(scores, y, weights, areProbabilities)
            : areProbabilities
            ? BetaCalibrator.Fit(scores.Values, y, weights)
            : PlattCalibrator.Fit(scores.Values, y, weights);
    }

    /// <summary>
    /// Scores each row by a model that has not seen it: out of bag where the learner leaves rows out by itself (and no person has several rows), else
    /// by stratified folds. Groups name the person of each row, whose rows stay in one fold; empty where each row is a person. Of the folds, fewer are
    /// made where a class has fewer rows, or there are fewer people.
    /// </summary>
    public static Matrix HeldOutScores(
        ILearner learner, Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ReadOnlyMemory<int> groups, int folds, ulong seed, CancellationToken cancellationToken)
    {
        if (groups.IsEmpty && learner is IOutOfBagLearner { LeavesRowsOut: true } forest)
        {
            forest.FitWithOutOfBag(x, y, classes, weights, seed, out Matrix outOfBag, cancellationToken);
            return outOfBag;
        }

        return FoldScores(learner, x, y, classes, weights, groups, folds, seed, cancellationToken);
    }

    /// <summary>Scores each row by a model that was fitted without its fold.</summary>
    public static Matrix FoldScores(
        ILearner learner, Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ReadOnlyMemory<int> groups, int folds, ulong seed, CancellationToken cancellationToken)
    {
        int[] counts = new int[classes];
        foreach (int c in y.Span)
        {
            counts[c]++;
        }

        int most = groups.IsEmpty ? counts.Where(c => c > 0).Min() : groups.ToArray().Distinct().Count();
        folds = Math.Min(folds, Math.Max(2, most));
        int[] foldOf = groups.IsEmpty
            ? StratifiedFolds.Create(y.Span, folds, RandomStream.DeriveSeed(seed, 1))
            : StratifiedFolds.CreateGrouped(y.Span, groups.Span, folds, RandomStream.DeriveSeed(seed, 1));
        var scores = new Matrix(x.Rows, classes == 2 ? 1 : classes);
        for (int f = 0; f < folds; f++)
        {
            int[] train = [.. Enumerable.Range(0, x.Rows).Where(i => foldOf[i] != f)];
            int[] trainY = [.. train.Select(i => y.Span[i])];
            double[] trainWeights = weights.IsEmpty ? [] : [.. train.Select(i => weights.Span[i])];
            IScorer scorer = learner.Fit(x.Select(train), trainY, classes, trainWeights, RandomStream.DeriveSeed(seed, (ulong)(f + 2)), cancellationToken);
            for (int i = 0; i < x.Rows; i++)
            {
                if (foldOf[i] == f)
                {
                    scorer.Score(x.Row(i), scores.Row(i));
                }
            }
        }

        return scores;
    }
}
