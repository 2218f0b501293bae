namespace Phr.Ml.Numerics;

/// <summary>
/// Groups rows round centres: k-means++ (Arthur, Vassilvitskii) and Lloyd's steps from several starts, of which the best is kept; one start alone is
/// often far from it.
/// </summary>
internal static class KMeans
{
    // The silhouette compares every row with every other.
    private const int MostSilhouetteRows = 2000;

    private const int MostSteps = 300;

    /// <summary>Finds <paramref name="clusters"/> centres. The same input and seed give the same centres, to the digit.</summary>
    public static KMeansModel Fit(Matrix x, int clusters, int starts, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clusters);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clusters, x.Rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(starts);
        var found = new (Matrix Centres, int[] Sizes, double Inertia)[starts];
        Parallel.For(0, starts, new ParallelOptions { CancellationToken = cancellationToken }, s => found[s] = Run(x, clusters, RandomStream.ForStream(seed, (ulong)s), cancellationToken));
        (Matrix centres, int[] sizes, double inertia) = found.MinBy(f => f.Inertia);
        int[] order = [.. Enumerable.Range(0, clusters).OrderByDescending(k => sizes[k])];
        return new KMeansModel(centres.Select(order), inertia, double.NaN);
    }

    /// <summary>Finds the number of centres, from <paramref name="least"/> (at least 2) to <paramref name="most"/>, with the largest mean silhouette.</summary>
    public static KMeansModel ChooseClusters(Matrix x, int least, int most, int starts, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(least, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, least);
        KMeansModel? best = null;
        for (int k = least; k <= Math.Min(most, x.Rows - 1); k++)
        {
            KMeansModel model = Fit(x, k, starts, RandomStream.DeriveSeed(seed, (ulong)k), cancellationToken);
            double silhouette = Silhouette(x, model, seed, cancellationToken);
            if (best is null || silhouette > best.Silhouette)
            {
                best = new KMeansModel(model.Centres, model.Inertia, silhouette);
            }
        }

        return best ?? throw new ArgumentException($"{x.Rows} rows are too few for {least} groups.", nameof(x));
    }

    /// <summary>The mean silhouette, over 2,000 rows drawn at random where there are more.</summary>
    public static double Silhouette(Matrix x, KMeansModel model, ulong seed, CancellationToken cancellationToken)
    {
        int[] rows = [.. Enumerable.Range(0, x.Rows)];
        if (rows.Length > MostSilhouetteRows)
        {
            RandomStream.ForStream(seed, 0).Shuffle<int>(rows);
            rows = [.. rows[..MostSilhouetteRows].Order()];
        }

        int[] of = [.. rows.Select(i => model.Nearest(x.Row(i), out _))];
        double[] each = new double[rows.Length];
        Parallel.For(0, rows.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            double[] sums = new double[model.Centres.Rows];
            int[] counts = new int[sums.Length];
            for (int j = 0; j < rows.Length; j++)
            {
                if (j != i)
                {
                    sums[of[j]] += Math.Sqrt(Vectors.SquaredDistance(x.Row(rows[i]), x.Row(rows[j])));
                    counts[of[j]]++;
                }
            }

            if (counts[of[i]] == 0)
            {
                return;
            }

            double own = sums[of[i]] / counts[of[i]];
            double next = double.PositiveInfinity;
            for (int k = 0; k < sums.Length; k++)
            {
                if (k != of[i] && counts[k] > 0)
                {
                    next = Math.Min(next, sums[k] / counts[k]);
                }
            }

            each[i] = double.IsInfinity(next) || Math.Max(own, next) == 0 ? 0 : (next - own) / Math.Max(own, next);
        });
        return each.Average();
    }

    private static (Matrix Centres, int[] Sizes, double Inertia) Run(Matrix x, int clusters, RandomStream random, CancellationToken cancellationToken)
    {
        Matrix centres = Begin(x, clusters, random);
        int[] of = new int[x.Rows];
        int[] sizes = new int[clusters];
        double inertia = double.PositiveInfinity;
        for (int step = 0; step < MostSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var model = new KMeansModel(centres, 0, 0);
            double sum = 0;
            int farthest = 0;
            double farthestDistance = -1;
            bool moved = step == 0;
            Array.Clear(sizes);
            for (int i = 0; i < x.Rows; i++)
            {
                int k = model.Nearest(x.Row(i), out double distance);
                moved |= of[i] != k;
                of[i] = k;
                sizes[k]++;
                sum += distance * distance;
                if (distance > farthestDistance)
                {
                    farthestDistance = distance;
                    farthest = i;
                }
            }

            inertia = sum;
            int empty = Array.IndexOf(sizes, 0);
            if (!moved && empty < 0)
            {
                break;
            }

            var means = new Matrix(clusters, x.Columns);
            for (int i = 0; i < x.Rows; i++)
            {
                Vectors.AddScaled(means.Row(of[i]), x.Row(i), 1.0 / sizes[of[i]]);
            }

            if (empty >= 0 && farthestDistance > 0)
            {
                x.Row(farthest).CopyTo(means.Row(empty));
            }
            else if (empty >= 0)
            {
                // Fewer different rows than centres: the centre stays where it is.
                centres.Row(empty).CopyTo(means.Row(empty));
                if (!moved)
                {
                    break;
                }
            }

            centres = means;
        }

        return (centres, sizes, inertia);
    }

    private static Matrix Begin(Matrix x, int clusters, RandomStream random)
    {
        var centres = new Matrix(clusters, x.Columns);
        double[] nearest = new double[x.Rows];
        Array.Fill(nearest, double.PositiveInfinity);
        int chosen = random.NextInt(x.Rows);
        for (int k = 0; k < clusters; k++)
        {
            x.Row(chosen).CopyTo(centres.Row(k));
            double sum = 0;
            for (int i = 0; i < x.Rows; i++)
            {
                nearest[i] = Math.Min(nearest[i], Vectors.SquaredDistance(x.Row(i), centres.Row(k)));
                sum += nearest[i];
            }

            double at = random.NextDouble() * sum;
            chosen = x.Rows - 1;
            for (int i = 0; i < x.Rows; i++)
            {
                at -= nearest[i];
                if (at < 0)
                {
                    chosen = i;
                    break;
                }
            }
        }

        return centres;
    }
}
