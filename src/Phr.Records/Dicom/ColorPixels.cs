namespace Phr.Records.Dicom;

/// <summary>Pixels of three samples to red, green and blue of 8 bits.</summary>
internal static class ColorPixels
{
    public static byte[] Draw(ReadOnlySpan<byte> frame, PixelLayout layout)
    {
        byte[] pixels = new byte[3 * layout.Pixels];
        int down = Math.Max(0, layout.BitsStored - 8);
        int up = Math.Max(0, 8 - layout.BitsStored);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((layout.Raw(frame, i) >> down) << up);
        }

        if (layout.Photometric != "RGB")
        {
            for (int i = 0; i < pixels.Length; i += 3)
            {
                ToRgb(pixels.AsSpan(i, 3));
            }
        }

        return pixels;
    }

    // PS3.3, C.7.6.3.1.2: full range, as JFIF.
    private static void ToRgb(Span<byte> pixel)
    {
        double y = pixel[0];
        double cb = pixel[1] - 128.0;
        double cr = pixel[2] - 128.0;
        pixel[0] = Clamped(y + (1.402 * cr));
        pixel[1] = Clamped(y - (0.114 * 1.772 / 0.587 * cb) - (0.299 * 1.402 / 0.587 * cr));
        pixel[2] = Clamped(y + (1.772 * cb));
    }

    private static byte Clamped(double value) => (byte)(Math.Clamp(value, 0, 255) + 0.5);
}
