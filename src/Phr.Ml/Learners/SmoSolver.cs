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

        // Which yα may still grow, and which may still fall: only the two that were moved can change.
        bool[] canRise = new bool[n];
        bool[] canFall = new bool[n];
        int i = -1;
        for (int t = 0; t < n; t++)
        {
            canRise[t] = y[t] > 0;
            canFall[t] = y[t] < 0;
            if (canRise[t] && (i < 0 || s[t] > s[i]))
            {
                i = t;
            }
        }

        long most = Math.Max(10_000_000L, 100L * n);
        for (long step = 0; step < most && i >= 0; step++)
        {
            if (step % 1000 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            double up = s[i];
            double[] ki = kernel.Row(i);
            int j = -1;
            double low = double.PositiveInfinity;
            double best = 0;
            double own = diagonal[i];
            for (int t = 0; t < ki.Length; t++)
            {
                if (canFall[t])
                {
                    double st = s[t];
                    low = st < low ? st : low;
                    double b = up - st;
                    if (b > 0)
                    {
                        double a = own + diagonal[t] - (2 * ki[t]);
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
            foreach (int moved in (ReadOnlySpan<int>)[i, j])
            {
                canRise[moved] = y[moved] > 0 ? alpha[moved] < bounds[moved] : alpha[moved] > 0;
                canFall[moved] = y[moved] > 0 ? alpha[moved] > 0 : alpha[moved] < bounds[moved];
            }

            // Follows the move, and on the way finds what may rise and most wants to: the first of the next pair.
            i = -1;
            double highest = double.NegativeInfinity;
            for (int t = 0; t < s.Length; t++)
            {
                double st = s[t] - (move * (ki[t] - kj[t]));
                s[t] = st;
                if (canRise[t] && st > highest)
                {
                    highest = st;
                    i = t;
                }
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
