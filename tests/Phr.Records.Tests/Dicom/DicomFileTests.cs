using System.Text;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Records.Tests.Dicom;

/// <summary>Files that are made here, right and wrong.</summary>
public sealed class DicomFileTests
{
    private const string Explicit = "1.2.840.10008.1.2.1";
    private const string Rle = "1.2.840.10008.1.2.5";
    private const uint Undefined = uint.MaxValue;

    private static readonly short[] Ramp = [.. Enumerable.Range(-8, 16).Select(i => (short)(i * 100))];

    [Fact]
    public void FromBytes_GreyFile_GivesElementsValuesAndPicture()
    {
        DicomFile file = DicomFile.FromBytes(DicomBuilder.Grey(4, 4, Ramp, b => b.Text(0x0028_1050, "DS", "0").Text(0x0028_1051, "DS", "1600")));
        DicomImage image = file.GetImage();
        Picture picture = image.Render();

        Assert.Equal("Explicit VR Little Endian", file.TransferSyntax.Name);
        Assert.Equal("Muster^Erika", file.Dataset.GetString(DicomTag.PatientName));
        Assert.Equal("PatientName", DicomTag.PatientName.Keyword);
        Assert.Equal(DicomTag.PatientName, DicomTag.FromKeyword("PatientName"));
        Assert.Equal(Ramp.Select(v => (double)v), image.GetValues(0));
        Assert.Equal([.. picture.Pixels.ToArray().Order()], picture.Pixels.ToArray());
        Assert.Equal(0, picture.Pixels.Span[0]);
        Assert.DoesNotContain("Erika", file + " " + file.Dataset.Elements[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DicomWindowFunction.Linear, 40, 80, -0.5, 0)]
    [InlineData(DicomWindowFunction.Linear, 40, 80, 0, 0)]
    [InlineData(DicomWindowFunction.Linear, 40, 80, 39.5, 0.5)]
    [InlineData(DicomWindowFunction.Linear, 40, 80, 79, 1)]
    [InlineData(DicomWindowFunction.Linear, 2048, 4096, 4095, 1)]
    [InlineData(DicomWindowFunction.Linear, 2048, 1, 2047, 0)]
    [InlineData(DicomWindowFunction.Linear, 2048, 1, 2048, 1)]
    [InlineData(DicomWindowFunction.LinearExact, 40, 80, 0, 0)]
    [InlineData(DicomWindowFunction.LinearExact, 40, 80, 40, 0.5)]
    [InlineData(DicomWindowFunction.LinearExact, 40, 80, 80, 1)]
    [InlineData(DicomWindowFunction.Sigmoid, 40, 80, 40, 0.5)]
    public void Apply_ValuesOfTheStandard_GiveTheirGrey(DicomWindowFunction function, double center, double width, double value, double grey) =>
        Assert.Equal(grey, new DicomWindow { Center = center, Width = width, Function = function }.Apply(value), 12);

    [Fact]
    public void Render_WindowThatCannotBe_IsTheCallersMistake()
    {
        DicomImage image = DicomFile.FromBytes(DicomBuilder.Grey(4, 4, Ramp)).GetImage();

        Assert.Throws<ArgumentOutOfRangeException>(() => image.Render(0, new DicomWindow { Center = 0, Width = 0.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Render(0, new DicomWindow { Center = double.NaN, Width = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Render(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.GetValues(-1));
    }

    [Fact]
    public void Render_NoWindowInTheFile_ShowsTheFullRangeWithoutPadding()
    {
        DicomImage image = DicomFile.FromBytes(DicomBuilder.Grey(4, 4, [-2000, .. Ramp[1..]], b => b.Bytes(0x0028_0120, "SS", [0x30, 0xF8]))).GetImage();

        Assert.Equal((-700.0, 700.0), (image.GetFullWindow(0).Center - (image.GetFullWindow(0).Width / 2), image.GetFullWindow(0).Center + (image.GetFullWindow(0).Width / 2)));
        Assert.Equal([0, 0], image.Render().Pixels[..2].ToArray());
        Assert.Equal(255, image.Render().Pixels.Span[15]);
    }

    [Fact]
    public void Render_EnhancedFile_TakesEachFramesOwnRescaleAndWindow()
    {
        static void Group(DicomBuilder b, uint macro, Action<DicomBuilder> inner)
        {
            b.Header(macro, "SQ", Undefined).Item(0xFFFE_E000, Undefined);
            inner(b);
            b.Item(0xFFFE_E00D, 0).Item(0xFFFE_E0DD, 0);
        }

        byte[] bytes = DicomBuilder.Grey(2, 2, [1, 2, 3, 4, 1, 2, 3, 4], b =>
        {
            b.Text(0x0028_0008, "IS", "2").Header(0x5200_9230, "SQ", Undefined);
            foreach (string slope in (string[])["1", "10"])
            {
                b.Item(0xFFFE_E000, Undefined);
                Group(b, 0x0028_9145, g => g.Text(0x0028_1052, "DS", "0").Text(0x0028_1053, "DS", slope));
                b.Item(0xFFFE_E00D, 0);
            }

            b.Item(0xFFFE_E0DD, 0);
        });
        DicomImage image = DicomFile.FromBytes(bytes).GetImage();

        Assert.Equal([1, 2, 3, 4], image.GetValues(0));
        Assert.Equal([10, 20, 30, 40], image.GetValues(1));
    }

    [Fact]
    public void Read_BeforePixels_LeavesThePictureInTheStream()
    {
        byte[] bytes = DicomBuilder.Grey(300, 300, new short[90_000]);
        using var stream = new MemoryStream(bytes);
        DicomFile file = DicomFile.Read(stream, new DicomReadOptions { Extent = DicomExtent.BeforePixels });

        Assert.Equal("CT", file.Dataset.GetString(DicomTag.Modality));
        Assert.False(file.HasPixels);
        Assert.True(stream.Position < 10_000);
    }

    [Fact]
    public void Read_StreamInSmallPieces_IsTheSameFile()
    {
        byte[] bytes = DicomBuilder.Grey(100, 100, [.. Enumerable.Range(0, 10_000).Select(i => (short)i)]);
        DicomFile file = DicomFile.Read(new Dribble(bytes));

        Assert.Equal(DicomFile.FromBytes(bytes).GetImage().GetValues(0), file.GetImage().GetValues(0));
    }

    public static TheoryData<string, PhrDataReason, byte[]> Refused
    {
        get
        {
            static byte[] File(Action<DicomBuilder> elements) => DicomBuilder.File(Explicit, elements);
            return new()
            {
                { "empty", PhrDataReason.Malformed, [] },
                { "no letters", PhrDataReason.Malformed, new byte[200] },
                { "no syntax", PhrDataReason.NotFound, [.. new byte[128], .. "DICM"u8] },
                { "ends in an element", PhrDataReason.Truncated, File(b => b.Text(0x0010_0010, "PN", "A^B"))[..^2] },
                { "ends in a tag", PhrDataReason.Truncated, File(b => b.Raw([0x10])) },
                { "length beyond the end", PhrDataReason.Truncated, File(b => b.Header(0x0010_4000, "UT", 0x7FFF_FFFF)) },
                { "length beyond all", PhrDataReason.TooLarge, File(b => b.Header(0x0010_4000, "UT", 0x8000_0000)) },
                { "twice", PhrDataReason.Duplicate, File(b => b.Text(0x0010_0010, "PN", "A").Text(0x0010_0010, "PN", "B")) },
                { "no representation", PhrDataReason.Malformed, File(b => b.Raw([0x10, 0, 0x10, 0, 1, 2, 0, 0])) },
                { "item outside", PhrDataReason.Malformed, File(b => b.Item(0xFFFE_E000, 0)) },
                { "open length", PhrDataReason.Malformed, File(b => b.Header(0x0010_4000, "UT", Undefined)) },
                { "no item in a sequence", PhrDataReason.Malformed, File(b => b.Header(0x0008_1115, "SQ", Undefined).Text(0x0010_0010, "PN", "A")) },
                { "sequence without an end", PhrDataReason.Truncated, File(b => b.Header(0x0008_1115, "SQ", Undefined)) },
                { "item longer than its sequence", PhrDataReason.Malformed, File(b => b.Header(0x0008_1115, "SQ", 8).Item(0xFFFE_E000, 8).Text(0x0010_0020, "LO", "").Raw(new byte[64])) },
                { "element longer than its item", PhrDataReason.Malformed, File(b => b.Header(0x0008_1115, "SQ", 16).Item(0xFFFE_E000, 8).Header(0x0010_0020, "LO", 4).Raw(new byte[64])) },
                { "end with a length", PhrDataReason.Malformed, File(b => b.Header(0x0008_1115, "SQ", Undefined).Item(0xFFFE_E0DD, 4)) },
                { "fragments without a table", PhrDataReason.Malformed, DicomBuilder.File(Rle, b => b.Header(0x7FE0_0010, "OB", Undefined).Item(0xFFFE_E0DD, 0)) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void FromBytes_DamagedFile_IsRefusedForItsReason(string what, PhrDataReason reason, byte[] bytes)
    {
        var refusal = Assert.Throws<PhrDataException>(() => DicomFile.FromBytes(bytes));

        Assert.True(reason == refusal.Reason, $"{what}: {refusal.Message}");
        Assert.Equal(reason, Assert.Throws<PhrDataException>(() => DicomFile.Read(new Dribble(bytes))).Reason);
        Assert.False(DicomFile.TryFromBytes(bytes, null, out _));
    }

    [Fact]
    public void FromBytes_SequencesInSequences_AreRefusedBeyondTheLimit()
    {
        static byte[] Nested(int depth) => DicomBuilder.File(Explicit, b =>
        {
            for (int i = 0; i < depth; i++)
            {
                b.Header(0x0008_1115, "SQ", Undefined).Item(0xFFFE_E000, Undefined);
            }

            for (int i = 0; i < depth; i++)
            {
                b.Item(0xFFFE_E00D, 0).Item(0xFFFE_E0DD, 0);
            }
        });

        Assert.NotNull(DicomFile.FromBytes(Nested(24)));
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => DicomFile.FromBytes(Nested(25))).Reason);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => DicomFile.FromBytes(Nested(100_000))).Reason);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => DicomFile.FromBytes(Nested(5), new DicomReadOptions { MaxElements = 9 })).Reason);
    }

    [Fact]
    public void FromBytes_DeflatedBomb_IsRefusedAtTheLimit()
    {
        using var packed = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(new byte[8 << 20]);
        }

        byte[] bytes = DicomBuilder.File("1.2.840.10008.1.2.1.99", b => b.Raw(packed.ToArray()));
        Assert.True(bytes.Length < 20_000);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => DicomFile.FromBytes(bytes, new DicomReadOptions { MaxLength = 1 << 20 })).Reason);
    }

    [Theory]
    [InlineData(0x0028_0010, 0, PhrDataReason.OutOfRange)]
    [InlineData(0x0028_0010, 5, PhrDataReason.Truncated)]
    [InlineData(0x0028_0011, 65535, PhrDataReason.Truncated)]
    [InlineData(0x0028_0100, 12, PhrDataReason.UnknownVersion)]
    [InlineData(0x0028_0101, 17, PhrDataReason.OutOfRange)]
    [InlineData(0x0028_0102, 16, PhrDataReason.OutOfRange)]
    [InlineData(0x0028_0002, 3, PhrDataReason.Mismatched)]
    public void GetImage_ElementsThatDoNotFit_AreRefused(uint tag, int value, PhrDataReason reason)
    {
        byte[] bytes = DicomBuilder.Grey(4, 4, Ramp);
        byte[] pattern = [(byte)((tag >> 16) & 0xFF), (byte)(tag >> 24), (byte)(tag & 0xFF), (byte)((tag >> 8) & 0xFF), (byte)'U', (byte)'S', 2, 0];
        int at = bytes.AsSpan().IndexOf(pattern) + 8;
        (bytes[at], bytes[at + 1]) = ((byte)(value & 0xFF), (byte)(value >> 8));

        Assert.Equal(reason, Assert.Throws<PhrDataException>(DicomFile.FromBytes(bytes).GetImage).Reason);
        Assert.False(DicomFile.FromBytes(bytes).TryGetImage(out _));
    }

    [Fact]
    public void Render_RunLengthThatClaimsMuch_IsRefusedBeforeMemoryIsTaken()
    {
        byte[] fragment = [2, 0, 0, 0, 64, 0, 0, 0, 65, 0, 0, 0, .. new byte[54]];
        byte[] bytes = DicomBuilder.File(Rle, b => b.Text(0x0028_0004, "CS", "MONOCHROME2").Words(0x0028_0010, 11_000).Words(0x0028_0011, 11_000).Words(0x0028_0100, 16)
            .Header(0x7FE0_0010, "OB", Undefined).Item(0xFFFE_E000, 0).Item(0xFFFE_E000, (uint)fragment.Length).Raw(fragment).Item(0xFFFE_E0DD, 0));
        DicomImage image = DicomFile.FromBytes(bytes).GetImage();
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => image.Render()).Reason);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void GetStrings_JapaneseNameWithEscapes_IsDecodedPartByPart()
    {
        byte[] name = [.. "Yamada^Tarou="u8, 0x1B, 0x24, 0x42, 0x3B, 0x33, 0x45, 0x44, 0x1B, 0x28, 0x42, .. "^"u8, 0x1B, 0x24, 0x42, 0x42, 0x40, 0x4F, 0x3A, 0x1B, 0x28, 0x42];
        DicomFile file = DicomFile.FromBytes(DicomBuilder.File(Explicit, b => b.Text(0x0008_0005, "CS", "\\ISO 2022 IR 87").Bytes(0x0010_0010, "PN", name)));

        Assert.Equal("Yamada^Tarou=山田^太郎", file.Dataset.GetString(DicomTag.PatientName));
    }

    [Fact]
    public void GetStrings_BytesOutsideOfTheSet_AreReplaced() =>
        Assert.Equal("M\uFFFDller", DicomFile.FromBytes(DicomBuilder.File(Explicit, b => b.Bytes(0x0010_0010, "PN", Encoding.Latin1.GetBytes("Müller")))).Dataset.GetString(DicomTag.PatientName));

    [Fact]
    public void FromBytes_DamagedInputs_AreReadOrRefused() =>
        Mutations.Run(
            "DICOM file",
            DicomBuilder.Samples(),
            bytes =>
            {
                DicomFile file = DicomFile.FromBytes(bytes, new DicomReadOptions { MaxLength = 1 << 20, MaxFramePixels = 1 << 16 });
                foreach (DicomElement element in file.Dataset.Elements)
                {
                    element.GetStrings();
                }

                if (file.TryGetImage(out DicomImage? image))
                {
                    image.Render(image.FrameCount - 1).ToPng();
                }

                return true;
            },
            e => e is PhrDataException);

    /// <summary>A stream that gives a few bytes at a time and cannot be measured.</summary>
    private sealed class Dribble(byte[] bytes) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(Math.Min(count, 7), bytes.Length - _at);
            bytes.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
