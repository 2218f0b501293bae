using System.Text;

namespace Phr.Records.Laboratory;

/// <summary>Cuts CSV into cells as RFC 4180 says, and knows the line.</summary>
internal sealed class CsvReader(string text)
{
    private const int MaxCells = 64;
    private const int MaxCell = 10_000;

    private int _at;
    private long _next = 1;

    /// <summary>The line on which the last row began, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Reads a row.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? Read(List<string> cells, out bool isEnd)
    {
        cells.Clear();
        Line = _next;
        isEnd = _at >= text.Length;
        if (isEnd)
        {
            return null;
        }

        while (true)
        {
            if (cells.Count == MaxCells)
            {
                return $"there are more than {MaxCells} values in a line";
            }

            string? wrong = _at < text.Length && text[_at] == '"' ? Quoted(cells) : Plain(cells);
            if (wrong is not null)
            {
                return wrong;
            }

            if (_at >= text.Length)
            {
                return null;
            }

            char end = text[_at++];
            if (end == ',')
            {
                continue;
            }

            if (end == '\r' && _at < text.Length && text[_at] == '\n')
            {
                _at++;
            }

            _next++;
            return null;
        }
    }

    private string? Plain(List<string> cells)
    {
        int end = text.AsSpan(_at).IndexOfAny(",\r\n\"");
        end = end < 0 ? text.Length : _at + end;
        if (end < text.Length && text[end] == '"')
        {
            return "a quotation mark stands within a value that does not begin with one";
        }

        cells.Add(text[_at..end]);
        _at = end;
        return cells[^1].Length > MaxCell ? $"a value has more than {MaxCell} characters" : null;
    }

    private string? Quoted(List<string> cells)
    {
        var cell = new StringBuilder();
        _at++;
        while (true)
        {
            int end = text.IndexOf('"', _at);
            if (end < 0)
            {
                return "a value in quotation marks has no end";
            }

            _next += text.AsSpan(_at, end - _at).Count('\n');
            cell.Append(text, _at, end - _at);
            _at = end + 1;
            if (cell.Length > MaxCell)
            {
                return $"a value has more than {MaxCell} characters";
            }

            if (_at < text.Length && text[_at] == '"')
            {
                cell.Append('"');
                _at++;
                continue;
            }

            cells.Add(cell.ToString());
            return _at >= text.Length || text[_at] is ',' or '\r' or '\n' ? null : "something follows a value in quotation marks";
        }
    }
}
