using System.Buffers.Binary;
using System.Text;

namespace Phr.Records.Dicom;

/// <summary>Writes a file in one form: explicit little-endian, sequences without lengths; a compressed picture stays as it is, in its own transfer syntax.</summary>
internal static class DicomWriter
{
    // Made once for this library, as PS3.5, annex B.2 allows: a UUID as a number.
    private const string ImplementationClassUid = "2.25.59193980346368848179012677719177827024";
    private const uint Undefined = uint.MaxValue;

    public static byte[] Write(DicomTransferSyntax source, DicomDataset dataset)
    {
        DicomTransferSyntax syntax = source.IsEncapsulated ? source : DicomTransferSyntax.ExplicitLittleEndian;
        var meta = new MemoryStream();
        Element(meta, new DicomElement(new DicomTag(0x0002_0001), DicomVr.OB, (byte[])[0, 1]));
        Element(meta, Text(0x0002_0002, DicomVr.UI, dataset.GetString(DicomTag.SopClassUid) ?? ""));
        Element(meta, Text(0x0002_0003, DicomVr.UI, dataset.GetString(DicomTag.SopInstanceUid) ?? ""));
        Element(meta, Text(0x0002_0010, DicomVr.UI, syntax.Uid));
        Element(meta, Text(0x0002_0012, DicomVr.UI, ImplementationClassUid));
        Element(meta, Text(0x0002_0013, DicomVr.SH, "PHR_RECORDS"));

        var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)meta.Length);
        Element(file, new DicomElement(new DicomTag(0x0002_0000), DicomVr.UL, length));
        meta.WriteTo(file);
        Dataset(file, dataset, source.Kind == SyntaxKind.BigEndian);
        return file.ToArray();
    }

    public static DicomElement Text(uint tag, DicomVr vr, string text) => new(new DicomTag(tag), vr, Encoding.ASCII.GetBytes(text));

    private static void Dataset(MemoryStream stream, DicomDataset dataset, bool isBigEndian)
    {
        foreach (DicomElement element in dataset.Elements.OrderBy(e => e.Tag))
        {
            // Group lengths are retired, and would be wrong.
            if (element.Tag.Element == 0 || element.Tag.Group == 2)
            {
                continue;
            }

            if (element.Tag == DicomTag.PixelData && isBigEndian && element.Vr == DicomVr.OW)
            {
                int bits = dataset.GetNumber(new DicomTag(0x0028_0100)) is { } number and >= 1 and <= 64 ? (int)number : 16;
                Element(stream, new DicomElement(element.Tag, element.Vr, DicomParser.Swapped(element.Value, Math.Max(2, (bits + 7) / 8))));
            }
            else
            {
                Element(stream, element);
            }
        }
    }

    private static void Element(MemoryStream stream, DicomElement element)
    {
        if (element.Vr == DicomVr.SQ)
        {
            Header(stream, element.Tag, DicomVr.SQ, Undefined);
            foreach (DicomDataset item in element.Items)
            {
                Item(stream, 0xE000, Undefined);
                Dataset(stream, item, isBigEndian: false);
                Item(stream, 0xE00D, 0);
            }

            Item(stream, 0xE0DD, 0);
            return;
        }

        if (element.IsFragmented)
        {
            Header(stream, element.Tag, DicomVr.OB, Undefined);
            foreach (ReadOnlyMemory<byte> fragment in element.Fragments)
            {
                Item(stream, 0xE000, (uint)(fragment.Length + (fragment.Length & 1)));
                stream.Write(fragment.Span);
                Pad(stream, fragment.Length, 0);
            }

            Item(stream, 0xE0DD, 0);
            return;
        }

        // A value that its representation has no room for is bytes of an unknown one: PS3.5, 6.2.2.
        uint length = (uint)(element.Value.Length + (element.Value.Length & 1));
        DicomVr vr = length > ushort.MaxValue && !Vr.HasLongLength(element.Vr) ? DicomVr.UN : element.Vr;
        Header(stream, element.Tag, vr, length);
        stream.Write(element.Value.Span);
        Pad(stream, element.Value.Length, (byte)(Vr.IsText(vr) && vr != DicomVr.UI ? 0x20 : 0));
    }

    private static void Header(MemoryStream stream, DicomTag tag, DicomVr vr, uint length)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], tag.Element);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Vr.Code(vr));
        if (Vr.HasLongLength(vr))
        {
            header[6..8].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], length);
            stream.Write(header);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
            stream.Write(header[..8]);
        }
    }

    private static void Item(MemoryStream stream, ushort element, uint length)
    {
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(header, 0xFFFE);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], element);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], length);
        stream.Write(header);
    }

    private static void Pad(MemoryStream stream, int length, byte padding)
    {
        if ((length & 1) == 1)
        {
            stream.WriteByte(padding);
        }
    }
}
