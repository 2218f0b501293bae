using System.Buffers.Binary;
using System.IO.Compression;

namespace Phr.Records.Dicom;

/// <summary>Reads the elements of a file: PS3.10 section 7 for the file, PS3.5 section 7 and annex A for what is in it.</summary>
internal sealed class DicomParser
{
    private const int Undefined = -1;
    private const uint Item = 0xFFFE_E000;
    private const uint ItemEnd = 0xFFFE_E00D;
    private const uint SequenceEnd = 0xFFFE_E0DD;
    private const uint TransferSyntaxUid = 0x0002_0010;
    private const uint PixelRepresentation = 0x0028_0103;

    private readonly DicomReadOptions _options;
    private ByteSource _source;
    private int _elements;

    private DicomParser(ByteSource source, DicomReadOptions options) => (_source, _options) = (source, options);

    public static DicomFile Read(ByteSource source, DicomReadOptions options) => new DicomParser(source, options).ReadFile();

    private DicomFile ReadFile()
    {
        if (!_source.Has(132) || !_source.Span(128, 4).SequenceEqual("DICM"u8))
        {
            throw Error.DicomMalformed("a DICOM file has the letters DICM after 128 bytes, and this one has not");
        }

        int position = 132;
        var meta = new List<DicomElement>();
        var explicitLittle = new Encoding(IsExplicit: true, IsBigEndian: false);
        while (_source.Has(position + 2L) && BinaryPrimitives.ReadUInt16LittleEndian(_source.Span(position, 2)) == 2)
        {
            meta.Add(ReadElement(ref position, int.MaxValue, explicitLittle, default, depth: 0));
        }

        var fileMeta = new DicomDataset(meta);
        string uid = fileMeta.GetString(new DicomTag(TransferSyntaxUid)) ?? throw Error.DicomMissing(new DicomTag(TransferSyntaxUid));
        if (uid.Length > 64)
        {
            throw Error.DicomBadValue(new DicomTag(TransferSyntaxUid), "is longer than an identifier can be");
        }

        DicomTransferSyntax syntax = DicomTransferSyntax.Find(uid);
        if (syntax.Kind == SyntaxKind.Deflated)
        {
            _source = Inflate(position);
            position = 0;
        }

        var encoding = new Encoding(syntax.Kind != SyntaxKind.Implicit, syntax.Kind == SyntaxKind.BigEndian);
        DicomDataset dataset = ReadDataset(ref position, int.MaxValue, encoding, default, depth: 0, untilItemEnd: false);
        return new DicomFile(syntax, fileMeta, dataset, _options.MaxFramePixels);
    }

    // The whole rest is one raw deflate stream (annex A.5).
    private ByteSource Inflate(int position)
    {
        int length = 0;
        while (_source.Has(position + (long)length + 1))
        {
            length = _source.Length - position;
        }

        byte[] packed = _source.Slice(position, length).ToArray();
        using var inflater = new DeflateStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        var plain = new MemoryStream();
        byte[] buffer = new byte[16 << 10];
        try
        {
            for (int read; (read = inflater.Read(buffer)) > 0;)
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > _options.MaxLength)
                {
                    throw Error.DicomTooLarge($"the deflated elements become longer than the {_options.MaxLength} bytes that are taken");
                }
            }
        }
        catch (InvalidDataException)
        {
            throw Error.DicomMalformed("the deflated elements cannot be inflated");
        }

        return new ByteSource(plain.GetBuffer().AsMemory(0, (int)plain.Length));
    }

    private DicomDataset ReadDataset(ref int position, int end, Encoding encoding, Scope scope, int depth, bool untilItemEnd)
    {
        var elements = new List<DicomElement>();
        while (true)
        {
            // At the end of an item, or of the file.
            if (!untilItemEnd && (position == end || (end == int.MaxValue && !_source.Has(position + 1L))))
            {
                break;
            }

            uint tag = PeekTag(position, end, encoding);
            if (untilItemEnd && tag == ItemEnd)
            {
                SkipDelimiter(ref position, end, encoding);
                break;
            }

            if (depth == 0 && tag >= 0x7FE0_0008 && tag <= 0x7FE0_0010 && _options.Extent == DicomExtent.BeforePixels)
            {
                break;
            }

            DicomElement element = ReadElement(ref position, end, encoding, scope, depth);
            if (element.Tag == DicomTag.SpecificCharacterSet)
            {
                scope = scope with { Text = TextDecoder.For(element.GetStrings()) };
            }
            else if (element.Tag.Value == PixelRepresentation)
            {
                scope = scope with { IsSigned = element.Value.Length == 2 && element.Value.Span[0] == 1 };
            }

            elements.Add(element);
        }

        return new DicomDataset(elements);
    }

    private DicomElement ReadElement(ref int position, int end, Encoding encoding, Scope scope, int depth)
    {
        Count();
        var tag = new DicomTag(PeekTag(position, end, encoding));
        if (tag.Group == 0xFFFE)
        {
            throw Error.DicomMalformed($"{tag} is outside of a sequence");
        }

        (DicomVr vr, int length, int headerLength) = ReadHeader(position, end, encoding, tag, scope);
        position += headerLength;
        if (vr == DicomVr.UN && length == Undefined)
        {
            // A sequence that a writer did not know for one: PS3.5, 6.2.2, note 2, says how its items are written.
            vr = DicomVr.SQ;
            encoding = Encoding.ImplicitLittle;
        }
        else if (vr == DicomVr.UN && encoding.IsExplicit && !tag.IsPrivate && DicomDictionary.Find(tag) is { Vr: { } known } && known != DicomVr.UN)
        {
            vr = known;
            encoding = Encoding.ImplicitLittle;
        }

        if (vr == DicomVr.SQ)
        {
            return new DicomElement(tag, vr, default, scope.Text, ReadSequence(ref position, end, length, encoding, scope, depth + 1));
        }

        if (length == Undefined)
        {
            return tag == DicomTag.PixelData && vr is DicomVr.OB or DicomVr.OW && encoding.IsExplicit
                ? new DicomElement(tag, DicomVr.OB, default, scope.Text, fragments: ReadFragments(ref position, end, encoding))
                : throw Error.DicomMalformed($"{tag} says no length, which only sequences and pictures may");
        }

        Need(position, length, end, tag);
        ReadOnlyMemory<byte> value = _source.Slice(position, length);
        position += length;
        return new DicomElement(tag, vr, encoding.IsBigEndian && tag != DicomTag.PixelData ? Swapped(value, Vr.Unit(vr)) : value, scope.Text);
    }

    private (DicomVr Vr, int Length, int HeaderLength) ReadHeader(int position, int end, Encoding encoding, DicomTag tag, Scope scope)
    {
        Need(position, 8, end, tag);
        ReadOnlySpan<byte> header = _source.Span(position, 8);
        if (!encoding.IsExplicit)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            return (ImplicitVr(tag, scope), Length(length, tag), 8);
        }

        // Letters that no edition of the standard had: what comes later has four bytes of length (PS3.5, 7.1.2).
        DicomVr? named = Vr.Find(header[4], header[5]);
        if (named is null && !(char.IsAsciiLetterUpper((char)header[4]) && char.IsAsciiLetterUpper((char)header[5])))
        {
            throw Error.DicomMalformed($"{tag} has no representation where one must be");
        }

        if (named is { } vr && !Vr.HasLongLength(vr))
        {
            return (vr, encoding.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(header[6..]) : BinaryPrimitives.ReadUInt16LittleEndian(header[6..]), 8);
        }

        Need(position, 12, end, tag);
        ReadOnlySpan<byte> wide = _source.Span(position + 8, 4);
        return (named ?? DicomVr.UN, Length(encoding.IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(wide) : BinaryPrimitives.ReadUInt32LittleEndian(wide), tag), 12);
    }

    private static DicomVr ImplicitVr(DicomTag tag, Scope scope)
    {
        if (tag.Element == 0)
        {
            return DicomVr.UL;
        }

        if (tag.IsPrivateCreator)
        {
            return DicomVr.LO;
        }

        DictionaryEntry? entry = tag.IsPrivate ? null : DicomDictionary.Find(tag);
        if (entry is null)
        {
            return DicomVr.UN;
        }

        // US or SS: as the numbers of the picture are, which is said before it matters.
        return entry.Vr ?? (scope.IsSigned ? DicomVr.SS : DicomVr.US);
    }

    private static int Length(uint length, DicomTag tag) =>
        length == uint.MaxValue ? Undefined : length <= int.MaxValue ? (int)length : throw Error.DicomTooLarge($"{tag} claims {length} bytes");

    private List<DicomDataset> ReadSequence(ref int position, int end, int length, Encoding encoding, Scope scope, int depth)
    {
        if (depth > _options.MaxDepth)
        {
            throw Error.DicomTooLarge($"sequences lie in each other more than {_options.MaxDepth} deep");
        }

        int sequenceEnd = length == Undefined ? end : EndOf(position, length, end);
        var items = new List<DicomDataset>();
        while (length == Undefined || position < sequenceEnd)
        {
            uint tag = PeekTag(position, sequenceEnd, encoding);
            if (tag == SequenceEnd && length == Undefined)
            {
                SkipDelimiter(ref position, sequenceEnd, encoding);
                break;
            }

            if (tag != Item)
            {
                throw Error.DicomMalformed($"{new DicomTag(tag)} is in a sequence where an item should be");
            }

            Count();
            int itemLength = Length(ItemLength(position, sequenceEnd, encoding), new DicomTag(tag));
            position += 8;
            items.Add(ReadDataset(ref position, itemLength == Undefined ? sequenceEnd : EndOf(position, itemLength, sequenceEnd), encoding, scope, depth, itemLength == Undefined));
        }

        return items;
    }

    private List<ReadOnlyMemory<byte>> ReadFragments(ref int position, int end, Encoding encoding)
    {
        var fragments = new List<ReadOnlyMemory<byte>>();
        while (true)
        {
            uint tag = PeekTag(position, end, encoding);
            if (tag == SequenceEnd)
            {
                SkipDelimiter(ref position, end, encoding);
                return fragments.Count > 0 ? fragments : throw Error.DicomMalformed("the picture has no fragments, not even an empty table of offsets");
            }

            if (tag != Item)
            {
                throw Error.DicomMalformed($"{new DicomTag(tag)} is among the fragments of the picture");
            }

            Count();
            int length = Length(ItemLength(position, end, encoding), DicomTag.PixelData);
            if (length == Undefined)
            {
                throw Error.DicomMalformed("a fragment of the picture says no length");
            }

            position += 8;
            Need(position, length, end, DicomTag.PixelData);
            fragments.Add(_source.Slice(position, length));
            position += length;
        }
    }

    private uint PeekTag(int position, int end, Encoding encoding)
    {
        Need(position, 4, end, default);
        ReadOnlySpan<byte> bytes = _source.Span(position, 4);
        return encoding.IsBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : ((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
    }

    private uint ItemLength(int position, int end, Encoding encoding)
    {
        Need(position, 8, end, default);
        ReadOnlySpan<byte> bytes = _source.Span(position + 4, 4);
        return encoding.IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private void SkipDelimiter(ref int position, int end, Encoding encoding)
    {
        if (ItemLength(position, end, encoding) != 0)
        {
            throw Error.DicomMalformed("the end of an item or of a sequence claims a length");
        }

        position += 8;
    }

    private int EndOf(int position, int length, int end)
    {
        long last = (long)position + length;
        return last <= end && _source.Has(last) ? (int)last : throw (last > end && end != int.MaxValue ? Error.DicomMalformed("an item or a sequence reaches beyond what it lies in") : Error.DicomTruncated("a sequence"));
    }

    private void Need(int position, int length, int end, DicomTag tag)
    {
        long last = (long)position + length;
        if (last > end && end != int.MaxValue)
        {
            throw Error.DicomMalformed($"{(tag == default ? "an element" : tag.ToString())} reaches beyond the item that it lies in");
        }

        if (!_source.Has(last))
        {
            throw Error.DicomTruncated(tag == default ? "the beginning of an element" : tag.ToString());
        }
    }

    private void Count()
    {
        if (++_elements > _options.MaxElements)
        {
            throw Error.DicomTooLarge($"the file has more than {_options.MaxElements} elements");
        }
    }

    /// <summary>The same numbers in the other byte order; bytes after the last whole one stay.</summary>
    internal static ReadOnlyMemory<byte> Swapped(ReadOnlyMemory<byte> value, int unit)
    {
        if (unit == 1 || value.IsEmpty)
        {
            return value;
        }

        byte[] swapped = value.ToArray();
        for (int i = 0; i + unit <= swapped.Length; i += unit)
        {
            swapped.AsSpan(i, unit).Reverse();
        }

        return swapped;
    }

    /// <summary>What was said before of the elements to come, in this data set or in one around it.</summary>
    private readonly record struct Scope(TextDecoder? Text, bool IsSigned);

    /// <summary>How elements are written at a place in the file.</summary>
    private readonly record struct Encoding(bool IsExplicit, bool IsBigEndian)
    {
        public static Encoding ImplicitLittle => default;
    }
}
