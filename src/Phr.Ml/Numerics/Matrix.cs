namespace Phr.Ml.Numerics;

/// <summary>Rows of features as learners see them: dense, row after row, nothing missing, every value finite.</summary>
internal sealed class Matrix
{
    private readonly double[] _values;

    public Matrix(int rows, int columns)
        : this(rows, columns, new double[checked(rows * columns)])
    {
    }

    public Matrix(int rows, int columns, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"{rows} rows of {columns} columns are not {values.Length} values.", nameof(values));
        }

        Rows = rows;
        Columns = columns;
        _values = values;
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>All values, row after row.</summary>
    public Span<double> Values => _values;

    public double this[int row, int column]
    {
        get => _values[(row * Columns) + column];
        set => _values[(row * Columns) + column] = value;
    }

    public Span<double> Row(int row) => _values.AsSpan(row * Columns, Columns);

    /// <summary>The rows of the given numbers, in that order.</summary>
    public Matrix Select(ReadOnlySpan<int> rows)
    {
        var chosen = new Matrix(rows.Length, Columns);
        for (int i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(chosen.Row(i));
        }

        return chosen;
    }
}
