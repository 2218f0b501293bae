using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>Scans out of opened documents: what a page says about one, and the pictures of its frames. All in memory.</summary>
internal static class ScanReader
{
    private const int LongestFact = 200;

    // What a scanner makes in one frame is far below; what a stranger claims may not be.
    private static readonly DicomReadOptions _limits = new() { MaxLength = (int)ViewerLimits.MaxBytes, MaxFramePixels = 64 << 20 };

    private static readonly (string What, DicomTag Tag)[] _facts =
    [
        ("Patient in the file", DicomTag.PatientName),
        ("Kind", DicomTag.Modality),
        ("Part of the body", DicomTag.BodyPartExamined),
        ("Study", DicomTag.StudyDescription),
        ("Series", DicomTag.SeriesDescription),
        ("Date of the study", DicomTag.StudyDate),
    ];

    /// <summary>Whether the viewer shows this kind of document.</summary>
    public static bool IsScan(string mediaType) => IsPicture(mediaType) || mediaType == RecordFormat.Dicom.MediaType;

    /// <summary>Whether browsers show this kind of document themselves.</summary>
    public static bool IsPicture(string mediaType) => mediaType is "image/png" or "image/jpeg";

    /// <summary>What a page says about a scan.</summary>
    /// <exception cref="NotFoundHereException">It is no scan, or has no such frame.</exception>
    /// <exception cref="PhrDataException">It is damaged, or of a kind that is not shown; the message says which.</exception>
    public static ScanView Read(MemoryFile file, IReadOnlyList<MemoryFile> all, ScanLook look)
    {
        int[] scans = [.. Enumerable.Range(0, all.Count).Where(i => IsScan(all[i].Info.MediaType))];
        int place = Array.FindIndex(scans, i => ReferenceEquals(all[i], file));
        if (place < 0)
        {
            throw new NotFoundHereException();
        }

        ScanView view = IsPicture(file.Info.MediaType) ? OfPicture(file) : OfDicom(file, look);
        return look.Frame > view.Frames
            ? throw new NotFoundHereException()
            : view with { Previous = place > 0 ? scans[place - 1] : null, Next = place + 1 < scans.Length ? scans[place + 1] : null };
    }

    /// <summary>Whether the first frame of a scan can be drawn.</summary>
    public static bool CanDraw(MemoryFile file)
    {
        try
        {
            CryptographicOperations.ZeroMemory(Draw(file, new ScanLook()));
            return true;
        }
        catch (PhrDataException)
        {
            return false;
        }
    }

    /// <summary>Draws one frame as a PNG: size and pixels, nothing else of the file.</summary>
    /// <exception cref="NotFoundHereException">It is not DICOM, or has no such frame.</exception>
    /// <exception cref="PhrDataException">It is damaged, or of a kind that is not shown; the message says which.</exception>
    public static byte[] Draw(MemoryFile file, ScanLook look)
    {
        if (file.Info.MediaType != RecordFormat.Dicom.MediaType)
        {
            throw new NotFoundHereException();
        }

        DicomImage image = DicomFile.FromBytes(file.Bytes, _limits).GetImage();
        if (look.Frame < 1 || look.Frame > image.FrameCount)
        {
            throw new NotFoundHereException();
        }

        Picture picture = image.Render(look.Frame - 1, look.Window);
        try
        {
            return picture.ToPng();
        }
        finally
        {
            if (MemoryMarshal.TryGetArray(picture.Pixels, out ArraySegment<byte> pixels))
            {
                CryptographicOperations.ZeroMemory(pixels);
            }
        }
    }

    private static ScanView OfPicture(MemoryFile file)
    {
        ImageHeader header = ImageHeader.FromBytes(file.Bytes.Span);
        return new ScanView(file.Info.Title, IsDicom: false, header.Width, header.Height, 1);
    }

    // Names come as parts with circumflexes between them, and dates as eight digits.
    private static string Plain(DicomTag tag, string value)
    {
        string text = tag == DicomTag.PatientName ? string.Join(", ", value.Split('^', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            : tag == DicomTag.StudyDate && DateOnly.TryParseExact(value, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day.ToString("d MMM yyyy", CultureInfo.InvariantCulture)
            : value;
        return text[..Math.Min(text.Length, LongestFact)];
    }

    private static ScanView OfDicom(MemoryFile file, ScanLook look)
    {
        DicomFile dicom = DicomFile.FromBytes(file.Bytes, _limits);
        DicomImage image = dicom.GetImage();
        var view = new ScanView(file.Info.Title, IsDicom: true, image.Width, image.Height, image.FrameCount)
        {
            Unit = image.Unit,
            Facts = [.. _facts.Select(fact => (fact.What, Plain(fact.Tag, dicom.Dataset.GetString(fact.Tag)?.Trim() ?? string.Empty))).Where(fact => fact.Item2.Length > 0)],
        };
        if (image.IsColor || look.Frame > image.FrameCount)
        {
            return view;
        }

        DicomWindow full = image.GetFullWindow(look.Frame - 1) with { Explanation = "everything" };
        return view with { Window = look.Window ?? image.Windows.FirstOrDefault(full), Windows = [.. image.Windows, full] };
    }
}
