using System.Text;
using System.Text.Json;
using Phr.Records.Laboratory;

namespace Phr.Records.Formats;

/// <summary>How files of each kind begin.</summary>
internal static class Signatures
{
    // What people choose by mistake, and what should never be taken for a record.
    private static readonly (byte[] Begin, int At, string Name)[] Others =
    [
        ([0x50, 0x4B, 0x03, 0x04], 0, "a ZIP archive (or a document that is one inside)"),
        ([0x50, 0x4B, 0x05, 0x06], 0, "an empty ZIP archive"),
        ([0x1F, 0x8B], 0, "a gzip archive"),
        ([.. "GIF8"u8], 0, "a GIF picture"),
        ([0x49, 0x49, 0x2A, 0x00], 0, "a TIFF picture"),
        ([0x4D, 0x4D, 0x00, 0x2A], 0, "a TIFF picture"),
        ([.. "WEBP"u8], 8, "a WebP picture"),
        ([.. "ftyp"u8], 4, "a film or a picture of a telephone (MP4, HEIC)"),
        ([.. "BM"u8], 0, "a BMP picture"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], 0, "a program"),
        ([.. "MZ"u8], 0, "a program"),
        ([.. "#!"u8], 0, "a program"),
        ([0xD0, 0xCF, 0x11, 0xE0], 0, "a document of an old office program"),
        ([.. "{\\rtf"u8], 0, "an RTF document"),
    ];

    public static bool IsPng(ReadOnlySpan<byte> head) => head.StartsWith(Images.PngWriter.Signature) && head.Length >= 16 && head[12..16].SequenceEqual("IHDR"u8);

    public static bool IsJpeg(ReadOnlySpan<byte> head) => head is [0xFF, 0xD8, 0xFF, >= 0xC0 and not 0xFF, ..];

    public static bool IsDicom(ReadOnlySpan<byte> head) => head.Length >= 132 && head[128..132].SequenceEqual("DICM"u8);

    public static bool IsPdf(ReadOnlySpan<byte> head) => head.StartsWith("%PDF-"u8) && head.Length >= 8 && char.IsAsciiDigit((char)head[5]) && head[6] == (byte)'.' && char.IsAsciiDigit((char)head[7]);

    public static bool IsVcf(ReadOnlySpan<byte> head) => head.StartsWith("##fileformat=VCFv4."u8);

    // A line of a name, then a line of letters.
    public static bool IsFasta(ReadOnlySpan<byte> head)
    {
        int line = head.IndexOf((byte)'\n');
        if (head is not [(byte)'>', ..] || line < 2 || !IsText(head))
        {
            return false;
        }

        ReadOnlySpan<byte> letters = head[(line + 1)..];
        int end = letters.IndexOf((byte)'\n');
        letters = (end < 0 ? letters : letters[..end]).TrimEnd((byte)'\r');
        foreach (byte b in letters)
        {
            if (!char.IsAsciiLetter((char)b))
            {
                return false;
            }
        }

        return !letters.IsEmpty;
    }

    public static bool IsLaboratoryCsv(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = WithoutMark(head);
        int line = text.IndexOf((byte)'\n');
        return IsText(text) && CsvHeader.Matches(Encoding.UTF8.GetString((line < 0 ? text : text[..line]).TrimEnd((byte)'\r')));
    }

    // The property resourceType stands in the outermost object; writers put it first, and JSON does not ask them to.
    public static bool IsFhirJson(ReadOnlySpan<byte> head) => JsonOf(head) == true;

    /// <summary>What a file is that is no record.</summary>
    public static string Foreign(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return "an empty file";
        }

        foreach ((byte[] begin, int at, string name) in Others)
        {
            if (head.Length >= at + begin.Length && head.Slice(at, begin.Length).SequenceEqual(begin))
            {
                return name;
            }
        }

        ReadOnlySpan<byte> text = WithoutMark(head);
        if (!IsText(text))
        {
            return "a file of an unknown kind";
        }

        string begun = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 512)]).TrimStart();
        bool Begins(string word) => begun.StartsWith(word, StringComparison.OrdinalIgnoreCase);
        return Begins("<!doctype html") || Begins("<html") ? "a web page"
            : Begins("<svg") || (Begins("<?xml") && begun.Contains("<svg", StringComparison.OrdinalIgnoreCase)) ? "an SVG drawing"
            : Begins("<?xml") ? "an XML document"
            : JsonOf(head) == false ? "JSON that is no FHIR resource"
            : begun.Split('\n')[0].Contains(',', StringComparison.Ordinal) ? "text, perhaps a table (CSV) without the columns of a laboratory"
            : "text";
    }

    // True: a FHIR resource. False: some other object or list. Null: no JSON.
    private static bool? JsonOf(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = WithoutMark(head);
        if (text.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 64 }));
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("resourceType"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String;
                }
            }

            return false;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> head) => head.StartsWith("\uFEFF"u8) ? head[3..] : head;

    // UTF-8 without control characters. A head may end within a character.
    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (byte b in head)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return false;
            }
        }

        for (int cut = 0; cut < 4 && cut <= head.Length; cut++)
        {
            if (System.Text.Unicode.Utf8.IsValid(head[..^cut]))
            {
                return true;
            }
        }

        return false;
    }
}
