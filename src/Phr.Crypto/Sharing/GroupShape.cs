namespace Phr.Crypto;

/// <summary>One group of a two-level sharing: how many members it has, and how many of them are needed.</summary>
/// <remarks>Immutable and thread safe. Equal when both numbers are.</remarks>
public sealed record GroupShape
{
    /// <summary>Creates the shape of a group.</summary>
    /// <param name="threshold">How many members are needed, 1 to <paramref name="members"/>.</param>
    /// <param name="members">How many members there are, 1 to 255. They are numbered from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public GroupShape(int threshold, int members)
    {
        SecretSharing.CheckThreshold(threshold, members, nameof(threshold), nameof(members));
        Threshold = threshold;
        Members = members;
    }

    /// <summary>How many members are needed: 1 to <see cref="Members"/>.</summary>
    public int Threshold { get; }

    /// <summary>How many members there are: 1 to 255.</summary>
    public int Members { get; }

    /// <summary>Writes the shape in words.</summary>
    /// <returns>For example <c>2 of 3</c>.</returns>
    public override string ToString() => $"{Threshold} of {Members}";
}
