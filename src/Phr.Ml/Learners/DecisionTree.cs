namespace Phr.Ml.Learners;

/// <summary>
/// One tree: a row goes left where its value of the node's feature is at most the node's threshold. Node 0 is the root, and children have higher
/// numbers than their parent.
/// </summary>
internal sealed class DecisionTree
{
    private readonly int[] _feature;
    private readonly double[] _threshold;
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly double[] _value;
    private readonly double[] _cover;

    private DecisionTree(int[] feature, double[] threshold, int[] left, int[] right, double[] value, double[] cover, int outputs, int depth)
    {
        _feature = feature;
        _threshold = threshold;
        _left = left;
        _right = right;
        _value = value;
        _cover = cover;
        Outputs = outputs;
        Depth = depth;
    }

    public int Nodes => _feature.Length;

    /// <summary>How many values a node has.</summary>
    public int Outputs { get; }

    /// <summary>The most comparisons that a row may need.</summary>
    public int Depth { get; }

    /// <summary>The feature that a node looks at; −1 in a leaf.</summary>
    public ReadOnlySpan<int> Feature => _feature;

    /// <summary>What it is compared with; 0 in a leaf.</summary>
    public ReadOnlySpan<double> Threshold => _threshold;

    /// <summary>The child for values up to the threshold; 0 in a leaf.</summary>
    public ReadOnlySpan<int> Left => _left;

    /// <summary>The child for values above the threshold; 0 in a leaf.</summary>
    public ReadOnlySpan<int> Right => _right;

    /// <summary>Node after node, <see cref="Outputs"/> values each: a leaf's answer; in an inner node, the mean of its leaves by cover.</summary>
    public ReadOnlySpan<double> Value => _value;

    /// <summary>The weight of the training rows that came through each node.</summary>
    public ReadOnlySpan<double> Cover => _cover;

    /// <summary>Takes the arrays (which must not change afterwards), checks them, and works out the values and covers of inner nodes from the leaves.</summary>
    /// <exception cref="InvalidDataException">They are not one tree.</exception>
    public static DecisionTree Create(int[] feature, double[] threshold, int[] left, int[] right, double[] value, double[] cover, int outputs)
    {
        int n = feature.Length;
        if (n == 0 || outputs < 1 || threshold.Length != n || left.Length != n || right.Length != n || cover.Length != n || value.Length != (long)n * outputs)
        {
            throw new InvalidDataException("The parts of a tree have different lengths.");
        }

        int[] parents = new int[n];
        int[] depths = new int[n];
        int deepest = 0;
        for (int i = 0; i < n; i++)
        {
            if (feature[i] < -1 || !double.IsFinite(threshold[i]) || !(cover[i] >= 0))
            {
                throw new InvalidDataException("A node of a tree has an impossible feature, threshold or weight.");
            }

            deepest = Math.Max(deepest, depths[i]);
            if (feature[i] < 0)
            {
                continue;
            }

            if (left[i] <= i || right[i] <= i || left[i] >= n || right[i] >= n || left[i] == right[i])
            {
                throw new InvalidDataException("A node of a tree names a child that cannot be its own.");
            }

            parents[left[i]]++;
            parents[right[i]]++;
            depths[left[i]] = depths[right[i]] = depths[i] + 1;
        }

        for (int i = 1; i < n; i++)
        {
            if (parents[i] != 1)
            {
                throw new InvalidDataException("A node of a tree has not one parent.");
            }
        }

        for (int i = n - 1; i >= 0; i--)
        {
            if (feature[i] < 0)
            {
                continue;
            }

            double a = cover[left[i]];
            double b = cover[right[i]];
            cover[i] = a + b;
            for (int k = 0; k < outputs; k++)
            {
                double l = value[(left[i] * outputs) + k];
                double r = value[(right[i] * outputs) + k];
                value[(i * outputs) + k] = a + b > 0 ? ((a * l) + (b * r)) / (a + b) : (l + r) / 2;
            }
        }

        return new DecisionTree(feature, threshold, left, right, value, cover, outputs, deepest);
    }

    /// <summary>The leaf that a row comes to.</summary>
    public int Leaf(ReadOnlySpan<double> row)
    {
        int node = 0;
        while (_feature[node] >= 0)
        {
            node = row[_feature[node]] <= _threshold[node] ? _left[node] : _right[node];
        }

        return node;
    }
}
