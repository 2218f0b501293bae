using Phr.Crypto;

namespace Phr.Records;

/// <summary>The messages of this library: tags, places and the names of checks, never what a record says.</summary>
internal static class Error
{
    private const string Dicom = "DICOM file";

    public static PhrDataException DicomMalformed(string how) => new(Dicom, PhrDataReason.Malformed, $"{how}.");

    public static PhrDataException DicomTruncated(string where) => new(Dicom, PhrDataReason.Truncated, $"the file ends in {where}.");

    public static PhrDataException DicomTooLarge(string how) => new(Dicom, PhrDataReason.TooLarge, $"{how}.");

    public static PhrDataException DicomDuplicate(DicomTag tag) => new(Dicom, PhrDataReason.Duplicate, $"{Named(tag)} is there twice in one data set.");

    public static PhrDataException DicomMissing(DicomTag tag) => new(Dicom, PhrDataReason.NotFound, $"{Named(tag)} is missing or empty.");

    public static PhrDataException DicomBadValue(DicomTag tag, string how) => new(Dicom, PhrDataReason.Malformed, $"{Named(tag)} {how}.");

    public static PhrDataException DicomOutOfRange(DicomTag tag, string how) => new(Dicom, PhrDataReason.OutOfRange, $"{Named(tag)} {how}.");

    public static PhrDataException DicomMismatched(string how) => new(Dicom, PhrDataReason.Mismatched, $"{how}.");

    public static PhrDataException DicomUnsupported(string what, string remedy) => new(Dicom, PhrDataReason.UnknownVersion, $"{what}. {remedy}.");

    public static PhrDataException Image(PhrDataReason reason, string how) => new("image", reason, $"{how}.");

    public static PhrDataException WrongFormat(string found, string expected) =>
        new("upload", PhrDataReason.Mismatched, $"this is {found}, and not {expected}.");

    private static string Named(DicomTag tag) => tag.Keyword is { } keyword ? $"{keyword} {tag}" : tag.ToString();
}
