using System.Diagnostics.CodeAnalysis;
using System.Text;
using Phr.Ml.Schemas;

namespace Phr.Ml;

/// <summary>Records that fit a schema: what a model is trained, judged or asked with.</summary>
/// <remarks>
/// <para>Every value was checked on the way in. A missing value is NaN inside a row, never zero; a category is the number of its level.</para>
/// <para>Immutable; safe to use from many threads. All values are in memory, eight bytes each.</para>
/// </remarks>
public sealed class Dataset
{
    private readonly double[] _values;
    private readonly int[] _labels;
    private readonly OtherColumn[] _others;

    internal Dataset(FeatureSchema schema, double[] values, int[] labels, OtherColumn[] others, int count, string origin, DataStatement statement, ContentDigest? digest)
    {
        Schema = schema;
        _values = values;
        _labels = labels;
        _others = others;
        Count = count;
        Origin = origin;
        Statement = statement;
        Groups = schema.Group is { } group ? Array.Find(others, o => o.Definition == group)?.Codes() ?? [] : [];
        Digest = digest ?? DigestOfText();
    }

    /// <summary>What the records look like.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>How many rows there are.</summary>
    public int Count { get; }

    /// <summary>Whether every row has its class.</summary>
    public bool HasLabels => _labels.Length == Count && Count > 0;

    /// <summary>Where the data come from.</summary>
    public string Origin { get; }

    /// <summary>What the records are for, of whom they are, and what they cannot show; empty where nobody has said.</summary>
    public DataStatement Statement { get; }

    /// <summary>The SHA-256 of the CSV that was read, unpacked; of records or of a part of a file, that of the CSV which <see cref="WriteCsv(Stream)"/> writes.</summary>
    public ContentDigest Digest { get; }

    /// <summary>The class of each row, as its number in <see cref="FeatureSchema.Classes"/>; empty where the data have no label.</summary>
    public ReadOnlyMemory<int> Labels => _labels;

    internal double[] Values => _values;

    /// <summary>The person of each row, as a number; empty where every row is another person.</summary>
    internal int[] Groups { get; }

    /// <summary>The values of a row, in the order of the schema's features.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<double> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        return _values.AsSpan(row * Schema.Features.Count, Schema.Features.Count);
    }

    /// <summary>Reads a file of comma-separated values, packed with gzip or not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">What its columns have to be. Their order in the file is free; a column that the schema does not know is a fault.</param>
    /// <param name="options">How it is read, or null.</param>
    /// <exception cref="InvalidDataException">The file does not fit; the message names line and column of up to 20 faults, and no values.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Dataset ReadCsv(string path, FeatureSchema schema, CsvReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = File.OpenRead(path);
        options ??= new CsvReadOptions();
        return ReadCsv(stream, schema, options.Origin.Length > 0 ? options : new CsvReadOptions { Origin = Path.GetFileName(path), Statement = options.Statement, Purpose = options.Purpose, MaximumRows = options.MaximumRows });
    }

    /// <summary>Reads comma-separated values, packed with gzip or not.</summary>
    /// <param name="stream">UTF-8 with one line of column names, a decimal point, an empty field where a value is missing. Read to its end and left open.</param>
    /// <param name="schema">What the columns have to be. Their order is free; a column that the schema does not know is a fault.</param>
    /// <param name="options">How it is read, or null.</param>
    /// <exception cref="InvalidDataException">The data do not fit; the message names line and column of up to 20 faults, and no values.</exception>
    public static Dataset ReadCsv(Stream stream, FeatureSchema schema, CsvReadOptions? options = null) =>
        TryReadCsv(stream, schema, options, out Dataset? dataset, out IReadOnlyList<DataFault> faults) ? dataset : throw SchemaError.Faults(options?.Origin ?? "", faults);

    /// <summary>Reads comma-separated values, or says everything that is wrong with them.</summary>
    /// <param name="stream">UTF-8 with one line of column names, a decimal point, an empty field where a value is missing.</param>
    /// <param name="schema">What the columns have to be.</param>
    /// <param name="options">How it is read, or null.</param>
    /// <param name="dataset">The records, or null.</param>
    /// <param name="faults">What is wrong, in the order of the file; at most 1000 faults. Empty where the method returns true.</param>
    /// <returns>True when the data fit.</returns>
    public static bool TryReadCsv(Stream stream, FeatureSchema schema, CsvReadOptions? options, [NotNullWhen(true)] out Dataset? dataset, out IReadOnlyList<DataFault> faults)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(schema);
        options ??= new CsvReadOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumRows, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaximumRows, 10_000_000, nameof(options));
        var reading = new DatasetReader(schema, options);
        dataset = reading.Read(stream);
        faults = reading.Faults;
        return dataset is not null;
    }

    /// <summary>Makes a set from records whose properties carry <see cref="FeatureAttribute"/>.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="schema">The schema, such as <see cref="FeatureSchema.For{T}"/> gives.</param>
    /// <param name="records">One or more records, each with its class.</param>
    /// <param name="origin">Where they come from.</param>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the record, from 1, and the column.</exception>
    /// <exception cref="ArgumentException">The type does not fit the schema, or there are no records.</exception>
    public static Dataset FromRecords<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(FeatureSchema schema, IEnumerable<T> records, string origin)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(origin);
        var builder = new DatasetBuilder(schema, [.. schema.Columns]);
        foreach (T record in records)
        {
            ArgumentNullException.ThrowIfNull(record, nameof(records));
            foreach (FeatureDefinition column in schema.Columns)
            {
                string? fault = column.Kind == FeatureKind.Identifier
                    ? builder.AddText(column, RecordBinder<T>.ReadText(record, column) ?? "")
                    : RecordBinder<T>.Read(record, column, out double value) ?? builder.AddValue(column, value);
                if (fault is not null)
                {
                    throw new InvalidDataException($"Record {builder.Count + 1}, column \"{column.Name}\": {fault}.");
                }
            }

            builder.EndRow();
        }

        return builder.Count > 0 ? builder.ToDataset(origin, new DataStatement(), null) : throw new ArgumentException("There are no records.", nameof(records));
    }

    /// <summary>The rows of these numbers, in this order.</summary>
    /// <param name="rows">Numbers of rows, from 0; a number may be there twice.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException">There are no numbers.</exception>
    public Dataset Subset(ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty)
        {
            throw new ArgumentException("A set has at least one row.", nameof(rows));
        }

        int width = Schema.Features.Count;
        double[] values = new double[rows.Length * width];
        int[] labels = new int[HasLabels ? rows.Length : 0];
        for (int i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * width));
            if (HasLabels)
            {
                labels[i] = _labels[rows[i]];
            }
        }

        int[] numbers = rows.ToArray();
        return new Dataset(Schema, values, labels, [.. _others.Select(o => o.Select(numbers))], rows.Length, Origin, Statement, null);
    }

    /// <summary>The rows in which a category has this level, such as those of a file's own training part.</summary>
    /// <param name="column">The name of a category or an identifier of any role.</param>
    /// <param name="level">The level, as it is written in a file.</param>
    /// <exception cref="ArgumentException">The schema has no such column, it is a number, or no row has this level.</exception>
    public Dataset Where(string column, string level)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(level);
        FeatureDefinition definition = Schema.Columns.FirstOrDefault(c => c.Name == column && c.Kind is FeatureKind.Category or FeatureKind.Identifier)
            ?? throw new ArgumentException($"There is no column \"{column}\" of words.", nameof(column));
        int[] rows = [.. Enumerable.Range(0, Count).Where(r => TextOf(definition, r) == level)];
        return rows.Length > 0 ? Subset(rows) : throw new ArgumentException($"No row has this level of \"{column}\".", nameof(level));
    }

    /// <summary>Writes the records as comma-separated values, in the order of the schema's columns, lines ending in LF.</summary>
    /// <param name="stream">Gets UTF-8; left open.</param>
    public void WriteCsv(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        FeatureDefinition[] columns = [.. Schema.Columns.Where(IsHeld)];
        writer.WriteLine(string.Join(',', columns.Select(c => Quoted(c.Name))));
        for (int row = 0; row < Count; row++)
        {
            for (int i = 0; i < columns.Length; i++)
            {
                writer.Write(i == 0 ? "" : ",");
                writer.Write(Quoted(TextOf(columns[i], row)));
            }

            writer.WriteLine();
        }
    }

    /// <summary>The number of the level that a category has in each row, −1 where it is missing.</summary>
    internal int[] LevelsOf(FeatureDefinition category)
    {
        int[] levels = new int[Count];
        int feature = category.Role == FeatureRole.Feature ? Schema.IndexOf(category.Name) : -1;
        OtherColumn? other = feature < 0 ? Array.Find(_others, o => o.Definition == category) : null;
        for (int row = 0; row < Count; row++)
        {
            double value = feature >= 0 ? _values[(row * Schema.Features.Count) + feature] : other?.Values[row] ?? double.NaN;
            levels[row] = double.IsNaN(value) ? -1 : (int)value;
        }

        return levels;
    }

    private bool IsHeld(FeatureDefinition column) =>
        column.Role == FeatureRole.Feature || (column.Role == FeatureRole.Label ? HasLabels : Array.Exists(_others, o => o.Definition == column));

    private string TextOf(FeatureDefinition column, int row)
    {
        switch (column.Role)
        {
            case FeatureRole.Feature:
                return Schemas.Values.Format(column, _values[(row * Schema.Features.Count) + Schema.IndexOf(column.Name)]);
            case FeatureRole.Label:
                return HasLabels ? column.Levels[_labels[row]] : "";
            default:
                return Array.Find(_others, o => o.Definition == column)?.TextOf(row) ?? "";
        }
    }

    private ContentDigest DigestOfText()
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        using (var stream = new HashSink(hash))
        {
            WriteCsv(stream);
        }

        return ContentDigest.FromBytes(hash.GetHashAndReset());
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
