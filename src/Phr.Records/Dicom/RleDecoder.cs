using System.Buffers.Binary;

namespace Phr.Records.Dicom;

/// <summary>Run-length coding as PS3.5, annex G, has it: a header of 64 bytes, then one run of PackBits for each byte of a sample.</summary>
internal static class RleDecoder
{
    /// <summary>Decodes one frame.</summary>
    /// <param name="fragment">The frame's bytes.</param>
    /// <param name="pixels">Rows times columns.</param>
    /// <param name="samples">Samples of a pixel.</param>
    /// <param name="bytes">Bytes of a sample.</param>
    /// <returns>The samples of pixel after pixel, each little-endian.</returns>
    public static byte[] Decode(ReadOnlySpan<byte> fragment, int pixels, int samples, int bytes)
    {
        if (fragment.Length < 64)
        {
            throw Error.DicomTruncated("the header of a run-length coded frame");
        }

        int segments = samples * bytes;
        if (BinaryPrimitives.ReadUInt32LittleEndian(fragment) != segments)
        {
            throw Error.DicomMismatched($"a run-length coded frame has not the {segments} segments that its pixels need");
        }

        // Two bytes make at most 128: what claims more is refused before there is memory for it.
        if ((long)pixels * segments > 64L * fragment.Length)
        {
            throw Error.DicomMismatched("a run-length coded frame is too short for its rows and columns");
        }

        byte[] frame = new byte[pixels * segments];
        uint previous = 64;
        for (int segment = 0; segment < segments; segment++)
        {
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(fragment[(4 + (4 * segment))..]);
            uint end = segment + 1 < segments ? BinaryPrimitives.ReadUInt32LittleEndian(fragment[(8 + (4 * segment))..]) : (uint)fragment.Length;
            if (offset < previous || end < offset || end > fragment.Length)
            {
                throw Error.DicomMalformed("the segments of a run-length coded frame are not one after another");
            }

            previous = offset;

            // The most significant byte comes first in the file, and last in the frame.
            int sample = segment / bytes;
            int at = (sample * bytes) + (bytes - 1 - (segment % bytes));
            Unpack(fragment[(int)offset..(int)end], frame, at, segments);
        }

        return frame;
    }

    private static void Unpack(ReadOnlySpan<byte> packed, Span<byte> frame, int at, int step)
    {
        int from = 0;
        while (at < frame.Length)
        {
            if (from + 1 >= packed.Length)
            {
                throw Error.DicomTruncated("a segment of a run-length coded frame");
            }

            int control = unchecked((sbyte)packed[from++]);
            if (control == -128)
            {
                continue;
            }

            int count = Math.Abs(control) + 1;
            if (control >= 0 && count > packed.Length - from)
            {
                throw Error.DicomTruncated("a segment of a run-length coded frame");
            }

            for (int i = 0; i < count && at < frame.Length; i++, at += step)
            {
                frame[at] = control >= 0 ? packed[from + i] : packed[from];
            }

            from += control >= 0 ? count : 1;
        }
    }
}
