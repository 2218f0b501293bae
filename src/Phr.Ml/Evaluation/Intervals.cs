using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>Ranges round measured numbers.</summary>
internal static class Intervals
{
    /// <summary>
    /// The mean over folds, with Student's range, its variance corrected for training sets that share rows: (1/k + test/train) · s².
    /// </summary>
    /// <remarks>Source: C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine Learning 52 (2003).</remarks>
    public static MetricInterval OfFolds(ReadOnlySpan<double> values, double testToTrain, double level = 0.95)
    {
        (double mean, double error) = CorrectedError(values, testToTrain);
        double half = values.Length > 1 && error > 0 ? error * StudentT.Quantile(0.5 + (level / 2), values.Length - 1) : 0;
        return new MetricInterval { Value = mean, Lower = mean - half, Upper = mean + half, Level = level };
    }

    /// <summary>The percentile range of a measure over samples of the rows with replacement; samples for which it is NaN do not count.</summary>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="groups">The person of each row, who is drawn with all rows or not at all; empty where each row is a person.</param>
    /// <param name="measure">The measure over the rows of the given numbers.</param>
    /// <param name="resamples">How many samples.</param>
    /// <param name="level">How often the range shall hold the true number.</param>
    /// <param name="seed">Decides the samples.</param>
    /// <param name="cancellationToken">Looked at before each sample.</param>
    public static MetricInterval Bootstrap(
        int rows, ReadOnlySpan<int> groups, Func<int[], double> measure, int resamples, double level, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        int[] all = [.. Enumerable.Range(0, rows)];
        int[][] units;
        if (groups.IsEmpty)
        {
            units = [];
        }
        else
        {
            int[] of = groups.ToArray();
            units = [.. all.GroupBy(i => of[i]).Select(g => g.ToArray())];
        }

        double[] results = new double[resamples];
        Parallel.For(0, resamples, new ParallelOptions { CancellationToken = cancellationToken }, r =>
        {
            var random = RandomStream.ForStream(seed, (ulong)r);
            int[] sample;
            if (units.Length == 0)
            {
                sample = new int[rows];
                for (int i = 0; i < rows; i++)
                {
                    sample[i] = random.NextInt(rows);
                }
            }
            else
            {
                sample = [.. Enumerable.Range(0, units.Length).SelectMany(_ => units[random.NextInt(units.Length)])];
            }

            results[r] = measure(sample);
        });
        double[] sorted = [.. results.Where(v => !double.IsNaN(v)).Order()];
        double value = measure(all);
        return sorted.Length == 0
            ? new MetricInterval { Value = value, Lower = double.NaN, Upper = double.NaN, Level = level }
            : new MetricInterval { Value = value, Lower = Percentile(sorted, (1 - level) / 2), Upper = Percentile(sorted, (1 + level) / 2), Level = level };
    }

    internal static (double Mean, double Error) CorrectedError(ReadOnlySpan<double> values, double testToTrain)
    {
        double mean = 0;
        foreach (double v in values)
        {
            mean += v / values.Length;
        }

        double squares = 0;
        foreach (double v in values)
        {
            squares += (v - mean) * (v - mean);
        }

        double variance = values.Length > 1 ? squares / (values.Length - 1) : 0;
        return (mean, Math.Sqrt(variance * ((1.0 / values.Length) + testToTrain)));
    }

    private static double Percentile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
