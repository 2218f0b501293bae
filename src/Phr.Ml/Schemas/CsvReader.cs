using System.Text;

namespace Phr.Ml.Schemas;

/// <summary>
/// Splits a text of comma-separated values (RFC 4180) into records: UTF-8, commas, lines that end in LF or CRLF, quotes around a field that needs them.
/// </summary>
internal sealed class CsvReader(TextReader text)
{
    /// <summary>The most characters of one record.</summary>
    public const int MaximumRecord = 16 << 20;

    private readonly char[] _buffer = new char[64 << 10];
    private char[] _record = new char[1024];
    private int[] _ends = new int[64];
    private int _length;
    private int _read;
    private int _at;
    private long _nextLine = 1;

    /// <summary>The line on which the current record begins, from 1.</summary>
    public long Line { get; private set; }

    public int Fields { get; private set; }

    public ReadOnlySpan<char> this[int field]
    {
        get
        {
            int begin = field == 0 ? 0 : _ends[field - 1];
            return _record.AsSpan(begin, _ends[field] - begin);
        }
    }

    /// <summary>Whether the record is an empty line.</summary>
    public bool IsEmpty => Fields == 1 && _ends[0] == 0;

    /// <summary>Goes on to the next record; false at the end.</summary>
    /// <exception cref="InvalidDataException">The text is no CSV, a record is too long, or bytes are no UTF-8.</exception>
    public bool Read()
    {
        Line = _nextLine;
        Fields = 0;
        _length = 0;
        int c = Next();
        if (c < 0)
        {
            return false;
        }

        while (true)
        {
            if (c == '"')
            {
                Quoted();
                c = Next();
                if (c is not (',' or '\n' or '\r' or < 0))
                {
                    throw Fault("something follows a closing quote");
                }
            }
            else
            {
                while (c is not (',' or '\n' or '\r' or < 0))
                {
                    if (c == '"')
                    {
                        throw Fault("a quote stands inside a field without quotes");
                    }

                    Append((char)c);
                    c = Next();
                }
            }

            EndField();
            if (c == '\r' && Next() != '\n')
            {
                throw Fault("a carriage return is not followed by a line feed");
            }

            if (c != ',')
            {
                _nextLine++;
                return true;
            }

            c = Next();
        }
    }

    private void Quoted()
    {
        while (true)
        {
            int c = Next();
            if (c < 0)
            {
                throw Fault("a quote is not closed");
            }

            if (c == '"')
            {
                if (Peek() != '"')
                {
                    return;
                }

                Next();
            }

            _nextLine += c == '\n' ? 1 : 0;
            Append((char)c);
        }
    }

    private void Append(char c)
    {
        if (_length == _record.Length)
        {
            if (_length >= MaximumRecord)
            {
                throw Fault($"the record has more than {MaximumRecord} characters");
            }

            Array.Resize(ref _record, _length * 2);
        }

        _record[_length++] = c;
    }

    private void EndField()
    {
        if (Fields == _ends.Length)
        {
            if (Fields > FeatureSchema.MaximumColumns)
            {
                throw Fault($"the record has more than {FeatureSchema.MaximumColumns} fields");
            }

            Array.Resize(ref _ends, Fields * 2);
        }

        _ends[Fields++] = _length;
    }

    private int Next() => _at < _read || Fill() ? _buffer[_at++] : -1;

    private int Peek() => _at < _read || Fill() ? _buffer[_at] : -1;

    private bool Fill()
    {
        try
        {
            _at = 0;
            _read = text.Read(_buffer, 0, _buffer.Length);
            return _read > 0;
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"The file is no UTF-8, near line {_nextLine}.", e);
        }
    }

    private InvalidDataException Fault(string what) => new($"The file is not comma-separated values: line {_nextLine}: {what}.");
}
