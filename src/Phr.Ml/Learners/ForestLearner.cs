using System.Globalization;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A random forest or extremely randomised trees, by Gini's impurity; any number of classes.</summary>
/// <remarks>
/// Sources: L. Breiman, "Random forests", Machine Learning 45 (2001); P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning
/// 63 (2006). Splits are exact: every feature is sorted once, and a node brings its rows into that order with a bitmap. Trees are grown in parallel,
/// each from its own random stream, so that the number of cores changes the time and nothing else.
/// </remarks>
internal sealed record ForestLearner : IOutOfBagLearner
{
    /// <summary>Which kind.</summary>
    public ForestKind Kind { get; init; } = ForestKind.RandomForest;

    /// <summary>How many trees; 500 by default.</summary>
    public int Trees { get; init; } = 500;

    /// <summary>How many features, drawn at random, each node looks at; 0, the default, means the square root of their number.</summary>
    public int MaxFeatures { get; init; }

    /// <summary>The fewest distinct rows in a leaf; 1 by default.</summary>
    public int MinLeaf { get; init; } = 1;

    /// <summary>The most comparisons from root to leaf; 0, the default, means no limit.</summary>
    public int MaxDepth { get; init; }

    /// <summary>Whether each tree learns from a sample with replacement; by default a random forest does and extremely randomised trees do not.</summary>
    public bool? Bootstrap { get; init; }

    /// <summary>Without replacement, the share of the rows from which each tree learns; 1 by default. Less than 1 leaves rows out of bag too.</summary>
    public double RowShare { get; init; } = 1;

    /// <summary>How many threads; 0, the default, means one per core. Changes the time, not the result.</summary>
    public int Threads { get; init; }

    public bool LeavesRowsOut => Sampled || RowShare < 1;

    private bool Sampled => Bootstrap ?? Kind == ForestKind.RandomForest;

    public string Name => $"{(Kind == ForestKind.RandomForest ? "random forest" : "extra-trees")} ({Trees} trees"
        + (MaxFeatures > 0 ? $", {MaxFeatures} features a node" : "")
        + (MinLeaf > 1 ? $", at least {MinLeaf} rows a leaf" : "")
        + (MaxDepth > 0 ? $", depth {MaxDepth}" : "")
        + (Bootstrap is { } b && b != (Kind == ForestKind.RandomForest) ? b ? ", bootstrap" : ", no bootstrap" : "")
        + (RowShare < 1 ? string.Create(CultureInfo.InvariantCulture, $", {RowShare:0.##} of the rows a tree") : "") + ")";

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken) =>
        Grow(x, y, classes, weights, seed, sums: null, cancellationToken);

    public IScorer FitWithOutOfBag(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, out Matrix outOfBag, CancellationToken cancellationToken)
    {
        if (!LeavesRowsOut)
        {
            throw new InvalidOperationException("Without a bootstrap sample every tree sees every row: there is nothing out of bag.");
        }

        ArgumentNullException.ThrowIfNull(x);
        int outputs = classes == 2 ? 1 : classes;
        var sums = new OutOfBagSums(x.Rows, outputs);
        IScorer scorer = Grow(x, y, classes, weights, seed, sums, cancellationToken);
        outOfBag = sums.ToScores();
        return scorer;
    }

    private TreeEnsembleScorer Grow(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, OutOfBagSums? sums, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Trees);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Trees, Limits.Trees);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MinLeaf);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxFeatures);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxDepth);
        if (!(RowShare > 0) || RowShare > 1 || (Sampled && RowShare != 1))
        {
            throw new InvalidOperationException("The share of the rows of a tree is above 0 and at most 1, and 1 where they are drawn with replacement.");
        }

        int features = MaxFeatures > 0 ? Math.Min(MaxFeatures, x.Columns) : Math.Max(1, (int)Math.Sqrt(x.Columns));
        var order = new FeatureOrder(x, Kind == ForestKind.RandomForest, Threads);
        var shape = new TreeShape(Kind, features, MinLeaf, MaxDepth == 0 ? int.MaxValue : MaxDepth, Sampled, RowShare);
        var trees = new DecisionTree[Trees];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Threads > 0 ? Threads : Environment.ProcessorCount };
        Parallel.For(
            0,
            Trees,
            parallel,
            () => new TreeGrower(x, order, y, classes, weights, shape),
            (t, _, grower) =>
            {
                trees[t] = grower.Grow(RandomStream.ForStream(seed, (ulong)t));
                sums?.Add(trees[t], x, grower.Bag);
                return grower;
            },
            _ => { });
        return new TreeEnsembleScorer(x.Columns, trees, TreeCombination.Average, new double[classes == 2 ? 1 : classes], ScoreLink.Identity, areProbabilities: true);
    }
}
