using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Models;

/// <summary>How badly the held-out rows of each class fitted their own class (1 − its probability): what decides which classes a new row may have.</summary>
internal sealed class ConformalScores
{
    /// <summary>At most so many scores of a class are kept; of more, evenly spaced ones, rounded to the side that keeps a class in the set.</summary>
    public const int MostPerClass = 2048;

    private readonly double[][] _scores;
    private readonly int[] _rows;

    private ConformalScores(double[][] scores, int[] rows)
    {
        _scores = scores;
        _rows = rows;
    }

    public int Classes => _scores.Length;

    /// <param name="probabilities">Of held-out rows: one column (of class 1) for two classes, else one per class.</param>
    /// <param name="y">Their true classes.</param>
    /// <param name="classes">How many there are.</param>
    public static ConformalScores Fit(Matrix probabilities, ReadOnlySpan<int> y, int classes)
    {
        var scores = new List<double>[classes];
        for (int k = 0; k < classes; k++)
        {
            scores[k] = [];
        }

        for (int i = 0; i < y.Length; i++)
        {
            double p = probabilities.Columns == 1 ? (y[i] == 1 ? probabilities[i, 0] : 1 - probabilities[i, 0]) : probabilities[i, y[i]];
            scores[y[i]].Add(Math.Clamp(1 - p, 0, 1));
        }

        double[][] kept = new double[classes][];
        int[] rows = new int[classes];
        for (int k = 0; k < classes; k++)
        {
            double[] sorted = [.. scores[k].Order()];
            rows[k] = sorted.Length;
            kept[k] = sorted;
            if (sorted.Length > MostPerClass)
            {
                // The j-th kept score is the largest of its share, so that no row counts as fitting better than it did.
                kept[k] = [.. Enumerable.Range(1, MostPerClass).Select(j => sorted[(int)((long)j * sorted.Length / MostPerClass) - 1])];
            }
        }

        return new ConformalScores(kept, rows);
    }

    /// <summary>The share of held-out rows of a class (this one counted too) that fit it no better than one with the given probability of the class.</summary>
    public double PValue(int k, double probability)
    {
        double[] scores = _scores[k];
        double score = 1 - probability;

        // The first that is at least as bad; a hair's breadth of rounding counts as equal.
        int low = 0;
        int high = scores.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (scores[middle] >= score - 1e-12)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        double worse = scores.Length == 0 ? 0 : Math.Ceiling((scores.Length - low) * ((double)_rows[k] / scores.Length));
        return (worse + 1) / (_rows[k] + 1);
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(_scores.Length);
        for (int k = 0; k < _scores.Length; k++)
        {
            writer.WriteStartArray(3);
            writer.WriteInt32(_rows[k]);
            writer.WriteInt32(_scores[k].Length);
            Packed.WriteDoubles(writer, _scores[k]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    public static ConformalScores Read(CborReader reader, int classes)
    {
        if (reader.ReadStartArray() != classes)
        {
            throw new InvalidDataException("The conformal scores in the model are for another number of classes.");
        }

        double[][] scores = new double[classes][];
        int[] rows = new int[classes];
        for (int k = 0; k < classes; k++)
        {
            reader.ReadStartArray();
            rows[k] = Packed.ReadCount(reader, 0, int.MaxValue);
            int kept = Packed.ReadCount(reader, 0, Math.Min(rows[k], MostPerClass));
            scores[k] = Packed.ReadDoubles(reader, kept);
            reader.ReadEndArray();
            for (int i = 0; i < kept; i++)
            {
                if (scores[k][i] is < 0 or > 1 || (i > 0 && scores[k][i] < scores[k][i - 1]))
                {
                    throw new InvalidDataException("The conformal scores in the model are not sorted, or not between 0 and 1.");
                }
            }

            if (kept == 0 && rows[k] > 0)
            {
                throw new InvalidDataException("The conformal scores of a class are missing.");
            }
        }

        reader.ReadEndArray();
        return new ConformalScores(scores, rows);
    }
}
