using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Phr.Crypto;
using Phr.Records.Genomics;

namespace Phr.Records;

/// <summary>Reads a VCF file of version 4.0 to 4.5, line by line and strictly; memory is one line.</summary>
/// <remarks>
/// Every fault names line and column. Positions must rise within a chromosome, and a chromosome's lines must be together, as the specification asks and an index needs. Compressed files (bgzip is gzip) are read
/// through a <see cref="System.IO.Compression.GZipStream"/>. Not safe for use by several threads.
/// </remarks>
public sealed class VcfReader : IDisposable
{
    private const int MaxMetaLines = 100_000;
    private const int MaxMetaCharacters = 32 << 20;
    private const int MaxChromosomes = 1_000_000;

    private static readonly string[] Columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"];

    private readonly LineReader _lines;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private string? _chromosome;
    private long _position;

    private VcfReader(LineReader lines, VcfHeader header) => (_lines, Header) = (lines, header);

    /// <summary>What the file says before its variants.</summary>
    public VcfHeader Header { get; }

    /// <summary>Begins to read: takes the header.</summary>
    /// <param name="stream">The file; the reader closes it.</param>
    /// <returns>A reader that stands before the first variant.</returns>
    /// <exception cref="PhrDataException">The stream is no VCF file of version 4; the stage is <c>VCF file</c>.</exception>
    public static VcfReader Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var lines = new LineReader(stream, "VCF file");
        try
        {
            return new VcfReader(lines, ReadHeader(lines));
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next variant.</summary>
    /// <param name="record">The variant; null at the end.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="PhrDataException">The line has a fault; the message names line and column.</exception>
    public bool TryRead([NotNullWhen(true)] out VcfRecord? record)
    {
        record = _lines.Read() is { } line ? Read(line) : null;
        return record is not null;
    }

    /// <summary>Reads the variants that are left.</summary>
    /// <returns>One after another, while they are asked for.</returns>
    /// <exception cref="PhrDataException">A line has a fault; thrown when it is reached.</exception>
    public IEnumerable<VcfRecord> ReadToEnd()
    {
        while (TryRead(out VcfRecord? record))
        {
            yield return record;
        }
    }

    /// <summary>Closes the stream.</summary>
    public void Dispose() => _lines.Dispose();

    private static VcfHeader ReadHeader(LineReader lines)
    {
        string first = lines.Read() ?? throw lines.Fault("", "the file is empty");
        if (first is not ['#', '#', 'f', 'i', 'l', 'e', 'f', 'o', 'r', 'm', 'a', 't', '=', 'V', 'C', 'F', 'v', '4', '.', >= '0' and <= '5'])
        {
            throw lines.Fault("", "the line ##fileformat=VCFv4.0 to 4.5 is expected", PhrDataReason.UnknownVersion);
        }

        var meta = new List<string> { first[2..] };
        var contigs = new List<string>();
        int characters = 0;
        while (lines.Read() is { } line)
        {
            if (line.StartsWith("##", StringComparison.Ordinal))
            {
                int equals = line.IndexOf('=', StringComparison.Ordinal);
                if (equals < 3)
                {
                    throw lines.Fault("", "a line of the header is ##key=value");
                }

                characters += line.Length;
                if (meta.Count == MaxMetaLines || characters > MaxMetaCharacters)
                {
                    throw lines.Fault("", "the header is longer than any is", PhrDataReason.TooLarge);
                }

                meta.Add(line[2..]);
                if (line.StartsWith("##contig=<", StringComparison.Ordinal) && line[10..].TrimEnd('>').Split(',').FirstOrDefault(p => p.StartsWith("ID=", StringComparison.Ordinal)) is { } id)
                {
                    contigs.Add(id[3..]);
                }

                continue;
            }

            string[] columns = line.Split('\t');
            bool hasSamples = columns.Length >= 10;
            if (columns.Length is not (8 or >= 10) || !columns.Take(9).SequenceEqual(Columns.Take(hasSamples ? 9 : 8)))
            {
                throw lines.Fault("", "the names of the columns are expected, with tabs between, FORMAT and samples both or neither");
            }

            string[] samples = columns[Math.Min(9, columns.Length)..];
            return samples.Distinct(StringComparer.Ordinal).Count() == samples.Length && !samples.Contains("")
                ? new VcfHeader(meta[0][11..], meta, contigs, samples)
                : throw lines.Fault("", "a sample has no name, or another's", PhrDataReason.Duplicate);
        }

        throw lines.Fault("", "the file ends in its header", PhrDataReason.Truncated);
    }

    private VcfRecord Read(string line)
    {
        string[] cells = line.Split('\t');
        int expected = Header.Samples.Count > 0 ? 9 + Header.Samples.Count : 8;
        if (cells.Length != expected)
        {
            throw _lines.Fault("", $"there are {cells.Length} values where the header has {expected} columns");
        }

        string chromosome = cells[0];
        if (chromosome.Length == 0 || chromosome.Any(c => char.IsWhiteSpace(c) || c is '<' or '>') && !(chromosome is ['<', .. var name, '>'] && IsSymbol(name)))
        {
            throw _lines.Fault("CHROM", "the name of a chromosome is expected");
        }

        if (!long.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out long position) || position > int.MaxValue)
        {
            throw _lines.Fault("POS", "a position is expected, at most 2147483647");
        }

        Order(chromosome, position);
        string reference = cells[3];
        if (reference.Length == 0 || !IsBases(reference))
        {
            throw _lines.Fault("REF", "letters of a sequence are expected");
        }

        string[] alternates = List(cells[4], ',');
        if (cells[4].Length == 0 || !alternates.All(IsAlternate))
        {
            throw _lines.Fault("ALT", "letters of a sequence, *, <a symbol>, a breakend or a point are expected");
        }

        double quality = 0;
        if (cells[5] != "." && !(double.TryParse(cells[5], NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out quality) && double.IsFinite(quality)))
        {
            throw _lines.Fault("QUAL", "a number or a point is expected");
        }

        Dictionary<string, string> info = ReadInfo(cells[7]);
        long end = position + reference.Length - 1;
        if (info.TryGetValue("END", out string? text))
        {
            end = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long given) && given >= position && given <= int.MaxValue
                ? given
                : throw _lines.Fault("INFO", "END is not a position from POS on");
        }

        string[] format = cells.Length > 9 ? cells[8].Split(':') : [];
        CheckSamples(cells, format, alternates.Length);
        return new VcfRecord
        {
            Chromosome = chromosome,
            Position = position,
            End = end,
            Ids = List(Filled(cells[2], "ID"), ';'),
            Reference = reference,
            Alternates = alternates,
            Quality = cells[5] == "." ? null : quality,
            Filters = List(Filled(cells[6], "FILTER"), ';'),
            Info = info,
            Format = format,
            Samples = cells.Length > 9 ? cells[9..] : [],
        };
    }

    private void Order(string chromosome, long position)
    {
        if (chromosome == _chromosome)
        {
            if (position < _position)
            {
                throw _lines.Fault("POS", "the positions of a chromosome do not rise; sort the file, for example with bcftools sort");
            }
        }
        else
        {
            if (!_seen.Add(chromosome))
            {
                throw _lines.Fault("CHROM", "the lines of a chromosome are not together; sort the file, for example with bcftools sort");
            }

            if (_seen.Count > MaxChromosomes)
            {
                throw _lines.Fault("CHROM", $"there are more than {MaxChromosomes} chromosomes", PhrDataReason.TooLarge);
            }

            _chromosome = chromosome;
        }

        _position = position;
    }

    private Dictionary<string, string> ReadInfo(string cell)
    {
        var info = new Dictionary<string, string>(StringComparer.Ordinal);
        if (cell == ".")
        {
            return info;
        }

        foreach (string field in cell.Split(';'))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? field : field[..equals];
            if (key.Length == 0 || key.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '_' or '.')))
            {
                throw _lines.Fault("INFO", "fields of the form key=value are expected, or a point");
            }

            if (!info.TryAdd(key, equals < 0 ? "" : field[(equals + 1)..]))
            {
                throw _lines.Fault("INFO", "a field is there twice", PhrDataReason.Duplicate);
            }
        }

        return info;
    }

    private void CheckSamples(string[] cells, string[] format, int alternates)
    {
        if (format.Length > 0 && (format.Contains("") || format.Distinct(StringComparer.Ordinal).Count() != format.Length || Array.IndexOf(format, "GT") > 0))
        {
            throw _lines.Fault("FORMAT", "names with colons between are expected, each once, GT first");
        }

        for (int i = 9; i < cells.Length; i++)
        {
            string cell = cells[i];
            if (cell.Length == 0 || cell.AsSpan().Count(':') >= format.Length)
            {
                throw _lines.Fault(Header.Samples[i - 9], "the sample has more values than FORMAT, or none");
            }

            if (format[0] == "GT" && !IsGenotype(cell.AsSpan(0, cell.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? colon : cell.Length), alternates))
            {
                throw _lines.Fault(Header.Samples[i - 9], "a genotype is numbers of alleles with / or | between, none above the alternates");
            }
        }
    }

    // Alleles with a bar or a slash between them; version 4.4 allows one before the first as well.
    private static bool IsGenotype(ReadOnlySpan<char> text, int alternates)
    {
        text = text.Length > 1 && text[0] is '/' or '|' ? text[1..] : text;
        foreach (Range part in text.SplitAny('/', '|'))
        {
            ReadOnlySpan<char> allele = text[part];
            if (allele is not "." && !(int.TryParse(allele, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= alternates))
            {
                return false;
            }
        }

        return true;
    }

    private string Filled(string cell, string column) =>
        cell.Length > 0 && !cell.Any(char.IsWhiteSpace) ? cell : throw _lines.Fault(column, "a value without blanks, or a point, is expected");

    private static string[] List(string cell, char separator) => cell == "." ? [] : cell.Split(separator);

    private static bool IsAlternate(string text) =>
        text == "*" || text == "<*>" || IsBases(text)
        || (text is ['<', .. var symbol, '>'] && IsSymbol(symbol))
        || (text.Length > 2 && (text.Contains('[', StringComparison.Ordinal) || text.Contains(']', StringComparison.Ordinal) || text[0] == '.' || text[^1] == '.') && !text.Any(char.IsWhiteSpace))
        || (text.Length == 2 && (text[0] == '.' ? IsBases(text[1..]) : text[1] == '.' && IsBases(text[..1])));

    private static bool IsSymbol(string text) => text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or ',');

    private static bool IsBases(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExcept("ACGTNacgtnRYSWKMBDHVryswkmbdhv") < 0;
}
