using Phr.Records.Tests.Dicom;

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
