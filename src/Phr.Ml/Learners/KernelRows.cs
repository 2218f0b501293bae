using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>The kernel between all rows of a training set: whole where it fits, else the rows used last.</summary>
internal sealed class KernelRows
{
    /// <summary>How many numbers are kept: 256 MiB.</summary>
    public const long MostNumbers = 1 << 25;

    private readonly Matrix _x;
    private readonly double _gamma;
    private readonly double[]?[] _rows;
    private readonly LinkedList<int> _used = new();
    private readonly LinkedListNode<int>?[] _places;
    private readonly int _most;

    /// <param name="x">The rows.</param>
    /// <param name="gamma">γ of the Gaussian kernel, or 0 for the linear one.</param>
    /// <param name="most">How many numbers may be kept; two rows always are.</param>
    public KernelRows(Matrix x, double gamma, long most = MostNumbers)
    {
        _x = x;
        _gamma = gamma;
        _rows = new double[]?[x.Rows];
        _places = new LinkedListNode<int>?[x.Rows];
        _most = (int)Math.Max(2, Math.Min(x.Rows, most / x.Rows));
        Diagonal = new double[x.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            Diagonal[i] = gamma == 0 ? Vectors.Dot(x.Row(i), x.Row(i)) : 1;
        }
    }

    public double[] Diagonal { get; }

    /// <summary>The kernel between row <paramref name="i"/> and every row. Valid until the second next call.</summary>
    public double[] Row(int i)
    {
        if (_rows[i] is { } known)
        {
            if (_most < _rows.Length)
            {
                _used.Remove(_places[i]!);
                _used.AddLast(_places[i]!);
            }

            return known;
        }

        double[]? row = null;
        if (_most < _rows.Length)
        {
            if (_used.Count >= _most)
            {
                int oldest = _used.First!.Value;
                _used.RemoveFirst();
                row = _rows[oldest];
                _rows[oldest] = null;
            }

            _places[i] = _used.AddLast(i);
        }

        row ??= new double[_rows.Length];
        Compute(i, row);
        return _rows[i] = row;
    }

    private void Compute(int i, double[] row)
    {
        ReadOnlySpan<double> a = _x.Row(i);
        for (int j = 0; j < row.Length; j++)
        {
            row[j] = _rows[j] is { } other
                ? other[i]
                : _gamma == 0 ? Vectors.Dot(a, _x.Row(j)) : Math.Exp(-_gamma * Vectors.SquaredDistance(a, _x.Row(j)));
        }
    }
}
