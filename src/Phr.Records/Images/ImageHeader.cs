using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;
using Phr.Records.Images;

namespace Phr.Records;

/// <summary>What a PNG or JPEG file says of its picture before the picture itself: kind and size. Pixels are not decoded.</summary>
/// <remarks>Sources: ISO/IEC 15948 (PNG), section 11.2.2; ITU-T T.81 (JPEG), annex B. Immutable; safe for use by several threads.</remarks>
public sealed class ImageHeader
{
    private ImageHeader(RecordFormat format, int width, int height, int bitsPerSample, int channels) =>
        (Format, Width, Height, BitsPerSample, Channels) = (format, width, height, bitsPerSample, channels);

    /// <summary><see cref="RecordFormat.Png"/> or <see cref="RecordFormat.Jpeg"/>.</summary>
    public RecordFormat Format { get; }

    /// <summary>Pixels in a row; at least 1.</summary>
    public int Width { get; }

    /// <summary>Rows; at least 1.</summary>
    public int Height { get; }

    /// <summary>Bits of a sample: 1 to 16.</summary>
    public int BitsPerSample { get; }

    /// <summary>Samples of a pixel: 1 to 4. A palette counts as 1.</summary>
    public int Channels { get; }

    /// <summary>Reads the header of a picture.</summary>
    /// <param name="bytes">The file, or as much of its beginning as holds the header: 33 bytes of PNG; of JPEG all before the frame header, which follows comments and thumbnails.</param>
    /// <param name="limits">What is too large; the defaults when null.</param>
    /// <returns>Kind and size, within the limits.</returns>
    /// <exception cref="PhrDataException">It is no PNG or JPEG picture (<c>Mismatched</c>), is damaged, ends before the header does (<c>Truncated</c>), or is too large (<c>TooLarge</c>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is below 1.</exception>
    public static ImageHeader FromBytes(ReadOnlySpan<byte> bytes, ImageLimits? limits = null)
    {
        limits = (limits ?? ImageLimits.Default).Checked();
        ImageHeader header = Signatures(bytes) switch
        {
            true => ReadPng(bytes),
            false => ReadJpeg(bytes),
            _ => throw Error.WrongFormat(RecordFormat.Describe(bytes), "a PNG or JPEG picture"),
        };
        return header.Width <= limits.MaxSide && header.Height <= limits.MaxSide && (long)header.Width * header.Height <= limits.MaxPixels
            ? header
            : throw Error.Image(PhrDataReason.TooLarge, $"the picture has {header.Width} × {header.Height} pixels, where at most {limits.MaxSide} on a side and {limits.MaxPixels} in all are taken");
    }

    /// <summary>Reads the header of a picture, if it is one.</summary>
    /// <param name="bytes">The file, or its beginning.</param>
    /// <param name="limits">What is too large; the defaults when null.</param>
    /// <param name="header">Kind and size; null when it was refused.</param>
    /// <returns>Whether the bytes begin a PNG or JPEG picture within the limits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is below 1.</exception>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, ImageLimits? limits, [NotNullWhen(true)] out ImageHeader? header)
    {
        try
        {
            header = FromBytes(bytes, limits);
            return true;
        }
        catch (PhrDataException)
        {
            header = null;
            return false;
        }
    }

    /// <summary>The picture's size and kind.</summary>
    /// <returns>For example <c>PNG, 640 × 480</c>.</returns>
    public override string ToString() => $"{(Format == RecordFormat.Png ? "PNG" : "JPEG")}, {Width} × {Height}";

    private static bool? Signatures(ReadOnlySpan<byte> bytes) =>
        Formats.Signatures.IsPng(bytes) ? true : Formats.Signatures.IsJpeg(bytes) ? false : null;

    private static ImageHeader ReadPng(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 33)
        {
            throw Error.Image(PhrDataReason.Truncated, "the file ends in the header");
        }

        ReadOnlySpan<byte> data = bytes[16..29];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) != 13 || BinaryPrimitives.ReadUInt32BigEndian(bytes[29..]) != Crc32.Of("IHDR"u8, data))
        {
            throw Error.Image(PhrDataReason.Malformed, "the header's length or check is wrong");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        int bits = data[8];
        int color = data[9];
        int channels = color switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        bool isDepth = color switch { 0 => bits is 1 or 2 or 4 or 8 or 16, 3 => bits is 1 or 2 or 4 or 8, _ => bits is 8 or 16 };
        return width is >= 1 and <= int.MaxValue && height is >= 1 and <= int.MaxValue && channels > 0 && isDepth && data[10] == 0 && data[11] == 0 && data[12] <= 1
            ? new ImageHeader(RecordFormat.Png, (int)width, (int)height, bits, channels)
            : throw Error.Image(PhrDataReason.OutOfRange, "the header says what no PNG picture can have");
    }

    private static ImageHeader ReadJpeg(ReadOnlySpan<byte> bytes)
    {
        var segments = new JpegSegments(bytes);
        while (segments.MoveNext())
        {
            if (segments.IsFrameHeader)
            {
                ReadOnlySpan<byte> frame = segments.Content;
                int height = frame.Length < 6 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(frame[1..]);
                int width = frame.Length < 6 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(frame[3..]);
                return width > 0 && height > 0 && frame[0] is >= 2 and <= 16 && frame[5] is >= 1 and <= 4 && frame.Length == 6 + (3 * frame[5])
                    ? new ImageHeader(RecordFormat.Jpeg, width, height, frame[0], frame[5])
                    : throw Error.Image(PhrDataReason.OutOfRange, "the header says what this library takes from no JPEG picture");
            }

            if (segments.IsEnd || segments.IsScan)
            {
                break;
            }
        }

        throw Error.Image(PhrDataReason.Malformed, "the picture begins before its size is said");
    }
}
