using System.Globalization;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>
/// Logistic regression, drawn towards zero by the squares of the weights: min ½‖w‖² + C Σ −ln p(yᵢ); for more than two classes the multinomial form.
/// The bias is not drawn.
/// </summary>
/// <remarks>
/// Wants features of like scale (z-scores). Newton's method for two classes, which ends at the one minimum to the last digits; where there are more
/// features than rows it works in the space that the rows span. For more classes, limited-memory BFGS to a tight tolerance. Nothing is random.
/// </remarks>
internal sealed record LogisticLearner : ILearner
{
    /// <summary>How much fitting the rows counts against small weights; 1 by default.</summary>
    public double C { get; init; } = 1;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"logistic regression (C = {C})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(C);
        double[] prices = new double[x.Rows];
        for (int i = 0; i < prices.Length; i++)
        {
            prices[i] = C * (weights.IsEmpty ? 1 : weights.Span[i]);
        }

        if (classes > 2)
        {
            return Multinomial(x, y.ToArray(), classes, prices, cancellationToken);
        }

        if (x.Columns <= x.Rows)
        {
            (double[] w, double bias) = Newton(x, y.Span, prices, cancellationToken);
            return new LinearScorer(new Matrix(1, w.Length, w), [bias], ScoreLink.Logistic);
        }

        return InTheSpanOfTheRows(x, y.Span, prices, cancellationToken);
    }

    // The weights are a combination of the rows, w = Xᵀa. With X Xᵀ = L Lᵀ, the rows of L are the rows of X in turned axes: same lengths and angles, so
    // the same problem with as many features as rows.
    private static LinearScorer InTheSpanOfTheRows(Matrix x, ReadOnlySpan<int> y, double[] prices, CancellationToken cancellationToken)
    {
        int n = x.Rows;
        var gram = new Matrix(n, n);
        double trace = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                gram[i, j] = Vectors.Dot(x.Row(i), x.Row(j));
            }

            trace += gram[i, i];
        }

        for (int i = 0; i < n; i++)
        {
            // Rows that depend on each other leave the matrix singular: by so little the weights do not change in any digit that matters.
            gram[i, i] += 1e-10 * Math.Max(trace / n, double.Epsilon);
        }

        if (trace == 0 || !Cholesky.TryFactor(gram))
        {
            (double[] none, double onlyBias) = Newton(new Matrix(n, 1), y, prices, cancellationToken);
            return new LinearScorer(new Matrix(1, x.Columns), [onlyBias + (0 * none[0])], ScoreLink.Logistic);
        }

        for (int i = 0; i < n; i++)
        {
            gram.Row(i)[(i + 1)..].Clear();
        }

        (double[] turned, double bias) = Newton(gram, y, prices, cancellationToken);

        // v = Lᵀa, so a = L⁻ᵀv, and w = Xᵀa.
        for (int i = n - 1; i >= 0; i--)
        {
            double sum = turned[i];
            for (int j = i + 1; j < n; j++)
            {
                sum -= gram[j, i] * turned[j];
            }

            turned[i] = sum / gram[i, i];
        }

        var weights = new Matrix(1, x.Columns);
        for (int i = 0; i < n; i++)
        {
            Vectors.AddScaled(weights.Row(0), x.Row(i), turned[i]);
        }

        return new LinearScorer(weights, [bias], ScoreLink.Logistic);
    }

    private static (double[] Weights, double Bias) Newton(Matrix x, ReadOnlySpan<int> y, double[] prices, CancellationToken cancellationToken)
    {
        int d = x.Columns;
        double[] v = new double[d + 1];
        double[] trial = new double[d + 1];
        double[] step = new double[d + 1];
        double[] slopes = new double[x.Rows];
        var hessian = new Matrix(d + 1, d + 1);
        double loss = Loss(x, y, prices, v);
        for (int iteration = 0; iteration < 200; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hessian.Values.Clear();
            v.CopyTo(step, 0);
            step[d] = 0;
            for (int j = 0; j < d; j++)
            {
                hessian[j, j] = 1;
            }

            hessian[d, d] = 1e-12;
            for (int i = 0; i < x.Rows; i++)
            {
                ReadOnlySpan<double> row = x.Row(i);
                double p = Vectors.Logistic(Vectors.Dot(row, v.AsSpan(0, d)) + v[d]);
                double g = prices[i] * (p - y[i]);
                double h = prices[i] * p * (1 - p);
                Vectors.AddScaled(step.AsSpan(0, d), row, g);
                step[d] += g;
                slopes[i] = h;
            }

            AddOuterProducts(hessian, x, slopes);
            double largest = 0;
            foreach (double g in step)
            {
                largest = Math.Max(largest, Math.Abs(g));
            }

            if (largest < 1e-9 || !Cholesky.TryFactor(hessian))
            {
                break;
            }

            double[] gradient = [.. step];
            Cholesky.Solve(hessian, step);
            double slope = Vectors.Dot(gradient, step);
            double size = 1;
            double next = double.NaN;
            for (; size > 1e-12; size /= 2)
            {
                for (int j = 0; j <= d; j++)
                {
                    trial[j] = v[j] - (size * step[j]);
                }

                next = Loss(x, y, prices, trial);
                if (next <= loss - (1e-4 * size * slope))
                {
                    break;
                }
            }

            if (!(next < loss))
            {
                break;
            }

            trial.CopyTo(v, 0);
            loss = next;
        }

        return (v[..d], v[d]);
    }

    // The lower half of Σ hᵢ (xᵢ, 1)(xᵢ, 1)ᵀ.
    private static void AddOuterProducts(Matrix hessian, Matrix x, double[] slopes)
    {
        int d = x.Columns;
        for (int i = 0; i < x.Rows; i++)
        {
            if (slopes[i] == 0)
            {
                continue;
            }

            ReadOnlySpan<double> row = x.Row(i);
            for (int j = 0; j < d; j++)
            {
                double factor = slopes[i] * row[j];
                if (factor != 0)
                {
                    Vectors.AddScaled(hessian.Row(j)[..(j + 1)], row[..(j + 1)], factor);
                }
            }

            Vectors.AddScaled(hessian.Row(d)[..d], row, slopes[i]);
            hessian[d, d] += slopes[i];
        }
    }

    private static double Loss(Matrix x, ReadOnlySpan<int> y, double[] prices, double[] v)
    {
        int d = x.Columns;
        ReadOnlySpan<double> w = v.AsSpan(0, d);
        double loss = 0.5 * Vectors.Dot(w, w);
        for (int i = 0; i < x.Rows; i++)
        {
            double s = Vectors.Dot(x.Row(i), w) + v[d];
            double miss = y[i] == 1 ? -s : s;
            loss += prices[i] * (miss > 0 ? miss + Math.Log(1 + Math.Exp(-miss)) : Math.Log(1 + Math.Exp(miss)));
        }

        return loss;
    }

    private static LinearScorer Multinomial(Matrix x, int[] y, int classes, double[] prices, CancellationToken cancellationToken)
    {
        int d = x.Columns;
        int size = d + 1;
        double[] v = new double[checked(classes * size)];
        double[] p = new double[classes];
        Lbfgs.Minimise(
            v,
            (point, gradient) =>
            {
                double loss = 0;
                for (int k = 0; k < classes; k++)
                {
                    ReadOnlySpan<double> w = point.AsSpan(k * size, d);
                    loss += 0.5 * Vectors.Dot(w, w);
                    w.CopyTo(gradient.AsSpan(k * size));
                    gradient[(k * size) + d] = 0;
                }

                for (int i = 0; i < y.Length; i++)
                {
                    ReadOnlySpan<double> row = x.Row(i);
                    for (int k = 0; k < classes; k++)
                    {
                        p[k] = Vectors.Dot(row, point.AsSpan(k * size, d)) + point[(k * size) + d];
                    }

                    Vectors.Softmax(p);
                    loss -= prices[i] * Math.Log(Math.Max(p[y[i]], double.Epsilon));
                    for (int k = 0; k < classes; k++)
                    {
                        double g = prices[i] * (p[k] - (y[i] == k ? 1 : 0));
                        Vectors.AddScaled(gradient.AsSpan(k * size, d), row, g);
                        gradient[(k * size) + d] += g;
                    }
                }

                return loss;
            },
            tolerance: 1e-7 * Math.Max(1, prices.Sum()),
            cancellationToken);
        var weights = new Matrix(classes, d);
        double[] bias = new double[classes];
        for (int k = 0; k < classes; k++)
        {
            v.AsSpan(k * size, d).CopyTo(weights.Row(k));
            bias[k] = v[(k * size) + d];
        }

        return new LinearScorer(weights, bias, ScoreLink.Softmax);
    }
}
