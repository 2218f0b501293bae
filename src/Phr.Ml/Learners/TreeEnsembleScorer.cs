using System.Buffers;
using System.Formats.Cbor;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>Many trees: random forests, extremely randomised trees, boosted trees.</summary>
/// <remarks>
/// A row walks down eight trees at a time, and every walk takes as many steps as the deepest of the eight: a leaf leads to itself. So there is no
/// branch to guess wrong, and eight loads from memory are under way at once. A leaf compares −∞, which is put behind the row, with its threshold, and
/// so never goes right: its threshold is free to hold its value.
/// </remarks>
internal sealed class TreeEnsembleScorer : IScorer
{
    public const string Kind = "trees";
    private const int Lanes = 8;
    private const int MostOnStack = 512;

    private readonly DecisionTree[] _trees;
    private readonly double[] _bias;

    // All trees one after another; siblings side by side, so that the right child needs no place of its own.
    private readonly Node[] _nodes;

    // Where there is more than one output: those of every node.
    private readonly double[] _values;
    private readonly int[] _roots;
    private readonly int[] _steps;

    /// <param name="features">How many features a row has.</param>
    /// <param name="trees">At least one, all with as many outputs as there are biases.</param>
    /// <param name="combination">How their answers become one.</param>
    /// <param name="bias">What is added to each score.</param>
    /// <param name="link">What is then done to the scores.</param>
    /// <param name="areProbabilities">Whether what comes out are probabilities: the leaves hold shares of classes, or there is a link.</param>
    /// <exception cref="InvalidDataException">A tree looks at a feature that is not there, or the parts do not go together.</exception>
    public TreeEnsembleScorer(int features, IReadOnlyList<DecisionTree> trees, TreeCombination combination, double[] bias, ScoreLink link, bool areProbabilities)
    {
        if (trees.Count == 0 || bias.Length == 0 || !ScoreLinks.Fits(link, bias.Length))
        {
            throw new InvalidDataException("A forest has no tree, or its link does not fit its scores.");
        }

        Features = features;
        Combination = combination;
        Link = link;
        AreProbabilities = areProbabilities;
        _bias = bias;
        _trees = [.. trees];
        int total = 0;
        foreach (DecisionTree tree in _trees)
        {
            if (tree.Outputs != bias.Length)
            {
                throw new InvalidDataException($"A tree gives {tree.Outputs} values where {bias.Length} are wanted.");
            }

            foreach (int f in tree.Feature)
            {
                if (f >= features)
                {
                    throw new InvalidDataException($"A tree looks at feature {f} of {features}.");
                }
            }

            total = checked(total + tree.Nodes);
        }

        _nodes = new Node[total];
        _values = bias.Length == 1 ? [] : new double[checked(total * bias.Length)];
        _roots = new int[_trees.Length];
        _steps = new int[(_trees.Length + Lanes - 1) / Lanes];
        int next = 0;
        int place = 0;

        // Trees of like depth walk together, so that few steps are taken in vain.
        foreach (DecisionTree tree in _trees.OrderBy(t => t.Depth))
        {
            _roots[place] = next;
            _steps[place / Lanes] = Math.Max(_steps[place / Lanes], tree.Depth);
            next = Lay(tree, next);
            place++;
        }
    }

    public int Features { get; }

    public int Scores => _bias.Length;

    public bool AreProbabilities { get; }

    public TreeCombination Combination { get; }

    public ScoreLink Link { get; }

    public ReadOnlySpan<double> Bias => _bias;

    public IReadOnlyList<DecisionTree> Trees => _trees;

    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        if (row.Length < Features)
        {
            throw new ArgumentException($"The row has {row.Length} values; the forest wants {Features}.", nameof(row));
        }

        if (Features < MostOnStack)
        {
            Span<double> own = stackalloc double[Features + 1];
            Walk(row, own, scores);
        }
        else
        {
            double[] own = ArrayPool<double>.Shared.Rent(Features + 1);
            Walk(row, own, scores);
            ArrayPool<double>.Shared.Return(own);
        }
    }

    private void Walk(ReadOnlySpan<double> row, Span<double> own, Span<double> scores)
    {
        row[..Features].CopyTo(own);
        own[Features] = double.NegativeInfinity;
        int outputs = _bias.Length;
        scores = scores[..outputs];
        scores.Clear();
        ref double x = ref MemoryMarshal.GetReference(own);
        ref Node nodes = ref MemoryMarshal.GetArrayDataReference(_nodes);
        int whole = _roots.Length / Lanes * Lanes;
        double single = 0;
        for (int t = 0; t < whole; t += Lanes)
        {
            int a = _roots[t];
            int b = _roots[t + 1];
            int c = _roots[t + 2];
            int d = _roots[t + 3];
            int e = _roots[t + 4];
            int f = _roots[t + 5];
            int g = _roots[t + 6];
            int h = _roots[t + 7];
            for (int step = _steps[t / Lanes]; step > 0; step--)
            {
                a = Next(ref nodes, ref x, a);
                b = Next(ref nodes, ref x, b);
                c = Next(ref nodes, ref x, c);
                d = Next(ref nodes, ref x, d);
                e = Next(ref nodes, ref x, e);
                f = Next(ref nodes, ref x, f);
                g = Next(ref nodes, ref x, g);
                h = Next(ref nodes, ref x, h);
            }

            if (outputs == 1)
            {
                single += Value(ref nodes, a) + Value(ref nodes, b) + (Value(ref nodes, c) + Value(ref nodes, d))
                    + (Value(ref nodes, e) + Value(ref nodes, f) + (Value(ref nodes, g) + Value(ref nodes, h)));
            }
            else
            {
                Add(scores, a);
                Add(scores, b);
                Add(scores, c);
                Add(scores, d);
                Add(scores, e);
                Add(scores, f);
                Add(scores, g);
                Add(scores, h);
            }
        }

        for (int t = whole; t < _roots.Length; t++)
        {
            int a = _roots[t];
            for (int step = _steps[t / Lanes]; step > 0; step--)
            {
                a = Next(ref nodes, ref x, a);
            }

            if (outputs == 1)
            {
                single += Value(ref nodes, a);
            }
            else
            {
                Add(scores, a);
            }
        }

        scores[0] += single;
        double factor = Combination == TreeCombination.Average ? 1.0 / _roots.Length : 1;
        for (int k = 0; k < outputs; k++)
        {
            scores[k] = (scores[k] * factor) + _bias[k];
        }

        Link.Apply(scores);
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(9);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Features);
        writer.WriteInt32(Scores);
        writer.WriteInt32((int)Combination);
        writer.WriteInt32((int)Link);
        writer.WriteBoolean(AreProbabilities);
        Packed.WriteDoubles(writer, _bias);
        writer.WriteInt32(_trees.Length);
        writer.WriteStartArray(_trees.Length);
        foreach (DecisionTree tree in _trees)
        {
            WriteTree(writer, tree);
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    public static TreeEnsembleScorer Read(CborReader reader)
    {
        int features = Packed.ReadCount(reader, 1, Limits.Features);
        int scores = Packed.ReadCount(reader, 1, Limits.Classes);
        var combination = (TreeCombination)Packed.ReadCount(reader, 0, (int)TreeCombination.Sum);
        ScoreLink link = ScoreLinks.Read(reader, scores);
        bool areProbabilities = reader.ReadBoolean();
        double[] bias = Packed.ReadDoubles(reader, scores);
        int count = Packed.ReadCount(reader, 1, Limits.Trees);
        if (reader.ReadStartArray() != count)
        {
            throw new InvalidDataException("The forest in the model has another number of trees than it says.");
        }

        var trees = new List<DecisionTree>();
        for (int t = 0; t < count; t++)
        {
            trees.Add(ReadTree(reader, scores));
        }

        reader.ReadEndArray();
        return new TreeEnsembleScorer(features, trees, combination, bias, link, areProbabilities);
    }

    // Only what cannot be worked out again is written: of inner nodes the feature, threshold and children, of leaves the values and cover.
    private static void WriteTree(CborWriter writer, DecisionTree tree)
    {
        int[] inner = [.. Enumerable.Range(0, tree.Nodes).Where(i => tree.Feature[i] >= 0)];
        int[] leaves = [.. Enumerable.Range(0, tree.Nodes).Where(i => tree.Feature[i] < 0)];
        double[] values = new double[leaves.Length * tree.Outputs];
        double[] thresholds = new double[inner.Length];
        double[] covers = new double[leaves.Length];
        int[] left = new int[inner.Length];
        int[] right = new int[inner.Length];
        for (int i = 0; i < inner.Length; i++)
        {
            thresholds[i] = tree.Threshold[inner[i]];
            left[i] = tree.Left[inner[i]];
            right[i] = tree.Right[inner[i]];
        }

        for (int i = 0; i < leaves.Length; i++)
        {
            covers[i] = tree.Cover[leaves[i]];
            tree.Value.Slice(leaves[i] * tree.Outputs, tree.Outputs).CopyTo(values.AsSpan(i * tree.Outputs));
        }

        writer.WriteStartArray(7);
        writer.WriteInt32(tree.Nodes);
        Packed.WriteInts(writer, tree.Feature);
        Packed.WriteDoubles(writer, thresholds);
        Packed.WriteInts(writer, left);
        Packed.WriteInts(writer, right);
        Packed.WriteDoubles(writer, values);
        Packed.WriteDoubles(writer, covers);
        writer.WriteEndArray();
    }

    private static DecisionTree ReadTree(CborReader reader, int outputs)
    {
        if (reader.ReadStartArray() != 7)
        {
            throw new InvalidDataException("A tree in the model has not seven parts.");
        }

        int n = Packed.ReadCount(reader, 1, Limits.Nodes);
        int[] feature = Packed.ReadInts(reader, n);
        int inner = feature.Count(f => f >= 0);
        int leaves = n - inner;
        double[] thresholds = Packed.ReadDoubles(reader, inner);
        int[] lefts = Packed.ReadInts(reader, inner);
        int[] rights = Packed.ReadInts(reader, inner);
        double[] values = Packed.ReadDoubles(reader, checked(leaves * outputs));
        double[] covers = Packed.ReadDoubles(reader, leaves);
        reader.ReadEndArray();
        double[] threshold = new double[n];
        int[] left = new int[n];
        int[] right = new int[n];
        double[] value = new double[checked(n * outputs)];
        double[] cover = new double[n];
        int nextInner = 0;
        int nextLeaf = 0;
        for (int i = 0; i < n; i++)
        {
            if (feature[i] >= 0)
            {
                threshold[i] = thresholds[nextInner];
                left[i] = lefts[nextInner];
                right[i] = rights[nextInner++];
            }
            else
            {
                values.AsSpan(nextLeaf * outputs, outputs).CopyTo(value.AsSpan(i * outputs));
                cover[i] = covers[nextLeaf++];
            }
        }

        return DecisionTree.Create(feature, threshold, left, right, value, cover, outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(ref Node nodes, ref double x, int at)
    {
        // The constructor has checked every feature and child.
        ref Node node = ref Unsafe.Add(ref nodes, at);
        return unchecked(node.Left + (Unsafe.Add(ref x, node.Feature) > node.Threshold ? 1 : 0));
    }

    private static double Value(ref Node nodes, int leaf) => Unsafe.Add(ref nodes, leaf).Threshold;

    private void Add(Span<double> scores, int node)
    {
        ReadOnlySpan<double> values = _values.AsSpan(node * scores.Length, scores.Length);
        for (int k = 0; k < values.Length; k++)
        {
            scores[k] += values[k];
        }
    }

    private int Lay(DecisionTree tree, int start)
    {
        int outputs = _bias.Length;
        int[] places = new int[tree.Nodes];
        places[0] = start;
        int next = start + 1;
        for (int i = 0; i < tree.Nodes; i++)
        {
            int place = places[i];
            if (tree.Feature[i] < 0)
            {
                _nodes[place] = new Node(outputs == 1 ? tree.Value[i] : 0, Features, place);
                if (outputs > 1)
                {
                    tree.Value.Slice(i * outputs, outputs).CopyTo(_values.AsSpan(place * outputs));
                }
            }
            else
            {
                places[tree.Left[i]] = next;
                places[tree.Right[i]] = next + 1;
                _nodes[place] = new Node(tree.Threshold[i], tree.Feature[i], next);
                next += 2;
            }
        }

        return next;
    }

    private readonly record struct Node(double Threshold, int Feature, int Left);
}
