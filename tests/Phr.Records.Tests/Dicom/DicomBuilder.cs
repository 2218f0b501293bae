using System.Buffers.Binary;
using System.Text;

namespace Phr.Records.Tests.Dicom;

/// <summary>Writes DICOM files element by element, right or wrong, without the library.</summary>
internal sealed class DicomBuilder
{
    private readonly List<byte> _bytes = [];

    private static readonly short[] Ramp = [.. Enumerable.Range(-8, 16).Select(i => (short)(i * 100))];

    public static readonly string[] LongVrs = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

    public int Length => _bytes.Count;

    /// <summary>A whole file: preamble, file meta with the transfer syntax, and the elements of another builder.</summary>
    public static byte[] File(string syntax, Action<DicomBuilder> elements)
    {
        var meta = new DicomBuilder().Text(0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.7").Text(0x0002_0003, "UI", "2.25.1").Text(0x0002_0010, "UI", syntax);
        var dataset = new DicomBuilder();
        elements(dataset);
        return [.. new byte[128], .. "DICM"u8, .. meta._bytes, .. dataset._bytes];
    }

    /// <summary>A file of grey pixels of two bytes, with a window and a name.</summary>
    public static byte[] Grey(int rows, int columns, ReadOnlySpan<short> pixels, Action<DicomBuilder>? more = null, string syntax = "1.2.840.10008.1.2.1")
    {
        byte[] raw = new byte[2 * pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(raw.AsSpan(2 * i), pixels[i]);
        }

        return File(syntax, b =>
        {
            b.Text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.7").Text(0x0008_0018, "UI", "2.25.1").Text(0x0008_0060, "CS", "CT").Text(0x0010_0010, "PN", "Muster^Erika")
                .Words(0x0028_0002, 1).Text(0x0028_0004, "CS", "MONOCHROME2").Words(0x0028_0010, (ushort)rows).Words(0x0028_0011, (ushort)columns)
                .Words(0x0028_0100, 16).Words(0x0028_0101, 16).Words(0x0028_0102, 15).Words(0x0028_0103, 1);
            more?.Invoke(b);
            b.Bytes(0x7FE0_0010, "OW", raw);
        });
    }

    /// <summary>Valid files of several kinds, small, for readers to be tried with.</summary>
    public static byte[][] Samples() =>
    [
        Grey(4, 4, Ramp, b => b.Text(0x0028_1050, "DS", "0\\40").Text(0x0028_1051, "DS", "1600\\80").Text(0x0028_1052, "DS", "-10").Text(0x0028_1053, "DS", "1.5")),
        Grey(2, 4, Ramp, b => b.Text(0x0028_0008, "IS", "2").Header(0x5200_9229, "SQ", uint.MaxValue).Item(0xFFFE_E000, uint.MaxValue)
            .Header(0x0028_9132, "SQ", uint.MaxValue).Item(0xFFFE_E000, uint.MaxValue).Text(0x0028_1050, "DS", "0").Text(0x0028_1051, "DS", "9").Item(0xFFFE_E00D, 0).Item(0xFFFE_E0DD, 0)
            .Item(0xFFFE_E00D, 0).Item(0xFFFE_E0DD, 0)),
        File("1.2.840.10008.1.2.5", b => b.Text(0x0028_0004, "CS", "RGB").Words(0x0028_0002, 3).Words(0x0028_0010, 2).Words(0x0028_0011, 2).Words(0x0028_0100, 8)
            .Header(0x7FE0_0010, "OB", uint.MaxValue).Item(0xFFFE_E000, 0).Item(0xFFFE_E000, 74)
            .Raw([3, 0, 0, 0, 64, 0, 0, 0, 66, 0, 0, 0, 71, 0, 0, 0, .. new byte[48], 0xFD, 7, 3, 1, 2, 3, 4, 0xFD, 9, 0]).Item(0xFFFE_E0DD, 0)),
        File("1.2.840.10008.1.2.1", b => b.Text(0x0008_0005, "CS", "ISO_IR 192").Text(0x0028_0004, "CS", "PALETTE COLOR").Words(0x0028_0002, 1).Words(0x0028_0010, 2).Words(0x0028_0011, 2).Words(0x0028_0100, 8)
            .Words(0x0028_1101, 2, 0, 16).Words(0x0028_1102, 2, 0, 16).Words(0x0028_1103, 2, 0, 16)
            .Bytes(0x0028_1201, "OW", [0, 0, 255, 255]).Bytes(0x0028_1202, "OW", [0, 9, 255, 255]).Bytes(0x0028_1203, "OW", [0, 0, 255, 8]).Bytes(0x7FE0_0010, "OB", [0, 1, 1, 0])),
        File("1.2.840.10008.1.2", b => b.Raw([0x10, 0, 0x10, 0, 4, 0, 0, 0]).Raw("A^B "u8).Raw([0x08, 0, 0x15, 0x11, 0xFF, 0xFF, 0xFF, 0xFF]).Item(0xFFFE_E0DD, 0)),
    ];

    public DicomBuilder Text(uint tag, string vr, string text)
    {
        byte[] value = Encoding.Latin1.GetBytes(text);
        return Bytes(tag, vr, value.Length % 2 == 0 ? value : [.. value, (byte)(vr == "UI" ? 0 : ' ')]);
    }

    public DicomBuilder Words(uint tag, params ushort[] values) => Bytes(tag, "US", [.. values.SelectMany(v => (byte[])[(byte)(v & 0xFF), (byte)(v >> 8)])]);

    public DicomBuilder Bytes(uint tag, string vr, ReadOnlySpan<byte> value)
    {
        Header(tag, vr, (uint)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    /// <summary>The beginning of an element, whatever follows.</summary>
    public DicomBuilder Header(uint tag, string vr, uint length)
    {
        Tag(tag);
        _bytes.AddRange(Encoding.ASCII.GetBytes(vr));
        if (LongVrs.Contains(vr))
        {
            _bytes.AddRange([0, 0]);
            Number(length);
        }
        else
        {
            _bytes.AddRange(unchecked([(byte)length, (byte)(length >> 8)]));
        }

        return this;
    }

    /// <summary>An item's beginning or an end: a tag of group FFFE and a length.</summary>
    public DicomBuilder Item(uint tag, uint length)
    {
        Tag(tag);
        Number(length);
        return this;
    }

    public DicomBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    private void Tag(uint tag) => _bytes.AddRange(unchecked([(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)]));

    private void Number(uint value) => _bytes.AddRange(unchecked([(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)]));
}
