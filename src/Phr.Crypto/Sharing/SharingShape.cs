using System.Collections.ObjectModel;
using System.Globalization;

namespace Phr.Crypto;

/// <summary>
/// The thresholds of a two-level sharing: how many complete groups are needed, and in each group how many members make it
/// complete. For example two of {guardians 2 of 3, hospital 1 of 1, agency 1 of 1}.
/// </summary>
/// <remarks>Immutable and thread safe. Groups and members are numbered from 1. Equal when all numbers are.</remarks>
public sealed class SharingShape : IEquatable<SharingShape>
{
    /// <summary>Creates a shape.</summary>
    /// <param name="groupThreshold">How many complete groups are needed, 1 to the number of groups.</param>
    /// <param name="groups">The groups, 1 to 255, the first being group 1.</param>
    /// <exception cref="ArgumentNullException"><paramref name="groups"/> is null.</exception>
    /// <exception cref="ArgumentException">A group is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no groups or more than 255, or the threshold is not 1 to their number.</exception>
    public SharingShape(int groupThreshold, IReadOnlyList<GroupShape> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        SecretSharing.CheckThreshold(groupThreshold, groups.Count, nameof(groupThreshold), nameof(groups));
        var copy = new GroupShape[groups.Count];
        for (int g = 0; g < copy.Length; g++)
        {
            copy[g] = groups[g] ?? throw new ArgumentException("A group is null.", nameof(groups));
            TotalMembers += copy[g].Members;
        }

        GroupThreshold = groupThreshold;
        Groups = new ReadOnlyCollection<GroupShape>(copy);
    }

    /// <summary>How many complete groups are needed.</summary>
    public int GroupThreshold { get; }

    /// <summary>The groups in order; group number g is at position g - 1.</summary>
    public IReadOnlyList<GroupShape> Groups { get; }

    /// <summary>The number of members of all groups.</summary>
    public int TotalMembers { get; }

    /// <summary>Whether a group and member of these numbers exist.</summary>
    /// <param name="group">The group, from 1.</param>
    /// <param name="member">The member within the group, from 1.</param>
    /// <returns>Whether both numbers are in range.</returns>
    public bool Contains(int group, int member) =>
        group >= 1 && group <= Groups.Count && member >= 1 && member <= Groups[group - 1].Members;

    /// <summary>Whether a set of members is enough: at least the group threshold of groups, each with at least its own threshold of members.</summary>
    /// <param name="members">Pairs of group and member, in any order. A pair that occurs twice counts once; a pair that the shape does not have does not count.</param>
    /// <returns>Whether the thresholds are met.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="members"/> is null.</exception>
    public bool IsSatisfiedBy(IEnumerable<(int Group, int Member)> members) => SelectQuorum(members, out _) is not null;

    /// <inheritdoc/>
    public bool Equals(SharingShape? other) =>
        other is not null && GroupThreshold == other.GroupThreshold && Groups.SequenceEqual(other.Groups);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SharingShape);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(GroupThreshold, Groups.Count, TotalMembers);

    /// <summary>Writes the shape in words.</summary>
    /// <returns>For example <c>2 of {2 of 3, 1 of 1, 1 of 1}</c>.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{GroupThreshold} of {{{string.Join(", ", Groups)}}}");

    /// <summary>
    /// The lowest-numbered complete groups and in each the lowest-numbered members, exactly as many as the thresholds ask;
    /// null when the set is not enough, and then <paramref name="shortfall"/> says which groups lack how many.
    /// </summary>
    internal IReadOnlyList<(int Group, int[] Members)>? SelectQuorum(IEnumerable<(int Group, int Member)> members, out string shortfall)
    {
        ArgumentNullException.ThrowIfNull(members);
        var present = new SortedSet<int>[Groups.Count];
        foreach ((int group, int member) in members)
        {
            if (Contains(group, member))
            {
                (present[group - 1] ??= []).Add(member);
            }
        }

        var quorum = new List<(int, int[])>();
        var missing = new List<string>();
        for (int g = 0; g < present.Length; g++)
        {
            int have = present[g]?.Count ?? 0, need = Groups[g].Threshold;
            if (have >= need)
            {
                quorum.Add((g + 1, [.. present[g].Take(need)]));
            }
            else
            {
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"group {g + 1} lacks {need - have} of {need}"));
            }
        }

        if (quorum.Count >= GroupThreshold)
        {
            shortfall = string.Empty;
            return quorum.GetRange(0, GroupThreshold);
        }

        shortfall = string.Create(
            CultureInfo.InvariantCulture,
            $"{quorum.Count} of the {GroupThreshold} groups needed are complete; {string.Join("; ", missing)}.");
        return null;
    }
}
