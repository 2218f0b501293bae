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
    public ReadOnlyMemory<byte>? Bytes { get; set; }

    /// <summary>The items of a list.</summary>
    public List<CborItem>? Items { get; set; }

    /// <summary>What a byte string holds, when that is a list by itself: a signed object's payload.</summary>
    public CborItem? Inner { get; set; }

    /// <summary>Reads one item that fills the bytes exactly; null when they are none.</summary>
    public static CborItem? TryRead(ReadOnlyMemory<byte> bytes)
    {
        int at = 0;
        CborItem? item = Read(bytes, ref at, 0);
        return at == bytes.Length ? item : null;
    }

    /// <summary>This item and everything below it.</summary>
    public List<CborItem> Descend()
    {
        var all = new List<CborItem>();
        AddTo(all);
        return all;
    }

    public CborItem Clone() => new(Major)
    {
        Value = Value,
        ClaimedLength = ClaimedLength,
        HeadBytes = HeadBytes,
        Bytes = Bytes,
        Items = Items?.ConvertAll(i => i.Clone()),
        Inner = Inner?.Clone(),
    };

    public void Write(ByteBuffer output)
    {
        // The head of what is inside goes before it once its length is known.
        int start = output.Length;
        Inner?.Write(output);
        ulong? content = Inner is not null ? (ulong)(output.Length - start) : (ulong?)Bytes?.Length;
        Span<byte> head = stackalloc byte[9];
        output.Replace(start, 0, Head(head, ClaimedLength ?? content ?? (Items is not null ? (ulong)(Major == 5 ? Items.Count / 2 : Items.Count) : Value)));
        if (Inner is null)
        {
            output.Append(Bytes.GetValueOrDefault().Span);
        }

        if (Items is not null)
        {
            foreach (CborItem item in Items)
            {
                item.Write(output);
            }
        }
    }

    private void AddTo(List<CborItem> all)
    {
        all.Add(this);
        if (Items is not null)
        {
            foreach (CborItem item in Items)
            {
                item.AddTo(all);
            }
        }

        Inner?.AddTo(all);
    }

    private ReadOnlySpan<byte> Head(Span<byte> head, ulong value)
    {
        int width = Math.Max(HeadBytes, value < 24 ? 0 : value <= byte.MaxValue ? 1 : value <= ushort.MaxValue ? 2 : value <= uint.MaxValue ? 4 : 8);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, value);
        head[0] = (byte)((Major << 5) | (width == 0 ? (int)value : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27));
        number[(8 - width)..].CopyTo(head[1..]);
        return head[..(1 + width)];
    }

    private static CborItem? Read(ReadOnlyMemory<byte> input, ref int at, int depth)
    {
        ReadOnlySpan<byte> bytes = input.Span;
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

                ReadOnlyMemory<byte> content = input.Slice(at, (int)value);
                item.Bytes = content;
                item.Inner = item.Major == 2 && value > 1 && bytes[at] >> 5 == 4 ? TryRead(content) : null;
                at += (int)value;
                return item;
            case 4 or 5 or 6:
                if (item.Major != 6 && value > (ulong)(bytes.Length - at))
                {
                    return null;
                }

                ulong count = item.Major == 6 ? 1 : item.Major == 5 ? value * 2 : value;
                item.Items = new List<CborItem>((int)Math.Min(count, 64));
                for (ulong i = 0; i < count; i++)
                {
                    if (Read(input, ref at, depth + 1) is not { } next)
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
