using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Reads numbers and pieces from the start of a span: unsigned LEB128 in its shortest form, at most 63 bits.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes, string stage)
{
    public const int MaxVarintLength = 9;

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public long ReadVarint()
    {
        long value = 0;
        for (int i = 0; i < MaxVarintLength; i++)
        {
            if (i == _rest.Length)
            {
                throw Fault(PhrDataReason.Truncated, "a number is cut off.");
            }

            byte next = _rest[i];
            value |= (long)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return next == 0 && i > 0 ? throw Fault(PhrDataReason.NonCanonical, "a number is not written in its shortest form.") : value;
            }
        }

        throw Fault(PhrDataReason.NonCanonical, "a number has more than nine bytes.");
    }

    /// <summary>Reads the length of a piece, then the piece.</summary>
    public ReadOnlySpan<byte> ReadPiece() => Read(ReadVarint());

    public ReadOnlySpan<byte> Read(long length)
    {
        if (length > _rest.Length)
        {
            throw Fault(PhrDataReason.Truncated, "a field goes beyond the end.");
        }

        ReadOnlySpan<byte> piece = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return piece;
    }

    /// <summary>Moves behind <paramref name="tag"/> if it comes next.</summary>
    public bool TryTake(byte tag)
    {
        if (_rest.IsEmpty || _rest[0] != tag)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    public readonly PhrDataException Fault(PhrDataReason reason, string detail) => new(stage, reason, detail);
}
