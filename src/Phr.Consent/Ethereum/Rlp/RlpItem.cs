using System.Collections.Immutable;
using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>An item of Ethereum's recursive length prefix encoding: a string of bytes, or a list of items.</summary>
/// <remarks>
/// Reading accepts the one canonical form only: the shortest length, no byte below 0x80 with a prefix, nothing after the item. Source: Ethereum Yellow Paper, appendix on RLP. Immutable.
/// </remarks>
internal sealed class RlpItem
{
    /// <summary>Lists within lists, at most. A transaction has 4, a header 1.</summary>
    public const int MaxDepth = 16;

    private const string Stage = "rlp";

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ImmutableArray<RlpItem> _items;

    private RlpItem(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    private RlpItem(ImmutableArray<RlpItem> items) => _items = items;

    public bool IsList => !_items.IsDefault;

    /// <summary>The bytes of a string. <see cref="PhrDataException"/> for a list.</summary>
    public ReadOnlyMemory<byte> Bytes => IsList ? throw Fault(PhrDataReason.Malformed, "a list stands where a string of bytes should.") : _bytes;

    /// <summary>The items of a list. <see cref="PhrDataException"/> for a string.</summary>
    public ImmutableArray<RlpItem> Items => IsList ? _items : throw Fault(PhrDataReason.Malformed, "a string of bytes stands where a list should.");

    public static RlpItem Of(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>A number: big endian without leading zeros, zero being no byte at all.</summary>
    public static RlpItem Of(BigInteger number) =>
        number.Sign < 0 ? throw new ArgumentOutOfRangeException(nameof(number), "RLP has no negative numbers.")
        : number.IsZero ? new RlpItem(ReadOnlyMemory<byte>.Empty)
        : new RlpItem(number.ToByteArray(isUnsigned: true, isBigEndian: true));

    public static RlpItem List(params ReadOnlySpan<RlpItem> items) => new(ImmutableArray.Create(items));

    public static RlpItem List(IEnumerable<RlpItem> items) => new([.. items]);

    /// <summary>Reads one item that fills <paramref name="bytes"/> exactly; the item refers to them and copies nothing.</summary>
    public static RlpItem FromBytes(ReadOnlyMemory<byte> bytes)
    {
        RlpItem item = Read(bytes, depth: 0, out int length);
        return length == bytes.Length ? item : throw Fault(PhrDataReason.Malformed, $"{bytes.Length - length} bytes follow the item.");
    }

    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RlpItem? item)
    {
        try
        {
            item = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            item = null;
            return false;
        }
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[EncodedLength];
        Write(bytes);
        return bytes;
    }

    /// <summary>The items of a list that must have so many.</summary>
    public ImmutableArray<RlpItem> ItemsExactly(int count) =>
        Items.Length == count ? Items : throw Fault(PhrDataReason.WrongLength, $"a list has {Items.Length} items where {count} are needed.");

    public ReadOnlyMemory<byte> BytesExactly(int length) =>
        Bytes.Length == length ? Bytes : throw Fault(PhrDataReason.WrongLength, $"{Bytes.Length} bytes stand where {length} are needed.");

    /// <summary>A number of at most 256 bits.</summary>
    public BigInteger Number(int maxBytes = 32)
    {
        ReadOnlySpan<byte> bytes = Bytes.Span;
        if (bytes.Length > maxBytes)
        {
            throw Fault(PhrDataReason.OutOfRange, $"a number has {bytes.Length} bytes where at most {maxBytes} are allowed.");
        }

        return bytes.Length > 0 && bytes[0] == 0
            ? throw Fault(PhrDataReason.NonCanonical, "a number begins with a zero byte.")
            : new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    public ulong UInt64() => (ulong)Number(sizeof(ulong));

    private int PayloadLength
    {
        get
        {
            if (!IsList)
            {
                return _bytes.Length;
            }

            int length = 0;
            foreach (RlpItem item in _items)
            {
                length += item.EncodedLength;
            }

            return length;
        }
    }

    private bool IsOwnPrefix => !IsList && _bytes.Length == 1 && _bytes.Span[0] < 0x80;

    private int EncodedLength => IsOwnPrefix ? 1 : PrefixLength(PayloadLength) + PayloadLength;

    private static int PrefixLength(int payload) => payload < 56 ? 1 : 1 + LengthOfLength(payload);

    private static int LengthOfLength(int payload) => payload switch { < 0x100 => 1, < 0x1_0000 => 2, < 0x100_0000 => 3, _ => 4 };

    private int Write(Span<byte> destination)
    {
        if (IsOwnPrefix)
        {
            destination[0] = _bytes.Span[0];
            return 1;
        }

        int payload = PayloadLength;
        int at = PrefixLength(payload);
        int shortBase = IsList ? 0xc0 : 0x80;
        if (at == 1)
        {
            destination[0] = (byte)(shortBase + payload);
        }
        else
        {
            destination[0] = (byte)(shortBase + 55 + at - 1);
            for (int i = 1; i < at; i++)
            {
                destination[i] = (byte)((payload >> (8 * (at - 1 - i))) & 0xff);
            }
        }

        if (!IsList)
        {
            _bytes.Span.CopyTo(destination[at..]);
            return at + payload;
        }

        foreach (RlpItem item in _items)
        {
            at += item.Write(destination[at..]);
        }

        return at;
    }

    private static RlpItem Read(ReadOnlyMemory<byte> bytes, int depth, out int length)
    {
        if (bytes.IsEmpty)
        {
            throw Fault(PhrDataReason.Truncated, "the input ends where an item should begin.");
        }

        byte prefix = bytes.Span[0];
        if (prefix < 0x80)
        {
            length = 1;
            return new RlpItem(bytes[..1]);
        }

        bool isList = prefix >= 0xc0;
        int shortLength = prefix - (isList ? 0xc0 : 0x80);
        int at = 1;
        int payload = shortLength;
        if (shortLength > 55)
        {
            at = 1 + shortLength - 55;
            payload = ReadLength(bytes.Span, shortLength - 55);
        }

        if (payload > bytes.Length - at)
        {
            throw Fault(PhrDataReason.Truncated, "an item claims more bytes than there are.");
        }

        length = at + payload;
        ReadOnlyMemory<byte> content = bytes.Slice(at, payload);
        if (isList)
        {
            return ReadList(content, depth);
        }

        return payload == 1 && content.Span[0] < 0x80
            ? throw Fault(PhrDataReason.NonCanonical, "a byte below 0x80 has a prefix.")
            : new RlpItem(content);
    }

    private static int ReadLength(ReadOnlySpan<byte> bytes, int lengthOfLength)
    {
        if (bytes.Length < 1 + lengthOfLength)
        {
            throw Fault(PhrDataReason.Truncated, "the input ends within a length.");
        }

        if (bytes[1] == 0)
        {
            throw Fault(PhrDataReason.NonCanonical, "a length begins with a zero byte.");
        }

        ulong value = 0;
        for (int i = 1; i <= lengthOfLength; i++)
        {
            value = (value << 8) | bytes[i];
        }

        return value < 56 ? throw Fault(PhrDataReason.NonCanonical, "a short length is written in the long form.")
            : value > int.MaxValue ? throw Fault(PhrDataReason.TooLarge, "an item claims more than 2 GiB.")
            : (int)value;
    }

    private static RlpItem ReadList(ReadOnlyMemory<byte> content, int depth)
    {
        if (depth >= MaxDepth)
        {
            throw Fault(PhrDataReason.TooLarge, $"lists are nested more than {MaxDepth} deep.");
        }

        ImmutableArray<RlpItem>.Builder items = ImmutableArray.CreateBuilder<RlpItem>();
        while (!content.IsEmpty)
        {
            items.Add(Read(content, depth + 1, out int length));
            content = content[length..];
        }

        return new RlpItem(items.ToImmutable());
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
