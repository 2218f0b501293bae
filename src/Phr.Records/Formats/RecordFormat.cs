using Phr.Records.Formats;

namespace Phr.Records;

/// <summary>A kind of record that people upload, known by its content: what a file is called, or says that it is, plays no part.</summary>
/// <remarks>
/// Recognition looks at the first <see cref="HeadLength"/> bytes and proves no more than they do; a reader of the format says whether the rest is sound. Immutable; safe for use by several threads.
/// </remarks>
public sealed class RecordFormat
{
    /// <summary>How many bytes from the beginning of a file recognition looks at: 4,096. Fewer are enough when the file is shorter.</summary>
    public const int HeadLength = 4096;

    private readonly Recognizer _matches;

    private RecordFormat(string name, string mediaType, string extension, Recognizer matches) =>
        (Name, MediaType, Extension, _matches) = (name, mediaType, extension, matches);

    private delegate bool Recognizer(ReadOnlySpan<byte> head);

    /// <summary>A PNG picture.</summary>
    public static RecordFormat Png { get; } = new("a PNG picture", "image/png", ".png", Signatures.IsPng);

    /// <summary>A JPEG picture.</summary>
    public static RecordFormat Jpeg { get; } = new("a JPEG picture", "image/jpeg", ".jpg", Signatures.IsJpeg);

    /// <summary>A DICOM file, as scanners write it.</summary>
    public static RecordFormat Dicom { get; } = new("a DICOM file", "application/dicom", ".dcm", Signatures.IsDicom);

    /// <summary>Laboratory values as text, with the columns that <c>LaboratoryCsv</c> reads.</summary>
    public static RecordFormat LaboratoryCsv { get; } = new("a table of laboratory values (CSV)", "text/csv", ".csv", Signatures.IsLaboratoryCsv);

    /// <summary>A FHIR resource as JSON.</summary>
    public static RecordFormat FhirJson { get; } = new("a FHIR resource (JSON)", "application/fhir+json", ".json", Signatures.IsFhirJson);

    /// <summary>Genetic variants, VCF of version 4.</summary>
    public static RecordFormat Vcf { get; } = new("a VCF file of genetic variants", "text/vcf", ".vcf", Signatures.IsVcf);

    /// <summary>Genetic sequences, FASTA.</summary>
    public static RecordFormat Fasta { get; } = new("a FASTA file of genetic sequences", "text/x-fasta", ".fasta", Signatures.IsFasta);

    /// <summary>A PDF document.</summary>
    public static RecordFormat Pdf { get; } = new("a PDF document", "application/pdf", ".pdf", Signatures.IsPdf);

    /// <summary>All formats, in the order in which they are tried. No file is of two of them.</summary>
    public static IReadOnlyList<RecordFormat> All { get; } = [Png, Jpeg, Dicom, Pdf, Vcf, Fasta, LaboratoryCsv, FhirJson];

    /// <summary>What it is called in a sentence, with its article: <c>a PNG picture</c>.</summary>
    public string Name { get; }

    /// <summary>The media type to store and serve it under: <c>image/png</c>.</summary>
    public string MediaType { get; }

    /// <summary>The usual end of a file name, with the dot: <c>.png</c>.</summary>
    public string Extension { get; }

    /// <summary>Recognises a file by its beginning.</summary>
    /// <param name="head">The first <see cref="HeadLength"/> bytes, or the whole file when it is shorter.</param>
    /// <returns>The format; null when it is none of <see cref="All"/>. <see cref="Describe"/> then says what it is instead.</returns>
    public static RecordFormat? Detect(ReadOnlySpan<byte> head)
    {
        foreach (RecordFormat format in All)
        {
            if (format.Matches(head))
            {
                return format;
            }
        }

        return null;
    }

    /// <summary>Says what a file is, for a message to the person who chose it.</summary>
    /// <param name="head">The first <see cref="HeadLength"/> bytes, or the whole file when it is shorter.</param>
    /// <returns>Words with an article: <c>a ZIP archive</c>, <c>an empty file</c>, <c>a file of an unknown kind</c>. Nothing of the content.</returns>
    public static string Describe(ReadOnlySpan<byte> head) => Detect(head)?.Name ?? Signatures.Foreign(head);

    /// <summary>The format of a media type.</summary>
    /// <param name="mediaType">The media type; parameters after a semicolon and capitals play no part.</param>
    /// <returns>The format; null when no format has it.</returns>
    public static RecordFormat? FromMediaType(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        string name = mediaType.Split(';')[0].Trim();
        return All.FirstOrDefault(f => f.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the beginning of a file is of this format.</summary>
    /// <param name="head">The first <see cref="HeadLength"/> bytes, or the whole file when it is shorter.</param>
    /// <returns>Whether it is.</returns>
    public bool Matches(ReadOnlySpan<byte> head) => _matches(head.Length > HeadLength ? head[..HeadLength] : head);

    /// <summary>Refuses what is not of this format, and says what it is.</summary>
    /// <param name="head">The first <see cref="HeadLength"/> bytes, or the whole file when it is shorter.</param>
    /// <exception cref="Phr.Crypto.PhrDataException">It is something else, which the message names; the reason is <c>Mismatched</c>.</exception>
    public void Verify(ReadOnlySpan<byte> head)
    {
        if (!Matches(head))
        {
            throw Error.WrongFormat(Describe(head), Name);
        }
    }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
