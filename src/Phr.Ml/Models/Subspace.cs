using System.Formats.Cbor;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Models;

/// <summary>The leading principal components of training rows, and how far a row is from them.</summary>
internal sealed class Subspace
{
    private const double Share = 0.95;
    private const int RowsPerComponent = 5;
    private const int SmallEnough = 64;
    private const int Oversampling = 5;
    private const int Iterations = 12;
    private const ulong IterationSeed = 0x5048_524d_4c50_4341;

    private readonly double[] _mean;
    private readonly Matrix _components;
    private readonly double[] _variances;
    private readonly double _rest;

    private Subspace(double[] mean, Matrix components, double[] variances, double rest)
    {
        _mean = mean;
        _components = components;
        _variances = variances;
        _rest = rest;
    }

    /// <summary>Takes the components that make up 95 % of the variance, but at most one per five rows and at most <paramref name="most"/>.</summary>
    public static Subspace Fit(Matrix rows, int most)
    {
        int width = rows.Columns;
        int wanted = Math.Max(1, Math.Min(Math.Min(most, width), rows.Rows / RowsPerComponent));
        PcaModel pca = Math.Min(width, rows.Rows) <= SmallEnough ? Pca.Fit(rows, wanted) : Leading(rows, wanted);
        double total = pca.TotalVariance;
        double floor = Math.Max(1e-6 * total / width, 1e-12);
        int kept = 0;
        double explained = 0;
        while (kept < pca.ExplainedVariance.Length && explained < Share * total)
        {
            explained += pca.ExplainedVariance[kept++];
        }

        double[] variances = new double[kept];
        for (int k = 0; k < kept; k++)
        {
            variances[k] = Math.Max(pca.ExplainedVariance[k], floor);
        }

        double rest = width == kept ? floor : Math.Max((total - explained) / (width - kept), floor);
        return new Subspace(pca.Mean.ToArray(), pca.Components.Select([.. Enumerable.Range(0, kept)]), variances, rest);
    }

    // The leading components alone, by orthogonal iteration from a fixed start: where there are hundreds of rows and features, finding all would take minutes.
    private static PcaModel Leading(Matrix rows, int wanted)
    {
        int width = rows.Columns;
        int spanned = Math.Min(wanted + Oversampling, Math.Min(width, rows.Rows));
        double[] mean = new double[width];
        for (int i = 0; i < rows.Rows; i++)
        {
            Vectors.AddScaled(mean, rows.Row(i), 1.0 / rows.Rows);
        }

        var centred = new Matrix(rows.Rows, width);
        double total = 0;
        for (int i = 0; i < rows.Rows; i++)
        {
            Span<double> row = centred.Row(i);
            rows.Row(i).CopyTo(row);
            Vectors.AddScaled(row, mean, -1);
            total += Vectors.Dot(row, row);
        }

        var random = RandomStream.ForStream(IterationSeed, 0);
        var span = new Matrix(spanned, width);
        for (int i = 0; i < span.Values.Length; i++)
        {
            span.Values[i] = random.NextNormal();
        }

        Orthonormalise(span);
        for (int step = 0; step < Iterations; step++)
        {
            var next = new Matrix(spanned, width);
            for (int i = 0; i < centred.Rows; i++)
            {
                ReadOnlySpan<double> row = centred.Row(i);
                for (int k = 0; k < spanned; k++)
                {
                    Vectors.AddScaled(next.Row(k), row, Vectors.Dot(row, span.Row(k)));
                }
            }

            Orthonormalise(next);
            span = next;
        }

        // Inside the small space the components are found exactly.
        var projected = new Matrix(rows.Rows, spanned);
        for (int i = 0; i < rows.Rows; i++)
        {
            for (int k = 0; k < spanned; k++)
            {
                projected[i, k] = Vectors.Dot(centred.Row(i), span.Row(k));
            }
        }

        PcaModel small = Pca.Fit(projected, wanted);
        var components = new Matrix(small.Components.Rows, width);
        for (int k = 0; k < components.Rows; k++)
        {
            for (int j = 0; j < spanned; j++)
            {
                Vectors.AddScaled(components.Row(k), span.Row(j), small.Components[k, j]);
            }
        }

        return new PcaModel(mean, components, small.ExplainedVariance.ToArray(), total / Math.Max(1, rows.Rows - 1));
    }

    // Gram and Schmidt, twice over for the last digits; a direction that nothing is left of becomes nothing.
    private static void Orthonormalise(Matrix span)
    {
        for (int k = 0; k < span.Rows; k++)
        {
            Span<double> row = span.Row(k);
            double before = Math.Sqrt(Vectors.Dot(row, row));
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < k; j++)
                {
                    Vectors.AddScaled(row, span.Row(j), -Vectors.Dot(row, span.Row(j)));
                }
            }

            double length = Math.Sqrt(Vectors.Dot(row, row));
            if (length <= 1e-12 * before || length == 0)
            {
                row.Clear();
                continue;
            }

            foreach (ref double v in row)
            {
                v /= length;
            }
        }
    }

    /// <summary>The distance of a row, about 1 for those that the components were fitted to.</summary>
    public double Distance(ReadOnlySpan<double> row)
    {
        double left = Vectors.SquaredDistance(row, _mean);
        double sum = 0;
        for (int k = 0; k < _variances.Length; k++)
        {
            ReadOnlySpan<double> component = _components.Row(k);
            double along = 0;
            for (int c = 0; c < component.Length; c++)
            {
                along += (row[c] - _mean[c]) * component[c];
            }

            left -= along * along;
            sum += along * along / _variances[k];
        }

        return Math.Sqrt((sum + (Math.Max(0, left) / _rest)) / _mean.Length);
    }

    /// <summary>Where a row lies along the first two components: for pictures. 0 where there is no second.</summary>
    public (double X, double Y) Project(ReadOnlySpan<double> row) => (Along(row, 0), Along(row, 1));

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(5);
        writer.WriteInt32(_variances.Length);
        writer.WriteDouble(_rest);
        Packed.WriteDoubles(writer, _mean);
        Packed.WriteDoubles(writer, _components.Values);
        Packed.WriteDoubles(writer, _variances);
        writer.WriteEndArray();
    }

    public static Subspace Read(CborReader reader, int columns)
    {
        reader.ReadStartArray();
        int kept = Packed.ReadCount(reader, 0, columns);
        double rest = Packed.ReadDouble(reader);
        double[] mean = Packed.ReadDoubles(reader, columns);
        var components = new Matrix(kept, columns, Packed.ReadDoubles(reader, checked(kept * columns)));
        double[] variances = Packed.ReadDoubles(reader, kept);
        reader.ReadEndArray();
        return rest > 0 && !variances.Any(v => v <= 0)
            ? new Subspace(mean, components, variances, rest)
            : throw new InvalidDataException("A variance in the model is not above zero.");
    }

    private double Along(ReadOnlySpan<double> row, int component)
    {
        if (component >= _variances.Length)
        {
            return 0;
        }

        double along = 0;
        for (int c = 0; c < _mean.Length; c++)
        {
            along += (row[c] - _mean[c]) * _components[component, c];
        }

        return along;
    }
}
