using System.Buffers.Binary;
using System.Text;

namespace Phr.Portal.Tests;

/// <summary>A scan that was never taken: frames of 12 by 8 grey values of 16 bits, each brighter than the one before, with a window and a name.</summary>
internal static class DicomFixture
{
    public const int Columns = 12;
    public const int Rows = 8;

    /// <summary>The value of a pixel.</summary>
    public static short ValueOf(int frame, int row, int column) => (short)((frame * 100) + (row * Columns) + column);

    public static byte[] Make(int frames, string name = "Muster^Erika")
    {
        var bytes = new List<byte>(new byte[128]);
        bytes.AddRange("DICM"u8);
        Text(bytes, 0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.7.3");
        Text(bytes, 0x0002_0003, "UI", "2.25.1");
        Text(bytes, 0x0002_0010, "UI", "1.2.840.10008.1.2.1");
        Text(bytes, 0x0008_0060, "CS", "CT");
        Text(bytes, 0x0010_0010, "PN", name);
        Word(bytes, 0x0028_0002, 1);
        Text(bytes, 0x0028_0004, "CS", "MONOCHROME2");
        Text(bytes, 0x0028_0008, "IS", $"{frames}");
        Word(bytes, 0x0028_0010, Rows);
        Word(bytes, 0x0028_0011, Columns);
        Word(bytes, 0x0028_0100, 16);
        Word(bytes, 0x0028_0101, 16);
        Word(bytes, 0x0028_0102, 15);
        Word(bytes, 0x0028_0103, 1);
        Text(bytes, 0x0028_1050, "DS", "150");
        Text(bytes, 0x0028_1051, "DS", "300");
        Text(bytes, 0x0028_1055, "LO", "SOFT <i>PARTS");
        byte[] pixels = new byte[frames * Rows * Columns * 2];
        for (int i = 0; i < pixels.Length / 2; i++)
        {
            int inFrame = i % (Rows * Columns);
            BinaryPrimitives.WriteInt16LittleEndian(pixels.AsSpan(2 * i), ValueOf(i / (Rows * Columns), inFrame / Columns, inFrame % Columns));
        }

        Tag(bytes, 0x7FE0_0010, "OW");
        bytes.AddRange([0, 0, .. BitConverter.GetBytes(pixels.Length)]);
        bytes.AddRange(pixels);
        return [.. bytes];
    }

    private static void Text(List<byte> to, uint tag, string vr, string text)
    {
        byte[] value = Encoding.Latin1.GetBytes(text.Length % 2 == 0 ? text : text + (vr == "UI" ? "\0" : " "));
        Tag(to, tag, vr);
        to.AddRange(BitConverter.GetBytes((ushort)value.Length));
        to.AddRange(value);
    }

    private static void Word(List<byte> to, uint tag, ushort value)
    {
        Tag(to, tag, "US");
        to.AddRange([2, 0, .. BitConverter.GetBytes(value)]);
    }

    private static void Tag(List<byte> to, uint tag, string vr)
    {
        to.AddRange([.. BitConverter.GetBytes((ushort)(tag >> 16)), .. BitConverter.GetBytes((ushort)(tag & 0xFFFF))]);
        to.AddRange(Encoding.ASCII.GetBytes(vr));
    }
}
