using Phr.Ml.Schemas;

namespace Phr.Ml;

/// <summary>A published set of patients' records that this library has a schema for. The records themselves come by path, never by network.</summary>
/// <remarks>Immutable.</remarks>
public sealed class KnownSet
{
    private readonly FeatureSchema? _schema;
    private readonly Func<IReadOnlyList<string>, FeatureSchema>? _schemaOfHeader;

    internal KnownSet(string name, string title, string fileName, string licence, string citation, DataStatement statement, FeatureSchema? schema, Func<IReadOnlyList<string>, FeatureSchema>? schemaOfHeader = null)
    {
        Name = name;
        Title = title;
        FileName = fileName;
        Licence = licence;
        Citation = citation;
        Statement = statement;
        _schema = schema;
        _schemaOfHeader = schemaOfHeader;
    }

    /// <summary>The name on a command line: <c>breast-mass</c>.</summary>
    public string Name { get; }

    /// <summary>What the set is about, in words.</summary>
    public string Title { get; }

    /// <summary>The name of the file with the records.</summary>
    public string FileName { get; }

    /// <summary>Under which terms the records were published.</summary>
    public string Licence { get; }

    /// <summary>Who published them.</summary>
    public string Citation { get; }

    /// <summary>What a model of these records is meant for, of whom they are, and what they cannot show. The cards of models say it, unless <see cref="TrainingOptions"/> say otherwise.</summary>
    public DataStatement Statement { get; }

    /// <summary>The schema of a file with this header. Only of the gene expressions does it depend on the header, which names thousands of genes.</summary>
    /// <param name="header">The names of the file's columns.</param>
    /// <exception cref="InvalidDataException">The header cannot be that of this set.</exception>
    public FeatureSchema SchemaOf(IReadOnlyList<string> header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return _schema ?? _schemaOfHeader!(header);
    }

    /// <summary>Reads the records.</summary>
    /// <param name="path">A file in the form of <see cref="FileName"/>, packed with gzip or not.</param>
    /// <param name="purpose">What it is read for.</param>
    /// <exception cref="InvalidDataException">The file does not fit; the message names line and column.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Dataset Read(string path, CsvPurpose purpose = CsvPurpose.Training)
    {
        ArgumentNullException.ThrowIfNull(path);
        var options = new CsvReadOptions { Origin = $"{Citation} ({FileName})", Purpose = purpose, Statement = Statement };
        using FileStream stream = File.OpenRead(path);
        if (_schema is not null)
        {
            return Dataset.ReadCsv(stream, _schema, options);
        }

        FeatureSchema schema = SchemaOf(Header(stream));
        stream.Position = 0;
        return Dataset.ReadCsv(stream, schema, options);
    }

    /// <summary>The title and the name.</summary>
    public override string ToString() => $"{Title} ({Name})";

    private static string[] Header(FileStream stream)
    {
        using var text = new CsvText(stream);
        CsvReader records = text.Records;
        return records.Read() ? [.. Enumerable.Range(0, records.Fields).Select(i => records[i].ToString())] : throw new InvalidDataException("The file is empty.");
    }
}
