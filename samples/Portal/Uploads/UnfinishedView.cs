namespace Phr.Samples.Portal;

/// <summary>An unfinished upload as its patient sees it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Name">The file's name; null where it cannot be read any more.</param>
/// <param name="Received">How many parts are here.</param>
/// <param name="KeptUntil">When it is removed, if nothing more of it comes.</param>
public sealed record UnfinishedView(UnfinishedUpload Row, string? Name, int Received, DateTimeOffset KeptUntil)
{
    /// <summary>Whether everything is here, and only the sealing as a record is missing.</summary>
    public bool IsComplete => Name is not null && Received == Row.Parts;

    /// <summary>How much of it is here, in percent.</summary>
    public int Percent => Received * 100 / Row.Parts;
}
