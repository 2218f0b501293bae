namespace Phr.Samples.Portal;

/// <summary>An upload as its patient sees it.</summary>
/// <param name="Bundle">The row.</param>
/// <param name="Documents">The documents' sealed titles and types, in the header's order.</param>
public sealed record UploadView(SealedBundle Bundle, IReadOnlyList<DocumentInfo> Documents);
