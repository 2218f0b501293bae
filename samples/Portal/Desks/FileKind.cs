using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>What kind of file it is, by its first bytes and never by its name.</summary>
/// <param name="Format">The format.</param>
/// <param name="Label">The label that a requester sees.</param>
/// <param name="Word">What people call it.</param>
public sealed record FileKind(RecordFormat Format, string Label, string Word)
{
    /// <summary>How many bytes are enough to tell.</summary>
    public const int HeadLength = RecordFormat.HeadLength;

    /// <summary>The label of tables of laboratory values.</summary>
    public const string LaboratoryLabel = "laboratory";

    /// <summary>The label of FHIR resources.</summary>
    public const string ResourceLabel = "health record";

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
    public static string Taken => "a PNG or JPEG picture, a DICOM scan, laboratory values (CSV), a FHIR record (JSON), genetic data (VCF or FASTA), or a PDF letter";

    /// <summary>The ends of file names for the file chooser. What is taken is decided by content.</summary>
    public static string Extensions => ".png,.jpg,.jpeg,.dcm,.csv,.json,.ndjson,.vcf,.fa,.fasta,.pdf";

    /// <summary>The media type.</summary>
    public string MediaType => Format.MediaType;

    /// <summary>The kind; null for one that is not taken.</summary>
    public static FileKind? Of(ReadOnlySpan<byte> head) => RecordFormat.Detect(head) is { } format ? _all.FirstOrDefault(kind => kind.Format == format) : null;

    /// <summary>What people call documents of a media type.</summary>
    public static string WordOf(string mediaType) => RecordFormat.FromMediaType(mediaType) is { } format && _all.FirstOrDefault(kind => kind.Format == format) is { } kind ? kind.Word : mediaType;
}
