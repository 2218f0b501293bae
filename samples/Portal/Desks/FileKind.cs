using System.Buffers;
using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>What kind of file it is, by its first bytes and never by its name.</summary>
/// <param name="Format">The format; null for tables of measurements, which Phr.Records does not know.</param>
/// <param name="Label">The label that a requester sees.</param>
/// <param name="Word">What people call it.</param>
public sealed record FileKind(RecordFormat? Format, string Label, string Word)
{
    /// <summary>How many bytes are enough to tell.</summary>
    public const int HeadLength = RecordFormat.HeadLength;

    /// <summary>The label of tables of laboratory values.</summary>
    public const string LaboratoryLabel = "laboratory";

    /// <summary>The label of FHIR resources.</summary>
    public const string ResourceLabel = "health record";

    /// <summary>The media type of a table of measurements: a line of column names, and lines of numbers. A model can be asked about it.</summary>
    public const string Measurements = "application/vnd.phr.measurements+csv";

    private const string MeasurementsLabel = "measurements";

    private static readonly SearchValues<byte> _ofNames = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.,:%/() \""u8);
    private static readonly SearchValues<byte> _ofNumbers = SearchValues.Create("0123456789.,+-eE"u8);
    private static readonly FileKind _measurements = new(null, MeasurementsLabel, "measurements (CSV)");

    private static readonly FileKind[] _all =
    [
        new(RecordFormat.Png, "imaging", "picture (PNG)"),
        new(RecordFormat.Jpeg, "imaging", "picture (JPEG)"),
        new(RecordFormat.Dicom, "imaging", "scan (DICOM)"),
        new(RecordFormat.LaboratoryCsv, LaboratoryLabel, "laboratory values (CSV)"),
        new(RecordFormat.FhirJson, ResourceLabel, "health record (FHIR)"),
        new(RecordFormat.Vcf, "genome", "genetic variants (VCF)"),
        new(RecordFormat.Fasta, "genome", "genetic sequence (FASTA)"),
        new(RecordFormat.Pdf, "letter", "letter (PDF)"),
    ];

    /// <summary>All that is taken, in a sentence.</summary>
    public static string Taken => "a PNG or JPEG picture, a DICOM scan, laboratory values (CSV), a table of measurements (CSV: column names, then numbers), a FHIR record (JSON), genetic data (VCF or FASTA), or a PDF letter";

    /// <summary>The ends of file names for the file chooser. What is taken is decided by content.</summary>
    public static string Extensions => ".png,.jpg,.jpeg,.dcm,.csv,.json,.ndjson,.vcf,.fa,.fasta,.pdf";

    /// <summary>The media type.</summary>
    public string MediaType => Format?.MediaType ?? Measurements;

    /// <summary>The kind; null for one that is not taken.</summary>
    public static FileKind? Of(ReadOnlySpan<byte> head) => RecordFormat.Detect(head) is { } format ? _all.FirstOrDefault(kind => kind.Format == format) : IsMeasurements(head) ? _measurements : null;

    /// <summary>What people call documents of a media type.</summary>
    public static string WordOf(string mediaType) => mediaType == Measurements ? _measurements.Word : RecordFormat.FromMediaType(mediaType) is { } format && _all.FirstOrDefault(kind => kind.Format == format) is { } kind ? kind.Word : mediaType;

    // Two columns or more with names of letters, figures and few signs, and numbers below. Markup, scripts, programs and tables of words are something else.
    private static bool IsMeasurements(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOf((byte)'\n');
        if (end < 1)
        {
            return false;
        }

        ReadOnlySpan<byte> names = head[..end].TrimEnd((byte)'\r');
        ReadOnlySpan<byte> numbers = head[(end + 1)..];
        int second = numbers.IndexOf((byte)'\n');
        numbers = (second < 0 ? numbers : numbers[..second]).TrimEnd((byte)'\r');
        return names.Contains((byte)',') && char.IsAsciiLetter((char)names[0]) && !names.ContainsAnyExcept(_ofNames)
            && numbers.Contains((byte)',') && !numbers.ContainsAnyExcept(_ofNumbers);
    }
}
