namespace Phr.Samples.Portal;

/// <summary>An upload as its patient sees it.</summary>
/// <param name="Bundle">The row.</param>
/// <param name="Documents">The documents' sealed titles and types, in the header's order.</param>
public sealed record UploadView(SealedBundle Bundle, IReadOnlyList<DocumentInfo> Documents)
{
    /// <summary>Whether it can be read now; where not, no document is known.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>The titles of its documents.</summary>
    public string Title => IsReadable ? string.Join(", ", Documents.Select(d => d.Title)) : Unreadable.Title;
}
