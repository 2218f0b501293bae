namespace Phr.Portal.Tests;

/// <summary>One field of a form.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The type of an input, or <c>textarea</c>, <c>select</c> or <c>button</c>.</param>
/// <param name="Value">What stands in it when the page is loaded.</param>
/// <param name="IsOn">Whether it is sent as it stands: not so for a box without a tick.</param>
public sealed record FormControl(string Name, string Kind, string Value, bool IsOn = true)
{
    /// <summary>What can be chosen from a list; nothing for other fields.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether people write or choose something here.</summary>
    public bool IsWritten => Kind is not ("hidden" or "button" or "file");
}
