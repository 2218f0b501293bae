using System.Globalization;

namespace Phr.Crypto;

/// <summary>What lists of words were given, and which are still needed. It says nothing of the secret.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class RecoveryProgress
{
    internal RecoveryProgress(int groupThreshold, IReadOnlyList<RecoveryGroupProgress> groups)
    {
        GroupThreshold = groupThreshold;
        Groups = groups;
    }

    /// <summary>How many groups must be complete.</summary>
    public int GroupThreshold { get; }

    /// <summary>Every group of the backup, in order; group g is at position g - 1.</summary>
    public IReadOnlyList<RecoveryGroupProgress> Groups { get; }

    /// <summary>How many groups are complete.</summary>
    public int CompleteGroups => Groups.Count(g => g.IsComplete);

    /// <summary>Whether the lists are enough.</summary>
    public bool IsComplete => CompleteGroups >= GroupThreshold;

    /// <summary>Says in words what is missing.</summary>
    /// <returns>For example <c>1 of the 2 groups needed is complete; group 2 lacks 1 of 3; of group 3 there is no list yet</c>.</returns>
    public override string ToString()
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{CompleteGroups} of the {GroupThreshold} groups needed {(CompleteGroups == 1 ? "is" : "are")} complete");
        IEnumerable<string> open = IsComplete ? [] : Groups.Where(g => !g.IsComplete).Select(g => g.Threshold is { } needed
            ? string.Create(CultureInfo.InvariantCulture, $"group {g.Group} lacks {g.Missing} of {needed}")
            : string.Create(CultureInfo.InvariantCulture, $"of group {g.Group} there is no list yet"));
        return string.Join("; ", open.Prepend(head));
    }
}
