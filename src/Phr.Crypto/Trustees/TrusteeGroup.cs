namespace Phr.Crypto;

/// <summary>A group of trustees (guardians, a hospital, an agency) and how many of its members must approve.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TrusteeGroup
{
    /// <summary>Longest name in characters: 32.</summary>
    public const int MaxNameLength = 32;

    /// <summary>Creates a group.</summary>
    /// <param name="name">A code such as <c>guardians</c>, 1..32 printable ASCII characters; never a person's name.</param>
    /// <param name="threshold">How many members must approve, 1..number of members.</param>
    /// <param name="members">1..16 members; a member's index is its place here, from 1.</param>
    /// <exception cref="ArgumentException">The name is empty, too long or not printable ASCII, or a member is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold or the number of members is out of range.</exception>
    public TrusteeGroup(string name, int threshold, IEnumerable<TrusteeMember> members)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(members);
        if (!IsValidName(name))
        {
            throw new ArgumentException($"A group's name has 1..{MaxNameLength} printable ASCII characters.", nameof(name));
        }

        Members = [.. members];
        if (Members.Contains(null!))
        {
            throw new ArgumentException("A member is null.", nameof(members));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Members.Count, 1, nameof(members));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Members.Count, TrusteePolicy.MaxTrustees, nameof(members));
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, Members.Count);
        Name = name;
        Threshold = threshold;
    }

    /// <summary>The group's code.</summary>
    public string Name { get; }

    /// <summary>How many members must approve.</summary>
    public int Threshold { get; }

    /// <summary>The members; a member's index is its place here, from 1.</summary>
    public IReadOnlyList<TrusteeMember> Members { get; }

    internal static bool IsValidName(string name) =>
        name.Length is > 0 and <= MaxNameLength && !name.AsSpan().ContainsAnyExceptInRange('!', '~');
}
