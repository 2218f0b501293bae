namespace Phr.Records.Dicom;

/// <summary>What the elements of group 0028 say of the bytes of the picture (PS3.3, C.7.6.3).</summary>
internal sealed record PixelLayout
{
    private static readonly string[] Grey = ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"];
    private static readonly string[] Color = ["RGB", "YBR_FULL", "YBR_FULL_422"];

    public required int Rows { get; init; }

    public required int Columns { get; init; }

    public required int Frames { get; init; }

    public required int Samples { get; init; }

    public required int BitsAllocated { get; init; }

    public required int BitsStored { get; init; }

    public required int HighBit { get; init; }

    public required bool IsSigned { get; init; }

    public required bool IsPlanar { get; init; }

    public required string Photometric { get; init; }

    public int Pixels => Rows * Columns;

    /// <summary>Bytes of a sample as they are worked with; single bits become bytes.</summary>
    public int SampleBytes => (BitsAllocated + 7) / 8;

    public int Shift => HighBit + 1 - BitsStored;

    /// <summary>Bits of one frame in the file.</summary>
    public long FrameBits => (long)Pixels * BitsAllocated * (Photometric == "YBR_FULL_422" ? 2 : Samples);

    public static PixelLayout Read(DicomDataset dataset, int maxFramePixels)
    {
        int Number(uint tag, int least, int most, int? otherwise = null) => dataset.GetInt32(new DicomTag(tag), (least, most), otherwise);

        int rows = Number(0x0028_0010, 1, 65535);
        int columns = Number(0x0028_0011, 1, 65535);
        if ((long)rows * columns > maxFramePixels)
        {
            throw Error.DicomTooLarge($"a frame has more than the {maxFramePixels} pixels that are taken");
        }

        var photometricTag = new DicomTag(0x0028_0004);
        string photometric = dataset.GetString(photometricTag) ?? throw Error.DicomMissing(photometricTag);
        int samples = Number(0x0028_0002, 1, 4, otherwise: 1);
        int expected = Grey.Contains(photometric) ? 1 : Color.Contains(photometric) ? 3 : 0;
        if (expected == 0)
        {
            string name = photometric.Length <= 16 && photometric.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ' ') ? photometric : "an unknown way";
            throw Error.DicomUnsupported($"the picture's colours are in {name}, which this library does not show", "Convert it with dcmconv or gdcmconv");
        }

        if (samples != expected)
        {
            throw Error.DicomMismatched($"the picture has {samples} samples a pixel where its colours have {expected}");
        }

        int allocated = Number(0x0028_0100, 1, 64);
        if (allocated is not (1 or 8 or 16 or 32) || (expected == 3 && allocated is not (8 or 16)) || (photometric == "PALETTE COLOR" && allocated is not (8 or 16)))
        {
            throw Error.DicomUnsupported($"a sample has {allocated} bits, which this library does not show for this kind of picture", "Convert it with gdcmconv");
        }

        int stored = Number(0x0028_0101, 1, allocated, otherwise: allocated);
        return new PixelLayout
        {
            Rows = rows,
            Columns = columns,
            Frames = Number(0x0028_0008, 1, 1_000_000, otherwise: 1),
            Samples = samples,
            BitsAllocated = allocated,
            BitsStored = stored,
            HighBit = Number(0x0028_0102, stored - 1, allocated - 1, otherwise: stored - 1),
            IsSigned = Number(0x0028_0103, 0, 1, otherwise: 0) == 1,
            IsPlanar = samples == 3 && Number(0x0028_0006, 0, 1, otherwise: 0) == 1,
            Photometric = photometric,
        };
    }

    /// <summary>One sample without the bits that are not its own, with its sign.</summary>
    public long Value(ReadOnlySpan<byte> frame, int index)
    {
        ulong raw = Raw(frame, index);
        return IsSigned && (raw >> (BitsStored - 1)) == 1 ? unchecked((long)(raw | (ulong.MaxValue << BitsStored))) : (long)raw;
    }

    /// <summary>One sample without the bits that are not its own, as an unsigned number.</summary>
    public ulong Raw(ReadOnlySpan<byte> frame, int index)
    {
        ulong raw = SampleBytes switch
        {
            1 => frame[index],
            2 => (ulong)(frame[2 * index] | (frame[(2 * index) + 1] << 8)),
            _ => System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 * index)..]),
        };
        return (raw >> Shift) & ((1UL << BitsStored) - 1);
    }

    /// <summary>The value that an unsigned one of <see cref="Raw"/> stands for.</summary>
    public long Signed(int raw) => IsSigned && raw >> (BitsStored - 1) == 1 ? raw - (1L << BitsStored) : raw;
}
