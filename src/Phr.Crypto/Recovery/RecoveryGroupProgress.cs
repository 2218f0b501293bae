namespace Phr.Crypto;

/// <summary>How far one group is on the way to being complete.</summary>
/// <remarks>Immutable and thread safe. Equal when all numbers are.</remarks>
public sealed record RecoveryGroupProgress
{
    internal RecoveryGroupProgress(int group, int? threshold, int given)
    {
        Group = group;
        Threshold = threshold;
        Given = given;
    }

    /// <summary>Which group, from 1.</summary>
    public int Group { get; }

    /// <summary>How many lists make it complete; null while there is none of it, because only its own lists say so.</summary>
    public int? Threshold { get; }

    /// <summary>How many lists of it there are.</summary>
    public int Given { get; }

    /// <summary>How many more lists it needs; null while that is not known.</summary>
    public int? Missing => Threshold is { } needed ? Math.Max(0, needed - Given) : null;

    /// <summary>Whether it has as many lists as it needs.</summary>
    public bool IsComplete => Missing == 0;
}
