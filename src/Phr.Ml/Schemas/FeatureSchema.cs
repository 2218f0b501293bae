using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Phr.Ml.Schemas;

namespace Phr.Ml;

/// <summary>What a record for a diagnosis looks like: its columns, their units, ranges and levels, and which of them a model may learn from.</summary>
/// <remarks>
/// <para>A model keeps the schema that it was trained with. Whatever is predicted later is checked against it, name by name and value by value, because a
/// vector of numbers in another order gives a confident and wrong answer.</para>
/// <para>Inside a row, a number is itself, a category the number of its level from 0, and a missing value NaN.</para>
/// <para>Immutable; safe to use from many threads.</para>
/// </remarks>
public sealed class FeatureSchema
{
    /// <summary>How many columns a schema has at most.</summary>
    public const int MaximumColumns = 100_000;

    internal const int MaximumTextLength = 200;
    internal const int MaximumDescriptionLength = 2_000;
    internal const int MaximumLevels = 10_000;
    internal const int MaximumCodes = 100;

    private readonly FrozenDictionary<string, int> _features;
    private readonly Dictionary<(string System, string Code), int> _codes;
    private readonly byte[] _json;

    private FeatureSchema(string name, int version, FeatureDefinition[] columns)
    {
        Name = name;
        Version = version;
        Columns = Array.AsReadOnly(columns);
        Features = Array.AsReadOnly(Array.FindAll(columns, c => c.Role == FeatureRole.Feature));
        Subgroups = Array.AsReadOnly(Array.FindAll(columns, c => c.Role == FeatureRole.Subgroup || c.ReportBy == SubgroupReport.ByLevel));
        Label = columns.Single(c => c.Role == FeatureRole.Label);
        Group = columns.SingleOrDefault(c => c.Role == FeatureRole.Group);
        Classes = Array.AsReadOnly([.. Enumerable.Range(0, Label.Levels.Count).Select(Label.NameOfLevel)]);
        _features = Features.Select((f, i) => KeyValuePair.Create(f.Name, i)).ToFrozenDictionary(StringComparer.Ordinal);
        _codes = CodedValues.Index(Features);
        _json = SchemaJson.Write(this);
        Digest = ContentDigest.OfData(_json);
    }

    /// <summary>What the records are about: <c>breast mass</c>.</summary>
    public string Name { get; }

    /// <summary>The version of the description, from 1. A change of any column is a new version.</summary>
    public int Version { get; }

    /// <summary>Every column, in the order of the description. A file may have them in any order.</summary>
    public IReadOnlyList<FeatureDefinition> Columns { get; }

    /// <summary>The columns that a model learns from, in the order of the description; the order of every row's values.</summary>
    public IReadOnlyList<FeatureDefinition> Features { get; }

    /// <summary>The columns by which metrics are told apart: those of role <see cref="FeatureRole.Subgroup"/> and the features that say so.</summary>
    public IReadOnlyList<FeatureDefinition> Subgroups { get; }

    /// <summary>What is to be told.</summary>
    public FeatureDefinition Label { get; }

    /// <summary>Whose row it is, or null where every row is another person.</summary>
    public FeatureDefinition? Group { get; }

    /// <summary>The names of the classes, in the order of their numbers; of two, 0 is the healthy one and 1 the disease.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The SHA-256 of <see cref="ToJson"/>: two schemas with the same digest are the same.</summary>
    public ContentDigest Digest { get; }

    /// <summary>Makes a schema.</summary>
    /// <param name="name">What the records are about, 1 to 200 characters.</param>
    /// <param name="version">The version of the description, from 1.</param>
    /// <param name="columns">At least one feature and exactly one label, no name twice, at most one group.</param>
    /// <exception cref="ArgumentException">A definition contradicts itself or another; the message names the column.</exception>
    public static FeatureSchema Create(string name, int version, IEnumerable<FeatureDefinition> columns)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        FeatureDefinition[] copies = [.. columns.Select(c => SchemaRules.Copy(c ?? throw new ArgumentException("A definition is null.", nameof(columns))))];
        SchemaRules.Check(name, copies);
        return new FeatureSchema(name, version, copies);
    }

    /// <summary>Makes a schema from the properties of a record that carry <see cref="FeatureAttribute"/>, in the order in which they are declared.</summary>
    /// <typeparam name="T">The record; its name, in words, is the schema's.</typeparam>
    /// <param name="version">The version of the description, from 1.</param>
    /// <exception cref="ArgumentException">The properties make no schema; the message names the column.</exception>
    public static FeatureSchema For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(int version) =>
        Create(RecordBinder<T>.SchemaName, version, RecordBinder<T>.Columns);

    /// <summary>Reads a description from JSON, as <see cref="ToJson"/> writes it; spaces, and the order of members, are free.</summary>
    /// <param name="json">UTF-8, at most 64 MiB.</param>
    /// <exception cref="InvalidDataException">It is not JSON, has an unknown, repeated or missing member, or describes no valid schema.</exception>
    public static FeatureSchema FromJson(ReadOnlySpan<byte> json) => SchemaJson.Read(json);

    /// <summary>Reads a description from JSON, or says that it is none.</summary>
    /// <param name="json">UTF-8, at most 64 MiB.</param>
    /// <param name="schema">The schema, or null.</param>
    /// <returns>False where <see cref="FromJson"/> would throw.</returns>
    public static bool TryFromJson(ReadOnlySpan<byte> json, [NotNullWhen(true)] out FeatureSchema? schema)
    {
        try
        {
            schema = SchemaJson.Read(json);
            return true;
        }
        catch (InvalidDataException)
        {
            schema = null;
            return false;
        }
    }

    /// <summary>The description as JSON, UTF-8, indented; the same schema always gives the same bytes.</summary>
    public byte[] ToJson() => [.. _json];

    /// <summary>The place of a feature in a row, or −1 where there is no feature of this name.</summary>
    /// <param name="feature">The name, exactly.</param>
    public int IndexOf(string feature) => _features.GetValueOrDefault(feature, -1);

    /// <summary>Reads a row from the texts of its features, as a file would hold them.</summary>
    /// <param name="record">Text by name. A feature that may be missing may be absent, null or empty. Columns that are not learnt from are passed over; any other name is a fault.</param>
    /// <param name="row">Gets as many values as there are <see cref="Features"/>.</param>
    /// <exception cref="InvalidDataException">A value is out of the schema, or a name unknown; the message names the feature and not the value.</exception>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    public void ReadRow(IReadOnlyDictionary<string, string?> record, Span<double> row)
    {
        ArgumentNullException.ThrowIfNull(record);
        CheckLength(row.Length);
        foreach (string name in record.Keys)
        {
            if (!_features.ContainsKey(name) && !Columns.Any(c => c.Name == name))
            {
                throw SchemaError.Value(name, "is not in the schema");
            }
        }

        for (int i = 0; i < row.Length; i++)
        {
            FeatureDefinition feature = Features[i];
            if (Values.Parse(feature, record.GetValueOrDefault(feature.Name), out row[i]) is { } fault)
            {
                throw SchemaError.Value(feature.Name, fault);
            }
        }
    }

    /// <summary>Reads a row from a record whose properties carry <see cref="FeatureAttribute"/>.</summary>
    /// <param name="record">The record.</param>
    /// <param name="row">Gets as many values as there are <see cref="Features"/>.</param>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the feature and not the value.</exception>
    /// <exception cref="ArgumentException">The record's type lacks a feature, or has it as another kind; or the row has another length.</exception>
    public void ReadRecord<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(T record, Span<double> row)
    {
        ArgumentNullException.ThrowIfNull(record);
        CheckLength(row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            FeatureDefinition feature = Features[i];
            if (RecordBinder<T>.Read(record, feature, out row[i]) is { } fault)
            {
                throw SchemaError.Value(feature.Name, fault);
            }
        }
    }

    /// <summary>Fills a row from coded findings, such as a laboratory's observations, by the codes that the schema's features have.</summary>
    /// <param name="values">Findings of one patient, in any order. Those that no feature asks for are passed over. Of several of a feature the latest counts.</param>
    /// <param name="row">Gets as many values as there are <see cref="Features"/>, in the features' units; NaN where a value is missing that may be.</param>
    /// <returns>For each feature, in their order, the finding it was filled from, or null where there was none.</returns>
    /// <exception cref="InvalidDataException">
    /// A value is in a unit that the schema does not know, out of its range, missing where it may not be, or there twice at the same time and not the same; the message names the feature and not the value.
    /// </exception>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    public IReadOnlyList<CodedValue?> ReadCoded(IEnumerable<CodedValue> values, Span<double> row)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckLength(row.Length);
        return Array.AsReadOnly(CodedValues.Fill(this, _codes, values, row));
    }

    /// <summary>Checks the values of a row against the schema.</summary>
    /// <param name="row">As many values as there are <see cref="Features"/>: numbers, numbers of levels, NaN where a value is missing.</param>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the feature and not the value.</exception>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    public void Check(ReadOnlySpan<double> row)
    {
        CheckLength(row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            if (Values.Check(Features[i], row[i]) is { } fault)
            {
                throw SchemaError.Value(Features[i].Name, fault);
            }
        }
    }

    /// <summary>The name and the version.</summary>
    public override string ToString() => $"{Name}, version {Version}";

    private void CheckLength(int length)
    {
        if (length != Features.Count)
        {
            throw new ArgumentException($"The row has {length} values; the schema has {Features.Count} features.", "row");
        }
    }
}
