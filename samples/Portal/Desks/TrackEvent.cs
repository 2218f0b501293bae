namespace Phr.Samples.Portal;

/// <summary>Something that happened between a patient and those who care for them.</summary>
/// <param name="At">When.</param>
/// <param name="What">What it was.</param>
/// <param name="Who">With whom.</param>
/// <param name="About">What it was about: titles of documents; empty where nothing can be said.</param>
public sealed record TrackEvent(DateTimeOffset At, string What, string Who, string About)
{
    /// <summary>Until when it went on; null for what takes no time, or where that is not known.</summary>
    public DateTimeOffset? Until { get; init; }
}
