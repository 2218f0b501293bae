using Phr.Records.Images;

namespace Phr.Records;

/// <summary>A picture that is ready to be shown: 8 bits a sample, rows from the top.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class Picture
{
    internal Picture(int width, int height, PictureFormat format, ReadOnlyMemory<byte> pixels) => (Width, Height, Format, Pixels) = (width, height, format, pixels);

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>What the bytes are.</summary>
    public PictureFormat Format { get; }

    /// <summary>The bytes, row by row from the top left, without gaps.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>The picture as a PNG file (ISO/IEC 15948), with nothing in it but size and pixels.</summary>
    /// <returns>The file. The same picture gives the same bytes, as long as the runtime's zlib is the same.</returns>
    public byte[] ToPng()
    {
        using var file = new MemoryStream();
        PngWriter.Write(this, file);
        return file.ToArray();
    }

    /// <summary>Writes the picture as a PNG file.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void WritePng(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PngWriter.Write(this, stream);
    }
}
