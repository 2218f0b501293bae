using Phr.Records.Tests.Dicom;
using Phr.Records.Tests.Genomics;
using Phr.Records.Tests.Laboratory;

namespace Phr.Records.Tests.Examples;

/// <summary>The code that the package's README shows, run here as it stands there.</summary>
public sealed class RecordExamples
{
    [Fact]
    public void Dicom_ReadRender_DoesWhatTheReadmeSays()
    {
        using var scan = new MemoryStream(DicomBuilder.Grey(2, 2, [-160, 40, 240, 0]));

        #region records-dicom
        DicomFile file = DicomFile.Read(scan);
        string? modality = file.Dataset.GetString(DicomTag.Modality);              // "CT"
        DicomImage image = file.GetImage();                                        // refused by name when it is JPEG inside
        Picture picture = image.Render(frame: 0, new DicomWindow { Center = 40, Width = 400 });
        byte[] png = picture.ToPng();                                              // size and pixels, nothing of the patient
        double[] hounsfield = image.GetValues(0);                                  // what lies under the cursor
        #endregion

        Assert.Equal("CT", modality);
        Assert.Equal([-160, 40, 240, 0], hounsfield);
        Assert.Equal(RecordFormat.Png, RecordFormat.Detect(png));
        Assert.Equal((0, 255), (picture.Pixels.Span[0], picture.Pixels.Span[2]));
    }

    [Fact]
    public void Upload_Detect_DoesWhatTheReadmeSays()
    {
        byte[] head = [.. "PK"u8, 3, 4];
        string message = "";

        #region records-upload
        RecordFormat? format = RecordFormat.Detect(head);                          // the first 4,096 bytes; names and media types are not asked
        if (format is null)
        {
            message = $"This is {RecordFormat.Describe(head)}.";                   // "This is a ZIP archive (or a document that is one inside)."
        }
        #endregion

        Assert.Equal("This is a ZIP archive (or a document that is one inside).", message);
    }

    [Fact]
    public void Deidentify_Scan_DoesWhatTheReadmeSays()
    {
        DicomFile file = DicomFile.FromBytes(DicomBuilder.Grey(1, 2, [1, 2], b => b.Text(0x0029_0010, "LO", "MAKER")));
        byte[] key = new byte[32];

        #region records-deidentify
        DicomDeidentification clean = DicomDeidentification.Create(file, new DicomDeidentificationOptions { UidKey = key, Pseudonym = "trial-7" });
        ReadOnlyMemory<byte> bytes = clean.Bytes;                                  // the file to give away
        int removed = clean.Changes.Count(c => c.Kind == DicomChangeKind.Removed); // tags, never values
        bool look = clean.MayShowText;                                             // nobody has looked for writing in the pixels
        #endregion

        Assert.Equal("trial-7", DicomFile.FromBytes(bytes).Dataset.GetString(DicomTag.PatientName));
        Assert.Equal(1, removed);
        Assert.True(look);
    }

    [Fact]
    public void Laboratory_ReadTrackFilter_DoesWhatTheReadmeSays()
    {
        byte[] csv = System.Text.Encoding.UTF8.GetBytes(LaboratoryCsvTests.Sample);
        var pages = new List<string>();

        #region records-laboratory
        LaboratoryTable table = LaboratoryCsv.ReadAll(csv);                        // what is sound, and every fault: "line 7, column value: a number is expected…"
        TrackRecord track = TrackRecord.Create(table.Results);                     // from as many files as there are
        foreach (TrackSeries series in track.Series)
        {
            pages.Add(series.ToChart("series-" + pages.Count, TimeZoneInfo.Utc).ToSvg());
        }

        string unusual = track.Filter(new TrackFilter { Positions = [RangePosition.Below, RangePosition.Above] }).ToCsv();
        #endregion

        Assert.Equal(2, pages.Count);
        Assert.Equal(3, unusual.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Genomes_IndexAndCount_DoesWhatTheReadmeSays()
    {
        using var vcf = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(GenomicsTests.Vcf));
        using var fasta = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(GenomicsTests.Fasta));

        #region records-genomes
        using VcfReader variants = VcfReader.Open(vcf);                            // line by line
        VariantIndex index = VariantIndex.Create(variants.ReadToEnd());
        IReadOnlyList<VcfRecord> found = index.Find(GenomicRegion.Parse("chr1:90-120"));

        using FastaReader sequences = FastaReader.Open(fasta);
        sequences.TryRead(out FastaRecord? first);                                 // two bits a letter, N and its like beside
        string letters = first!.Sequence.GetLetters(0..4);
        double[] features = KmerCounts.Count(first.Sequence, k: 3).ToFrequencies();
        #endregion

        Assert.Single(found);
        Assert.Equal("ACGT", letters);
        Assert.Equal(1, features.Sum(), 9);
    }

    [Fact]
    public void Chart_SvgAndTable_DoesWhatTheReadmeSays()
    {
        ChartPoint[] points = [new(new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero), 4.4), new(new DateTimeOffset(2026, 6, 1, 8, 0, 0, TimeSpan.Zero), 5.4)];

        #region records-chart
        var chart = new LineChart(
            new LineChartOptions { Id = "potassium", Title = "Potassium", Unit = "mmol/L", Range = new ReferenceRange { Low = 3.5m, High = 5.1m } },
            [new ChartSeries("Potassium", points)]);
        string svg = chart.ToSvg();                                                // no script, no style: a strict Content-Security-Policy shows it
        string table = chart.ToHtmlTable();                                        // the same values for those who cannot see it
        #endregion

        Assert.StartsWith("<svg", svg, StringComparison.Ordinal);
        Assert.Contains("above 3.5 to 5.1", table, StringComparison.Ordinal);
    }
}
