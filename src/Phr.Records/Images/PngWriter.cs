using System.Buffers.Binary;
using System.IO.Compression;

namespace Phr.Records.Images;

/// <summary>Writes PNG: the header, the pixels, the end.</summary>
internal static class PngWriter
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Write(Picture picture, Stream stream)
    {
        int samples = picture.Format == PictureFormat.Rgb24 ? 3 : 1;
        stream.Write(Signature);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = (byte)(samples == 3 ? 2 : 0);
        Chunk(stream, "IHDR"u8, header);
        Chunk(stream, "IDAT"u8, Packed(picture, samples));
        Chunk(stream, "IEND"u8, []);
    }

    private static void Chunk(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(name);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(name, data));
        stream.Write(number);
    }

    // Each row as the difference to the pixel on the left or to the row above, whichever is smaller in sum.
    private static byte[] Packed(Picture picture, int samples)
    {
        int stride = picture.Width * samples;
        ReadOnlySpan<byte> pixels = picture.Pixels.Span;
        byte[] sub = new byte[stride + 1];
        byte[] up = new byte[stride + 1];
        sub[0] = 1;
        up[0] = 2;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < picture.Height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * stride, stride);
                ReadOnlySpan<byte> above = y == 0 ? default : pixels.Slice((y - 1) * stride, stride);
                int subSum = 0;
                int upSum = 0;
                for (int x = 0; x < stride; x++)
                {
                    int left = unchecked((byte)(row[x] - (x >= samples ? row[x - samples] : 0)));
                    int over = unchecked((byte)(row[x] - (y > 0 ? above[x] : 0)));
                    sub[x + 1] = (byte)left;
                    up[x + 1] = (byte)over;
                    subSum += Math.Min(left, 256 - left);
                    upSum += Math.Min(over, 256 - over);
                }

                zlib.Write(subSum <= upSum ? sub : up);
            }
        }

        return packed.ToArray();
    }
}
