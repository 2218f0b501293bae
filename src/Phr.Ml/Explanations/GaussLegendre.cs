namespace Phr.Ml.Explanations;

/// <summary>Gauss–Legendre quadrature over [0, 1]: with n points, exact for polynomials up to degree 2n − 1.</summary>
internal sealed class GaussLegendre
{
    /// <summary>More points than this are not used: smooth integrands need no more for the last digit.</summary>
    public const int MostPoints = 32;

    private static readonly GaussLegendre[] _rules = [.. Enumerable.Range(1, MostPoints).Select(n => new GaussLegendre(n))];

    private readonly double[] _points;
    private readonly double[] _weights;

    // Filled up with points of no weight to whole vectors of four.
    private GaussLegendre(int n)
    {
        _points = new double[(n + 3) & ~3];
        _weights = new double[_points.Length];
        for (int i = 0; i < n; i++)
        {
            // A root of the Legendre polynomial Pₙ by Newton's method, from Tricomi's first guess.
            double z = Math.Cos(Math.PI * (i + 0.75) / (n + 0.5));
            double slope = 1;
            for (int step = 0; step < 100; step++)
            {
                (double value, slope) = Legendre(n, z);
                double move = value / slope;
                z -= move;
                if (Math.Abs(move) < 1e-16)
                {
                    break;
                }
            }

            slope = Legendre(n, z).Slope;
            _points[i] = (1 + z) / 2;
            _weights[i] = 1 / ((1 - (z * z)) * slope * slope);
        }
    }

    /// <summary>The points; as many as a multiple of four.</summary>
    public ReadOnlySpan<double> Points => _points;

    /// <summary>The weight of each point; 0 for those that only fill up.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>The smallest rule that integrates polynomials of the given degree exactly, or the largest there is.</summary>
    public static GaussLegendre ForDegree(int degree) => _rules[Math.Clamp((degree + 2) / 2, 1, MostPoints) - 1];

    private static (double Value, double Slope) Legendre(int n, double z)
    {
        double before = 1;
        double now = z;
        for (int k = 2; k <= n; k++)
        {
            (before, now) = (now, ((((2 * k) - 1) * z * now) - ((k - 1) * before)) / k);
        }

        return (now, n * ((z * now) - before) / ((z * z) - 1));
    }
}
