using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>
/// Adds up what the trees say of rows they have not seen. The sums are whole numbers (of 2⁻⁴⁰), so that they come out the same in whatever order the
/// trees are ready.
/// </summary>
internal sealed class OutOfBagSums(int rows, int outputs)
{
    private const double Scale = 1L << 40;

    private readonly long[] _sums = new long[checked(rows * outputs)];
    private readonly int[] _trees = new int[rows];

    public void Add(DecisionTree tree, Matrix x, ReadOnlySpan<int> bag)
    {
        for (int i = 0; i < bag.Length; i++)
        {
            if (bag[i] != 0)
            {
                continue;
            }

            int leaf = tree.Leaf(x.Row(i));
            Interlocked.Increment(ref _trees[i]);
            for (int k = 0; k < outputs; k++)
            {
                Interlocked.Add(ref _sums[(i * outputs) + k], (long)Math.Round(tree.Value[(leaf * outputs) + k] * Scale));
            }
        }
    }

    public Matrix ToScores()
    {
        var scores = new Matrix(_trees.Length, outputs);
        for (int i = 0; i < _trees.Length; i++)
        {
            for (int k = 0; k < outputs; k++)
            {
                scores[i, k] = _trees[i] == 0 ? double.NaN : _sums[(i * outputs) + k] / Scale / _trees[i];
            }
        }

        return scores;
    }
}
