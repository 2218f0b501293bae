namespace Phr.Samples.Portal;

/// <summary>How sending mail went at the last try, for the operator's page.</summary>
public sealed class MailState
{
    private volatile Trial? _last;

    /// <summary>When it was tried last; null before.</summary>
    public DateTimeOffset? TriedAt => _last?.At;

    /// <summary>What was the matter, in words; null when nothing was.</summary>
    public string? Fault => _last?.Fault;

    /// <summary>Notes a try.</summary>
    public void Note(DateTimeOffset at, string? fault) => _last = new Trial(at, fault);

    private sealed record Trial(DateTimeOffset At, string? Fault);
}
