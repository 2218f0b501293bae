using System.Globalization;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A small multilayer perceptron, as a challenger: hyperbolic tangents, all rows in every step, limited-memory BFGS.</summary>
/// <remarks>Wants features of like scale (z-scores). Random only where it starts (Glorot's range), so the same seed gives the same network, to the digit.</remarks>
internal sealed record MlpLearner : ILearner
{
    /// <summary>How many units each hidden layer has; one layer of 8 by default.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [8];

    /// <summary>How strongly the weights (not the biases) are drawn towards zero: ½ · this · ‖w‖² beside the sum of the rows' losses; 1 by default.</summary>
    public double Decay { get; init; } = 1;

    /// <summary>The most steps; 300 by default.</summary>
    public int Steps { get; init; } = 300;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"multilayer perceptron ({string.Join(" × ", Hidden)} units, decay {Decay})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        ArgumentOutOfRangeException.ThrowIfNegative(Decay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Steps);
        int[] widths = [x.Columns, .. Hidden, classes == 2 ? 1 : classes];
        var layers = new (int Start, int Units, int Inputs)[widths.Length - 1];
        int size = 0;
        for (int l = 0; l < layers.Length; l++)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(widths[l + 1]);
            layers[l] = (size, widths[l + 1], widths[l]);
            size = checked(size + (widths[l + 1] * (widths[l] + 1)));
        }

        double[] point = new double[size];
        var random = RandomStream.ForStream(seed, 0);
        foreach ((int start, int units, int inputs) in layers)
        {
            double range = Math.Sqrt(6.0 / (units + inputs));
            for (int u = 0; u < units; u++)
            {
                for (int i = 0; i < inputs; i++)
                {
                    point[start + (u * (inputs + 1)) + i] = range * ((2 * random.NextDouble()) - 1);
                }
            }
        }

        var network = new Objective(x, y.ToArray(), weights.ToArray(), layers, Decay);
        Lbfgs.Minimise(point, network.Evaluate, 1e-5 * x.Rows, cancellationToken, Steps);
        return new MlpScorer([.. layers.Select(l => new Matrix(l.Units, l.Inputs + 1, point[l.Start..(l.Start + (l.Units * (l.Inputs + 1)))]))]);
    }

    private sealed class Objective(Matrix x, int[] y, double[] weights, (int Start, int Units, int Inputs)[] layers, double decay)
    {
        private readonly double[][] _values = [.. layers.Select(l => new double[l.Units])];
        private readonly double[][] _errors = [.. layers.Select(l => new double[l.Units])];

        public double Evaluate(double[] point, double[] gradient)
        {
            Array.Clear(gradient);
            double loss = 0;
            foreach ((int start, int units, int inputs) in layers)
            {
                for (int u = 0; u < units; u++)
                {
                    int at = start + (u * (inputs + 1));
                    ReadOnlySpan<double> w = point.AsSpan(at, inputs);
                    loss += 0.5 * decay * Vectors.Dot(w, w);
                    Vectors.AddScaled(gradient.AsSpan(at, inputs), w, decay);
                }
            }

            for (int i = 0; i < y.Length; i++)
            {
                loss += Row(i, point, gradient);
            }

            return loss;
        }

        private double Row(int i, double[] point, double[] gradient)
        {
            for (int l = 0; l < layers.Length; l++)
            {
                (int start, int units, int inputs) = layers[l];
                ReadOnlySpan<double> below = l == 0 ? x.Row(i) : _values[l - 1];
                double[] here = _values[l];
                for (int u = 0; u < units; u++)
                {
                    int at = start + (u * (inputs + 1));
                    double sum = Vectors.Dot(point.AsSpan(at, inputs), below) + point[at + inputs];
                    here[u] = l == layers.Length - 1 ? sum : Math.Tanh(sum);
                }
            }

            double weight = weights.Length == 0 ? 1 : weights[i];
            double[] top = _values[^1];
            double[] miss = _errors[^1];
            double loss;
            if (top.Length == 1)
            {
                double s = y[i] == 1 ? -top[0] : top[0];
                loss = weight * (s > 0 ? s + Math.Log(1 + Math.Exp(-s)) : Math.Log(1 + Math.Exp(s)));
                miss[0] = weight * (Vectors.Logistic(top[0]) - y[i]);
            }
            else
            {
                top.CopyTo(miss, 0);
                Vectors.Softmax(miss);
                loss = -weight * Math.Log(Math.Max(miss[y[i]], double.Epsilon));
                for (int k = 0; k < miss.Length; k++)
                {
                    miss[k] = weight * (miss[k] - (y[i] == k ? 1 : 0));
                }
            }

            for (int l = layers.Length - 1; l >= 0; l--)
            {
                (int start, int units, int inputs) = layers[l];
                ReadOnlySpan<double> below = l == 0 ? x.Row(i) : _values[l - 1];
                double[] errors = _errors[l];
                if (l > 0)
                {
                    Array.Clear(_errors[l - 1]);
                }

                for (int u = 0; u < units; u++)
                {
                    int at = start + (u * (inputs + 1));
                    Vectors.AddScaled(gradient.AsSpan(at, inputs), below, errors[u]);
                    gradient[at + inputs] += errors[u];
                    if (l > 0)
                    {
                        Vectors.AddScaled(_errors[l - 1], point.AsSpan(at, inputs), errors[u]);
                    }
                }

                if (l > 0)
                {
                    for (int u = 0; u < inputs; u++)
                    {
                        _errors[l - 1][u] *= 1 - (_values[l - 1][u] * _values[l - 1][u]);
                    }
                }
            }

            return loss;
        }
    }
}
