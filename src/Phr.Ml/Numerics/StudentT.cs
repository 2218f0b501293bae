namespace Phr.Ml.Numerics;

/// <summary>Student's distribution.</summary>
internal static class StudentT
{
    /// <summary>The probability of a value above <paramref name="t"/>.</summary>
    public static double UpperTail(double t, double freedom)
    {
        double half = 0.5 * IncompleteBeta(freedom / (freedom + (t * t)), freedom / 2, 0.5);
        return t >= 0 ? half : 1 - half;
    }

    /// <summary>The value that is not exceeded with probability <paramref name="p"/>, between 0 and 1.</summary>
    public static double Quantile(double p, double freedom)
    {
        if (p < 0.5)
        {
            return -Quantile(1 - p, freedom);
        }

        double low = 0;
        double high = 1;
        while (UpperTail(high, freedom) > 1 - p && high < 1e12)
        {
            high *= 2;
        }

        for (int i = 0; i < 200 && low < high; i++)
        {
            double middle = (low + high) / 2;
            if (middle == low || middle == high)
            {
                break;
            }

            (low, high) = UpperTail(middle, freedom) > 1 - p ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    /// <summary>The regularised incomplete beta function I(x; a, b), by its continued fraction (Lentz's way of evaluating one).</summary>
    internal static double IncompleteBeta(double x, double a, double b)
    {
        if (x <= 0)
        {
            return 0;
        }

        if (x >= 1)
        {
            return 1;
        }

        double front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(x, a, b) / a : 1 - (front * Fraction(1 - x, b, a) / b);
    }

    private static double Fraction(double x, double a, double b)
    {
        const double tiny = 1e-300;
        double c = 1;
        double d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        double h = d;
        for (int m = 1; m < 10_000; m++)
        {
            double even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            h *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            double step = d * c;
            h *= step;
            if (Math.Abs(step - 1) < 1e-15)
            {
                break;
            }
        }

        return h;

        static double NotZero(double v) => Math.Abs(v) < tiny ? tiny : v;
    }

    /// <summary>ln Γ(x) for x > 0: Stirling's series, after moving x up to where it converges.</summary>
    internal static double LogGamma(double x)
    {
        double shift = 0;
        while (x < 15)
        {
            shift += Math.Log(x);
            x++;
        }

        double r = 1 / (x * x);
        double series = ((1.0 / 12) - (r * ((1.0 / 360) - (r * ((1.0 / 1260) - (r * ((1.0 / 1680) - (r / 1188)))))))) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }
}
