namespace Phr.Crypto;

/// <summary>A trustee's place in a policy: its group and its place within the group, both counted from 1.</summary>
/// <param name="Group">The group's index, from 1.</param>
/// <param name="Member">The member's index within the group, from 1.</param>
/// <remarks>A value; ordered by group and then by member, which is the order of the policy.</remarks>
public readonly record struct PolicySeat(int Group, int Member) : IComparable<PolicySeat>
{
    /// <summary>Compares by group and then by member.</summary>
    /// <param name="other">Another seat.</param>
    /// <returns>Negative, zero or positive, as this seat comes before, at or after the other.</returns>
    public int CompareTo(PolicySeat other) => (Group, Member).CompareTo((other.Group, other.Member));

    /// <summary>Writes the two numbers.</summary>
    /// <returns>For example <c>(1, 2)</c>.</returns>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"({Group}, {Member})");

    /// <summary>Whether one seat comes before another.</summary>
    /// <param name="left">One seat.</param>
    /// <param name="right">The other seat.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator <(PolicySeat left, PolicySeat right) => left.CompareTo(right) < 0;

    /// <summary>Whether one seat comes after another.</summary>
    /// <param name="left">One seat.</param>
    /// <param name="right">The other seat.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator >(PolicySeat left, PolicySeat right) => left.CompareTo(right) > 0;

    /// <summary>Whether one seat comes before another or is the same.</summary>
    /// <param name="left">One seat.</param>
    /// <param name="right">The other seat.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator <=(PolicySeat left, PolicySeat right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one seat comes after another or is the same.</summary>
    /// <param name="left">One seat.</param>
    /// <param name="right">The other seat.</param>
    /// <returns>Whether it does.</returns>
    public static bool operator >=(PolicySeat left, PolicySeat right) => left.CompareTo(right) >= 0;

    internal (int Group, int Member) Indices => (Group, Member);
}
