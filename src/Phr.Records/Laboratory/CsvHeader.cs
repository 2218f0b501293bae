namespace Phr.Records.Laboratory;

/// <summary>The columns of a laboratory table, by name.</summary>
internal static class CsvHeader
{
    public static readonly string[] Names = ["time", "analyte", "value", "unit", "reference_low", "reference_high"];

    /// <summary>How many of the names, from the first, a table must have.</summary>
    public const int Required = 4;

    /// <summary>Whether a line names the columns that a table must have.</summary>
    public static bool Matches(string line)
    {
        string[] cells = [.. line.Split(',').Select(c => c.Trim().Trim('"').Trim().ToLowerInvariant())];
        return Names.Take(Required).All(cells.Contains);
    }
}
