namespace Phr.Records;

/// <summary>Variants by their place: which of them touch a region.</summary>
/// <remarks>In memory, for the variants of one person or of a panel. A search takes the logarithm of their number, and the variants that it meets. Immutable; safe for use by several threads.</remarks>
public sealed class VariantIndex
{
    private readonly Dictionary<string, (VcfRecord[] Records, long[] Reach)> _chromosomes;

    private VariantIndex(Dictionary<string, (VcfRecord[] Records, long[] Reach)> chromosomes) => _chromosomes = chromosomes;

    /// <summary>How many variants there are.</summary>
    public int Count => _chromosomes.Values.Sum(c => c.Records.Length);

    /// <summary>Indexes variants.</summary>
    /// <param name="records">The variants, in any order.</param>
    /// <returns>The index.</returns>
    public static VariantIndex Create(IEnumerable<VcfRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var chromosomes = new Dictionary<string, (VcfRecord[] Records, long[] Reach)>(StringComparer.Ordinal);
        foreach (IGrouping<string, VcfRecord> group in records.GroupBy(r => r.Chromosome, StringComparer.Ordinal))
        {
            VcfRecord[] sorted = [.. group.OrderBy(r => r.Position)];
            long[] reach = new long[sorted.Length];
            for (int i = 0; i < sorted.Length; i++)
            {
                reach[i] = i == 0 ? sorted[i].End : Math.Max(reach[i - 1], sorted[i].End);
            }

            chromosomes.Add(group.Key, (sorted, reach));
        }

        return new VariantIndex(chromosomes);
    }

    /// <summary>The variants that touch a region.</summary>
    /// <param name="region">The region.</param>
    /// <returns>The variants in the order of their positions; none when the chromosome is unknown.</returns>
    public IReadOnlyList<VcfRecord> Find(GenomicRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (!_chromosomes.TryGetValue(region.Chromosome, out (VcfRecord[] Records, long[] Reach) chromosome))
        {
            return [];
        }

        // Everything before the first whose reach comes as far as the region ends before it.
        int first = Array.BinarySearch(chromosome.Reach, region.Start);
        first = first < 0 ? ~first : first;
        while (first > 0 && chromosome.Reach[first - 1] >= region.Start)
        {
            first--;
        }

        var found = new List<VcfRecord>();
        for (int i = first; i < chromosome.Records.Length && chromosome.Records[i].Position <= region.End; i++)
        {
            if (chromosome.Records[i].End >= region.Start)
            {
                found.Add(chromosome.Records[i]);
            }
        }

        return found;
    }
}
