using System.Numerics;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>Grows trees one after another on one thread, with memory that it keeps between them.</summary>
internal sealed class TreeGrower
{
    // Below this many rows a node sorts places instead of marking them in the bitmap.
    private const int FewRows = 12;

    private readonly FeatureOrder _order;
    private readonly TreeShape _shape;
    private readonly int[] _y;
    private readonly double[] _rowWeights;
    private readonly int _classes;
    private readonly int _outputs;
    private readonly int[] _bag;
    private readonly double[] _weight;
    private readonly double[] _diseased;
    private readonly int[] _rows;
    private readonly int[] _sorted;
    private readonly ulong[] _bitmap;
    private readonly int[] _drawn;
    private readonly double[] _left;
    private readonly double[] _total;
    private readonly Stack<Pending> _pending = new();
    private readonly Nodes _nodes = new();

    public TreeGrower(Matrix x, FeatureOrder order, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, TreeShape shape)
    {
        _order = order;
        _shape = shape;
        _y = y.ToArray();
        _rowWeights = weights.ToArray();
        _classes = classes;
        _outputs = classes == 2 ? 1 : classes;
        _bag = new int[x.Rows];
        _weight = new double[x.Rows];
        _diseased = new double[classes == 2 ? x.Rows : 0];
        _rows = new int[x.Rows];
        _sorted = new int[x.Rows];
        _bitmap = new ulong[(x.Rows + 63) / 64];
        _drawn = new int[x.Columns];
        _left = new double[classes];
        _total = new double[classes];
    }

    /// <summary>How often each row is in the sample of the tree grown last.</summary>
    public ReadOnlySpan<int> Bag => _bag;

    public DecisionTree Grow(RandomStream random)
    {
        int count = Draw(random);
        for (int f = 0; f < _drawn.Length; f++)
        {
            _drawn[f] = f;
        }

        _nodes.Clear();
        _nodes.Add(_outputs);
        _pending.Push(new Pending(0, 0, count, 0));
        while (_pending.TryPop(out Pending node))
        {
            Grow(node, random);
        }

        return _nodes.ToTree(_outputs);
    }

    private int Draw(RandomStream random)
    {
        int n = _bag.Length;
        if (_shape.Bootstrap)
        {
            Array.Clear(_bag);
            for (int i = 0; i < n; i++)
            {
                _bag[random.NextInt(n)]++;
            }
        }
        else if (_shape.RowShare < 1)
        {
            Array.Clear(_bag);
            for (int i = 0; i < n; i++)
            {
                _rows[i] = i;
            }

            int wanted = Math.Max(1, (int)Math.Round(_shape.RowShare * n));
            for (int i = 0; i < wanted; i++)
            {
                int j = i + random.NextInt(n - i);
                (_rows[i], _rows[j]) = (_rows[j], _rows[i]);
                _bag[_rows[i]] = 1;
            }
        }
        else
        {
            Array.Fill(_bag, 1);
        }

        int count = 0;
        for (int i = 0; i < n; i++)
        {
            double w = _bag[i] * (_rowWeights.Length == 0 ? 1 : _rowWeights[i]);
            _weight[i] = w;
            if (_diseased.Length != 0)
            {
                _diseased[i] = _y[i] == 1 ? w : 0;
            }

            if (_bag[i] != 0)
            {
                _rows[count++] = i;
            }
        }

        return count;
    }

    private void Grow(Pending node, RandomStream random)
    {
        ReadOnlySpan<int> rows = _rows.AsSpan(node.Start, node.Count);
        double weight = 0;
        bool pure;
        if (_classes == 2)
        {
            double diseased = 0;
            foreach (int row in rows)
            {
                weight += _weight[row];
                diseased += _diseased[row];
            }

            pure = diseased <= 0 || diseased >= weight;
            _total[0] = weight - diseased;
            _total[1] = diseased;
            _nodes.Value[node.Node] = diseased / weight;
        }
        else
        {
            Array.Clear(_total);
            foreach (int row in rows)
            {
                weight += _weight[row];
                _total[_y[row]] += _weight[row];
            }

            pure = _total.Count(t => t > 0) <= 1;
            for (int k = 0; k < _classes; k++)
            {
                _nodes.Value[(node.Node * _outputs) + k] = _total[k] / weight;
            }
        }

        _nodes.Cover[node.Node] = weight;
        if (pure || node.Depth >= _shape.MaxDepth || rows.Length < 2 * (long)_shape.MinLeaf)
        {
            return;
        }

        Split best = Choose(node, weight, random);
        if (best.Feature < 0)
        {
            return;
        }

        int middle = Part(node, best);
        int left = _nodes.Add(_outputs);
        int right = _nodes.Add(_outputs);
        _nodes.Feature[node.Node] = best.Feature;
        _nodes.Threshold[node.Node] = best.Threshold;
        _nodes.Left[node.Node] = left;
        _nodes.Right[node.Node] = right;
        _pending.Push(new Pending(right, middle, node.Start + node.Count - middle, node.Depth + 1));
        _pending.Push(new Pending(left, node.Start, middle - node.Start, node.Depth + 1));
    }

    private Split Choose(Pending node, double weight, RandomStream random)
    {
        var best = new Split(-1, 0, 0, double.NegativeInfinity);

        // Goes on past the wanted number of features until one can be split on at all.
        for (int k = 0; k < _drawn.Length && (k < _shape.Features || best.Feature < 0); k++)
        {
            int j = k + random.NextInt(_drawn.Length - k);
            (_drawn[k], _drawn[j]) = (_drawn[j], _drawn[k]);
            if (_shape.Kind == ForestKind.ExtraTrees)
            {
                TryOneThreshold(node, _drawn[k], weight, random, ref best);
            }
            else
            {
                TryAllThresholds(node, _drawn[k], weight, ref best);
            }
        }

        return best;
    }

    private void TryAllThresholds(Pending node, int feature, double weight, ref Split best)
    {
        double[] values = _order.Values(feature);
        ReadOnlySpan<int> places = Sort(node, _order.Places(feature));
        if (values[places[0]] == values[places[^1]])
        {
            return;
        }

        if (_classes == 2)
        {
            ScanTwoClasses(places, feature, values, weight, ref best);
        }
        else
        {
            ScanManyClasses(places, feature, values, weight, ref best);
        }
    }

    private ReadOnlySpan<int> Sort(Pending node, int[] places)
    {
        ReadOnlySpan<int> rows = _rows.AsSpan(node.Start, node.Count);
        Span<int> sorted = _sorted.AsSpan(0, node.Count);
        unchecked
        {
            if (rows.Length <= FewRows)
            {
                for (int i = 0; i < rows.Length; i++)
                {
                    int place = places[rows[i]];
                    int j = i - 1;
                    for (; j >= 0 && sorted[j] > place; j--)
                    {
                        sorted[j + 1] = sorted[j];
                    }

                    sorted[j + 1] = place;
                }

                return sorted;
            }

            if (_bitmap.Length > rows.Length * 8)
            {
                for (int i = 0; i < rows.Length; i++)
                {
                    sorted[i] = places[rows[i]];
                }

                sorted.Sort();
                return sorted;
            }

            ulong[] bitmap = _bitmap;
            foreach (int row in rows)
            {
                int place = places[row];
                bitmap[place >> 6] |= 1UL << place;
            }

            int next = 0;
            for (int word = 0; word < bitmap.Length; word++)
            {
                ulong bits = bitmap[word];
                if (bits == 0)
                {
                    continue;
                }

                bitmap[word] = 0;
                int origin = word << 6;
                do
                {
                    sorted[next++] = origin + BitOperations.TrailingZeroCount(bits);
                    bits &= bits - 1;
                }
                while (bits != 0);
            }

            return sorted;
        }
    }

    private void ScanTwoClasses(ReadOnlySpan<int> places, int feature, double[] values, double weight, ref Split best)
    {
        int[] rows = _order.Rows(feature);
        double total = _total[1];
        double wl = 0;
        double dl = 0;
        double previous = values[places[0]];
        double bestGain = best.Gain;
        int cut = -1;
        unchecked
        {
            int last = places.Length - _shape.MinLeaf;
            for (int i = 0; i < places.Length; i++)
            {
                int place = places[i];
                double value = values[place];
                if (value > previous)
                {
                    if (i >= _shape.MinLeaf)
                    {
                        if (i > last)
                        {
                            break;
                        }

                        double gain = Gain(wl, dl, weight, total);
                        if (gain > bestGain)
                        {
                            bestGain = gain;
                            cut = i;
                        }
                    }

                    previous = value;
                }

                int row = rows[place];
                wl += _weight[row];
                dl += _diseased[row];
            }
        }

        Take(places, feature, values, cut, bestGain, ref best);
    }

    // Σ of squared class weights over the weight, on both sides: largest where the impurity that is left is least.
    private static double Gain(double wl, double dl, double weight, double diseased)
    {
        double hl = wl - dl;
        double wr = weight - wl;
        double dr = diseased - dl;
        double hr = wr - dr;
        return (((dl * dl) + (hl * hl)) / wl) + (((dr * dr) + (hr * hr)) / wr);
    }

    private void ScanManyClasses(ReadOnlySpan<int> places, int feature, double[] values, double weight, ref Split best)
    {
        int[] rows = _order.Rows(feature);
        Array.Clear(_left);
        double wl = 0;
        double squaresLeft = 0;
        double squaresRight = 0;
        foreach (double t in _total)
        {
            squaresRight += t * t;
        }

        double previous = values[places[0]];
        double bestGain = best.Gain;
        int cut = -1;
        for (int i = 0; i < places.Length; i++)
        {
            double value = values[places[i]];
            if (value > previous)
            {
                if (i >= _shape.MinLeaf && i <= places.Length - _shape.MinLeaf)
                {
                    double gain = (squaresLeft / wl) + (squaresRight / (weight - wl));
                    if (gain > bestGain)
                    {
                        bestGain = gain;
                        cut = i;
                    }
                }

                previous = value;
            }

            int row = rows[places[i]];
            double w = _weight[row];
            int k = _y[row];
            double l = _left[k];
            double r = _total[k] - l;
            squaresLeft += w * ((2 * l) + w);
            squaresRight -= w * ((2 * r) - w);
            _left[k] = l + w;
            wl += w;
        }

        Take(places, feature, values, cut, bestGain, ref best);
    }

    private static void Take(ReadOnlySpan<int> places, int feature, double[] values, int cut, double gain, ref Split best)
    {
        if (cut < 0)
        {
            return;
        }

        double below = values[places[cut - 1]];
        double above = values[places[cut]];
        double threshold = (below / 2) + (above / 2);
        best = new Split(feature, threshold >= above || threshold < below ? below : threshold, places[cut - 1], gain);
    }

    private void TryOneThreshold(Pending node, int feature, double weight, RandomStream random, ref Split best)
    {
        double[] values = _order.Values(feature);
        ReadOnlySpan<int> rows = _rows.AsSpan(node.Start, node.Count);
        double least = values[rows[0]];
        double most = least;
        foreach (int row in rows)
        {
            double value = values[row];
            least = value < least ? value : least;
            most = value > most ? value : most;
        }

        if (least == most)
        {
            return;
        }

        double u = random.NextDouble();
        double threshold = (least * (1 - u)) + (most * u);
        threshold = threshold >= most || threshold < least ? least : threshold;
        int count = 0;
        double gain;
        if (_classes == 2)
        {
            double wl = 0;
            double dl = 0;
            unchecked
            {
                foreach (int row in rows)
                {
                    bool left = values[row] <= threshold;
                    count += left ? 1 : 0;
                    wl += left ? _weight[row] : 0;
                    dl += left ? _diseased[row] : 0;
                }
            }

            gain = Gain(wl, dl, weight, _total[1]);
        }
        else
        {
            Array.Clear(_left);
            double wl = 0;
            foreach (int row in rows)
            {
                if (values[row] <= threshold)
                {
                    count++;
                    wl += _weight[row];
                    _left[_y[row]] += _weight[row];
                }
            }

            double left = 0;
            double right = 0;
            for (int k = 0; k < _classes; k++)
            {
                left += _left[k] * _left[k];
                right += (_total[k] - _left[k]) * (_total[k] - _left[k]);
            }

            gain = (left / wl) + (right / (weight - wl));
        }

        if (gain > best.Gain && count >= _shape.MinLeaf && rows.Length - count >= _shape.MinLeaf)
        {
            best = new Split(feature, threshold, -1, gain);
        }
    }

    // Brings the rows that go left to the front, and returns where those that go right begin.
    private int Part(Pending node, Split split)
    {
        int[] rows = _rows;
        int from = node.Start;
        int to = node.Start + node.Count - 1;
        int[]? places = _shape.Kind == ForestKind.RandomForest ? _order.Places(split.Feature) : null;
        double[] values = _order.Values(split.Feature);
        unchecked
        {
            while (from <= to)
            {
                int row = rows[from];
                if (places is null ? values[row] <= split.Threshold : places[row] <= split.LastPlace)
                {
                    from++;
                }
                else
                {
                    rows[from] = rows[to];
                    rows[to--] = row;
                }
            }
        }

        return from;
    }

    private readonly record struct Pending(int Node, int Start, int Count, int Depth);

    private readonly record struct Split(int Feature, double Threshold, int LastPlace, double Gain);

    private sealed class Nodes
    {
        private int _count;

        public int[] Feature { get; private set; } = new int[64];

        public double[] Threshold { get; private set; } = new double[64];

        public int[] Left { get; private set; } = new int[64];

        public int[] Right { get; private set; } = new int[64];

        public double[] Cover { get; private set; } = new double[64];

        public double[] Value { get; private set; } = new double[64];

        public void Clear() => _count = 0;

        public int Add(int outputs)
        {
            if (_count == Feature.Length)
            {
                int size = checked(_count * 2);
                Feature = Grown(Feature, size);
                Threshold = Grown(Threshold, size);
                Left = Grown(Left, size);
                Right = Grown(Right, size);
                Cover = Grown(Cover, size);
            }

            if (Value.Length < Feature.Length * outputs)
            {
                Value = Grown(Value, checked(Feature.Length * outputs));
            }

            Feature[_count] = -1;
            Threshold[_count] = 0;
            Left[_count] = 0;
            Right[_count] = 0;
            return _count++;
        }

        public DecisionTree ToTree(int outputs) => DecisionTree.Create(
            Feature[.._count], Threshold[.._count], Left[.._count], Right[.._count], Value[..(_count * outputs)], Cover[.._count], outputs);

        private static T[] Grown<T>(T[] old, int size)
        {
            Array.Resize(ref old, size);
            return old;
        }
    }
}
