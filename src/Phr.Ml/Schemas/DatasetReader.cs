namespace Phr.Ml.Schemas;

/// <summary>Reads one file of records and collects what is wrong with it.</summary>
internal sealed class DatasetReader(FeatureSchema schema, CsvReadOptions options)
{
    private const int MaximumFaults = 1000;

    private readonly List<DataFault> _faults = [];

    public IReadOnlyList<DataFault> Faults => _faults;

    public Dataset? Read(Stream stream)
    {
        using var text = new CsvText(stream);
        CsvReader records = text.Records;
        try
        {
            if (!records.Read())
            {
                Add(1, "", "the file is empty");
                return null;
            }

            FeatureDefinition[]? columns = Header(records);
            if (columns is null)
            {
                return null;
            }

            var builder = new DatasetBuilder(schema, columns);
            int width = schema.Features.Count;
            while (records.Read())
            {
                if (records.IsEmpty && columns.Length > 1)
                {
                    // An empty line is one only if something follows.
                    long line = records.Line;
                    if (!records.Read())
                    {
                        break;
                    }

                    Add(line, "", "the line is empty");
                }

                if (builder.Count == options.MaximumRows || (long)(builder.Count + 1) * width > 1 << 28)
                {
                    Add(records.Line, "", $"there are more rows than are taken ({builder.Count})");
                    break;
                }

                Row(records, columns, builder);
                if (_faults.Count >= MaximumFaults)
                {
                    break;
                }
            }

            if (_faults.Count == 0 && builder.Count == 0)
            {
                Add(2, "", "there are no rows");
            }

            return _faults.Count == 0 ? builder.ToDataset(options.Origin, options.Statement ?? new DataStatement(), text.Digest()) : null;
        }
        catch (InvalidDataException e)
        {
            Add(records.Line, "", e.Message.TrimEnd('.'));
            return null;
        }
    }

    private FeatureDefinition[]? Header(CsvReader records)
    {
        Dictionary<string, FeatureDefinition> known = schema.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var columns = new List<FeatureDefinition>();
        var present = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < records.Fields && _faults.Count < MaximumFaults; i++)
        {
            string name = records[i].ToString();
            if (!known.TryGetValue(name, out FeatureDefinition? column))
            {
                Add(records.Line, Shown(name), "is not in the schema");
            }
            else if (!present.Add(name))
            {
                Add(records.Line, name, "is there twice");
            }
            else
            {
                columns.Add(column);
            }
        }

        foreach (FeatureDefinition column in schema.Columns)
        {
            bool isNeeded = options.Purpose == CsvPurpose.Training || column.Role == FeatureRole.Feature;
            if (isNeeded && !present.Contains(column.Name) && _faults.Count < MaximumFaults)
            {
                Add(records.Line, column.Name, "is missing");
            }
        }

        return _faults.Count == 0 ? [.. columns] : null;
    }

    private void Row(CsvReader records, FeatureDefinition[] columns, DatasetBuilder builder)
    {
        if (records.Fields != columns.Length)
        {
            Add(records.Line, "", $"the row has {records.Fields} fields; the header has {columns.Length}");
            return;
        }

        for (int i = 0; i < columns.Length; i++)
        {
            string? fault = columns[i].Kind == FeatureKind.Identifier
                ? builder.AddText(columns[i], records[i])
                : Values.Parse(columns[i], records[i], out double value) ?? builder.AddValue(columns[i], value);
            if (fault is not null)
            {
                Add(records.Line, columns[i].Name, fault);
            }
        }

        builder.EndRow();
    }

    private void Add(long line, string column, string message) => _faults.Add(new DataFault(line, column, message));

    // A header that is none may hold anything.
    private static string Shown(string name) => name.Length <= 60 && !name.Any(char.IsControl) ? name : name[..Math.Min(60, name.Length)].Where(c => !char.IsControl(c)).Aggregate("", (s, c) => s + c) + "…";
}
