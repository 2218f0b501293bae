namespace Phr.Samples.Portal;

/// <summary>How far an upload in parts has come.</summary>
/// <param name="Once">The number that names it from now on.</param>
/// <param name="Parts">How many parts it has.</param>
/// <param name="Received">Which of them are here, from 0.</param>
/// <param name="IsDone">Whether it has become an upload already.</param>
public sealed record UploadState(string Once, int Parts, IReadOnlyList<int> Received, bool IsDone)
{
    /// <summary>What kind of file it was, for whoever finished it.</summary>
    public FileKind? Kind { get; init; }
}
