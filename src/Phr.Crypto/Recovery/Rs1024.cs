using System.Numerics;

namespace Phr.Crypto.Recovery;

/// <summary>The checksum of SLIP-0039: a Reed-Solomon code over GF(1024) that finds up to three wrong words. Written without a branch on the words.</summary>
internal static class Rs1024
{
    /// <summary>How many words the checksum takes: 3.</summary>
    public const int Words = 3;

    private static ReadOnlySpan<uint> Generator =>
        [0x00e0e040, 0x01c1c080, 0x03838100, 0x07070200, 0x0e0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x03f3f120];

    /// <summary>Zero when the words, the last three being the checksum, fit together; else what is left over.</summary>
    public static uint Residue(ReadOnlySpan<ushort> words, bool extendable)
    {
        uint state = 1;
        foreach (byte letter in extendable ? "shamir_extendable"u8 : "shamir"u8)
        {
            state = Step(state, letter);
        }

        foreach (ushort word in words)
        {
            state = Step(state, word);
        }

        return state ^ 1;
    }

    /// <summary>Writes the last three words.</summary>
    public static void Seal(Span<ushort> words, bool extendable)
    {
        words[^Words..].Clear();
        uint checksum = Residue(words, extendable);
        for (int i = 0; i < Words; i++)
        {
            words[^(Words - i)] = (ushort)((checksum >> (10 * (Words - 1 - i))) & 1023);
        }
    }

    /// <summary>The changes of one word that leave nothing over. Not constant in time: for words that somebody typed wrongly.</summary>
    /// <param name="gains">By how much each of the ten bits changes what is left over.</param>
    /// <param name="same">What is left over now.</param>
    /// <param name="other">What would be left over if the bit of <paramref name="otherBit"/> is changed, before that change itself.</param>
    /// <param name="otherBit">The bit that chooses, as a mask; 0 for none.</param>
    /// <param name="changes">Room for 1,024 changes.</param>
    /// <returns>How many changes there are.</returns>
    public static int FindChanges(ReadOnlySpan<uint> gains, uint same, uint other, int otherBit, Span<ushort> changes)
    {
        Span<uint> sums = stackalloc uint[WordList.Count];
        sums[0] = 0;
        int count = 0;
        for (int change = 0; change < sums.Length; change++)
        {
            // The sum without the lowest bit is there already.
            if (change > 0)
            {
                sums[change] = sums[change & (change - 1)] ^ gains[BitOperations.TrailingZeroCount(change)];
            }

            if (sums[change] == ((change & otherBit) != 0 ? other : same))
            {
                changes[count++] = (ushort)change;
            }
        }

        return count;
    }

    /// <summary>One word more. Linear over bits: the step of a sum (xor) is the sum of the steps.</summary>
    public static uint Step(uint state, uint word)
    {
        unchecked
        {
            uint top = state >> 20;
            state = ((state & 0xfffff) << 10) ^ word;
            for (int i = 0; i < 10; i++)
            {
                state ^= Generator[i] & (0 - ((top >> i) & 1));
            }

            return state;
        }
    }
}
