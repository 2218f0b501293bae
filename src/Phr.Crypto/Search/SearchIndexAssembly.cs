using Phr.Crypto.Memory;

namespace Phr.Crypto.Search;

/// <summary>Puts the entries of an index together: pads them to their size class and orders them by label. It sees nothing but the entries.</summary>
internal static class SearchIndexAssembly
{
    /// <summary>Makes the entries; null when two labels are equal, which one salt in 2^88 does.</summary>
    /// <param name="terms">The terms, each with its documents in ascending order; at most 2^20 entries together.</param>
    /// <param name="padding">Fills the entries that are nobody's.</param>
    public static byte[]? Assemble(IReadOnlyCollection<(ITermEntries Entries, IReadOnlyList<DocumentId> Documents)> terms, RandomSource padding) =>
        Assemble(terms.Sum(static t => t.Documents.Count), terms, padding);

    /// <summary>As above; the terms are taken once, one after the other, so that nothing of one term need be kept while the next is made.</summary>
    /// <param name="count">How many entries the terms have together.</param>
    /// <param name="terms">The terms.</param>
    /// <param name="padding">Fills the entries that are nobody's.</param>
    public static byte[]? Assemble(int count, IEnumerable<(ITermEntries Entries, IReadOnlyList<DocumentId> Documents)> terms, RandomSource padding)
    {
        const int Length = SearchIndexForm.EntryLength;
        byte[] made = new byte[SearchIndexForm.Capacity(count) * Length];
        int at = 0;
        foreach ((ITermEntries entries, IReadOnlyList<DocumentId> documents) in terms)
        {
            for (int i = 0; i < documents.Count; i++, at += Length)
            {
                entries.Write(i, documents[i], made.AsSpan(at, Length));
            }
        }

        padding.Fill(made.AsSpan(at));

        // What order the entries were made in must not be seen; labels are pseudorandom, and so is their order.
        int[] order = new int[made.Length / Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => Label(made, a).SequenceCompareTo(Label(made, b)));
        byte[] sorted = new byte[made.Length];
        for (int i = 0; i < order.Length; i++)
        {
            if (i > 0 && Label(made, order[i]).SequenceEqual(Label(made, order[i - 1])))
            {
                return null;
            }

            made.AsSpan(order[i] * Length, Length).CopyTo(sorted.AsSpan(i * Length));
        }

        return sorted;
    }

    public static ReadOnlySpan<byte> Label(ReadOnlySpan<byte> entries, int index) =>
        entries.Slice(index * SearchIndexForm.EntryLength, SearchIndexForm.LabelLength);
}
