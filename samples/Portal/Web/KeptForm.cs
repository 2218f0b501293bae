namespace Phr.Samples.Portal;

/// <summary>A form that came after its sender was signed out, or with locked keys, and waits for them.</summary>
/// <param name="Address">The page's path, to which it was sent.</param>
/// <param name="NeedsKeys">Whether that page needs unlocked keys.</param>
/// <param name="Token">The verification token that came with it: it says whose form it is.</param>
/// <param name="Fields">What was written, in the form's order.</param>
/// <param name="At">When it came.</param>
public sealed record KeptForm(string Address, bool NeedsKeys, string Token, IReadOnlyList<KeyValuePair<string, string>> Fields, DateTimeOffset At)
{
    /// <summary>What people wrote, without what belongs to the form.</summary>
    public IEnumerable<KeyValuePair<string, string>> Written => Fields.Where(one => !one.Key.StartsWith('_') && one.Value.Length > 0);
}
