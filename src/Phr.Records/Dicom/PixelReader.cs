namespace Phr.Records.Dicom;

/// <summary>The samples of one frame, pixel after pixel, little-endian, out of what the file has.</summary>
internal static class PixelReader
{
    /// <summary>Looks whether the picture is as long as it must be, before anything is decoded.</summary>
    public static void Check(DicomElement pixels, PixelLayout layout, SyntaxKind syntax)
    {
        if (syntax == SyntaxKind.Rle)
        {
            if (layout.Photometric == "YBR_FULL_422" || layout.BitsAllocated == 1)
            {
                throw Error.DicomMismatched("the picture is run-length coded, which pictures of its kind cannot be");
            }

            int frames = pixels.Fragments.Count - 1;
            if (frames != layout.Frames && (layout.Frames > 1 || frames < 1))
            {
                throw Error.DicomMismatched($"the picture has {layout.Frames} frames in {Math.Max(0, frames)} fragments");
            }

            return;
        }

        if (pixels.IsFragmented)
        {
            throw Error.DicomMismatched("the picture is in fragments, which the file's transfer syntax does not have");
        }

        if (layout.Photometric == "YBR_FULL_422" && (layout.IsPlanar || layout.Columns % 2 == 1 || layout.BitsAllocated != 8))
        {
            throw Error.DicomMismatched("the picture has halved colours, which go with an even number of columns, 8 bits and no planes");
        }

        long bits = layout.FrameBits * layout.Frames;
        if (pixels.Value.Length < (bits + 7) / 8)
        {
            throw Error.DicomTruncated("the picture: its rows, columns and frames need more bytes than there are");
        }
    }

    public static ReadOnlyMemory<byte> Read(DicomElement pixels, PixelLayout layout, SyntaxKind syntax, int frame)
    {
        if (syntax == SyntaxKind.Rle)
        {
            byte[] joined = layout.Frames == 1 && pixels.Fragments.Count > 2 ? [.. pixels.Fragments.Skip(1).SelectMany(f => f.ToArray())] : [];
            ReadOnlySpan<byte> fragment = joined.Length > 0 ? joined : pixels.Fragments[frame + 1].Span;
            return RleDecoder.Decode(fragment, layout.Pixels, layout.Samples, layout.SampleBytes);
        }

        long begin = layout.FrameBits * frame;
        if (layout.BitsAllocated == 1)
        {
            return Unpacked(Ordered(pixels.Value, pixels, layout, syntax).Span, begin, layout.Pixels);
        }

        // Words of two bytes may lie across the beginning of a frame of bytes, so these are put right before they are cut.
        int length = (int)(layout.FrameBits / 8);
        ReadOnlyMemory<byte> bytes = layout.BitsAllocated == 8
            ? Ordered(pixels.Value, pixels, layout, syntax).Slice((int)(begin / 8), length)
            : Ordered(pixels.Value.Slice((int)(begin / 8), length), pixels, layout, syntax);
        return layout.Photometric == "YBR_FULL_422" ? Spread(bytes.Span) : layout.IsPlanar ? Interleaved(bytes.Span, layout) : bytes;
    }

    // Big-endian words: of two bytes for bytes and bits, else of a sample.
    private static ReadOnlyMemory<byte> Ordered(ReadOnlyMemory<byte> bytes, DicomElement pixels, PixelLayout layout, SyntaxKind syntax) =>
        syntax == SyntaxKind.BigEndian && pixels.Vr == DicomVr.OW ? DicomParser.Swapped(bytes, Math.Max(2, layout.SampleBytes)) : bytes;

    // One bit a pixel, the first in the lowest bit, frames without a gap between.
    private static byte[] Unpacked(ReadOnlySpan<byte> bytes, long begin, int pixels)
    {
        byte[] frame = new byte[pixels];
        for (int i = 0; i < pixels; i++)
        {
            long bit = begin + i;
            frame[i] = (byte)((bytes[(int)(bit >> 3)] >> (int)(bit & 7)) & 1);
        }

        return frame;
    }

    private static byte[] Interleaved(ReadOnlySpan<byte> planes, PixelLayout layout)
    {
        byte[] frame = new byte[planes.Length];
        int width = layout.SampleBytes;
        for (int sample = 0; sample < 3; sample++)
        {
            for (int i = 0; i < layout.Pixels; i++)
            {
                planes.Slice(((sample * layout.Pixels) + i) * width, width).CopyTo(frame.AsSpan(((3 * i) + sample) * width));
            }
        }

        return frame;
    }

    // Two pixels in four bytes, Y Y Cb Cr, to two of three bytes.
    private static byte[] Spread(ReadOnlySpan<byte> halved)
    {
        byte[] frame = new byte[halved.Length / 4 * 6];
        for (int from = 0, to = 0; from < halved.Length; from += 4, to += 6)
        {
            (frame[to], frame[to + 1], frame[to + 2]) = (halved[from], halved[from + 2], halved[from + 3]);
            (frame[to + 3], frame[to + 4], frame[to + 5]) = (halved[from + 1], halved[from + 2], halved[from + 3]);
        }

        return frame;
    }
}
