using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto;
using Phr.Records.Tests.Dicom;
using Phr.TestSupport;

namespace Phr.Records.Tests.Images;

public sealed class ImageHeaderTests
{
    private static readonly byte[] Jpeg =
    [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0,
        0xFF, 0xFE, 0, 8, .. "secret"u8,
        0xFF, 0xFF, 0xC0, 0, 17, 8, 0, 40, 0, 30, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0,
        0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4, 0xFF, 0xD9,
    ];

    internal static byte[][] Samples => [Jpeg, Png()];

    [Fact]
    public void FromBytes_JpegAndPng_GiveKindAndSize()
    {
        ImageHeader jpeg = ImageHeader.FromBytes(Jpeg);
        ImageHeader png = ImageHeader.FromBytes(Png());

        Assert.Equal((RecordFormat.Jpeg, 30, 40, 8, 3), (jpeg.Format, jpeg.Width, jpeg.Height, jpeg.BitsPerSample, jpeg.Channels));
        Assert.Equal((RecordFormat.Png, 5, 3, 8, 1), (png.Format, png.Width, png.Height, png.BitsPerSample, png.Channels));
    }

    [Fact]
    public void FromBytes_TooLargeTruncatedOrSomethingElse_IsRefusedForItsReason()
    {
        static PhrDataReason Reason(byte[] bytes, ImageLimits? limits = null) => Assert.Throws<PhrDataException>(() => ImageHeader.FromBytes(bytes, limits)).Reason;
        byte[] huge = Png();
        huge[16] = 0x7F;

        Assert.Equal(PhrDataReason.TooLarge, Reason(Jpeg, new ImageLimits { MaxPixels = 1199 }));
        Assert.Equal(PhrDataReason.TooLarge, Reason(Png(), new ImageLimits { MaxSide = 4 }));
        Assert.Equal(PhrDataReason.Malformed, Reason(huge));
        Assert.Equal(PhrDataReason.Truncated, Reason(Png()[..30]));
        Assert.Equal(PhrDataReason.Truncated, Reason(Jpeg[..40]));
        Assert.Equal(PhrDataReason.Mismatched, Reason([.. "%PDF-1.7"u8]));
        Assert.Contains("a PDF document", Assert.Throws<PhrDataException>(() => ImageHeader.FromBytes("%PDF-1.7\n"u8)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageHeader.FromBytes(Jpeg, new ImageLimits { MaxSide = 0 }));
    }

    [Fact]
    public void FromBytes_DamagedInputs_AreReadOrRefused() =>
        Mutations.Run("image header", Samples, bytes => ImageHeader.FromBytes(bytes).Width > 0, e => e is PhrDataException);

    [Fact]
    public void ToPng_SamePicture_IsTheSameFileAndPythonReadsItsPixels()
    {
        Picture picture = DicomFile.FromBytes(DicomBuilder.Grey(40, 50, [.. Enumerable.Range(0, 2000).Select(i => (short)(i * i % 997))])).GetImage().Render();
        byte[] png = picture.ToPng();
        Assert.Equal(png, picture.ToPng());
        Assert.Equal(50, ImageHeader.FromBytes(png).Width);
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "There is no python3 to take the file apart.");

        // An inflater and a filter of its own: zlib of the standard library, and four lines.
        const string Program = """
            import sys, zlib, hashlib
            d = sys.stdin.buffer.read(); at, idat = 8, b""
            while at < len(d):
                n = int.from_bytes(d[at:at+4], "big"); name, body = d[at+4:at+8], d[at+8:at+8+n]
                assert zlib.crc32(name + body) == int.from_bytes(d[at+8+n:at+12+n], "big")
                if name == b"IHDR": w, h = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
                if name == b"IDAT": idat += body
                at += 12 + n
            raw, above, out = zlib.decompress(idat), bytes(w), b""
            for y in range(h):
                kind, row = raw[y*(w+1)], bytearray(raw[y*(w+1)+1:(y+1)*(w+1)])
                for x in range(w): row[x] = (row[x] + (row[x-1] if kind == 1 and x else above[x] if kind == 2 else 0)) & 255
                above = bytes(row); out += above
            print(hashlib.sha256(out).hexdigest())
            """;
        using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Program]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        python.StandardInput.BaseStream.Write(png);
        python.StandardInput.Close();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(picture.Pixels.Span)), python.StandardOutput.ReadToEnd().Trim());
        python.WaitForExit();
    }

    [Fact]
    public void Remove_PictureWithMetadata_KeepsPixelsAndWhichSideIsUp()
    {
        byte[] exif = [.. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 2, 0, 0x0F, 0x01, 2, 0, 4, 0, 0, 0, .. "GPS!"u8, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, .. "52.5 N 13.4 E"u8];
        byte[] jpeg = [.. Jpeg[..20], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. Jpeg[20..], .. "a film behind the picture"u8];
        string clean = System.Text.Encoding.Latin1.GetString(ImageMetadata.Remove(jpeg));

        Assert.All((string[])["GPS", "52.5", "secret", "film"], word => Assert.DoesNotContain(word, clean, StringComparison.Ordinal));
        Assert.Contains("Exif\0\0MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006", clean, StringComparison.Ordinal);
        Assert.EndsWith(System.Text.Encoding.Latin1.GetString(Jpeg[^39..]), clean, StringComparison.Ordinal);
        Assert.Equal((30, 40), (ImageHeader.FromBytes(ImageMetadata.Remove(jpeg)).Width, ImageHeader.FromBytes(ImageMetadata.Remove(jpeg)).Height));

        byte[] png = Png();
        Assert.Equal(png, ImageMetadata.Remove([.. png, .. "behind"u8]));
        byte[] text = [0, 0, 0, 5, .. "tEXt"u8, .. "a\0GPS"u8];
        uint crc = Phr.Records.Images.Crc32.Of("tEXt"u8, "a\0GPS"u8);
        byte[] check = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(check, crc);
        Assert.Equal(png, ImageMetadata.Remove([.. png[..33], .. text, .. check, .. png[33..]]));
        Assert.Throws<PhrDataException>(() => ImageMetadata.Remove(png[..^1]));
    }

    [Fact]
    public void Remove_DamagedInputs_AreCopiedOrRefused() =>
        Mutations.Run("image metadata", Samples, bytes => ImageMetadata.Remove(bytes).Length > 0, e => e is PhrDataException);

    private static byte[] Png() => DicomFile.FromBytes(DicomBuilder.Grey(3, 5, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])).GetImage().Render().ToPng();
}
