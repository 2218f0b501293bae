namespace Phr.Records;

/// <summary>One line of a VCF file: what is different at one place.</summary>
/// <remarks>Immutable; safe for use by several threads. Its text form is the type's name: a variant identifies people.</remarks>
public sealed class VcfRecord
{
    internal VcfRecord()
    {
    }

    /// <summary>The chromosome, as the file names it.</summary>
    public required string Chromosome { get; init; }

    /// <summary>The position of the first letter of <see cref="Reference"/>, from 1; 0 stands for the end before the first.</summary>
    public required long Position { get; init; }

    /// <summary>The last position that the variant touches: by <c>END</c> where the file has it, else by the length of <see cref="Reference"/>.</summary>
    public required long End { get; init; }

    /// <summary>Its names in catalogues: <c>rs80357906</c>; none when unknown.</summary>
    public required IReadOnlyList<string> Ids { get; init; }

    /// <summary>The letters of the reference.</summary>
    public required string Reference { get; init; }

    /// <summary>What stands there instead: letters, <c>*</c>, <c>&lt;DEL&gt;</c>, or a breakend; none when there is only the reference.</summary>
    public required IReadOnlyList<string> Alternates { get; init; }

    /// <summary>The quality, on Phred's scale; null when unknown.</summary>
    public required double? Quality { get; init; }

    /// <summary>The filters that it failed, or <c>PASS</c> alone; none when no filter was applied.</summary>
    public required IReadOnlyList<string> Filters { get; init; }

    /// <summary>The fields of INFO by name; a flag has an empty text.</summary>
    public required IReadOnlyDictionary<string, string> Info { get; init; }

    /// <summary>The names of what each sample's column has, <c>GT</c> first when it is there; none without samples.</summary>
    public required IReadOnlyList<string> Format { get; init; }

    /// <summary>The samples' columns as they stand, in the order of <see cref="VcfHeader.Samples"/>.</summary>
    public required IReadOnlyList<string> Samples { get; init; }

    /// <summary>The genotypes, in the order of <see cref="VcfHeader.Samples"/>: <c>0/1</c>, <c>1|1</c>, <c>./.</c>; none when the file has none.</summary>
    public IReadOnlyList<string> Genotypes => Format is ["GT", ..] ? [.. Samples.Select(s => s.Split(':')[0])] : [];

    /// <summary>The type's name.</summary>
    /// <returns>Nothing of the variant.</returns>
    public override string ToString() => nameof(VcfRecord);
}
