using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml;

/// <summary>Two models judged on the same rows: how far apart they are, and whether that may be chance. Immutable.</summary>
public sealed class PairedComparison
{
    private PairedComparison(MetricInterval difference, double pValue, string method)
    {
        Difference = difference;
        PValue = pValue;
        Method = method;
    }

    /// <summary>The measure of the first model less that of the second, with its range: where 0 is in the range, the models may be equally good.</summary>
    public MetricInterval Difference { get; }

    /// <summary>How likely a difference this large would be between equally good models. 1 means no difference at all.</summary>
    public double PValue { get; }

    /// <summary>How the two were compared, in words.</summary>
    public string Method { get; }

    /// <summary>Compares the measures of two models fold by fold, by Student's test with the variance corrected for training sets that share rows (Nadeau and Bengio).</summary>
    internal static PairedComparison CorrectedT(ReadOnlySpan<double> first, ReadOnlySpan<double> second, double testToTrain, double level = 0.95)
    {
        if (first.Length != second.Length || first.Length < 2)
        {
            throw new ArgumentException("Two models are compared over the same folds, at least two.", nameof(second));
        }

        double[] differences = new double[first.Length];
        for (int i = 0; i < differences.Length; i++)
        {
            differences[i] = first[i] - second[i];
        }

        MetricInterval interval = Intervals.OfFolds(differences, testToTrain, level);
        (double mean, double error) = Intervals.CorrectedError(differences, testToTrain);
        double p = error > 0 ? 2 * StudentT.UpperTail(Math.Abs(mean) / error, differences.Length - 1) : mean == 0 ? 1 : 0;
        return new PairedComparison(interval, p, $"Student's t over {differences.Length} folds, corrected for shared training rows (Nadeau and Bengio)");
    }

    /// <summary>Compares over samples of the rows with replacement, both models on the same samples.</summary>
    internal static PairedComparison Bootstrap(
        int rows, ReadOnlySpan<int> groups, Func<int[], double> first, Func<int[], double> second, int resamples, double level, ulong seed, CancellationToken cancellationToken)
    {
        int below = 0;
        int above = 0;
        int counted = 0;
        int at = 0;
        MetricInterval interval = Intervals.Bootstrap(
            rows,
            groups,
            sample =>
            {
                double d = first(sample) - second(sample);

                // The last call is over the rows themselves, and is not a sample.
                if (Interlocked.Increment(ref at) <= resamples && !double.IsNaN(d))
                {
                    Interlocked.Increment(ref counted);
                    if (d <= 0)
                    {
                        Interlocked.Increment(ref below);
                    }

                    if (d >= 0)
                    {
                        Interlocked.Increment(ref above);
                    }
                }

                return d;
            },
            resamples,
            level,
            seed,
            cancellationToken);
        double p = counted == 0 ? 1 : Math.Min(1, 2.0 * (Math.Min(below, above) + 1) / (counted + 1));
        return new PairedComparison(interval, p, $"paired bootstrap of {resamples} samples");
    }
}
