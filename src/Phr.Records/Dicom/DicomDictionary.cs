using System.Globalization;
using System.Reflection;

namespace Phr.Records.Dicom;

/// <summary>The elements that PS3.6 names. Made by eng/dicom-dictionary.py.</summary>
internal static class DicomDictionary
{
    private static readonly Lazy<(Dictionary<uint, DictionaryEntry> ByTag, Dictionary<string, uint> ByKeyword)> Table = new(Load);

    public static DictionaryEntry? Find(DicomTag tag)
    {
        if (Table.Value.ByTag.TryGetValue(tag.Value, out DictionaryEntry? entry))
        {
            return entry;
        }

        // Curves and overlays repeat in the even groups from 5000 and 6000; the table has the first of each.
        return (tag.Group & 0xFF01) is 0x5000 or 0x6000 && (tag.Group & 0xFF) <= 0x1E && Table.Value.ByTag.TryGetValue(tag.Value & 0xFF00_FFFF, out entry) ? entry : null;
    }

    public static DicomTag? TagOf(string keyword) => Table.Value.ByKeyword.TryGetValue(keyword, out uint tag) ? new DicomTag(tag) : null;

    private static (Dictionary<uint, DictionaryEntry> ByTag, Dictionary<string, uint> ByKeyword) Load()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Phr.Records.Dicom.dictionary.txt")!;
        using var reader = new StreamReader(stream);
        var byTag = new Dictionary<uint, DictionaryEntry>(5000);
        var byKeyword = new Dictionary<string, uint>(5000, StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            bool repeats = line[2] == 'x';
            uint tag = uint.Parse(repeats ? string.Concat(line.AsSpan(0, 2), "00", line.AsSpan(4, 4)) : line.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            DicomVr? vr = line.AsSpan(9, 2) is "XS" ? null : Vr.Find((byte)line[9], (byte)line[10]);
            string keyword = line[12..];
            byTag.Add(tag, new DictionaryEntry(vr, keyword));
            if (!repeats)
            {
                byKeyword.TryAdd(keyword, tag);
            }
        }

        return (byTag, byKeyword);
    }
}
