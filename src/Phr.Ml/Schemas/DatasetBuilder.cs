namespace Phr.Ml.Schemas;

/// <summary>Collects rows, value by value.</summary>
internal sealed class DatasetBuilder
{
    private readonly FeatureSchema _schema;
    private readonly List<double> _values = [];
    private readonly List<int> _labels = [];
    private readonly Dictionary<FeatureDefinition, Other> _others = new(ReferenceEqualityComparer.Instance);
    private readonly double[] _row;
    private int _label = -1;

    /// <param name="schema">The schema.</param>
    /// <param name="present">Those of its columns that will get values.</param>
    public DatasetBuilder(FeatureSchema schema, IReadOnlyCollection<FeatureDefinition> present)
    {
        _schema = schema;
        _row = new double[schema.Features.Count];
        foreach (FeatureDefinition column in present.Where(c => c.Role is not (FeatureRole.Feature or FeatureRole.Label)))
        {
            _others.Add(column, new Other());
        }
    }

    public int Count { get; private set; }

    /// <summary>Adds a value that was checked already; always null, to chain.</summary>
    public string? AddValue(FeatureDefinition column, double value)
    {
        switch (column.Role)
        {
            case FeatureRole.Feature:
                _row[_schema.IndexOf(column.Name)] = value;
                break;
            case FeatureRole.Label:
                _label = (int)value;
                break;
            default:
                _others[column].Values.Add(value);
                break;
        }

        return null;
    }

    /// <summary>Adds the text of an identifier, or says what is wrong with it.</summary>
    public string? AddText(FeatureDefinition column, ReadOnlySpan<char> text)
    {
        Other other = _others[column];
        if (text.IsEmpty)
        {
            other.Values.Add(double.NaN);
            return column.Missing == MissingValues.Allowed ? null : SchemaError.Absent;
        }

        // A packed file of a megabyte can hold a gigabyte of them.
        if (text.Length > FeatureSchema.MaximumTextLength)
        {
            return SchemaError.TooLong;
        }

        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> numbers = other.Numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!numbers.TryGetValue(text, out int number))
        {
            number = other.Texts.Count;
            numbers[text] = number;
            other.Texts.Add(text.ToString());
        }

        other.Values.Add(number);
        return null;
    }

    public void EndRow()
    {
        _values.AddRange(_row);
        if (_label >= 0)
        {
            _labels.Add(_label);
        }

        Count++;
    }

    public Dataset ToDataset(string origin, DataStatement statement, ContentDigest? digest) =>
        new(_schema, [.. _values], [.. _labels], [.. _others.Select(o => new OtherColumn(o.Key, [.. o.Value.Values], o.Value.Texts))], Count, origin, statement, digest);

    private sealed class Other
    {
        public List<double> Values { get; } = [];

        public List<string> Texts { get; } = [];

        public Dictionary<string, int> Numbers { get; } = new(StringComparer.Ordinal);
    }
}
