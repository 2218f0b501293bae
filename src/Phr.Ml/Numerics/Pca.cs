namespace Phr.Ml.Numerics;

/// <summary>Principal components, from the smaller of the two square matrices that rows and features make, by Jacobi's rotations. Nothing is random.</summary>
internal static class Pca
{
    /// <summary>Finds the first directions: no more than features, and fewer than rows.</summary>
    public static PcaModel Fit(Matrix x, int components)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        ArgumentOutOfRangeException.ThrowIfLessThan(x.Rows, 2);
        int n = x.Rows;
        int d = x.Columns;
        components = Math.Min(components, Math.Min(n - 1, d));
        double[] mean = new double[d];
        for (int i = 0; i < n; i++)
        {
            Vectors.AddScaled(mean, x.Row(i), 1.0 / n);
        }

        var centred = new Matrix(n, d);
        for (int i = 0; i < n; i++)
        {
            x.Row(i).CopyTo(centred.Row(i));
            Vectors.AddScaled(centred.Row(i), mean, -1);
        }

        bool byRows = n < d;
        Matrix square = byRows ? Products(centred) : Products(Transposed(centred));
        double total = 0;
        for (int i = 0; i < square.Rows; i++)
        {
            total += square[i, i] / (n - 1);
        }

        (double[] values, Matrix vectors) = Jacobi(square);
        int[] order = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i])];
        var directions = new Matrix(components, d);
        double[] variance = new double[components];
        for (int k = 0; k < components; k++)
        {
            Span<double> direction = directions.Row(k);
            for (int i = 0; i < square.Rows; i++)
            {
                if (byRows)
                {
                    Vectors.AddScaled(direction, centred.Row(i), vectors[i, order[k]]);
                }
                else
                {
                    direction[i] = vectors[i, order[k]];
                }
            }

            variance[k] = Math.Max(0, values[order[k]]) / (n - 1);
            double length = Math.Sqrt(Vectors.Dot(direction, direction));
            double largest = 0;
            foreach (double v in direction)
            {
                largest = Math.Abs(v) > Math.Abs(largest) ? v : largest;
            }

            for (int c = 0; c < d; c++)
            {
                direction[c] = length > 0 ? direction[c] / length * Math.Sign(largest) : 0;
            }
        }

        return new PcaModel(mean, directions, variance, total);
    }

    private static Matrix Transposed(Matrix x)
    {
        var t = new Matrix(x.Columns, x.Rows);
        for (int i = 0; i < x.Rows; i++)
        {
            for (int c = 0; c < x.Columns; c++)
            {
                t[c, i] = x[i, c];
            }
        }

        return t;
    }

    private static Matrix Products(Matrix x)
    {
        var products = new Matrix(x.Rows, x.Rows);
        for (int i = 0; i < x.Rows; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                products[i, j] = products[j, i] = Vectors.Dot(x.Row(i), x.Row(j));
            }
        }

        return products;
    }

    // Turns pairs of axes until nothing is left beside the diagonal; the columns of the second matrix are the directions.
    private static (double[] Values, Matrix Vectors) Jacobi(Matrix a)
    {
        int n = a.Rows;
        var vectors = new Matrix(n, n);
        for (int i = 0; i < n; i++)
        {
            vectors[i, i] = 1;
        }

        for (int sweep = 0; sweep < 100; sweep++)
        {
            double beside = 0;
            double on = 0;
            for (int i = 0; i < n; i++)
            {
                on += a[i, i] * a[i, i];
                for (int j = 0; j < i; j++)
                {
                    beside += a[i, j] * a[i, j];
                }
            }

            if (beside <= 1e-28 * on)
            {
                break;
            }

            for (int p = 0; p < n - 1; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(a, vectors, p, q);
                }
            }
        }

        return ([.. Enumerable.Range(0, n).Select(i => a[i, i])], vectors);
    }

    private static void Rotate(Matrix a, Matrix vectors, int p, int q)
    {
        if (a[p, q] == 0)
        {
            return;
        }

        double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double c = 1 / Math.Sqrt((t * t) + 1);
        double s = t * c;
        Span<double> values = a.Values;
        int n = a.Rows;
        for (int k = 0; k < n; k++)
        {
            double kp = values[(k * n) + p];
            double kq = values[(k * n) + q];
            values[(k * n) + p] = (c * kp) - (s * kq);
            values[(k * n) + q] = (s * kp) + (c * kq);
        }

        for (int k = 0; k < n; k++)
        {
            double pk = values[(p * n) + k];
            double qk = values[(q * n) + k];
            values[(p * n) + k] = (c * pk) - (s * qk);
            values[(q * n) + k] = (s * pk) + (c * qk);
            double vp = vectors[k, p];
            double vq = vectors[k, q];
            vectors[k, p] = (c * vp) - (s * vq);
            vectors[k, q] = (s * vp) + (c * vq);
        }
    }
}
