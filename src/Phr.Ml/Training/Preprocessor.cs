using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>
/// Turns a row of a schema into the row that learners see: the median or the most frequent level where a value is missing, a column of 0 and 1 for each
/// level of a category (one column for both of two levels), mean 0 and deviation 1.
/// </summary>
/// <remarks>Everything is learnt from the rows given to <see cref="Fit"/> and from no other. Immutable; <see cref="Transform(ReadOnlySpan{double}, Span{double})"/> allocates nothing.</remarks>
internal sealed class Preprocessor
{
    public const string Kind = "standard";

    // What a column shows of its feature, where it is not a level.
    private const int Number = -1;
    private const int Missing = -2;

    private readonly FeatureSchema _schema;
    private readonly int[] _source;
    private readonly int[] _shows;
    private readonly double[] _fill;
    private readonly double[] _mean;
    private readonly double[] _inverse;

    private Preprocessor(FeatureSchema schema, int[] source, int[] shows, double[] fill, double[] mean, double[] inverse, FeatureStatistics[] statistics)
    {
        _schema = schema;
        _source = source;
        _shows = shows;
        _fill = fill;
        _mean = mean;
        _inverse = inverse;
        Statistics = statistics;
    }

    /// <summary>How many features a row of the schema has.</summary>
    public int Inputs => _fill.Length;

    /// <summary>How many columns learners see.</summary>
    public int Outputs => _source.Length;

    /// <summary>The columns' names: the feature's, <c>feature = level</c>, or <c>feature is missing</c>.</summary>
    public IReadOnlyList<string> OutputNames => field ??= Array.AsReadOnly([.. Enumerable.Range(0, Outputs).Select(NameOf)]);

    /// <summary>What each feature looked like in the training rows.</summary>
    public IReadOnlyList<FeatureStatistics> Statistics { get; }

    /// <summary>The feature that a column comes from.</summary>
    public int SourceOf(int output) => _source[output];

    /// <summary>Learns from these rows.</summary>
    public static Preprocessor Fit(Dataset data, ReadOnlySpan<int> rows, PreprocessorOptions options)
    {
        FeatureSchema schema = data.Schema;
        var statistics = new FeatureStatistics[schema.Features.Count];
        double[] fill = new double[statistics.Length];
        var source = new List<int>();
        var shows = new List<int>();
        double[] values = new double[rows.Length];
        for (int f = 0; f < statistics.Length; f++)
        {
            FeatureDefinition feature = schema.Features[f];
            int there = 0;
            foreach (int row in rows)
            {
                double value = data.Values[(row * statistics.Length) + f];
                if (!double.IsNaN(value))
                {
                    values[there++] = value;
                }
            }

            bool isCategory = feature.Kind == FeatureKind.Category;
            statistics[f] = Describe(values.AsSpan(0, there), rows.Length, isCategory ? feature.Levels.Count : 0);
            fill[f] = isCategory ? statistics[f].LevelShares.IndexOf(statistics[f].LevelShares.Max()) : statistics[f].Median;
            if (!isCategory)
            {
                Add(f, Number);
            }
            else if (feature.Levels.Count == 2)
            {
                Add(f, 1);
            }
            else
            {
                for (int level = 0; level < feature.Levels.Count; level++)
                {
                    Add(f, level);
                }
            }

            if (options.MissingIndicators && there < rows.Length)
            {
                Add(f, Missing);
            }
        }

        double[] mean = new double[source.Count];
        double[] inverse = [.. Enumerable.Repeat(1.0, source.Count)];
        var plain = new Preprocessor(schema, [.. source], [.. shows], fill, mean, inverse, statistics);
        Matrix x = plain.Transform(data, rows);
        for (int c = 0; c < x.Columns; c++)
        {
            if (shows[c] == Number || options.ScaleCategories)
            {
                (double m, double deviation) = Moments(x, c);
                mean[c] = m;
                inverse[c] = deviation > 1e-12 * Math.Max(1, Math.Abs(m)) ? 1 / deviation : 1;
            }
        }

        var all = new Preprocessor(schema, [.. source], [.. shows], fill, mean, inverse, statistics);
        return options.KeepBest > 0 && options.KeepBest < x.Columns ? all.Keep(Best(x, data.Labels.Span, rows, schema.Classes.Count, options.KeepBest)) : all;

        void Add(int feature, int what)
        {
            source.Add(feature);
            shows.Add(what);
        }
    }

    /// <summary>Turns one row of the schema's features (NaN where a value is missing) into the row that learners see.</summary>
    public void Transform(ReadOnlySpan<double> raw, Span<double> output)
    {
        if (raw.Length != Inputs || output.Length != Outputs)
        {
            throw new ArgumentException($"A row of {raw.Length} values cannot become {output.Length}; it takes {Inputs} and gives {Outputs}.");
        }

        for (int i = 0; i < output.Length; i++)
        {
            int f = _source[i];
            double value = raw[f];
            bool isMissing = double.IsNaN(value);
            int what = _shows[i];
            if (what == Missing)
            {
                value = isMissing ? 1 : 0;
            }
            else
            {
                value = isMissing ? _fill[f] : value;
                value = what == Number ? value : value == what ? 1 : 0;
            }

            output[i] = (value - _mean[i]) * _inverse[i];
        }
    }

    /// <summary>Turns rows of a set into what learners see.</summary>
    public Matrix Transform(Dataset data, ReadOnlySpan<int> rows)
    {
        if (data.Schema.Digest != _schema.Digest)
        {
            throw new ArgumentException($"The data are of schema {data.Schema}, not of {_schema} as it was learnt.", nameof(data));
        }

        var x = new Matrix(rows.Length, Outputs);
        for (int i = 0; i < rows.Length; i++)
        {
            Transform(data.Row(rows[i]), x.Row(i));
        }

        return x;
    }

    /// <summary>Writes one CBOR array that begins with <see cref="Kind"/>.</summary>
    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(5);
        writer.WriteTextString(Kind);
        writer.WriteStartArray(Outputs);
        for (int i = 0; i < Outputs; i++)
        {
            writer.WriteStartArray(4);
            writer.WriteInt32(_source[i]);
            writer.WriteInt32(_shows[i]);
            writer.WriteDouble(_mean[i]);
            writer.WriteDouble(_inverse[i]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        WriteList(writer, _fill);
        writer.WriteInt32(Inputs);
        writer.WriteStartArray(Inputs);
        foreach (FeatureStatistics s in Statistics)
        {
            writer.WriteStartArray(2);
            WriteList(writer, [s.Minimum, s.Maximum, s.Mean, s.Deviation, s.Median, s.MissingShare]);
            WriteList(writer, s.LevelShares);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote, for the same schema.</summary>
    /// <exception cref="InvalidDataException">It is no such thing, or not of this schema.</exception>
    public static Preprocessor Read(CborReader reader, FeatureSchema schema)
    {
        try
        {
            Expect(reader.ReadStartArray() == 5);
            Expect(reader.ReadTextString() == Kind);
            int features = schema.Features.Count;
            int outputs = reader.ReadStartArray() ?? -1;
            // A feature gives at most a column for each level and one for missing.
            Expect(outputs >= 1 && outputs <= schema.Features.Sum(f => (long)Math.Max(1, f.Levels.Count) + 1));
            int[] source = new int[outputs];
            int[] shows = new int[outputs];
            double[] mean = new double[outputs];
            double[] inverse = new double[outputs];
            for (int i = 0; i < outputs; i++)
            {
                Expect(reader.ReadStartArray() == 4);
                source[i] = reader.ReadInt32();
                shows[i] = reader.ReadInt32();
                mean[i] = Finite(reader.ReadDouble());
                inverse[i] = Finite(reader.ReadDouble());
                reader.ReadEndArray();
                Expect(source[i] >= 0 && source[i] < features);
                FeatureDefinition feature = schema.Features[source[i]];
                Expect(shows[i] == Missing || (feature.Kind == FeatureKind.Category ? shows[i] >= 0 && shows[i] < feature.Levels.Count : shows[i] == Number));
            }

            reader.ReadEndArray();
            double[] fill = ReadList(reader, features);
            Expect(reader.ReadInt32() == features);
            Expect(reader.ReadStartArray() == features);
            var statistics = new FeatureStatistics[features];
            for (int f = 0; f < features; f++)
            {
                Expect(reader.ReadStartArray() == 2);
                double[] s = ReadList(reader, 6);
                double[] shares = ReadList(reader, schema.Features[f].Levels.Count);
                reader.ReadEndArray();
                statistics[f] = new FeatureStatistics(s[0], s[1], s[2], s[3], s[4], s[5], shares);
            }

            reader.ReadEndArray();
            reader.ReadEndArray();
            return new Preprocessor(schema, source, shows, fill, mean, inverse, statistics);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new InvalidDataException("The preprocessing of the model cannot be read.", e);
        }

        static void Expect(bool holds)
        {
            if (!holds)
            {
                throw new InvalidDataException("The preprocessing of the model does not fit its schema.");
            }
        }
    }

    private static void WriteList(CborWriter writer, double[] values)
    {
        writer.WriteStartArray(values.Length);
        foreach (double value in values)
        {
            writer.WriteDouble(value);
        }

        writer.WriteEndArray();
    }

    private static double[] ReadList(CborReader reader, int count)
    {
        if (reader.ReadStartArray() != count)
        {
            throw new InvalidDataException($"A list in the preprocessing of the model does not have {count} numbers.");
        }

        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Finite(reader.ReadDouble());
        }

        reader.ReadEndArray();
        return values;
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : throw new InvalidDataException("A number in the preprocessing of the model is not finite.");

    private static FeatureStatistics Describe(Span<double> values, int rows, int levels)
    {
        double[] shares = new double[levels];
        double missing = rows == 0 ? 0 : (rows - values.Length) / (double)rows;
        if (values.IsEmpty)
        {
            return new FeatureStatistics(0, 0, 0, 0, 0, missing, shares);
        }

        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
            if (levels > 0)
            {
                shares[(int)value] += 1;
            }
        }

        double mean = sum / values.Length;
        double squares = 0;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        for (int i = 0; i < levels; i++)
        {
            shares[i] /= values.Length;
        }

        values.Sort();
        double median = (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
        return new FeatureStatistics(values[0], values[^1], mean, Math.Sqrt(squares / values.Length), median, missing, shares);
    }

    private static (double Mean, double Deviation) Moments(Matrix x, int column)
    {
        double sum = 0;
        for (int i = 0; i < x.Rows; i++)
        {
            sum += x[i, column];
        }

        double mean = sum / x.Rows;
        double squares = 0;
        for (int i = 0; i < x.Rows; i++)
        {
            squares += (x[i, column] - mean) * (x[i, column] - mean);
        }

        return (mean, Math.Sqrt(squares / x.Rows));
    }

    // The F statistic of one-way analysis of variance; ties go to the column that comes first.
    private static int[] Best(Matrix x, ReadOnlySpan<int> labels, ReadOnlySpan<int> rows, int classes, int count)
    {
        double[] f = new double[x.Columns];
        double[] sums = new double[classes];
        int[] counts = new int[classes];
        for (int c = 0; c < x.Columns; c++)
        {
            Array.Clear(sums);
            Array.Clear(counts);
            double total = 0;
            double squares = 0;
            for (int i = 0; i < x.Rows; i++)
            {
                double value = x[i, c];
                int label = labels[rows[i]];
                sums[label] += value;
                counts[label]++;
                total += value;
                squares += value * value;
            }

            double mean = total / x.Rows;
            double between = 0;
            for (int k = 0; k < classes; k++)
            {
                between += counts[k] == 0 ? 0 : sums[k] * sums[k] / counts[k];
            }

            between -= total * mean;
            double within = squares - (total * mean) - between;
            f[c] = within > 0 ? between / within : between > 0 ? double.MaxValue : 0;
        }

        return [.. Enumerable.Range(0, f.Length).OrderByDescending(c => f[c]).ThenBy(c => c).Take(count).Order()];
    }

    private Preprocessor Keep(int[] columns) => new(_schema, [.. columns.Select(c => _source[c])], [.. columns.Select(c => _shows[c])], _fill,
        [.. columns.Select(c => _mean[c])], [.. columns.Select(c => _inverse[c])], [.. Statistics]);

    private string NameOf(int output)
    {
        FeatureDefinition feature = _schema.Features[_source[output]];
        return _shows[output] switch
        {
            Missing => feature.Name + " is missing",
            Number => feature.Name,
            int level => $"{feature.Name} = {feature.NameOfLevel(level)}",
        };
    }
}
