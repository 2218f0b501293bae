namespace Phr.Records;

/// <summary>What a VCF file says before its variants.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class VcfHeader
{
    internal VcfHeader(string version, IReadOnlyList<string> metaLines, IReadOnlyList<string> contigs, IReadOnlyList<string> samples) =>
        (Version, MetaLines, Contigs, Samples) = (version, metaLines, contigs, samples);

    /// <summary>The version: <c>VCFv4.2</c>.</summary>
    public string Version { get; }

    /// <summary>The lines that begin with <c>##</c>, without it, in order; the version's is the first.</summary>
    public IReadOnlyList<string> MetaLines { get; }

    /// <summary>The chromosomes that <c>##contig</c> lines announce; none when there are no such lines.</summary>
    public IReadOnlyList<string> Contigs { get; }

    /// <summary>The names of the samples, in the order of the columns.</summary>
    public IReadOnlyList<string> Samples { get; }
}
