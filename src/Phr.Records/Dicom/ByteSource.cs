namespace Phr.Records.Dicom;

/// <summary>Bytes from memory, or from a stream as far as they were asked for.</summary>
internal sealed class ByteSource
{
    private readonly Stream? _stream;
    private readonly int _max;
    private ReadOnlyMemory<byte> _bytes;
    private byte[] _buffer = [];
    private int _filled;

    public ByteSource(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        _filled = bytes.Length;
    }

    /// <param name="stream">Read as far as is asked for; left open.</param>
    /// <param name="max">The most that is taken of it.</param>
    /// <param name="expected">How many bytes there probably are, to begin with; 0 when nobody knows.</param>
    public ByteSource(Stream stream, int max, int expected)
    {
        _stream = stream;
        _max = max;
        _buffer = new byte[Math.Clamp(expected, 4096, max < 4096 ? 4096 : max)];
    }

    /// <summary>Whether the bytes before a position are there.</summary>
    /// <exception cref="Phr.Crypto.PhrDataException">There are more than may be.</exception>
    public bool Has(long end)
    {
        if (end <= _filled)
        {
            return true;
        }

        if (_stream is null)
        {
            return false;
        }

        while (_filled < end)
        {
            if (_filled == _buffer.Length)
            {
                // A length that a file claims is no reason to allocate: the buffer grows by what has come.
                Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, 2L * _buffer.Length));
            }

            int read = _stream.Read(_buffer, _filled, Math.Min(_buffer.Length - _filled, 1 << 20));
            if (read == 0)
            {
                break;
            }

            _filled += read;
            if (_filled > _max)
            {
                throw Error.DicomTooLarge($"the file is longer than the {_max} bytes that are taken");
            }
        }

        _bytes = _buffer.AsMemory(0, _filled);
        return end <= _filled;
    }

    /// <summary>How many bytes are there so far.</summary>
    public int Length => _filled;

    public ReadOnlySpan<byte> Span(int start, int length) => _bytes.Span.Slice(start, length);

    public ReadOnlyMemory<byte> Slice(int start, int length) => _bytes.Slice(start, length);
}
