namespace Phr.Samples.Portal;

/// <summary>What kind of file it is, by its first bytes and never by its name.</summary>
/// <param name="MediaType">The media type.</param>
/// <param name="Label">The label that a requester sees.</param>
/// <param name="Word">What people call it.</param>
public sealed record FileKind(string MediaType, string Label, string Word)
{
    /// <summary>How many bytes are enough to tell.</summary>
    public const int HeadLength = 132;

    private static readonly FileKind _png = new("image/png", "imaging", "picture (PNG)");
    private static readonly FileKind _jpeg = new("image/jpeg", "imaging", "picture (JPEG)");
    private static readonly FileKind _dicom = new("application/dicom", "imaging", "scan (DICOM)");
    private static readonly FileKind _pdf = new("application/pdf", "letter", "letter (PDF)");

    /// <summary>The kind; null for one that is not taken.</summary>
    public static FileKind? Of(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? _png
        : head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? _jpeg
        : head.Length >= HeadLength && head[128..HeadLength].SequenceEqual("DICM"u8) ? _dicom
        : head.StartsWith("%PDF-"u8) ? _pdf
        : null;
}
