namespace Phr.Benchmarks.Measuring;

/// <summary>Welch's t of two growing samples of unequal variance. Means and variances by Welford's method.</summary>
internal sealed class WelchTest
{
    private readonly double[] _mean = new double[2];
    private readonly double[] _squares = new double[2];
    private readonly long[] _count = new long[2];

    public long Count => _count[0] + _count[1];

    public void Add(int sample, double value)
    {
        _count[sample]++;
        double delta = value - _mean[sample];
        _mean[sample] += delta / _count[sample];
        _squares[sample] += delta * (value - _mean[sample]);
    }

    /// <summary>(mean₀ - mean₁) / √(s₀²/n₀ + s₁²/n₁), or 0 while a sample is too small or does not vary.</summary>
    public double T
    {
        get
        {
            if (_count[0] < 2 || _count[1] < 2)
            {
                return 0;
            }

            double error = (_squares[0] / (_count[0] - 1) / _count[0]) + (_squares[1] / (_count[1] - 1) / _count[1]);
            return error > 0 ? (_mean[0] - _mean[1]) / Math.Sqrt(error) : 0;
        }
    }

    public double Difference => _mean[0] - _mean[1];
}
