using System.Collections.Concurrent;

namespace Phr.Samples.Portal;

/// <summary>What a page has to say on the next one, after a redirect: "It is sent." Shown once.</summary>
public sealed class SessionNotes(CurrentPerson person, SessionNoteBox box)
{
    /// <summary>Says something on the next page.</summary>
    public void Say(string text)
    {
        if (person.Session is { } session)
        {
            box.Notes[session] = text;
        }
    }

    /// <summary>What was said last, and not shown yet.</summary>
    public string? Take() => person.Session is { } session && box.Notes.TryRemove(session, out string? text) ? text : null;
}

/// <summary>Keeps the notes between two requests.</summary>
public sealed class SessionNoteBox
{
    internal ConcurrentDictionary<string, string> Notes { get; } = new(StringComparer.Ordinal);
}
