namespace Phr.Records;

/// <summary>How often each word of <c>k</c> letters occurs in a sequence: the simplest features of a sequence for a model.</summary>
/// <remarks>Words with any letter other than A, C, G and T are left out. Immutable; safe for use by several threads.</remarks>
public sealed class KmerCounts
{
    /// <summary>The longest word: 10 letters, of which there are 1,048,576.</summary>
    public const int MaxK = 10;

    private readonly int[] _counts;
    private readonly KmerStrand _strand;

    private KmerCounts(int[] counts, int k, KmerStrand strand, long total) => (_counts, K, _strand, Total) = (counts, k, strand, total);

    /// <summary>The letters of a word.</summary>
    public int K { get; }

    /// <summary>How many words were counted.</summary>
    public long Total { get; }

    /// <summary>How often a word occurs.</summary>
    /// <param name="word">The word, in capitals.</param>
    /// <returns>The count; that of the reverse complement is in it when counting was canonical.</returns>
    /// <exception cref="ArgumentException">The word has not <see cref="K"/> letters, or others than A, C, G and T.</exception>
    public int this[string word]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(word);
            if (word.Length != K || word.AsSpan().IndexOfAnyExcept("ACGT") >= 0)
            {
                throw new ArgumentException($"A word has {K} letters of A, C, G and T.", nameof(word));
            }

            int index = 0;
            foreach (char letter in word)
            {
                index = (index << 2) | "ACGT".IndexOf(letter, StringComparison.Ordinal);
            }

            return _counts[_strand == KmerStrand.Canonical ? Math.Min(index, Reverse(index, K)) : index];
        }
    }

    /// <summary>Counts the words of a sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="k">Letters of a word: 1 to <see cref="MaxK"/>.</param>
    /// <param name="strand">Which strand.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is outside its range.</exception>
    public static KmerCounts Count(PackedSequence sequence, int k, KmerStrand strand = KmerStrand.Canonical)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaxK);
        int[] counts = new int[1 << (2 * k)];
        int mask = counts.Length - 1;
        long total = 0;
        foreach ((int begin, int end) in sequence.Known())
        {
            int word = 0;
            for (int i = begin; i < end; i++)
            {
                word = ((word << 2) | sequence.Code(i)) & mask;
                if (i - begin >= k - 1)
                {
                    counts[strand == KmerStrand.Canonical ? Math.Min(word, Reverse(word, k)) : word]++;
                    total++;
                }
            }
        }

        return new KmerCounts(counts, k, strand, total);
    }

    /// <summary>The share of each word, in the order of the alphabet: 4ᵏ numbers that add up to 1; all 0 for a sequence without a word.</summary>
    /// <returns>A new array. Of canonical counts, the later word of each pair has 0.</returns>
    public double[] ToFrequencies() => [.. _counts.Select(c => Total == 0 ? 0 : (double)c / Total)];

    private static int Reverse(int word, int k)
    {
        int reverse = 0;
        for (int i = 0; i < k; i++)
        {
            reverse = (reverse << 2) | (3 - (word & 3));
            word >>= 2;
        }

        return reverse;
    }
}
