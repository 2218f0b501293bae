namespace Phr.Records.Dicom;

/// <summary>The three tables of a PALETTE COLOR picture (PS3.3, C.7.6.3.1.5 and C.7.9).</summary>
internal sealed class Palette
{
    private readonly LookupTable[] _tables;

    private Palette(LookupTable[] tables) => _tables = tables;

    public static Palette Read(DicomDataset dataset)
    {
        if (dataset.TryFind(new DicomTag(0x0028_1221), out _))
        {
            throw Error.DicomUnsupported("the palette is in segments, which this library does not read", "Convert the picture to RGB with gdcmimg or dcm2img");
        }

        bool isSigned = dataset.GetNumber(new DicomTag(0x0028_0103)) == 1;
        return new Palette([.. Enumerable.Range(0, 3).Select(i => LookupTable.Read(dataset, new DicomTag(0x0028_1101 + (uint)i), new DicomTag(0x0028_1201 + (uint)i), isSigned))]);
    }

    public byte[] Draw(ReadOnlySpan<byte> frame, PixelLayout layout)
    {
        byte[] pixels = new byte[3 * layout.Pixels];
        for (int i = 0; i < layout.Pixels; i++)
        {
            long value = layout.Value(frame, i);
            for (int color = 0; color < 3; color++)
            {
                LookupTable table = _tables[color];
                pixels[(3 * i) + color] = (byte)(table[value] >> (table.Bits - 8));
            }
        }

        return pixels;
    }
}
