using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>The checks that every learner makes before it begins.</summary>
internal static class TrainingRows
{
    public static void Check(Matrix x, ReadOnlySpan<int> y, int classes, ReadOnlySpan<double> weights)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (x.Rows == 0 || x.Columns == 0)
        {
            throw new ArgumentException("There is nothing to learn from: no rows, or no features.", nameof(x));
        }

        if (y.Length != x.Rows)
        {
            throw new ArgumentException($"There are {x.Rows} rows and {y.Length} classes.", nameof(y));
        }

        if (weights.Length != 0 && weights.Length != x.Rows)
        {
            throw new ArgumentException($"There are {x.Rows} rows and {weights.Length} weights.", nameof(weights));
        }

        foreach (int c in y)
        {
            if (c < 0 || c >= classes)
            {
                throw new ArgumentException($"A class is {c}; it must be from 0 to {classes - 1}.", nameof(y));
            }
        }

        foreach (double w in weights)
        {
            if (!(w > 0) || double.IsInfinity(w))
            {
                throw new ArgumentException("A weight is not a positive number.", nameof(weights));
            }
        }

        foreach (double v in x.Values)
        {
            if (!double.IsFinite(v))
            {
                throw new ArgumentException("A value is not finite: impute before learning.", nameof(x));
            }
        }
    }

    /// <summary>The weight of the rows of each class.</summary>
    public static double[] ClassWeights(ReadOnlySpan<int> y, int classes, ReadOnlySpan<double> weights)
    {
        double[] sums = new double[classes];
        for (int i = 0; i < y.Length; i++)
        {
            sums[y[i]] += weights.IsEmpty ? 1 : weights[i];
        }

        return sums;
    }
}
