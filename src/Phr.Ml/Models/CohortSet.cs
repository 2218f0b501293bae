using System.Formats.Cbor;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Models;

/// <summary>The cohorts of a model with their centres in the space of preprocessed rows.</summary>
internal sealed class CohortSet
{
    public const int Most = 64;
    private const int MostTraits = 3;
    private const double LeastTrait = 0.5;

    private readonly Matrix _centres;
    private readonly Cohort[] _cohorts;

    private CohortSet(Matrix centres, Cohort[] cohorts)
    {
        _centres = centres;
        _cohorts = cohorts;
    }

    public IReadOnlyList<Cohort> Cohorts => _cohorts;

    public Matrix Centres => _centres;

    /// <summary>Counts the rows of each centre and names what sets it apart.</summary>
    public static CohortSet Create(Matrix centres, Matrix rows, ReadOnlySpan<int> y, int classes, int[] playerOf, IReadOnlyList<string> players)
    {
        int k = centres.Rows;
        int[] counts = new int[k];
        double[][] byClass = [.. Enumerable.Range(0, k).Select(_ => new double[classes])];
        for (int i = 0; i < rows.Rows; i++)
        {
            int nearest = Nearest(centres, rows.Row(i), out _);
            counts[nearest]++;
            byClass[nearest][y[i]]++;
        }

        double[] mean = new double[rows.Columns];
        double[] deviation = new double[rows.Columns];
        for (int i = 0; i < rows.Rows; i++)
        {
            Vectors.AddScaled(mean, rows.Row(i), 1.0 / rows.Rows);
        }

        for (int i = 0; i < rows.Rows; i++)
        {
            for (int c = 0; c < mean.Length; c++)
            {
                double d = rows[i, c] - mean[c];
                deviation[c] += d * d / rows.Rows;
            }
        }

        int[] order = [.. Enumerable.Range(0, k).Where(i => counts[i] > 0).OrderByDescending(i => counts[i]).ThenBy(i => i)];
        var cohorts = new Cohort[order.Length];
        for (int n = 0; n < order.Length; n++)
        {
            int source = order[n];
            double[] shares = [.. byClass[source].Select(c => c / counts[source])];
            cohorts[n] = new Cohort(n + 1, counts[source], shares, Traits(centres.Row(source), mean, deviation, playerOf, players));
        }

        return new CohortSet(centres.Select(order), cohorts);
    }

    /// <summary>The number (from 0) of the nearest cohort.</summary>
    public int Nearest(ReadOnlySpan<double> row, out double distance) => Nearest(_centres, row, out distance);

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(3);
        writer.WriteInt32(_cohorts.Length);
        writer.WriteStartArray(_cohorts.Length);
        foreach (Cohort cohort in _cohorts)
        {
            writer.WriteStartArray(3);
            writer.WriteInt32(cohort.Rows);
            Packed.WriteDoubles(writer, [.. cohort.ClassShares]);
            writer.WriteStartArray(cohort.Traits.Count);
            foreach (string trait in cohort.Traits)
            {
                writer.WriteTextString(trait);
            }

            writer.WriteEndArray();
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        Packed.WriteDoubles(writer, _centres.Values);
        writer.WriteEndArray();
    }

    public static CohortSet Read(CborReader reader, int classes, int columns)
    {
        reader.ReadStartArray();
        int count = Packed.ReadCount(reader, 1, Most);
        if (reader.ReadStartArray() != count)
        {
            throw new InvalidDataException("The model does not describe each of its cohorts.");
        }

        var cohorts = new Cohort[count];
        for (int n = 0; n < count; n++)
        {
            reader.ReadStartArray();
            int rows = Packed.ReadCount(reader, 1, int.MaxValue);
            double[] shares = Packed.ReadDoubles(reader, classes);
            int traits = reader.ReadStartArray() ?? -1;
            if (traits is < 0 or > MostTraits || shares.Any(s => s is < 0 or > 1))
            {
                throw new InvalidDataException("A cohort of the model has impossible shares or too many traits.");
            }

            string[] texts = new string[traits];
            for (int t = 0; t < traits; t++)
            {
                texts[t] = reader.ReadTextString();
            }

            reader.ReadEndArray();
            reader.ReadEndArray();
            cohorts[n] = new Cohort(n + 1, rows, shares, texts);
        }

        reader.ReadEndArray();
        var centres = new Matrix(count, columns, Packed.ReadDoubles(reader, checked(count * columns)));
        reader.ReadEndArray();
        return new CohortSet(centres, cohorts);
    }

    private static int Nearest(Matrix centres, ReadOnlySpan<double> row, out double distance)
    {
        int nearest = 0;
        double least = double.PositiveInfinity;
        for (int k = 0; k < centres.Rows; k++)
        {
            double d = Vectors.SquaredDistance(centres.Row(k), row);
            if (d < least)
            {
                least = d;
                nearest = k;
            }
        }

        distance = Math.Sqrt(least);
        return nearest;
    }

    private static string[] Traits(ReadOnlySpan<double> centre, double[] mean, double[] variance, int[] playerOf, IReadOnlyList<string> players)
    {
        var scores = new List<(double Z, int Player)>();
        for (int c = 0; c < centre.Length; c++)
        {
            if (variance[c] > 0)
            {
                scores.Add(((centre[c] - mean[c]) / Math.Sqrt(variance[c]), playerOf[c]));
            }
        }

        // For a category the column of a level stands for it; its direction would say little, so only numbers (one column each) are told.
        return
        [
            .. scores.GroupBy(s => s.Player).Where(g => g.Count() == 1).Select(g => g.First())
                .Where(s => Math.Abs(s.Z) >= LeastTrait)
                .OrderByDescending(s => Math.Abs(s.Z)).ThenBy(s => s.Player)
                .Take(MostTraits)
                .Select(s => $"{players[s.Player]} {(s.Z > 0 ? "high" : "low")}"),
        ];
    }
}
