namespace Phr.Crypto.Recovery;

/// <summary>What the first four words of a list say: 40 bits. Numbers of groups and members count from 0 here, as in the standard.</summary>
/// <param name="Identifier">15 bits, the same in all lists of a backup.</param>
/// <param name="Extendable">Whether the passphrase works without the identifier.</param>
/// <param name="IterationExponent">0..15.</param>
/// <param name="Group">Which group, from 0.</param>
/// <param name="GroupThreshold">How many groups are needed, from 1.</param>
/// <param name="GroupCount">How many groups there are, from 1.</param>
/// <param name="Member">Which member, from 0.</param>
/// <param name="MemberThreshold">How many members are needed, from 1.</param>
internal readonly record struct WordsHeader(
    int Identifier, bool Extendable, int IterationExponent, int Group, int GroupThreshold, int GroupCount, int Member, int MemberThreshold)
{
    public const int Words = 4;

    /// <summary>What all lists of one backup have in common.</summary>
    public (int Identifier, bool Extendable, int IterationExponent, int GroupThreshold, int GroupCount) Backup =>
        (Identifier, Extendable, IterationExponent, GroupThreshold, GroupCount);

    public static WordsHeader Read(ReadOnlySpan<ushort> words)
    {
        int first = (words[0] << 10) | words[1], second = (words[2] << 10) | words[3];
        return new WordsHeader(
            first >> 5, (first & 16) != 0, first & 15,
            second >> 16, ((second >> 12) & 15) + 1, ((second >> 8) & 15) + 1, (second >> 4) & 15, (second & 15) + 1);
    }

    public void Write(Span<ushort> words)
    {
        int first = (Identifier << 5) | (Extendable ? 16 : 0) | IterationExponent;
        int second = (Group << 16) | ((GroupThreshold - 1) << 12) | ((GroupCount - 1) << 8) | (Member << 4) | (MemberThreshold - 1);
        words[0] = (ushort)(first >> 10);
        words[1] = (ushort)(first & 1023);
        words[2] = (ushort)(second >> 10);
        words[3] = (ushort)(second & 1023);
    }
}
