namespace Phr.Ml.Numerics;

/// <summary>Minimises a smooth function of many numbers from its gradient, remembering the last ten steps (J. Nocedal, 1980). Nothing is random.</summary>
internal static class Lbfgs
{
    private const int Memory = 10;

    /// <summary>Gives the value at a point and writes the gradient there.</summary>
    public delegate double Objective(double[] point, double[] gradient);

    /// <summary>Moves <paramref name="point"/> to where no component of the gradient is larger than <paramref name="tolerance"/>, or no step helps any more.</summary>
    public static void Minimise(double[] point, Objective objective, double tolerance, CancellationToken cancellationToken, int mostSteps = 2000)
    {
        int n = point.Length;
        double[] gradient = new double[n];
        double[] next = new double[n];
        double[] nextGradient = new double[n];
        double[] direction = new double[n];
        double[] alpha = new double[Memory];
        var steps = new List<(double[] S, double[] Y, double Rho)>();
        double value = objective(point, gradient);
        for (int iteration = 0; iteration < mostSteps; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double largest = 0;
            foreach (double g in gradient)
            {
                largest = Math.Max(largest, Math.Abs(g));
            }

            if (largest <= tolerance)
            {
                return;
            }

            gradient.CopyTo(direction, 0);
            for (int i = steps.Count - 1; i >= 0; i--)
            {
                alpha[i] = steps[i].Rho * Vectors.Dot(steps[i].S, direction);
                Vectors.AddScaled(direction, steps[i].Y, -alpha[i]);
            }

            double scale = steps.Count == 0 ? 1 / Math.Max(1, Math.Sqrt(Vectors.Dot(gradient, gradient))) : 1 / (steps[^1].Rho * Vectors.Dot(steps[^1].Y, steps[^1].Y));
            for (int i = 0; i < n; i++)
            {
                direction[i] *= scale;
            }

            for (int i = 0; i < steps.Count; i++)
            {
                double beta = steps[i].Rho * Vectors.Dot(steps[i].Y, direction);
                Vectors.AddScaled(direction, steps[i].S, alpha[i] - beta);
            }

            double slope = -Vectors.Dot(direction, gradient);
            if (slope >= 0)
            {
                steps.Clear();
                gradient.CopyTo(direction, 0);
                slope = -Vectors.Dot(gradient, gradient);
            }

            // A step long enough and not too long (the weak conditions of Wolfe), by halving and doubling the range.
            double size = 1;
            double low = 0;
            double high = double.PositiveInfinity;
            double nextValue = value;
            bool found = false;
            for (int trial = 0; trial < 60; trial++)
            {
                for (int i = 0; i < n; i++)
                {
                    next[i] = point[i] - (size * direction[i]);
                }

                nextValue = objective(next, nextGradient);
                if (!(nextValue <= value + (1e-4 * size * slope)))
                {
                    high = size;
                }
                else if (-Vectors.Dot(direction, nextGradient) < 0.9 * slope)
                {
                    low = size;
                }
                else
                {
                    found = true;
                    break;
                }

                size = double.IsInfinity(high) ? 2 * low : (low + high) / 2;
            }

            if (!found && !(nextValue < value))
            {
                return;
            }

            double[] s = new double[n];
            double[] y = new double[n];
            for (int i = 0; i < n; i++)
            {
                s[i] = next[i] - point[i];
                y[i] = nextGradient[i] - gradient[i];
            }

            double curvature = Vectors.Dot(s, y);
            if (curvature > 1e-300)
            {
                if (steps.Count == Memory)
                {
                    steps.RemoveAt(0);
                }

                steps.Add((s, y, 1 / curvature));
            }

            next.CopyTo(point, 0);
            nextGradient.CopyTo(gradient, 0);
            value = nextValue;
        }
    }
}
