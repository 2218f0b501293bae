using System.Buffers.Binary;
using Phr.Crypto;

namespace Phr.Records.Images;

/// <summary>Walks the segments of a JPEG file: marker, length, content; and past the bits of a scan (ITU-T T.81, annex B).</summary>
internal ref struct JpegSegments
{
    private const int MaxSegments = 100_000;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _next = 2;
    private int _count;

    public JpegSegments(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The byte after 0xFF.</summary>
    public byte Marker { get; private set; }

    /// <summary>What the segment says, without marker and length.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The segment with its marker and, of a scan, the bits that follow it.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    public readonly bool IsFrameHeader => Marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    public readonly bool IsScan => Marker == 0xDA;

    public readonly bool IsEnd => Marker == 0xD9;

    /// <summary>Goes to the next segment; after the end of the picture there is none.</summary>
    public bool MoveNext()
    {
        if (IsEnd)
        {
            return false;
        }

        if (++_count > MaxSegments)
        {
            throw Error.Image(PhrDataReason.TooLarge, $"the file has more than {MaxSegments} segments");
        }

        // A marker may be preceded by any number of 0xFF.
        int begin = _next;
        while (begin + 1 < _bytes.Length && _bytes[begin] == 0xFF && _bytes[begin + 1] == 0xFF)
        {
            begin++;
        }

        if (begin + 1 >= _bytes.Length)
        {
            throw Error.Image(PhrDataReason.Truncated, "the file ends before its picture does");
        }

        Marker = _bytes[begin + 1];
        if (_bytes[begin] != 0xFF || Marker is < 0xC0 or (>= 0xD0 and <= 0xD8))
        {
            throw Error.Image(PhrDataReason.Malformed, "there is no segment where one must begin");
        }

        if (IsEnd)
        {
            Content = default;
            Whole = _bytes.Slice(begin, 2);
            return true;
        }

        if (begin + 4 > _bytes.Length)
        {
            throw Error.Image(PhrDataReason.Truncated, "the file ends in a segment");
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(begin + 2)..]);
        if (length < 2)
        {
            throw Error.Image(PhrDataReason.Malformed, "a segment is shorter than its own length");
        }

        if (begin + 2 + length > _bytes.Length)
        {
            throw Error.Image(PhrDataReason.Truncated, "the file ends in a segment");
        }

        Content = _bytes.Slice(begin + 4, length - 2);
        _next = begin + 2 + length;
        if (IsScan)
        {
            SkipBits();
        }

        Whole = _bytes[begin.._next];
        return true;
    }

    // The bits of a scan go to the first marker that is neither a zero put in nor a restart.
    private void SkipBits()
    {
        while (true)
        {
            int mark = _bytes[_next..].IndexOf((byte)0xFF);
            if (mark < 0 || _next + mark + 1 >= _bytes.Length)
            {
                throw Error.Image(PhrDataReason.Truncated, "the file ends before its picture does");
            }

            _next += mark;
            if (_bytes[_next + 1] is not (0x00 or (>= 0xD0 and <= 0xD7)))
            {
                return;
            }

            _next += 2;
        }
    }
}
