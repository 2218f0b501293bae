using Phr.Ml.Evaluation;
using Phr.Ml.Explanations;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Explanations;

public class ExplainerTests
{
    private const int Columns = 7;

    // Columns 1 and 2 are of one raw feature, as 4 to 6 are; raw feature 4 has no column.
    private static readonly int[] _playerOf = [0, 1, 1, 2, 3, 3, 3];
    private const int Players = 5;

    [Fact]
    public void Linear_AnyRow_IsTheDefinition()
    {
        var scorer = new LinearScorer(Random(2, Columns, 1), [0.3, -0.2], ScoreLink.Identity);
        Background background = Points();

        AssertInterventional(scorer, background, new LinearExplainer(scorer, background, _playerOf), output: 1);
    }

    [Fact]
    public void Kernel_AnyRow_IsTheDefinition()
    {
        var scorer = new SvmScorer(Random(9, Columns, 2), Random(2, 9, 3), [0.1, 0.4], 0.2);
        Background background = Points();

        AssertInterventional(scorer, background, new KernelExplainer(scorer, background, _playerOf, Players), output: 0);
        AssertInterventional(scorer, background, new KernelExplainer(scorer, background, _playerOf, Players), output: 1);
    }

    [Fact]
    public void Sampled_AnyRow_SumsExactlyAndIsNearTheDefinition()
    {
        // Three scores: probabilities after a softmax are explained one by one.
        var scorer = new LinearScorer(Random(3, Columns, 2), [0.1, 0, -0.1], ScoreLink.Softmax);
        Background background = Points();
        var explainer = new SampledExplainer(scorer, new IdentityCalibrator(3), background, _playerOf, Players);
        double[] row = [.. Random(1, Columns, 8).Values];
        double[] contributions = new double[Players];
        double start = explainer.Explain(row, 2, contributions);
        double[] score = new double[3];
        scorer.Score(row, score);

        Assert.Equal(score[2], start + contributions.Sum(), 1e-12);
        double[] expected = Interventional(scorer, background, row, 2);
        for (int p = 0; p < Players; p++)
        {
            Assert.Equal(expected[p], contributions[p], 0.1 * expected.Max(Math.Abs));
        }

        double[] again = new double[Players];
        explainer.Explain(row, 2, again);
        Assert.Equal(contributions, again);
    }

    [Fact]
    public void Sampled_TwoClasses_ExplainsLogOddsAsTheExactWayDoes()
    {
        // Logistic of a sum: the log-odds are the sum, whose Shapley values are known, and each order gives them exactly.
        var scorer = new LinearScorer(Random(1, Columns, 1), [0.3], ScoreLink.Logistic);
        Background background = Points();
        double[] row = [.. Random(1, Columns, 8).Values];
        double[] exact = new double[Players];
        double[] sampled = new double[Players];
        double start = new LinearExplainer(scorer, background, _playerOf).Explain(row, 0, exact);

        Assert.Equal(start, new SampledExplainer(scorer, new IdentityCalibrator(1), background, _playerOf, Players).Explain(row, 0, sampled), 1e-9);
        for (int p = 0; p < Players; p++)
        {
            Assert.Equal(exact[p], sampled[p], 1e-9);
        }
    }

    [Theory]
    [InlineData("Average")]
    [InlineData("Sum")]
    public void TreePath_AnyForest_IsTheDefinition(string how)
    {
        TreeCombination combination = Enum.Parse<TreeCombination>(how);
        var random = RandomStream.ForStream(4, 0);
        DecisionTree[] trees = [.. Enumerable.Range(0, 12).Select(_ => RandomTree(random, depth: 5, outputs: 2))];
        var scorer = new TreeEnsembleScorer(Columns, trees, combination, [0.25, 0.5], ScoreLink.Identity, areProbabilities: false);
        var explainer = new TreeExplainer(scorer, _playerOf);
        for (int round = 0; round < 10; round++)
        {
            double[] row = [.. Random(1, Columns, (ulong)(20 + round)).Values];
            double[] contributions = new double[Players];
            double start = explainer.Explain(row, 1, contributions);
            double scale = combination == TreeCombination.Average ? 1.0 / trees.Length : 1;
            double Worth(bool[] set) => 0.5 + trees.Sum(t => scale * Expectation(t, 0, row, set, output: 1));

            Assert.Equal(Worth(new bool[Players]), start, 1e-9);
            double[] expected = Games.Shapley(Players, Worth);
            for (int p = 0; p < Players; p++)
            {
                Assert.Equal(expected[p], contributions[p], 1e-9);
            }

            double[] score = new double[2];
            scorer.Score(row, score);
            Assert.Equal(score[1], start + contributions.Sum(), 1e-9);
        }
    }

    [Fact]
    public void TreePath_OneLeaf_ContributesNothing()
    {
        var tree = DecisionTree.Create([-1], [0], [0], [0], [0.7], [10], 1);
        var scorer = new TreeEnsembleScorer(Columns, [tree], TreeCombination.Average, [0], ScoreLink.Identity, areProbabilities: true);
        double[] contributions = [9, 9, 9, 9, 9];

        Assert.Equal(0.7, new TreeExplainer(scorer, _playerOf).Explain(new double[Columns], 0, contributions), 1e-12);
        Assert.All(contributions, c => Assert.Equal(0, c));
    }

    private static void AssertInterventional(IScorer scorer, Background background, IExplainer explainer, int output)
    {
        for (int round = 0; round < 5; round++)
        {
            double[] row = [.. Random(1, Columns, (ulong)(10 + round)).Values];
            double[] contributions = new double[Players];
            double start = explainer.Explain(row, output, contributions);
            double[] expected = Interventional(scorer, background, row, output);
            for (int p = 0; p < Players; p++)
            {
                Assert.Equal(expected[p], contributions[p], 1e-12);
            }

            double[] scores = new double[scorer.Scores];
            scorer.Score(row, scores);
            Assert.Equal(scores[output], start + contributions.Sum(), 1e-12);
        }
    }

    private static double[] Interventional(IScorer scorer, Background background, double[] row, int output) => Games.Shapley(Players, set =>
    {
        double sum = 0;
        double[] scores = new double[scorer.Scores];
        for (int b = 0; b < background.Points.Rows; b++)
        {
            double[] mixed = [.. Enumerable.Range(0, Columns).Select(c => set[_playerOf[c]] ? row[c] : background.Points[b, c])];
            scorer.Score(mixed, scores);
            sum += background.Weights[b] * scores[output];
        }

        return sum;
    });

    private static double Expectation(DecisionTree tree, int node, double[] row, bool[] set, int output)
    {
        int feature = tree.Feature[node];
        if (feature < 0)
        {
            return tree.Value[(node * tree.Outputs) + output];
        }

        int left = tree.Left[node];
        int right = tree.Right[node];
        if (set[_playerOf[feature]])
        {
            return Expectation(tree, row[feature] <= tree.Threshold[node] ? left : right, row, set, output);
        }

        double cover = tree.Cover[node];
        return ((tree.Cover[left] * Expectation(tree, left, row, set, output)) + (tree.Cover[right] * Expectation(tree, right, row, set, output))) / cover;
    }

    private static DecisionTree RandomTree(RandomStream random, int depth, int outputs)
    {
        var feature = new List<int>();
        var threshold = new List<double>();
        var left = new List<int>();
        var right = new List<int>();
        int Grow(int below)
        {
            int node = feature.Count;
            bool leaf = below == 0 || random.NextInt(4) == 0;
            feature.Add(leaf ? -1 : random.NextInt(Columns));
            threshold.Add(leaf ? 0 : random.NextNormal());
            left.Add(0);
            right.Add(0);
            if (!leaf)
            {
                left[node] = Grow(below - 1);
                right[node] = Grow(below - 1);
            }

            return node;
        }

        Grow(depth);
        double[] value = [.. Enumerable.Range(0, feature.Count * outputs).Select(_ => random.NextNormal())];
        double[] cover = [.. Enumerable.Range(0, feature.Count).Select(_ => 1.0 + random.NextInt(20))];
        return DecisionTree.Create([.. feature], [.. threshold], [.. left], [.. right], value, cover, outputs);
    }

    private static Background Points() => Background.Create(Random(3, Columns, 7), [1, 2, 5]);

    private static Matrix Random(int rows, int columns, ulong stream)
    {
        var random = RandomStream.ForStream(11, stream);
        var matrix = new Matrix(rows, columns);
        for (int i = 0; i < matrix.Values.Length; i++)
        {
            matrix.Values[i] = random.NextNormal();
        }

        return matrix;
    }
}
