namespace Phr.Samples.Portal;

/// <summary>How far an upload in parts has come.</summary>
/// <param name="Once">The number that names it from now on.</param>
/// <param name="Parts">How many parts it has.</param>
/// <param name="Received">Which of them are here, from 0.</param>
public sealed record UploadState(string Once, int Parts, IReadOnlyList<int> Received)
{
    /// <summary>What it has become; null while it is unfinished.</summary>
    public UploadResult? Result { get; init; }

    /// <summary>Whether it has become an upload already.</summary>
    public bool IsDone => Result is not null;
}
