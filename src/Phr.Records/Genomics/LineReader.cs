using System.Text;
using Phr.Crypto;

namespace Phr.Records.Genomics;

/// <summary>Lines of a stream of UTF-8, one at a time, none longer than a limit.</summary>
internal sealed class LineReader(Stream stream, string stage) : IDisposable
{
    /// <summary>The longest line, in bytes: 4 MiB.</summary>
    public const int MaxLine = 4 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private int _begin;
    private int _end;
    private bool _isOver;

    /// <summary>The number of the last line read, from 1.</summary>
    public long Line { get; private set; }

    public string Stage => stage;

    public string? Read()
    {
        int searched = 0;
        while (true)
        {
            int mark = _buffer.AsSpan(_begin + searched, _end - _begin - searched).IndexOf((byte)'\n');
            if (mark >= 0)
            {
                string line = Text(_buffer.AsSpan(_begin, searched + mark));
                _begin += searched + mark + 1;
                return line;
            }

            searched = _end - _begin;
            if (_isOver)
            {
                if (searched == 0)
                {
                    return null;
                }

                string last = Text(_buffer.AsSpan(_begin, searched));
                _begin = _end;
                return last;
            }

            Fill();
        }
    }

    public PhrDataException Fault(string column, string message, PhrDataReason reason = PhrDataReason.Malformed) =>
        new(stage, reason, $"{new RecordFault { Line = Math.Max(1, Line), Column = column, Message = message }}.");

    public void Dispose() => stream.Dispose();

    private void Fill()
    {
        if (_begin > 0)
        {
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
        }

        if (_end == _buffer.Length)
        {
            if (_end > MaxLine)
            {
                Line++;
                throw Fault("", $"the line is longer than {MaxLine} bytes", PhrDataReason.TooLarge);
            }

            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _isOver = read == 0;
        _end += read;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        Line++;
        bytes = bytes is [.. var before, (byte)'\r'] ? before : bytes;
        return System.Text.Unicode.Utf8.IsValid(bytes) && !bytes.Contains((byte)0) && !bytes.Contains((byte)'\r')
            ? Encoding.UTF8.GetString(bytes)
            : throw Fault("", "the line is no text in UTF-8, or has a line end that is none");
    }
}
