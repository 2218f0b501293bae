namespace Phr.Ml.Learners;

/// <summary>
/// The dual problem of a support vector machine, solved two multipliers at a time: min ½ αᵀQα − Σα, yᵀα = 0, 0 ≤ αᵢ ≤ Cᵢ, Qᵢⱼ = yᵢyⱼK(xᵢ, xⱼ).
/// </summary>
/// <remarks>
/// Source: R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information for training support vector machines", JMLR 6
/// (2005), the method that LIBSVM (C.-C. Chang, C.-J. Lin; BSD-3-Clause) made known; written from the paper. No shrinking. Nothing is random.
/// </remarks>
internal static class SmoSolver
{
    private const double Tau = 1e-12;

    /// <summary>Solves, and returns yᵢαᵢ for each row and the bias b of f(x) = Σ yᵢαᵢK(xᵢ, x) + b.</summary>
    /// <param name="kernel">The kernel between the rows.</param>
    /// <param name="positive">Which rows are of the positive class.</param>
    /// <param name="bounds">Cᵢ.</param>
    /// <param name="tolerance">The largest violation of the conditions of optimality that is left.</param>
    /// <param name="cancellationToken">Looked at every thousand steps.</param>
    public static (double[] Coefficients, double Bias) Solve(KernelRows kernel, bool[] positive, double[] bounds, double tolerance, CancellationToken cancellationToken)
    {
        int n = positive.Length;
        double[] y = new double[n];
        double[] alpha = new double[n];

        // s[t] = −yₜ∇f(α)ₜ: all choices and the bias are made from it, and it moves by K alone.
        double[] s = new double[n];
        double[] diagonal = kernel.Diagonal;
        for (int t = 0; t < n; t++)
        {
            y[t] = positive[t] ? 1 : -1;
            s[t] = y[t];
        }

        long most = Math.Max(10_000_000L, 100L * n);
        for (long step = 0; step < most; step++)
        {
            if (step % 1000 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            int i = -1;
            double up = double.NegativeInfinity;
            for (int t = 0; t < n; t++)
            {
                if (s[t] > up && (y[t] > 0 ? alpha[t] < bounds[t] : alpha[t] > 0))
                {
                    up = s[t];
                    i = t;
                }
            }

            if (i < 0)
            {
                break;
            }

            double[] ki = kernel.Row(i);
            int j = -1;
            double low = double.PositiveInfinity;
            double best = 0;
            for (int t = 0; t < n; t++)
            {
                if (y[t] > 0 ? alpha[t] > 0 : alpha[t] < bounds[t])
                {
                    low = Math.Min(low, s[t]);
                    double b = up - s[t];
                    if (b > 0)
                    {
                        double a = diagonal[i] + diagonal[t] - (2 * ki[t]);
                        double gain = b * b / (a > 0 ? a : Tau);
                        if (gain > best)
                        {
                            best = gain;
                            j = t;
                        }
                    }
                }
            }

            if (j < 0 || up - low < tolerance)
            {
                break;
            }

            double[] kj = kernel.Row(j);
            double curvature = diagonal[i] + diagonal[j] - (2 * ki[j]);
            double move = (s[i] - s[j]) / (curvature > 0 ? curvature : Tau);

            // yᵢαᵢ grows by the move and yⱼαⱼ falls by it; neither multiplier may leave its box.
            double roomI = y[i] > 0 ? bounds[i] - alpha[i] : alpha[i];
            double roomJ = y[j] > 0 ? alpha[j] : bounds[j] - alpha[j];
            move = Math.Min(move, Math.Min(roomI, roomJ));
            alpha[i] = move == roomI ? (y[i] > 0 ? bounds[i] : 0) : alpha[i] + (y[i] * move);
            alpha[j] = move == roomJ ? (y[j] > 0 ? 0 : bounds[j]) : alpha[j] - (y[j] * move);
            for (int t = 0; t < n; t++)
            {
                s[t] -= move * (ki[t] - kj[t]);
            }
        }

        double[] coefficients = new double[n];
        for (int t = 0; t < n; t++)
        {
            coefficients[t] = y[t] * alpha[t];
        }

        return (coefficients, Bias(y, alpha, s, bounds));
    }

    private static double Bias(double[] y, double[] alpha, double[] s, double[] bounds)
    {
        double sum = 0;
        int free = 0;
        double upper = double.PositiveInfinity;
        double lower = double.NegativeInfinity;
        for (int t = 0; t < y.Length; t++)
        {
            bool atTop = alpha[t] >= bounds[t];
            bool atZero = alpha[t] <= 0;
            if (!atTop && !atZero)
            {
                sum += s[t];
                free++;
            }
            else if (atTop == (y[t] > 0))
            {
                // Cannot rise in yα: its s may be anything at or above the bias.
                upper = Math.Min(upper, s[t]);
            }
            else
            {
                lower = Math.Max(lower, s[t]);
            }
        }

        if (free > 0)
        {
            return sum / free;
        }

        return double.IsInfinity(upper) ? (double.IsInfinity(lower) ? 0 : lower) : double.IsInfinity(lower) ? upper : (upper + lower) / 2;
    }
}
