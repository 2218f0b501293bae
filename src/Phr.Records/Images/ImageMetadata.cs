using System.Buffers.Binary;
using Phr.Crypto;
using Phr.Records.Images;

namespace Phr.Records;

/// <summary>Takes out of a PNG or JPEG picture what it says beside its pixels: place, time, device, comments, thumbnails, and whatever hangs on behind the end.</summary>
/// <remarks>The pixels' own bytes are copied and not decoded. Kept are colour profiles and, of JPEG, which side is up.</remarks>
public static class ImageMetadata
{
    private const int MaxChunks = 1_000_000;

    // What says how pixels look.
    private static readonly string[] KeptChunks = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "cICP"];

    /// <summary>Copies a picture without what is not picture.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="limits">What is too large; the defaults when null.</param>
    /// <returns>The file without it.</returns>
    /// <exception cref="PhrDataException">It is no PNG or JPEG picture within the limits, or is damaged.</exception>
    public static byte[] Remove(ReadOnlySpan<byte> file, ImageLimits? limits = null)
    {
        ImageHeader header = ImageHeader.FromBytes(file, limits);
        using var clean = new MemoryStream(file.Length);
        if (header.Format == RecordFormat.Png)
        {
            CopyPng(file, clean);
        }
        else
        {
            CopyJpeg(file, clean);
        }

        return clean.ToArray();
    }

    private static void CopyPng(ReadOnlySpan<byte> file, MemoryStream clean)
    {
        clean.Write(PngWriter.Signature);
        int at = PngWriter.Signature.Length;
        for (int count = 0; count < MaxChunks; count++)
        {
            if (file.Length - at < 12)
            {
                throw Error.Image(PhrDataReason.Truncated, "the file ends before its picture does");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > int.MaxValue || length > file.Length - at - 12)
            {
                throw Error.Image(PhrDataReason.Truncated, "the file ends in a chunk");
            }

            ReadOnlySpan<byte> name = file.Slice(at + 4, 4);
            ReadOnlySpan<byte> chunk = file.Slice(at, 12 + (int)length);
            if (BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]) != Crc32.Of(name, chunk[8..^4]))
            {
                throw Error.Image(PhrDataReason.Malformed, "a chunk's check is wrong");
            }

            if (KeptChunks.Contains(System.Text.Encoding.Latin1.GetString(name)))
            {
                clean.Write(chunk);
            }

            if (name.SequenceEqual("IEND"u8))
            {
                return;
            }

            at += chunk.Length;
        }

        throw Error.Image(PhrDataReason.TooLarge, $"the file has more than {MaxChunks} chunks");
    }

    private static void CopyJpeg(ReadOnlySpan<byte> file, MemoryStream clean)
    {
        clean.Write([0xFF, 0xD8]);
        var segments = new JpegSegments(file);
        bool isTurned = false;
        while (segments.MoveNext())
        {
            ReadOnlySpan<byte> content = segments.Content;
            switch (segments.Marker)
            {
                case 0xE0 when content.StartsWith("JFIF\0"u8) && content.Length >= 14:
                    // Version and density, with a thumbnail of no size.
                    clean.Write([0xFF, 0xE0, 0, 16]);
                    clean.Write(content[..12]);
                    clean.Write([0, 0]);
                    break;
                case 0xE1 when !isTurned && content.StartsWith("Exif\0\0"u8) && Orientation(content[6..]) is >= 2 and var side:
                    clean.Write([0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)side, 0, 0, 0, 0, 0, 0]);
                    isTurned = true;
                    break;
                case 0xE2 when content.StartsWith("ICC_PROFILE\0"u8):
                case 0xEE when content.StartsWith("Adobe"u8):
                case < 0xE0:
                    clean.Write(segments.Whole);
                    break;
            }
        }
    }

    // Which side is up, of the first directory of Exif; 1 for upright, and where it cannot be read.
    private static int Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 14)
        {
            return 1;
        }

        bool isBig = tiff[0] == 'M';
        int Short(ReadOnlySpan<byte> bytes) => isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        uint at = isBig ? BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]);
        if (at > tiff.Length - 2)
        {
            return 1;
        }

        ReadOnlySpan<byte> directory = tiff[(int)at..];
        int entries = Short(directory);
        for (int i = 0; i < entries && 2 + (12 * (i + 1)) <= directory.Length; i++)
        {
            ReadOnlySpan<byte> entry = directory.Slice(2 + (12 * i), 12);
            if (Short(entry) == 0x0112 && Short(entry[8..]) is >= 1 and <= 8 and var side)
            {
                return side;
            }
        }

        return 1;
    }
}
