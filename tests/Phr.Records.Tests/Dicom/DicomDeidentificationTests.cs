using System.Text;
using System.Text.Json;
using Phr.TestSupport;

namespace Phr.Records.Tests.Dicom;

public sealed class DicomDeidentificationTests
{
    private const string Explicit = "1.2.840.10008.1.2.1";

    // Texts that may stay, and nothing else: about the machine, the picture, or a code.
    private static readonly string[] Harmless =
    [
        "CodeMeaning", "CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "ConvolutionKernel", "FilterType", "ImagedNucleus", "LUTExplanation", "Manufacturer", "ManufacturerModelName",
        "PositionReferenceIndicator", "ReceiveCoilName", "RescaleType", "SequenceName", "SoftwareVersions", "TransmitCoilName", "WindowCenterWidthExplanation",
    ];

    private static readonly DicomDeidentificationOptions Options = new() { UidKey = new byte[32] };

    // Every element that the standard names and that can hold a name, a place, a time, a number of a person or an identifier.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Create_EveryElementOfTheStandardWithASecret_LetsNoneOut(bool isNested)
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine("src", "Phr.Records", "Dicom", "dictionary.txt"));
        (uint Tag, string Vr, string Keyword)[] elements =
        [
            .. lines.Select(l => l.Replace("xx", "00", StringComparison.Ordinal).Split(' ')).Select(p => (Convert.ToUInt32(p[0], 16), p[1], p[2]))
                .Where(e => e.Item1 >> 16 > 2 && e.Item1 != 0x0008_0005 && e.Item2 is not ("SQ" or "XS" or "AT" or "US" or "SS" or "UL" or "SL" or "FL" or "FD" or "OW" or "OF" or "OD" or "OL" or "OV" or "UV" or "SV")),
        ];
        byte[] bytes = DicomBuilder.File(Explicit, b =>
        {
            if (isNested)
            {
                b.Header(0x0008_2112, "SQ", uint.MaxValue).Item(0xFFFE_E000, uint.MaxValue);
            }

            foreach ((uint tag, string vr, _) in elements.OrderBy(e => e.Tag))
            {
                string secret = Secret(tag, vr);
                _ = vr is "OB" or "UN" ? b.Bytes(tag, vr, Encoding.ASCII.GetBytes(secret)) : b.Text(tag, vr, secret);
            }

            if (isNested)
            {
                b.Item(0xFFFE_E00D, 0).Item(0xFFFE_E0DD, 0);
            }
        });
        DicomDeidentification clean = DicomDeidentification.Create(DicomFile.FromBytes(bytes), Options);
        string text = Encoding.Latin1.GetString(clean.Bytes.Span);
        string[] left = [.. elements.Where(e => text.Contains(Secret(e.Tag, e.Vr), StringComparison.Ordinal)).Select(e => e.Keyword).Where(k => k is not ("ICCProfile" or "PixelData")).Order(StringComparer.Ordinal)];

        Assert.True(elements.Length > 2200);
        Assert.Equal(Harmless, left);
        Assert.True(clean.Changes.Count > 2000);
        Assert.All(clean.Changes, c => Assert.Equal(isNested ? 1 : 0, c.Depth));
    }

    [Fact]
    public void Create_Scan_KeepsThePictureAndSaysWhatItDid()
    {
        byte[] bytes = DicomBuilder.Grey(4, 4, [.. Enumerable.Range(0, 16).Select(i => (short)(i * 9))], b => b.Text(0x0028_1050, "DS", "70").Text(0x0028_1051, "DS", "140").Text(0x0029_0010, "LO", "SECRET MAKER").Text(0x6000_4000, "LT", "SECRET NOTE"));
        DicomFile file = DicomFile.FromBytes(bytes);
        DicomDeidentification clean = DicomDeidentification.Create(file, new DicomDeidentificationOptions { UidKey = new byte[16], Pseudonym = "trial-7" });

        Assert.Equal(file.GetImage().Render().ToPng(), clean.File.GetImage().Render().ToPng());
        Assert.Equal("trial-7", clean.File.Dataset.GetString(DicomTag.PatientName));
        Assert.Equal("YES", clean.File.Dataset.GetString(DicomTag.FromKeyword("PatientIdentityRemoved")));
        Assert.Equal("113100", clean.File.Dataset.GetItems(DicomTag.FromKeyword("DeidentificationMethodCodeSequence"))[0].GetString(DicomTag.FromKeyword("CodeValue")));
        Assert.Equal(clean.File.Dataset.GetString(DicomTag.SopInstanceUid), clean.File.FileMeta.GetString(new DicomTag(0x0002_0003)));
        Assert.Contains(clean.Changes, c => c is { Kind: DicomChangeKind.Replaced, Depth: 0 } && c.Tag == DicomTag.PatientName);
        Assert.Contains(clean.Changes, c => c is { Kind: DicomChangeKind.Removed, Tag.IsPrivate: true });
        Assert.DoesNotContain("SECRET", Encoding.Latin1.GetString(clean.Bytes.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("Erika", Encoding.Latin1.GetString(clean.Bytes.Span), StringComparison.Ordinal);
        Assert.True(clean.MayShowText);
    }

    [Fact]
    public void Create_TwoFilesUnderOneKey_StayOneSeriesAndUnderAnotherDoNot()
    {
        static string Series(string instance, byte key)
        {
            DicomFile file = DicomFile.FromBytes(DicomBuilder.File(Explicit, b => b.Text(0x0008_0018, "UI", instance).Text(0x0020_000E, "UI", "1.2.3.4")));
            return DicomDeidentification.Create(file, new DicomDeidentificationOptions { UidKey = Enumerable.Repeat(key, 16).ToArray() }).File.Dataset.GetString(DicomTag.SeriesInstanceUid)!;
        }

        Assert.Equal(Series("1.2.3.5", 1), Series("1.2.3.6", 1));
        Assert.NotEqual(Series("1.2.3.5", 1), Series("1.2.3.5", 2));
        Assert.Matches("^2\\.25\\.[0-9]{1,39}$", Series("1.2.3.5", 1));
    }

    [Fact]
    public void Create_WrongOptions_AreTheCallersMistake()
    {
        DicomFile file = DicomFile.FromBytes(DicomBuilder.Grey(1, 1, [1]));

        Assert.Throws<ArgumentException>(() => DicomDeidentification.Create(file, new DicomDeidentificationOptions { UidKey = new byte[15] }));
        Assert.Throws<ArgumentException>(() => DicomDeidentification.Create(file, new DicomDeidentificationOptions { UidKey = new byte[16], Pseudonym = "A^B" }));
    }

    [Fact]
    public void ToBytes_FilesOfPydicom_SayTheSameAndLoseThePatient()
    {
        Assert.SkipWhen(DicomOracle.Missing is not null, DicomOracle.Missing ?? "");
        int files = 0;
        foreach (JsonElement line in DicomOracle.Lines)
        {
            if (!DicomFile.TryFromBytes(DicomOracle.BytesOf(line), null, out DicomFile? file))
            {
                continue;
            }

            byte[] written = file.ToBytes();
            DicomFile again = DicomFile.FromBytes(written);
            Assert.Equal(written, again.ToBytes());
            Assert.Equal(Flat(file.Dataset), Flat(again.Dataset));
            DicomDeidentification clean = DicomDeidentification.Create(file, Options);
            if (file.TryGetImage(out DicomImage? image))
            {
                Assert.Equal(image.Render().Pixels.ToArray(), again.GetImage().Render().Pixels.ToArray());
                Assert.Equal(image.Render().Pixels.ToArray(), clean.File.GetImage().Render().Pixels.ToArray());
            }

            string text = Encoding.Latin1.GetString(clean.Bytes.Span);
            foreach (DicomTag tag in (DicomTag[])[DicomTag.PatientName, DicomTag.PatientId, DicomTag.SopInstanceUid])
            {
                if (file.Dataset.GetString(tag) is { Length: > 3 } name && name != "ANONYMOUS")
                {
                    Assert.DoesNotContain(name, text, StringComparison.Ordinal);
                }
            }

            files++;
        }

        Assert.True(files > 170, $"only {files} files.");
    }

    private static string Secret(uint tag, string vr) => vr switch
    {
        "UI" => $"9.8.7.{tag}",
        "DA" => "19440606",
        "TM" => "031459",
        "DT" => "19440606031459",
        "AS" => "087Y",
        "DS" or "IS" => $"s{tag:x8}",
        _ => $"s{tag:x8}",
    };

    private static List<string> Flat(DicomDataset dataset) =>
        [.. dataset.Elements.Where(e => e.Tag.Element != 0 && e.Tag != DicomTag.PixelData).OrderBy(e => e.Tag).SelectMany(e => e.Vr == DicomVr.SQ
            ? e.Items.SelectMany(i => Flat(i).Select(t => $"{e.Tag}/{t}")).Append($"{e.Tag} {e.Items.Count}")
            : [$"{e} {string.Join('\\', e.GetStrings()).TrimEnd('\0')} {(e.Value.Length + 1) / 2}"])];
}
