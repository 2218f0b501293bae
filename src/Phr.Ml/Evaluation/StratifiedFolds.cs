using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>Which fold each row is tested in, every fold with nearly the same share of each class.</summary>
internal static class StratifiedFolds
{
    /// <summary>Deals the rows of each class, in random order, to the folds in turn; the next class begins where the last ended.</summary>
    public static int[] Create(ReadOnlySpan<int> y, int folds, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(folds, y.Length);
        int classes = 0;
        foreach (int c in y)
        {
            classes = Math.Max(classes, c + 1);
        }

        var random = RandomStream.ForStream(seed, 0);
        int[] fold = new int[y.Length];
        int next = 0;
        for (int c = 0; c < classes; c++)
        {
            var rows = new List<int>();
            for (int i = 0; i < y.Length; i++)
            {
                if (y[i] == c)
                {
                    rows.Add(i);
                }
            }

            int[] order = [.. rows];
            random.Shuffle<int>(order);
            foreach (int row in order)
            {
                fold[row] = next;
                next = (next + 1) % folds;
            }
        }

        return fold;
    }

    /// <summary>The same, with all rows of a group (of a person) in one fold: groups, large ones first, go where the classes are then most even.</summary>
    public static int[] CreateGrouped(ReadOnlySpan<int> y, ReadOnlySpan<int> groups, int folds, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (groups.Length != y.Length)
        {
            throw new ArgumentException($"There are {y.Length} rows and {groups.Length} groups.", nameof(groups));
        }

        int classes = 0;
        var counts = new Dictionary<int, Dictionary<int, int>>();
        for (int i = 0; i < y.Length; i++)
        {
            classes = Math.Max(classes, y[i] + 1);
            Dictionary<int, int> count = counts.TryGetValue(groups[i], out Dictionary<int, int>? known) ? known : counts[groups[i]] = [];
            count[y[i]] = count.GetValueOrDefault(y[i]) + 1;
        }

        if (counts.Count < folds)
        {
            throw new ArgumentException($"{counts.Count} groups cannot be dealt to {folds} folds.", nameof(folds));
        }

        int[] order = [.. counts.Keys.Order()];
        RandomStream.ForStream(seed, 0).Shuffle<int>(order);
        double[] totals = new double[classes];
        foreach (Dictionary<int, int> count in counts.Values)
        {
            foreach ((int c, int n) in count)
            {
                totals[c] += n;
            }
        }

        double[][] have = [.. Enumerable.Range(0, folds).Select(_ => new double[classes])];
        int[] groupsIn = new int[folds];
        var foldOf = new Dictionary<int, int>();
        foreach (int group in order.OrderByDescending(g => counts[g].Values.Sum()))
        {
            int best = 0;
            double least = double.PositiveInfinity;
            for (int f = 0; f < folds; f++)
            {
                // How far the shares grow beyond even, and, where that is the same, how full the fold is.
                double cost = 1e-9 * groupsIn[f];
                foreach ((int c, int n) in counts[group])
                {
                    double share = n / totals[c];
                    cost += share * ((2 * have[f][c] / totals[c]) + share);
                }

                if (cost < least)
                {
                    least = cost;
                    best = f;
                }
            }

            foreach ((int c, int n) in counts[group])
            {
                have[best][c] += n;
            }

            groupsIn[best]++;
            foldOf[group] = best;
        }

        int[] fold = new int[y.Length];
        for (int i = 0; i < fold.Length; i++)
        {
            fold[i] = foldOf[groups[i]];
        }

        return fold;
    }
}
