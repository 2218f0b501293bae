using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;
using Phr.Records.Genomics;

namespace Phr.Records;

/// <summary>Reads a FASTA file of nucleotides, one sequence at a time; memory is one sequence at two bits a letter.</summary>
/// <remarks>Every fault names line and column. Letters are those of IUPAC's code in either case; gaps and proteins are refused. Not safe for use by several threads.</remarks>
public sealed class FastaReader : IDisposable
{
    /// <summary>The most letters of one sequence: 400 million, above the longest human chromosome.</summary>
    public const int MaxLetters = 400_000_000;

    private const int MaxSequences = 10_000_000;

    private readonly LineReader _lines;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private string? _title;

    private FastaReader(LineReader lines) => _lines = lines;

    /// <summary>Begins to read.</summary>
    /// <param name="stream">The file; the reader closes it.</param>
    /// <returns>A reader that stands before the first sequence.</returns>
    /// <exception cref="PhrDataException">The first line names no sequence; the stage is <c>FASTA file</c>.</exception>
    public static FastaReader Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var lines = new LineReader(stream, "FASTA file");
        try
        {
            string first = lines.Read() ?? throw lines.Fault("", "the file is empty");
            return first is ['>', ..] ? new FastaReader(lines) { _title = first } : throw lines.Fault("1", "the name of a sequence is expected, after a >");
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next sequence.</summary>
    /// <param name="record">The sequence; null at the end.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="PhrDataException">A line has a fault: the message names line and column, a sequence has no name, another's name, or no letters.</exception>
    public bool TryRead([NotNullWhen(true)] out FastaRecord? record)
    {
        record = null;
        if (_title is null)
        {
            return false;
        }

        string[] title = _title[1..].Split([' ', '\t'], 2);
        if (title[0].Length is 0 or > 1000)
        {
            throw _lines.Fault("1", "a name of 1 to 1,000 characters is expected directly after the >");
        }

        if (!_names.Add(title[0]))
        {
            throw _lines.Fault("1", "the name is another sequence's", PhrDataReason.Duplicate);
        }

        if (_names.Count > MaxSequences)
        {
            throw _lines.Fault("1", $"there are more than {MaxSequences} sequences", PhrDataReason.TooLarge);
        }

        var packer = new SequencePacker();
        bool isOver = false;
        while ((_title = _lines.Read()) is not (null or ['>', ..]))
        {
            isOver = AddLine(packer, _title, isOver);
        }

        if (packer.Length == 0)
        {
            throw _lines.Fault("", "the sequence before has no letters", _title is null ? PhrDataReason.Truncated : PhrDataReason.Malformed);
        }

        record = new FastaRecord(title[0], title.Length > 1 ? title[1].Trim() : "", packer.ToSequence());
        return true;
    }

    /// <summary>Reads the sequences that are left.</summary>
    /// <returns>One after another, while they are asked for.</returns>
    /// <exception cref="PhrDataException">A line has a fault; thrown when it is reached.</exception>
    public IEnumerable<FastaRecord> ReadToEnd()
    {
        while (TryRead(out FastaRecord? record))
        {
            yield return record;
        }
    }

    /// <summary>Closes the stream.</summary>
    public void Dispose() => _lines.Dispose();

    // Empty lines may follow a sequence, and may not interrupt it.
    private bool AddLine(SequencePacker packer, string line, bool isOver)
    {
        string letters = line.TrimEnd(' ', '\t');
        if (letters.Length == 0)
        {
            return true;
        }

        if (isOver)
        {
            throw _lines.Fault("1", "an empty line stands within a sequence");
        }

        if (packer.Length > MaxLetters - letters.Length)
        {
            throw _lines.Fault("1", $"the sequence has more than {MaxLetters} letters", PhrDataReason.TooLarge);
        }

        for (int i = 0; i < letters.Length; i++)
        {
            if (!packer.TryAdd(letters[i]))
            {
                throw _lines.Fault($"{i + 1}", "a letter of IUPAC's code for nucleotides is expected");
            }
        }

        return false;
    }
}
