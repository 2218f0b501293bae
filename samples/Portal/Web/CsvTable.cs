using System.Text;

namespace Phr.Samples.Portal;

/// <summary>
/// Tables for programs for spreadsheets, which run what looks like a formula (some also where its sign is of full width): what looks so gets an apostrophe before it. Some of these programs take other signs than commas for the
/// ends of cells, so that a formula can begin behind such a sign, too.
/// </summary>
internal static class CsvTable
{
    public static string Write(IEnumerable<IReadOnlyList<string>> rows)
    {
        var csv = new StringBuilder();
        foreach (IReadOnlyList<string> row in rows)
        {
            csv.AppendJoin(',', row.Select(text => Quoted(Safe(text)))).Append("\r\n");
        }

        return csv.ToString();
    }

    /// <summary>Text with an apostrophe wherever a formula could begin.</summary>
    public static string Safe(string text)
    {
        var safe = new StringBuilder(text.Length + 1);
        if (text.TrimStart() is [var first, ..] && (IsSign(first) || text[0] is '\t' or '\r' or '\n'))
        {
            safe.Append('\'');
        }

        bool isBeginning = false;
        foreach (char letter in text)
        {
            safe.Append(isBeginning && IsSign(letter) ? "'" : string.Empty).Append(letter);
            isBeginning = letter is ';' or '\t' or '\r' or '\n' || (isBeginning && char.IsWhiteSpace(letter));
        }

        return safe.ToString();
    }

    private static bool IsSign(char letter) => letter is '=' or '+' or '-' or '@' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20';

    private static string Quoted(string safe) => safe.AsSpan().IndexOfAny(",\"\r\n") >= 0 || safe != safe.Trim() ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
}
