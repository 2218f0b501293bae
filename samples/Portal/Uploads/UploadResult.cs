namespace Phr.Samples.Portal;

/// <summary>What became of an upload.</summary>
/// <param name="Kinds">The kinds of its files, in order; none where the form had been sent before, and nothing was uploaded anew.</param>
/// <param name="IsForClaim">Whether it is for an insurance claim.</param>
public sealed record UploadResult(IReadOnlyList<FileKind> Kinds, bool IsForClaim);
