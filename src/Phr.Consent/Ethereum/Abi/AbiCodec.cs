using System.Numerics;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Encodes values as the contract ABI says, and reads encodings back, accepting the canonical form only.</summary>
/// <remarks>
/// Canonical: padding is zero, numbers fit their type, texts are UTF-8, tails follow their heads in order without gaps or overlap, and nothing follows. That is what Solidity's encoder writes. A list's length is compared with
/// the bytes that remain before anything is allocated. Source: Solidity documentation, "Contract ABI Specification", formal part.
/// </remarks>
internal static class AbiCodec
{
    private const string Stage = "abi";
    private const int Word = 32;

    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Encodes the values of a tuple, such as the arguments of a function.</summary>
    /// <exception cref="ArgumentException">A value does not fit its type.</exception>
    public static byte[] Encode(AbiType tuple, AbiValue values)
    {
        RequireTuple(tuple);
        using var output = new MemoryStream();
        WriteSequence(output, tuple, values);
        return output.ToArray();
    }

    /// <summary>Reads the values of a tuple that fill <paramref name="data"/> exactly.</summary>
    /// <exception cref="PhrDataException">The bytes are not the canonical encoding of such values.</exception>
    public static AbiValue Decode(AbiType tuple, ReadOnlySpan<byte> data)
    {
        RequireTuple(tuple);
        AbiValue values = ReadSequence(tuple, data, out int length);
        return length == data.Length ? values : throw Fault(PhrDataReason.Malformed, $"{data.Length - length} bytes follow the values.");
    }

    public static bool TryDecode(AbiType tuple, ReadOnlySpan<byte> data, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AbiValue? values)
    {
        try
        {
            values = Decode(tuple, data);
            return true;
        }
        catch (PhrDataException)
        {
            values = null;
            return false;
        }
    }

    /// <summary>The topic of an indexed argument: the value itself, or the Keccak-256 of its encoding in place when it does not fit.</summary>
    public static Digest Topic(AbiType type, AbiValue value)
    {
        using var output = new MemoryStream();
        if (type.FitsATopic)
        {
            WriteStatic(output, type, value);
            return Digest.FromBytes(output.ToArray());
        }

        if (type.Kind is AbiKind.Bytes or AbiKind.Text)
        {
            return Digest.FromBytes(Keccak256.HashData(RawBytes(type, value)));
        }

        WriteInPlace(output, type, value);
        return Digest.FromBytes(Keccak256.HashData(output.ToArray()));
    }

    /// <summary>Reads the value of an indexed argument whose type fits a topic.</summary>
    public static AbiValue ReadTopic(AbiType type, ReadOnlySpan<byte> topic)
    {
        if (!type.FitsATopic)
        {
            throw new ArgumentException("Only a hash of the value is in the topic.", nameof(type));
        }

        return topic.Length == Word ? ReadWord(type, topic) : throw Fault(PhrDataReason.WrongLength, "a topic has 32 bytes.");
    }

    // ---- writing ----

    private static void Write(MemoryStream output, AbiType type, AbiValue value)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes or AbiKind.Text:
                byte[] raw = RawBytes(type, value);
                WriteNumber(output, raw.Length);
                WritePadded(output, raw);
                break;
            case AbiKind.Array:
                WriteNumber(output, value.Items.Count);
                WriteSequence(output, type, value);
                break;
            case AbiKind.Tuple or AbiKind.FixedArray:
                WriteSequence(output, type, value);
                break;
            default:
                WriteStatic(output, type, value);
                break;
        }
    }

    private static void WriteSequence(MemoryStream output, AbiType type, AbiValue value)
    {
        AbiArray<AbiValue> items = ItemsOf(type, value);
        long tail = 0;
        for (int i = 0; i < items.Count; i++)
        {
            tail += TypeAt(type, i).HeadLength;
        }

        using var tails = new MemoryStream();
        for (int i = 0; i < items.Count; i++)
        {
            AbiType item = TypeAt(type, i);
            if (item.IsDynamic)
            {
                WriteNumber(output, tail + tails.Length);
                Write(tails, item, items[i]);
            }
            else
            {
                Write(output, item, items[i]);
            }
        }

        tails.WriteTo(output);
    }

    private static void WriteStatic(MemoryStream output, AbiType type, AbiValue value)
    {
        switch (type.Kind)
        {
            case AbiKind.UInt or AbiKind.Int:
                WriteNumber(output, CheckRange(type, value.Number));
                break;
            case AbiKind.Bool:
                WriteNumber(output, value.Boolean ? 1 : 0);
                break;
            case AbiKind.Address:
                output.Write(new byte[12]);
                output.Write(value.Address.ToBytes());
                break;
            case AbiKind.FixedBytes when value.Bytes.Length == type.Size:
                WritePadded(output, value.Bytes.Span);
                break;
            default:
                throw new ArgumentException($"The value is no {type}.", nameof(value));
        }
    }

    private static void WriteInPlace(MemoryStream output, AbiType type, AbiValue value)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes or AbiKind.Text:
                WritePadded(output, RawBytes(type, value));
                break;
            case AbiKind.Tuple or AbiKind.FixedArray or AbiKind.Array:
                AbiArray<AbiValue> items = ItemsOf(type, value);
                for (int i = 0; i < items.Count; i++)
                {
                    WriteInPlace(output, TypeAt(type, i), items[i]);
                }

                break;
            default:
                WriteStatic(output, type, value);
                break;
        }
    }

    private static byte[] RawBytes(AbiType type, AbiValue value)
    {
        try
        {
            return type.Kind == AbiKind.Text ? _utf8.GetBytes(value.Text) : value.Bytes.ToArray();
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The text has half a surrogate pair.", nameof(value), e);
        }
    }

    private static AbiArray<AbiValue> ItemsOf(AbiType type, AbiValue value)
    {
        AbiArray<AbiValue> items = value.Items;
        int wanted = type.Kind switch { AbiKind.Tuple => type.Components.Length, AbiKind.FixedArray => type.Size, _ => items.Count };
        return items.Count == wanted ? items : throw new ArgumentException($"{items.Count} values were given for {type}.", nameof(value));
    }

    private static AbiType TypeAt(AbiType type, int index) => type.Kind == AbiKind.Tuple ? type.Components[index] : type.Element!;

    private static void WritePadded(MemoryStream output, ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        output.Write(stackalloc byte[Padding(bytes.Length)]);
    }

    private static int Padding(int length) => (Word - (length % Word)) % Word;

    private static void WriteNumber(MemoryStream output, BigInteger number)
    {
        Span<byte> word = stackalloc byte[Word];
        word.Fill(number.Sign < 0 ? (byte)0xff : (byte)0);
        bool isUnsigned = number.Sign >= 0;
        int length = number.GetByteCount(isUnsigned);
        number.TryWriteBytes(word[(Word - length)..], out _, isUnsigned, isBigEndian: true);
        output.Write(word);
    }

    private static BigInteger CheckRange(AbiType type, BigInteger number) =>
        Fits(type, number) ? number : throw new ArgumentException($"{number} is no {type}.", nameof(number));

    private static bool Fits(AbiType type, BigInteger number) =>
        type.Kind == AbiKind.UInt
            ? number.Sign >= 0 && number >> type.Size == BigInteger.Zero
            : (number.Sign < 0 ? -number - 1 : number) >> (type.Size - 1) == BigInteger.Zero;

    // ---- reading ----

    private static AbiValue Read(AbiType type, ReadOnlySpan<byte> data, out int length)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes or AbiKind.Text:
                return ReadBytes(type, data, out length);
            case AbiKind.Array:
                int count = ReadCount(data, type.Element!.HeadLength);
                AbiValue items = ReadItems(type, count, data[Word..], out int used);
                length = Word + used;
                return items;
            case AbiKind.Tuple or AbiKind.FixedArray:
                return ReadSequence(type, data, out length);
            default:
                length = Word;
                return ReadWord(type, Slice(data, 0, Word));
        }
    }

    private static AbiValue ReadSequence(AbiType type, ReadOnlySpan<byte> data, out int length) =>
        ReadItems(type, type.Kind == AbiKind.Tuple ? type.Components.Length : type.Size, data, out length);

    private static AbiValue ReadItems(AbiType type, int count, ReadOnlySpan<byte> data, out int length)
    {
        long heads = 0;
        for (int i = 0; i < count; i++)
        {
            heads += TypeAt(type, i).HeadLength;
        }

        if (heads > data.Length)
        {
            throw Fault(PhrDataReason.Truncated, $"the input ends within {type}.");
        }

        var items = new AbiValue[count];
        int head = 0;
        int tail = (int)heads;
        for (int i = 0; i < count; i++)
        {
            AbiType item = TypeAt(type, i);
            if (item.IsDynamic)
            {
                if (ReadLength(Slice(data, head, Word)) != tail)
                {
                    throw Fault(PhrDataReason.NonCanonical, $"an offset in {type} does not lead to where the value belongs.");
                }

                items[i] = Read(item, data[tail..], out int used);
                tail += used;
            }
            else
            {
                items[i] = Read(item, Slice(data, head, item.StaticLength), out _);
            }

            head += item.HeadLength;
        }

        length = tail;
        return AbiValue.List(items);
    }

    private static AbiValue ReadBytes(AbiType type, ReadOnlySpan<byte> data, out int length)
    {
        int count = ReadCount(data, 1);
        ReadOnlySpan<byte> bytes = Slice(data, Word, count);
        int padding = Padding(count);
        if (Slice(data, Word + count, padding).ContainsAnyExcept((byte)0))
        {
            throw Fault(PhrDataReason.NonCanonical, "padding is not zero.");
        }

        length = Word + count + padding;
        if (type.Kind == AbiKind.Bytes)
        {
            return AbiValue.Of(bytes);
        }

        try
        {
            return AbiValue.Of(_utf8.GetString(bytes));
        }
        catch (DecoderFallbackException e)
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "a string is not UTF-8.", e);
        }
    }

    private static AbiValue ReadWord(AbiType type, ReadOnlySpan<byte> word)
    {
        switch (type.Kind)
        {
            case AbiKind.Bool:
                return word[..31].ContainsAnyExcept((byte)0) || word[31] > 1
                    ? throw Fault(PhrDataReason.NonCanonical, "a bool is neither 0 nor 1.")
                    : AbiValue.Of(word[31] == 1);
            case AbiKind.Address:
                return word[..12].ContainsAnyExcept((byte)0)
                    ? throw Fault(PhrDataReason.NonCanonical, "padding is not zero.")
                    : AbiValue.Of(ActorId.FromBytes(word[12..]));
            case AbiKind.FixedBytes:
                return word[type.Size..].ContainsAnyExcept((byte)0)
                    ? throw Fault(PhrDataReason.NonCanonical, "padding is not zero.")
                    : AbiValue.Of(word[..type.Size]);
            default:
                var number = new BigInteger(word, isUnsigned: type.Kind == AbiKind.UInt, isBigEndian: true);
                return Fits(type, number) ? AbiValue.Of(number) : throw Fault(PhrDataReason.OutOfRange, $"a number is no {type}.");
        }
    }

    private static int ReadCount(ReadOnlySpan<byte> data, int itemLength)
    {
        long count = ReadLength(Slice(data, 0, Word));
        return count > (data.Length - Word) / itemLength
            ? throw Fault(PhrDataReason.Truncated, "a length is more than the input has.")
            : (int)count;
    }

    private static long ReadLength(ReadOnlySpan<byte> word) =>
        word[..28].ContainsAnyExcept((byte)0)
            ? throw Fault(PhrDataReason.TooLarge, "an offset or a length is above 4 GiB.")
            : System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(word[28..]);

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> data, int start, int length) =>
        start > data.Length || length > data.Length - start ? throw Fault(PhrDataReason.Truncated, "the input ends within a value.") : data.Slice(start, length);

    private static void RequireTuple(AbiType type)
    {
        if (type.Kind != AbiKind.Tuple)
        {
            throw new ArgumentException("Values are encoded as a tuple.", nameof(type));
        }
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
