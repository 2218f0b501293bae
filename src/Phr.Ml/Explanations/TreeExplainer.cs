using System.Buffers;
using Phr.Ml.Learners;

namespace Phr.Ml.Explanations;

/// <summary>Exact Shapley values of trees, in the game that follows the trees' own paths.</summary>
/// <remarks>
/// The game is the "path-dependent" one of S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees", Nature
/// Machine Intelligence 2 (2020): where a feature is left out, both children are taken, each weighted by the share of training rows that went there.
/// There a leaf counts its value times a product over the features on its path, which <see cref="ProductGame"/> solves. Columns made of one raw
/// feature (the levels of a category, the mark of a missing value) are one player.
/// </remarks>
internal sealed class TreeExplainer : IExplainer
{
    private readonly TreeEnsembleScorer _scorer;
    private readonly int[] _playerOf;
    private readonly double _scale;
    private readonly int _depth;
    private readonly double[] _base;

    public TreeExplainer(TreeEnsembleScorer scorer, int[] playerOf)
    {
        _scorer = scorer;
        _playerOf = playerOf;
        _scale = scorer.Combination == TreeCombination.Average ? 1.0 / scorer.Trees.Count : 1;
        _depth = scorer.Trees.Max(t => t.Depth);
        _base = scorer.Bias.ToArray();
        foreach (DecisionTree tree in scorer.Trees)
        {
            for (int k = 0; k < _base.Length; k++)
            {
                _base[k] += _scale * tree.Value[k];
            }
        }
    }

    public ContributionMethod Method => ContributionMethod.TreePath;

    public double Explain(ReadOnlySpan<double> row, int output, Span<double> contributions)
    {
        contributions.Clear();
        int longest = _depth + 1;
        double[] rented = ArrayPool<double>.Shared.Rent((2 * longest) + ProductGame.ScratchLength(longest));
        int[] players = ArrayPool<int>.Shared.Rent(longest);
        try
        {
            var walk = new Walk
            {
                Row = row,
                PlayerOf = _playerOf,
                Output = output,
                Scale = _scale,
                Contributions = contributions,
                With = rented.AsSpan(0, longest),
                Without = rented.AsSpan(longest, longest),
                Scratch = rented.AsSpan(2 * longest),
                Players = players,
            };
            foreach (DecisionTree tree in _scorer.Trees)
            {
                walk.Visit(tree, node: 0, length: 0);
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented, clearArray: true);
            ArrayPool<int>.Shared.Return(players);
        }

        return _base[output];
    }

    private ref struct Walk
    {
        public ReadOnlySpan<double> Row;
        public ReadOnlySpan<int> PlayerOf;
        public int Output;
        public double Scale;
        public Span<double> Contributions;
        public Span<double> With;
        public Span<double> Without;
        public Span<double> Scratch;
        public Span<int> Players;

        // The depth of a tree, and so of this recursion, is bounded where a model is read.
        public void Visit(DecisionTree tree, int node, int length)
        {
            int feature = tree.Feature[node];
            if (feature < 0)
            {
                double value = tree.Value[(node * tree.Outputs) + Output] * Scale;
                ProductGame.Add(With[..length], Without[..length], Players[..length], value, Scratch, Contributions);
                return;
            }

            int player = PlayerOf[feature];
            int place = Players[..length].IndexOf(player);
            double with = 1;
            double without = 1;
            if (place < 0)
            {
                place = length++;
                Players[place] = player;
            }
            else
            {
                with = With[place];
                without = Without[place];
            }

            int left = tree.Left[node];
            int right = tree.Right[node];
            double cover = tree.Cover[node];
            bool goesLeft = Row[feature] <= tree.Threshold[node];
            Enter(tree, left, length, place, goesLeft ? with : 0, without * (cover > 0 ? tree.Cover[left] / cover : 0.5));
            Enter(tree, right, length, place, goesLeft ? 0 : with, without * (cover > 0 ? tree.Cover[right] / cover : 0.5));
            With[place] = with;
            Without[place] = without;
        }

        private void Enter(DecisionTree tree, int child, int length, int place, double with, double without)
        {
            // A child that neither the row nor any training row comes to counts nothing.
            if (with == 0 && without == 0)
            {
                return;
            }

            With[place] = with;
            Without[place] = without;
            Visit(tree, child, length);
        }
    }
}
