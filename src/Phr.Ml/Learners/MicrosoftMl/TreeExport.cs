using Microsoft.ML.Trainers.FastTree;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Takes the trees out of Microsoft.ML's forests and boosted trees.</summary>
internal static class TreeExport
{
    /// <summary>One ensemble for two classes, or one for each class against the rest.</summary>
    /// <param name="ensembles">The ensembles.</param>
    /// <param name="x">The training rows: how many come through each node is not kept by Microsoft.ML.</param>
    public static TreeEnsembleScorer ToScorer<TTree>(IReadOnlyList<TreeEnsemble<TTree>> ensembles, Matrix x)
        where TTree : RegressionTreeBase
    {
        var trees = new List<DecisionTree>();
        double[] bias = new double[ensembles.Count];
        for (int k = 0; k < ensembles.Count; k++)
        {
            bias[k] = ensembles[k].Bias;
            for (int t = 0; t < ensembles[k].Trees.Count; t++)
            {
                trees.Add(ToTree(ensembles[k].Trees[t], ensembles[k].TreeWeights[t], k, ensembles.Count, x));
            }
        }

        return new TreeEnsembleScorer(x.Columns, trees, TreeCombination.Sum, bias, ScoreLink.Identity, areProbabilities: false);
    }

    // Inner nodes there have numbers from 0, leaves the complements of theirs. Here parents come before their children.
    private static DecisionTree ToTree(RegressionTreeBase tree, double weight, int output, int outputs, Matrix x)
    {
        int inner = tree.NumberOfNodes;
        int count = inner + tree.NumberOfLeaves;
        int[] feature = new int[count];
        double[] threshold = new double[count];
        int[] left = new int[count];
        int[] right = new int[count];
        double[] value = new double[count * outputs];
        var queue = new Queue<int>([inner == 0 ? ~0 : 0]);
        int next = 1;
        for (int at = 0; queue.TryDequeue(out int node); at++)
        {
            if (node < 0)
            {
                feature[at] = -1;
                value[(at * outputs) + output] = weight * tree.LeafValues[~node];
                continue;
            }

            if (tree.CategoricalSplitFlags.Count > node && tree.CategoricalSplitFlags[node])
            {
                throw new InvalidOperationException("A tree splits by categories, which were not asked for.");
            }

            feature[at] = tree.NumericalSplitFeatureIndexes[node];
            threshold[at] = Threshold(tree.NumericalSplitThresholds[node]);
            left[at] = next++;
            right[at] = next++;
            queue.Enqueue(tree.LeftChild[node]);
            queue.Enqueue(tree.RightChild[node]);
        }

        double[] cover = new double[count];
        DecisionTree plain = DecisionTree.Create(feature, threshold, left, right, [.. value], [.. cover], outputs);
        for (int i = 0; i < x.Rows; i++)
        {
            cover[plain.Leaf(x.Row(i))]++;
        }

        return DecisionTree.Create(feature, threshold, left, right, value, cover, outputs);
    }

    // There, a value is rounded to single precision before it is compared: the greatest double that still is not above.
    private static double Threshold(float t)
    {
        if (!float.IsFinite(t))
        {
            return t > 0 ? double.MaxValue : double.MinValue;
        }

        float above = MathF.BitIncrement(t);
        return float.IsFinite(above) ? Math.BitDecrement(t + (((double)above - t) / 2)) : t;
    }
}
