namespace Phr.Fuzz;

/// <summary>Bytes that are cut, filled and put together in one place, so that an input costs one allocation and not one for each change.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = new byte[1 << 12];

    public int Length { get; private set; }

    public Span<byte> Span => _bytes.AsSpan(0, Length);

    public void Set(ReadOnlySpan<byte> bytes)
    {
        Length = 0;
        Append(bytes);
    }

    public void Append(ReadOnlySpan<byte> bytes) => Replace(Length, 0, bytes);

    public void Append(byte value) => Append([value]);

    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Puts bytes in the place of others, which may be more, fewer or none. They are not of this buffer.</summary>
    public void Replace(int at, int removed, ReadOnlySpan<byte> bytes)
    {
        int tail = Length - at - removed, length = at + bytes.Length + tail;
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(length, 2 * _bytes.Length));
        }

        _bytes.AsSpan(at + removed, tail).CopyTo(_bytes.AsSpan(at + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(at));
        Length = length;
    }

    public byte[] ToArray()
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(Length);
        Span.CopyTo(bytes);
        return bytes;
    }
}
