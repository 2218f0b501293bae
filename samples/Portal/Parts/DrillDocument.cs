namespace Phr.Samples.Portal;

/// <summary>The document beside every upload with which trustees can show that their shares work. It holds nothing about anybody, and whoever takes part in a drill may open it.</summary>
public static class DrillDocument
{
    private static readonly byte[] _content = [.. "This document is for drills. It shows that trustees can use their shares, and holds nothing else."u8];

    /// <summary>Its length in bytes.</summary>
    public static int Length => _content.Length;

    /// <summary>Makes it.</summary>
    public static DocumentToSeal Make() => new(new DocumentInfo("drill.txt", "text/plain") { VisibleLabels = [DrillAnswer.Label] }, static () => new MemoryStream(_content, writable: false));

    /// <summary>The documents that somebody uploaded: all but that for drills.</summary>
    public static IReadOnlyList<BundleDocument> Records(this BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return [.. header.Documents.Where(document => !IsForDrills(document))];
    }

    /// <summary>The document for drills; null where an upload has none.</summary>
    public static DocumentId? FindDrill(this BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return header.Documents.FirstOrDefault(IsForDrills)?.Id;
    }

    private static bool IsForDrills(BundleDocument document) => document.VisibleLabels.Contains(DrillAnswer.Label, StringComparer.Ordinal);
}
