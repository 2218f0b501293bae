namespace Phr.Records.Laboratory;

/// <summary>Text in a cell of a table that people open in programs for spreadsheets.</summary>
internal static class CsvWriter
{
    /// <summary>The cell, in quotation marks where it needs them, and with an apostrophe where it would run as a formula.</summary>
    public static string Text(string text)
    {
        string safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") >= 0 || safe != safe.Trim() ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
