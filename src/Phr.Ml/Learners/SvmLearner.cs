using System.Globalization;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A support vector machine with the exact kernel; for more than two classes, one machine for each against the rest.</summary>
/// <remarks>Wants features of like scale (z-scores). Scores are distances from the boundary, not probabilities: calibrate.</remarks>
internal sealed record SvmLearner : ILearner
{
    /// <summary>How two rows are compared.</summary>
    public SvmKernel Kernel { get; init; } = SvmKernel.Rbf;

    /// <summary>The price of a row on the wrong side; larger fits the training rows more closely. 10 by default.</summary>
    public double C { get; init; } = 10;

    /// <summary>γ of the Gaussian kernel; 0 means 1 / (features · variance of all values), which is 1 / features for z-scores. 0.01 by default.</summary>
    public double Gamma { get; init; } = 0.01;

    /// <summary>How nearly the conditions of optimality are met. 0.001 by default.</summary>
    public double Tolerance { get; init; } = 1e-3;

    public string Name => Kernel == SvmKernel.Linear
        ? string.Create(CultureInfo.InvariantCulture, $"SVM (linear, C = {C})")
        : string.Create(CultureInfo.InvariantCulture, $"SVM (RBF, C = {C}, γ = {(Gamma == 0 ? "scale" : Gamma.ToString(CultureInfo.InvariantCulture))})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(C);
        ArgumentOutOfRangeException.ThrowIfNegative(Gamma);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Tolerance);
        double gamma = Kernel == SvmKernel.Linear ? 0 : Gamma > 0 ? Gamma : ScaleGamma(x);
        var kernel = new KernelRows(x, gamma);
        double[] bounds = new double[x.Rows];
        for (int i = 0; i < bounds.Length; i++)
        {
            bounds[i] = weights.IsEmpty ? C : C * weights.Span[i];
        }

        int scores = classes == 2 ? 1 : classes;
        double[][] coefficients = new double[scores][];
        double[] bias = new double[scores];
        for (int k = 0; k < scores; k++)
        {
            bool[] positive = new bool[x.Rows];
            for (int i = 0; i < positive.Length; i++)
            {
                positive[i] = y.Span[i] == (classes == 2 ? 1 : k);
            }

            (coefficients[k], bias[k]) = SmoSolver.Solve(kernel, positive, bounds, Tolerance, cancellationToken);
        }

        return Kernel == SvmKernel.Linear ? Linear(x, coefficients, bias) : Gaussian(x, coefficients, bias, gamma);
    }

    private static LinearScorer Linear(Matrix x, double[][] coefficients, double[] bias)
    {
        var weights = new Matrix(bias.Length, x.Columns);
        for (int k = 0; k < bias.Length; k++)
        {
            for (int i = 0; i < x.Rows; i++)
            {
                if (coefficients[k][i] != 0)
                {
                    Vectors.AddScaled(weights.Row(k), x.Row(i), coefficients[k][i]);
                }
            }
        }

        return new LinearScorer(weights, bias, ScoreLink.Identity);
    }

    private static SvmScorer Gaussian(Matrix x, double[][] coefficients, double[] bias, double gamma)
    {
        int[] support = [.. Enumerable.Range(0, x.Rows).Where(i => coefficients.Any(c => c[i] != 0))];
        var chosen = new Matrix(bias.Length, support.Length);
        for (int k = 0; k < bias.Length; k++)
        {
            for (int i = 0; i < support.Length; i++)
            {
                chosen[k, i] = coefficients[k][support[i]];
            }
        }

        return new SvmScorer(x.Select(support), chosen, bias, gamma);
    }

    private static double ScaleGamma(Matrix x)
    {
        double mean = 0;
        double squares = 0;
        int n = 0;
        foreach (double v in x.Values)
        {
            n++;
            double d = v - mean;
            mean += d / n;
            squares += d * (v - mean);
        }

        return squares > 0 ? 1 / (x.Columns * (squares / n)) : 1.0 / x.Columns;
    }
}
