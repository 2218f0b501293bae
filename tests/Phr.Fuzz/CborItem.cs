using System.Buffers.Binary;

namespace Phr.Fuzz;

/// <summary>An item of CBOR, to be moved about, changed and written again: also in forms that no reader may accept.</summary>
internal sealed class CborItem
{
    private const int MaxDepth = 16;

    private CborItem(int major) => Major = major;

    /// <summary>0 unsigned, 1 negative, 2 bytes, 3 text, 4 array, 5 map, 6 tag, 7 simple.</summary>
    public int Major { get; set; }

    /// <summary>The number in the head; for bytes, text and lists it is worked out when written, unless <see cref="ClaimedLength"/> says otherwise.</summary>
    public ulong Value { get; set; }

    /// <summary>What the head says in place of the true length.</summary>
    public ulong? ClaimedLength { get; set; }

    /// <summary>How many bytes the head's number takes at least: 0, 1, 2, 4 or 8.</summary>
    public int HeadBytes { get; set; }

    /// <summary>The content of bytes and text.</summary>
    public byte[]? Bytes { get; set; }

    /// <summary>The items of a list.</summary>
    public List<CborItem>? Items { get; set; }

    /// <summary>What a byte string holds, when that is a list by itself: a signed object's payload.</summary>
    public CborItem? Inner { get; set; }

    /// <summary>Reads one item that fills the bytes exactly; null when they are none.</summary>
    public static CborItem? TryRead(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        CborItem? item = Read(bytes, ref at, 0);
        return at == bytes.Length ? item : null;
    }

    /// <summary>This item and everything below it.</summary>
    public IEnumerable<CborItem> Descend()
    {
        yield return this;
        foreach (CborItem below in (Items ?? []).Concat(Inner is null ? [] : [Inner]).SelectMany(i => i.Descend()))
        {
            yield return below;
        }
    }

    public CborItem Clone() => new(Major)
    {
        Value = Value,
        ClaimedLength = ClaimedLength,
        HeadBytes = HeadBytes,
        Bytes = (byte[]?)Bytes?.Clone(),
        Items = Items?.ConvertAll(i => i.Clone()),
        Inner = Inner?.Clone(),
    };

    public byte[] ToBytes()
    {
        var output = new List<byte>();
        Write(output);
        return [.. output];
    }

    private void Write(List<byte> output)
    {
        byte[]? content = Inner?.ToBytes() ?? Bytes;
        WriteHead(output, ClaimedLength ?? (content is not null ? (ulong)content.Length : Items is not null ? (ulong)(Major == 5 ? Items.Count / 2 : Items.Count) : Value));
        output.AddRange(content ?? []);
        Items?.ForEach(i => i.Write(output));
    }

    private void WriteHead(List<byte> output, ulong value)
    {
        int width = Math.Max(HeadBytes, value < 24 ? 0 : value <= byte.MaxValue ? 1 : value <= ushort.MaxValue ? 2 : value <= uint.MaxValue ? 4 : 8);
        output.Add((byte)((Major << 5) | (width == 0 ? (int)value : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27)));
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, value);
        output.AddRange(number[(8 - width)..]);
    }

    private static CborItem? Read(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        if (at >= bytes.Length || depth > MaxDepth)
        {
            return null;
        }

        var item = new CborItem(bytes[at] >> 5);
        int info = bytes[at++] & 31;
        int width = info < 24 ? 0 : info == 24 ? 1 : info == 25 ? 2 : info == 26 ? 4 : info == 27 ? 8 : -1;
        if (width < 0 || width > bytes.Length - at)
        {
            return null;
        }

        ulong value = width == 0 ? (ulong)info : 0;
        for (int i = 0; i < width; i++)
        {
            value = (value << 8) | bytes[at++];
        }

        item.Value = value;
        switch (item.Major)
        {
            case 2 or 3:
                if (value > (ulong)(bytes.Length - at))
                {
                    return null;
                }

                item.Bytes = bytes.Slice(at, (int)value).ToArray();
                at += (int)value;
                item.Inner = item.Major == 2 && value > 1 && item.Bytes[0] >> 5 == 4 ? TryRead(item.Bytes) : null;
                return item;
            case 4 or 5 or 6:
                if (item.Major != 6 && value > (ulong)(bytes.Length - at))
                {
                    return null;
                }

                ulong count = item.Major == 6 ? 1 : item.Major == 5 ? value * 2 : value;
                item.Items = [];
                for (ulong i = 0; i < count; i++)
                {
                    if (Read(bytes, ref at, depth + 1) is not { } next)
                    {
                        return null;
                    }

                    item.Items.Add(next);
                }

                item.ClaimedLength = item.Major == 6 ? value : null;
                return item;
            default:
                return item;
        }
    }
}
