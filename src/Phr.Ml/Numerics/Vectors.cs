using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Phr.Ml.Numerics;

/// <summary>
/// Sums over rows of numbers. The order of the additions is fixed: four lanes on every machine, whatever its vector width, so
/// that the last digit does not depend on the processor.
/// </summary>
internal static class Vectors
{
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector256<double> sum = default;
        ref double ra = ref MemoryMarshal.GetReference(a);
        ref double rb = ref MemoryMarshal.GetReference(b);
        int n = Math.Min(a.Length, b.Length);
        int i = 0;
        for (; i + 4 <= n; i += 4)
        {
            sum += Vector256.LoadUnsafe(ref ra, (nuint)i) * Vector256.LoadUnsafe(ref rb, (nuint)i);
        }

        double result = sum[0] + sum[1] + (sum[2] + sum[3]);
        for (; i < n; i++)
        {
            result += a[i] * b[i];
        }

        return result;
    }

    public static double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector256<double> sum = default;
        ref double ra = ref MemoryMarshal.GetReference(a);
        ref double rb = ref MemoryMarshal.GetReference(b);
        int n = Math.Min(a.Length, b.Length);
        int i = 0;
        for (; i + 4 <= n; i += 4)
        {
            Vector256<double> d =
                Vector256.LoadUnsafe(ref ra, (nuint)i) - Vector256.LoadUnsafe(ref rb, (nuint)i);
            sum += d * d;
        }

        double result = sum[0] + sum[1] + (sum[2] + sum[3]);
        for (; i < n; i++)
        {
            double d = a[i] - b[i];
            result += d * d;
        }

        return result;
    }

    /// <summary>Adds <paramref name="factor"/> times <paramref name="a"/> to <paramref name="target"/>.</summary>
    public static void AddScaled(Span<double> target, ReadOnlySpan<double> a, double factor)
    {
        int n = Math.Min(a.Length, target.Length);
        int i = 0;
        if (n >= 4)
        {
            Vector256<double> f = Vector256.Create(factor);
            ref double ra = ref MemoryMarshal.GetReference(a);
            ref double rt = ref MemoryMarshal.GetReference(target);
            for (; i + 4 <= n; i += 4)
            {
                Vector256<double> t =
                    Vector256.LoadUnsafe(ref rt, (nuint)i) + (f * Vector256.LoadUnsafe(ref ra, (nuint)i));
                Vector256.StoreUnsafe(t, ref rt, (nuint)i);
            }
        }

        for (; i < n; i++)
        {
            target[i] += factor * a[i];
        }
    }

    /// <summary>1 / (1 + e⁻ˢ), without overflow for any finite s.</summary>
    public static double Logistic(double s)
    {
        if (s >= 0)
        {
            return 1 / (1 + Math.Exp(-s));
        }

        double e = Math.Exp(s);
        return e / (1 + e);
    }

    /// <summary>Makes scores into probabilities that sum to one: e^sₖ / Σ e^sⱼ.</summary>
    public static void Softmax(Span<double> scores)
    {
        double largest = double.NegativeInfinity;
        foreach (double s in scores)
        {
            largest = Math.Max(largest, s);
        }

        double sum = 0;
        for (int k = 0; k < scores.Length; k++)
        {
            scores[k] = Math.Exp(scores[k] - largest);
            sum += scores[k];
        }

        for (int k = 0; k < scores.Length; k++)
        {
            scores[k] /= sum;
        }
    }
}
