namespace Phr.Benchmarks.Measuring;

internal static class Statistics
{
    /// <summary>The quantile of sorted numbers, by linear interpolation.</summary>
    public static double Quantile(ReadOnlySpan<double> sorted, double q)
    {
        double place = q * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return Quantile(sorted, 0.5);
    }
}
