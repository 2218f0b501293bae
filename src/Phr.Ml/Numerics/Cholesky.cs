namespace Phr.Ml.Numerics;

/// <summary>Solves A x = b for a symmetric positive definite A.</summary>
internal static class Cholesky
{
    /// <summary>Replaces the lower half of <paramref name="a"/> by L with A = L Lᵀ; false where A is not positive definite.</summary>
    public static bool TryFactor(Matrix a)
    {
        int n = a.Rows;
        for (int i = 0; i < n; i++)
        {
            Span<double> row = a.Row(i);
            for (int j = 0; j <= i; j++)
            {
                double sum = row[j] - Vectors.Dot(row[..j], a.Row(j)[..j]);
                if (j < i)
                {
                    row[j] = sum / a[j, j];
                }
                else if (sum > 0)
                {
                    row[j] = Math.Sqrt(sum);
                }
                else
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Solves with the factor that <see cref="TryFactor"/> left, in place.</summary>
    public static void Solve(Matrix factor, Span<double> b)
    {
        int n = factor.Rows;
        for (int i = 0; i < n; i++)
        {
            b[i] = (b[i] - Vectors.Dot(factor.Row(i)[..i], b[..i])) / factor[i, i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            double sum = b[i];
            for (int j = i + 1; j < n; j++)
            {
                sum -= factor[j, i] * b[j];
            }

            b[i] = sum / factor[i, i];
        }
    }
}
