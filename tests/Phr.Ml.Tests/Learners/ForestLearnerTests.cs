using FsCheck;
using FsCheck.Fluent;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Learners;

public class ForestLearnerTests
{
    private static readonly ForestLearner _oneTree = new() { Trees = 1, Bootstrap = false, MaxFeatures = 100 };

    [Fact]
    public void Fit_OneTreeOverAllFeatures_SplitsWhereGiniIsLeast() => Prop.ForAll(
        Problems(),
        problem =>
        {
            (Matrix x, int[] y, int classes, double[] weights) = problem;
            var forest = (TreeEnsembleScorer)_oneTree.Fit(x, y, classes, weights, 3, CancellationToken.None);
            DecisionTree tree = forest.Trees[0];
            double least = Impurities(x, y, classes, weights).DefaultIfEmpty(double.NaN).Min();
            if (double.IsNaN(least) || y.Distinct().Count() == 1)
            {
                return tree.Nodes == 1;
            }

            double chosen = Impurity(x, y, classes, weights, tree.Feature[0], tree.Threshold[0]);
            return Math.Abs(chosen - least) < 1e-9;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Fit_DeepTrees_KnowEveryRowTheySaw() => Prop.ForAll(
        Problems(),
        problem =>
        {
            (Matrix x, int[] y, int classes, double[] weights) = problem;
            ForestKind[] kinds = [ForestKind.RandomForest, ForestKind.ExtraTrees];
            return kinds.All(kind =>
            {
                IScorer forest = new ForestLearner { Kind = kind, Trees = 3, Bootstrap = false }.Fit(x, y, classes, weights, 3, CancellationToken.None);
                double[] p = new double[forest.Scores];
                for (int i = 0; i < x.Rows; i++)
                {
                    forest.Score(x.Row(i), p);
                    double[] expected = Shares(x, y, classes, weights, i);
                    for (int k = 0; k < p.Length; k++)
                    {
                        if (Math.Abs(p[k] - expected[classes == 2 ? 1 : k]) > 1e-9)
                        {
                            return false;
                        }
                    }
                }

                return true;
            });
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(nameof(ForestKind.RandomForest), 1)]
    [InlineData(nameof(ForestKind.RandomForest), 8)]
    [InlineData(nameof(ForestKind.ExtraTrees), 19)]
    public void Score_TreesOfUnequalDepth_IsTheMeanOfTheirLeaves(string kind, int trees)
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        var forest = (TreeEnsembleScorer)new ForestLearner { Kind = Enum.Parse<ForestKind>(kind), Trees = trees }.Fit(x, y, 2, default, 5, CancellationToken.None);
        double[] p = new double[1];
        for (int i = 0; i < x.Rows; i++)
        {
            forest.Score(x.Row(i), p);
            double mean = 0;
            foreach (DecisionTree tree in forest.Trees)
            {
                mean += tree.Value[tree.Leaf(x.Row(i))] / trees;
            }

            Assert.Equal(mean, p[0], 1e-12);
        }
    }

    [Theory]
    [InlineData(nameof(ForestKind.RandomForest))]
    [InlineData(nameof(ForestKind.ExtraTrees))]
    public void Fit_AnyNumberOfThreads_GivesTheSameForest(string kind)
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        var learner = new ForestLearner { Kind = Enum.Parse<ForestKind>(kind), Trees = 40, Bootstrap = true };
        byte[] one = ScorerBytes.Of((learner with { Threads = 1 }).FitWithOutOfBag(x, y, 2, default, 5, out Matrix outOfBag, CancellationToken.None));
        byte[] many = ScorerBytes.Of((learner with { Threads = 7 }).FitWithOutOfBag(x, y, 2, default, 5, out Matrix again, CancellationToken.None));

        Assert.Equal(one, many);
        Assert.Equal(outOfBag.Values, again.Values);
        Assert.NotEqual(one, ScorerBytes.Of(learner.Fit(x, y, 2, default, 6, CancellationToken.None)));
    }

    [Fact]
    public void FitWithOutOfBag_Wdbc_JudgesAsCrossValidationDoes()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        var learner = new ForestLearner { Trees = 200 };
        learner.FitWithOutOfBag(x, y, 2, default, 5, out Matrix outOfBag, CancellationToken.None);
        Matrix held = Calibration.FoldScores(learner, x, y, 2, default, default, 5, 5, CancellationToken.None);

        Assert.DoesNotContain(double.NaN, outOfBag.Values.ToArray());
        Assert.Equal(Metrics.RocAuc(held.Values, y), Metrics.RocAuc(outOfBag.Values, y), 0.01);
        Assert.Equal(Metrics.Brier(held.Values, y), Metrics.Brier(outOfBag.Values, y), 0.01);
    }

    [Fact]
    public void FitWithOutOfBag_OneTree_LeavesTheRowsOfItsBagUnscored()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        new ForestLearner { Trees = 1 }.FitWithOutOfBag(x, y, 2, default, 5, out Matrix outOfBag, CancellationToken.None);

        // A bootstrap sample leaves out 1/e of the rows.
        Assert.InRange(outOfBag.Values.ToArray().Count(v => !double.IsNaN(v)) / 569.0, 0.31, 0.43);
        Assert.Throws<InvalidOperationException>(() => new ForestLearner { Kind = ForestKind.ExtraTrees }.FitWithOutOfBag(x, y, 2, default, 5, out _, CancellationToken.None));
    }

    [Theory]
    [InlineData(nameof(ForestKind.RandomForest))]
    [InlineData(nameof(ForestKind.ExtraTrees))]
    public void Fit_MinLeafAndDepth_AreKept(string kind)
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        var forest = (TreeEnsembleScorer)new ForestLearner { Kind = Enum.Parse<ForestKind>(kind), Trees = 20, MinLeaf = 9, MaxDepth = 4, Bootstrap = false }.Fit(x, y, 2, default, 5, CancellationToken.None);
        foreach (DecisionTree tree in forest.Trees)
        {
            Assert.InRange(tree.Depth, 1, 4);
            Assert.Equal(569, tree.Cover[0]);
            for (int node = 0; node < tree.Nodes; node++)
            {
                Assert.True(tree.Cover[node] >= 9);
            }
        }

        Assert.Equal(357.0 / 569, 1 - forest.Trees[0].Value[0], 1e-12);
    }

    [Fact]
    public void Fit_LargeAndSmallNodes_SortInAllThreeWays()
    {
        // Many rows, so that deep nodes are too small for the bitmap and too large for insertion: what is learnt must still be the rows.
        var random = RandomStream.ForStream(20, 0);
        var x = new Matrix(20_000, 3);
        int[] y = new int[x.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                x[i, c] = random.NextDouble();
            }

            y[i] = random.NextInt(3);
        }

        IScorer forest = _oneTree.Fit(x, y, 3, default, 1, CancellationToken.None);
        double[] p = new double[3];
        for (int i = 0; i < x.Rows; i++)
        {
            forest.Score(x.Row(i), p);
            Assert.Equal(1, p[y[i]]);
        }
    }

    [Fact]
    public void Score_OneForestOnManyThreads_GivesEveryoneTheirOwn()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        IScorer forest = new ForestLearner { Trees = 50 }.Fit(x, y, 2, default, 5, CancellationToken.None);
        IScorer svm = new SvmLearner().Fit(CrossValidation.Prepare(x, x, [], scale: true).Train, y, 2, default, 5, CancellationToken.None);
        foreach (IScorer scorer in (IScorer[])[forest, svm])
        {
            double[] alone = new double[x.Rows];
            for (int i = 0; i < x.Rows; i++)
            {
                scorer.Score(x.Row(i), alone.AsSpan(i, 1));
            }

            int wrong = 0;
            Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, n =>
            {
                Span<double> score = stackalloc double[1];
                scorer.Score(x.Row(n % x.Rows), score);
                if (score[0] != alone[n % x.Rows])
                {
                    Interlocked.Increment(ref wrong);
                }
            });
            Assert.Equal(0, wrong);
        }
    }

    [Fact]
    public void Write_Forest_ReadsBackTheSame()
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(3, 30, 0.7);
        IScorer forest = new ForestLearner { Trees = 9 }.Fit(x, y, 3, default, 5, CancellationToken.None);
        byte[] bytes = ScorerBytes.Of(forest);
        TreeEnsembleScorer again = ScorerBytes.Read(bytes, TreeEnsembleScorer.Kind, TreeEnsembleScorer.Read);
        double[] a = new double[3];
        double[] b = new double[3];
        forest.Score(x.Row(7), a);
        again.Score(x.Row(7), b);

        Assert.Equal(bytes, ScorerBytes.Of(again));
        Assert.Equal(a, b);
        Assert.Equal(((TreeEnsembleScorer)forest).Trees[3].Value.ToArray(), again.Trees[3].Value.ToArray());
        Assert.Equal(((TreeEnsembleScorer)forest).Trees[3].Cover.ToArray(), again.Trees[3].Cover.ToArray());
        ScorerBytes.Damage(bytes, TreeEnsembleScorer.Kind, TreeEnsembleScorer.Read);
    }

    [Fact]
    public void Create_NotATree_IsRefused()
    {
        double[] zeros = [0, 0, 0];
        Assert.Throws<InvalidDataException>(() => DecisionTree.Create([0, -1, -1], [.. zeros], [1, 0, 0], [1, 0, 0], [.. zeros], [.. zeros], 1));
        Assert.Throws<InvalidDataException>(() => DecisionTree.Create([0, -1, -1], [.. zeros], [0, 0, 0], [2, 0, 0], [.. zeros], [.. zeros], 1));
        Assert.Throws<InvalidDataException>(() => DecisionTree.Create([0, -1, -1], [.. zeros], [1, 0, 0], [3, 0, 0], [.. zeros], [.. zeros], 1));
        Assert.Throws<InvalidDataException>(() => DecisionTree.Create([0, -1], [.. zeros], [1, 0, 0], [2, 0, 0], [.. zeros], [.. zeros], 1));
        Assert.Throws<InvalidDataException>(() => DecisionTree.Create([-1, -1, -1], [.. zeros], [0, 0, 0], [0, 0, 0], [.. zeros], [.. zeros], 1));
        DecisionTree tree = DecisionTree.Create([4, -1, -1], [.. zeros], [1, 0, 0], [2, 0, 0], [0, 1, 4], [0, 3, 1], 1);
        Assert.Equal(1.75, tree.Value[0]);
        Assert.Throws<InvalidDataException>(() => new TreeEnsembleScorer(4, [tree], TreeCombination.Average, [0], ScoreLink.Identity, areProbabilities: false));
        var sum = new TreeEnsembleScorer(5, [tree, tree], TreeCombination.Sum, [0.5], ScoreLink.Logistic, areProbabilities: true);
        double[] p = new double[1];
        sum.Score([0, 0, 0, 0, 1], p);
        Assert.Equal(Vectors.Logistic(8.5), p[0]);
        Assert.Throws<ArgumentException>(() => sum.Score([0, 0], p));
    }

    [Fact]
    public void Fit_Cancelled_Stops() => Assert.Throws<OperationCanceledException>(() =>
        new ForestLearner().Fit(new Matrix(2, 1, [1, 2]), (int[])[0, 1], 2, default, 1, new CancellationToken(canceled: true)));

    private static IEnumerable<double> Impurities(Matrix x, int[] y, int classes, double[] weights)
    {
        for (int f = 0; f < x.Columns; f++)
        {
            double[] values = [.. Enumerable.Range(0, x.Rows).Select(i => x[i, f]).Distinct().Order()];
            foreach (double threshold in values.SkipLast(1))
            {
                yield return Impurity(x, y, classes, weights, f, threshold);
            }
        }
    }

    private static double Impurity(Matrix x, int[] y, int classes, double[] weights, int feature, double threshold)
    {
        double impurity = 0;
        foreach (bool left in (bool[])[true, false])
        {
            double[] sums = new double[classes];
            for (int i = 0; i < x.Rows; i++)
            {
                if (x[i, feature] <= threshold == left)
                {
                    sums[y[i]] += weights.Length == 0 ? 1 : weights[i];
                }
            }

            double total = sums.Sum();
            impurity += total - sums.Sum(s => s * s / total);
        }

        return impurity;
    }

    private static double[] Shares(Matrix x, int[] y, int classes, double[] weights, int row)
    {
        double[] sums = new double[classes];
        for (int i = 0; i < x.Rows; i++)
        {
            if (x.Row(i).SequenceEqual(x.Row(row)))
            {
                sums[y[i]] += weights.Length == 0 ? 1 : weights[i];
            }
        }

        double total = sums.Sum();
        return [.. sums.Select(s => s / total)];
    }

    private static Arbitrary<(Matrix X, int[] Y, int Classes, double[] Weights)> Problems() => (
        from n in Gen.Choose(1, 40)
        from classes in Gen.Choose(2, 4)
        from values in Gen.ArrayOf(Gen.Choose(-3, 3), n * 3)
        from y in Gen.ArrayOf(Gen.Choose(0, classes - 1), n)
        from weighted in Gen.Elements(true, false)
        from weights in Gen.ArrayOf(Gen.Choose(1, 3), n)
        select (new Matrix(n, 3, [.. values.Select(v => (double)v)]), y, classes, weighted ? weights.Select(w => w / 2.0).ToArray() : [])).ToArbitrary();
}
