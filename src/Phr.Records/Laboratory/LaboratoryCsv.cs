using System.Globalization;
using System.Text;
using Phr.Crypto;
using Phr.Records.Laboratory;

namespace Phr.Records;

/// <summary>Reads and writes laboratory values as CSV (RFC 4180), strictly: no guesses at dates, decimal commas or missing zones.</summary>
/// <remarks>
/// UTF-8, commas, a header line. Columns in any order: <c>time</c> (ISO 8601 with seconds or without, and with a zone: <c>2026-11-23T08:30+01:00</c>), <c>analyte</c>, <c>value</c>
/// (a number with a decimal point, <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;=</c> or <c>&gt;</c> before it), <c>unit</c>, and where there are any <c>reference_low</c> and <c>reference_high</c>. Other columns are a fault.
/// </remarks>
public static class LaboratoryCsv
{
    /// <summary>The longest file, in bytes: 16 MiB.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>The most lines of results: 200,000.</summary>
    public const int MaxRows = 200_000;

    private const int MaxFaults = 100;
    private const string Stage = "laboratory table";

    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK"];

    /// <summary>Reads a table and refuses it at its first fault.</summary>
    /// <param name="utf8">The file, UTF-8 with a mark at the beginning or without.</param>
    /// <returns>The results in the order of the file.</returns>
    /// <exception cref="PhrDataException">The table has a fault; the message names line and column.</exception>
    public static IReadOnlyList<LaboratoryResult> Read(ReadOnlySpan<byte> utf8)
    {
        LaboratoryTable table = ReadAll(utf8);
        return table.Faults.Count == 0 ? table.Results : throw new PhrDataException(Stage, PhrDataReason.Malformed, $"{table.Faults[0]}.");
    }

    /// <summary>Reads a table as far as it is sound, and lists all its faults, so that a person mends them in one go.</summary>
    /// <param name="utf8">The file, UTF-8 with a mark at the beginning or without.</param>
    /// <returns>The results of sound lines, and the faults of the others.</returns>
    /// <exception cref="PhrDataException">There is no table to speak of: the file is too long (<c>TooLarge</c>) or no UTF-8 text (<c>Malformed</c>).</exception>
    public static LaboratoryTable ReadAll(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength)
        {
            throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"the file is longer than the {MaxLength} bytes that are taken.");
        }

        if (!System.Text.Unicode.Utf8.IsValid(utf8) || utf8.Contains((byte)0))
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "the file is no text in UTF-8.");
        }

        string text = Encoding.UTF8.GetString(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8);
        var faults = new List<RecordFault>();
        var results = new List<LaboratoryResult>();
        var reader = new CsvReader(text);
        var cells = new List<string>();
        int[]? columns = null;
        int rows = 0;
        while (faults.Count < MaxFaults)
        {
            string? wrong = reader.Read(cells, out bool isEnd);
            if (isEnd)
            {
                break;
            }

            if (wrong is not null)
            {
                // Beyond a quotation mark that is out of place nobody knows where lines begin.
                faults.Add(new RecordFault { Line = reader.Line, Column = "", Message = wrong });
                break;
            }

            if (columns is null)
            {
                columns = Columns(cells, reader.Line, faults);
                if (columns is null)
                {
                    break;
                }

                continue;
            }

            if (cells is [""])
            {
                continue;
            }

            if (++rows > MaxRows)
            {
                throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"the table has more than {MaxRows} lines.");
            }

            if (ReadRow(cells, columns, reader.Line, faults) is { } result)
            {
                results.Add(result);
            }
        }

        if (columns is null && faults.Count == 0)
        {
            faults.Add(new RecordFault { Line = 1, Column = "", Message = "the table is empty, where a line with the names of its columns is expected" });
        }

        return new LaboratoryTable(results, faults);
    }

    /// <summary>Writes results as a table that <see cref="Read"/> takes, safe to open in a program for spreadsheets.</summary>
    /// <param name="results">The results, written in this order.</param>
    /// <returns>CSV with all six columns and CR LF at the end of lines.</returns>
    /// <remarks>Text that such a program would run as a formula (it begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a line end) gets an apostrophe before it, and so reads back with it.</remarks>
    public static string Write(IEnumerable<LaboratoryResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var csv = new StringBuilder().AppendJoin(',', CsvHeader.Names).Append("\r\n");
        foreach (LaboratoryResult result in results)
        {
            csv.Append(result.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture)).Append(',')
                .Append(CsvWriter.Text(result.Analyte)).Append(',')
                .Append(result.FormatValue()).Append(',')
                .Append(CsvWriter.Text(result.Unit)).Append(',')
                .Append(result.Range?.Low?.ToString(CultureInfo.InvariantCulture)).Append(',')
                .Append(result.Range?.High?.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
        }

        return csv.ToString();
    }

    // Where each name of CsvHeader stands; −1 where a table has it not.
    private static int[]? Columns(List<string> cells, long line, List<RecordFault> faults)
    {
        int before = faults.Count;
        string[] names = [.. cells.Select(c => c.Trim().ToLowerInvariant())];
        for (int i = 0; i < names.Length && faults.Count < MaxFaults; i++)
        {
            if (!CsvHeader.Names.Contains(names[i]))
            {
                faults.Add(Fault(line, $"{i + 1}", $"this is no column of a laboratory table; those are {string.Join(", ", CsvHeader.Names)}"));
            }
            else if (Array.IndexOf(names, names[i]) < i)
            {
                faults.Add(Fault(line, names[i], "the column is there twice"));
            }
        }

        int[] columns = [.. CsvHeader.Names.Select(n => Array.IndexOf(names, n))];
        for (int i = 0; i < CsvHeader.Required && faults.Count < MaxFaults; i++)
        {
            if (columns[i] < 0)
            {
                faults.Add(Fault(line, CsvHeader.Names[i], "the column is missing"));
            }
        }

        return faults.Count == before ? columns : null;
    }

    private static LaboratoryResult? ReadRow(List<string> cells, int[] columns, long line, List<RecordFault> faults)
    {
        int expected = columns.Count(c => c >= 0);
        if (cells.Count != expected)
        {
            faults.Add(Fault(line, "", $"there are {cells.Count} values where the table has {expected} columns"));
            return null;
        }

        int before = faults.Count;
        string Cell(int column) => columns[column] < 0 ? "" : cells[columns[column]].Trim();
        void Wrong(int column, string message) => faults.Add(Fault(line, CsvHeader.Names[column], message));

        if (!TryTime(Cell(0), out DateTimeOffset time))
        {
            Wrong(0, "a time with its zone is expected, like 2026-11-23T08:30+01:00");
        }

        string analyte = Cell(1);
        if (analyte.Length is < 1 or > 200 || analyte.Any(char.IsControl))
        {
            Wrong(1, "a name of 1 to 200 characters is expected");
        }

        (LaboratoryComparator comparator, string number) = Comparator(Cell(2));
        if (!TryNumber(number, out decimal value))
        {
            Wrong(2, "a number is expected, like 4.2 or <0.5, with a decimal point and at most 12 digits after it");
        }

        string unit = Cell(3);
        if (unit.Length > 40 || unit.Any(char.IsControl))
        {
            Wrong(3, "a unit of at most 40 characters is expected");
        }

        decimal?[] ends = new decimal?[2];
        for (int i = 0; i < 2; i++)
        {
            if (Cell(4 + i) is { Length: > 0 } text)
            {
                if (TryNumber(text, out decimal end))
                {
                    ends[i] = end;
                }
                else
                {
                    Wrong(4 + i, "a number is expected, or nothing");
                }
            }
        }

        if (ends[0] > ends[1])
        {
            Wrong(5, "the reference range ends before it begins");
        }

        return faults.Count > before
            ? null
            : new LaboratoryResult
            {
                Time = time,
                Analyte = analyte,
                Value = value,
                Comparator = comparator,
                Unit = unit,
                Range = ends[0] is null && ends[1] is null ? null : new ReferenceRange { Low = ends[0], High = ends[1] },
            };
    }

    private static (LaboratoryComparator Comparator, string Number) Comparator(string text) => text switch
    {
        ['<', '=', .. var rest] => (LaboratoryComparator.LessOrEqual, rest.TrimStart()),
        ['<', .. var rest] => (LaboratoryComparator.Less, rest.TrimStart()),
        ['>', '=', .. var rest] => (LaboratoryComparator.GreaterOrEqual, rest.TrimStart()),
        ['>', .. var rest] => (LaboratoryComparator.Greater, rest.TrimStart()),
        _ => (LaboratoryComparator.Exact, text),
    };

    // A time without a zone is nobody's; K alone would let it pass.
    private static bool TryTime(string text, out DateTimeOffset time)
    {
        time = default;
        return text.Length is >= 17 and <= 33 && (text[^1] == 'Z' || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':'))
            && DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    private static bool TryNumber(string text, out decimal number)
    {
        number = 0;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        return text.Length is >= 1 and <= 30 && (point < 0 || text.Length - point - 1 is >= 1 and <= 12) && char.IsAsciiDigit(text[^1]) && (char.IsAsciiDigit(text[0]) || (text.Length > 1 && text[0] == '-' && char.IsAsciiDigit(text[1])))
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && Math.Abs(number) <= 1_000_000_000_000_000m;
    }

    private static RecordFault Fault(long line, string column, string message) => new() { Line = line, Column = column, Message = message };
}
