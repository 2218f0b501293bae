namespace Phr.Ml;

/// <summary>How a file of records is read.</summary>
public sealed class CsvReadOptions
{
    /// <summary>What the file is read for.</summary>
    public CsvPurpose Purpose { get; init; } = CsvPurpose.Training;

    /// <summary>Where the data come from, as the model card will say: a citation, a registry, a hospital's export with its date. Empty means the file's name.</summary>
    public string Origin { get; init; } = "";

    /// <summary>What the records are for and of whom they are, as the model card will say.</summary>
    public DataStatement Statement { get; init; } = new();

    /// <summary>How many rows are taken at most; a longer file is refused. From 1 to 10,000,000.</summary>
    public int MaximumRows { get; init; } = 1_000_000;
}
