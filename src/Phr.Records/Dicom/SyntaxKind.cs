namespace Phr.Records.Dicom;

/// <summary>What sets transfer syntaxes apart for a reader.</summary>
internal enum SyntaxKind
{
    Implicit,
    Native,
    Deflated,
    BigEndian,
    Rle,
    Jpeg,
    JpegLs,
    Video,
    Other,
}
