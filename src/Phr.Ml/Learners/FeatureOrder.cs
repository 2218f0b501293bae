using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>The rows of a training set in the order of each feature, and where each row stands in it.</summary>
internal sealed class FeatureOrder
{
    private readonly int[][] _rows;
    private readonly int[][] _places;
    private readonly double[][] _values;

    /// <param name="x">The rows.</param>
    /// <param name="sorted">Whether the order is wanted; otherwise only the columns of values are made.</param>
    /// <param name="threads">How many threads; 0 means one per core.</param>
    public FeatureOrder(Matrix x, bool sorted, int threads)
    {
        _rows = new int[x.Columns][];
        _places = new int[x.Columns][];
        _values = new double[x.Columns][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };
        Parallel.For(0, x.Columns, parallel, f =>
        {
            double[] values = new double[x.Rows];
            for (int i = 0; i < values.Length; i++)
            {
                // −0 and 0 are one value.
                values[i] = x[i, f] + 0.0;
            }

            if (sorted)
            {
                int[] rows = new int[x.Rows];
                for (int i = 0; i < rows.Length; i++)
                {
                    rows[i] = i;
                }

                // Equal values may come in any order: splits are looked for between different values only.
                Array.Sort(values, rows);
                int[] places = new int[x.Rows];
                for (int p = 0; p < rows.Length; p++)
                {
                    places[rows[p]] = p;
                }

                _rows[f] = rows;
                _places[f] = places;
            }

            _values[f] = values;
        });
    }

    /// <summary>The rows by rising value of a feature.</summary>
    public int[] Rows(int feature) => _rows[feature];

    /// <summary>The place of each row in <see cref="Rows"/>.</summary>
    public int[] Places(int feature) => _places[feature];

    /// <summary>The values of a feature: in the order of <see cref="Rows"/> where sorted, else row after row.</summary>
    public double[] Values(int feature) => _values[feature];
}
