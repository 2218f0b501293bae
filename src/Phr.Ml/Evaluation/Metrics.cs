namespace Phr.Ml.Evaluation;

/// <summary>Measures of predictions for two classes, 1 being the disease. What needs a class that no row has is NaN.</summary>
internal static class Metrics
{
    public const int Bins = 10;

    private const double Least = 1.0 / (1L << 52);

    public static double Clip(double p) => Math.Clamp(p, Least, 1 - Least);

    /// <summary>The share of pairs of a diseased and a healthy row in which the diseased has the higher score; equal scores count half.</summary>
    public static double RocAuc(ReadOnlySpan<double> scores, ReadOnlySpan<int> y)
    {
        (double[] s, int[] c) = Sorted(scores, y);
        double above = 0;
        long healthy = 0;
        for (int i = 0; i < s.Length;)
        {
            int end = i;
            long h = 0;
            long d = 0;
            for (; end < s.Length && s[end] == s[i]; end++)
            {
                h += 1 - c[end];
                d += c[end];
            }

            above += d * (healthy + (0.5 * h));
            healthy += h;
            i = end;
        }

        return above / ((double)healthy * (s.Length - healthy));
    }

    /// <summary>Average precision: Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ over falling thresholds.</summary>
    public static double PrAuc(ReadOnlySpan<double> scores, ReadOnlySpan<int> y)
    {
        (double[] s, int[] c) = Sorted(scores, y);
        long all = c.Sum();
        long found = 0;
        double area = 0;
        for (int i = s.Length - 1; i >= 0;)
        {
            int end = i;
            long d = 0;
            for (; end >= 0 && s[end] == s[i]; end--)
            {
                d += c[end];
            }

            found += d;
            area += (double)d / all * ((double)found / (s.Length - 1 - end));
            i = end;
        }

        return all == 0 ? double.NaN : area;
    }

    /// <summary>The mean of −ln of the probability of what came.</summary>
    public static double LogLoss(ReadOnlySpan<double> p, ReadOnlySpan<int> y)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double q = Clip(p[i]);
            sum -= y[i] == 1 ? Math.Log(q) : Math.Log(1 - q);
        }

        return sum / p.Length;
    }

    /// <summary>The mean of the squared difference between the probability and what came.</summary>
    public static double Brier(ReadOnlySpan<double> p, ReadOnlySpan<int> y)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            sum += (p[i] - y[i]) * (p[i] - y[i]);
        }

        return sum / p.Length;
    }

    /// <summary>The expected calibration error over ten equal ranges.</summary>
    public static double CalibrationError(ReadOnlySpan<double> p, ReadOnlySpan<int> y)
    {
        double sum = 0;
        foreach (ReliabilityBin bin in Reliability(p, y))
        {
            sum += bin.Rows == 0 ? 0 : bin.Rows * Math.Abs(bin.MeanPredicted - bin.Observed);
        }

        return sum / p.Length;
    }

    /// <summary>What was promised and what came, in ten equal ranges of probability.</summary>
    public static ReliabilityBin[] Reliability(ReadOnlySpan<double> p, ReadOnlySpan<int> y)
    {
        int[] rows = new int[Bins];
        double[] promised = new double[Bins];
        double[] came = new double[Bins];
        for (int i = 0; i < p.Length; i++)
        {
            int bin = Math.Clamp((int)(p[i] * Bins), 0, Bins - 1);
            rows[bin]++;
            promised[bin] += p[i];
            came[bin] += y[i];
        }

        var bins = new ReliabilityBin[Bins];
        for (int b = 0; b < Bins; b++)
        {
            bins[b] = new ReliabilityBin
            {
                Lower = (double)b / Bins,
                Upper = (double)(b + 1) / Bins,
                Rows = rows[b],
                MeanPredicted = promised[b] / rows[b],
                Observed = came[b] / rows[b],
            };
        }

        return bins;
    }

    /// <summary>The ROC curve from (0, 0) to (1, 1), one point for each different score.</summary>
    public static CurvePoint[] RocCurve(ReadOnlySpan<double> scores, ReadOnlySpan<int> y)
    {
        double diseased = 0;
        foreach (int c in y)
        {
            diseased += c;
        }

        double healthy = y.Length - diseased;
        return Curve(scores, y, (found, called) => new CurvePoint { X = (called - found) / healthy, Y = found / diseased });
    }

    /// <summary>The precision-recall curve, one point for each different score, from recall 0 (where precision is said to be 1).</summary>
    public static CurvePoint[] PrCurve(ReadOnlySpan<double> scores, ReadOnlySpan<int> y)
    {
        double diseased = 0;
        foreach (int c in y)
        {
            diseased += c;
        }

        return Curve(scores, y, (found, called) => new CurvePoint { X = found / diseased, Y = called == 0 ? 1 : found / called });
    }

    private static CurvePoint[] Curve(ReadOnlySpan<double> scores, ReadOnlySpan<int> y, Func<double, double, CurvePoint> point)
    {
        (double[] s, int[] c) = Sorted(scores, y);
        var points = new List<CurvePoint> { point(0, 0) with { Threshold = double.PositiveInfinity } };
        long found = 0;
        for (int i = s.Length - 1; i >= 0; i--)
        {
            found += c[i];
            if (i == 0 || s[i - 1] != s[i])
            {
                points.Add(point(found, s.Length - i) with { Threshold = s[i] });
            }
        }

        return [.. points];
    }

    private static (double[] Scores, int[] Classes) Sorted(ReadOnlySpan<double> scores, ReadOnlySpan<int> y)
    {
        double[] s = scores.ToArray();
        int[] c = y.ToArray();
        Array.Sort(s, c);
        return (s, c);
    }
}
