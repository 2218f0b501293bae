namespace Phr.Records;

/// <summary>One sequence of a FASTA file.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class FastaRecord
{
    internal FastaRecord(string name, string description, PackedSequence sequence) => (Name, Description, Sequence) = (name, description, sequence);

    /// <summary>The first word of the line that begins with <c>&gt;</c>.</summary>
    public string Name { get; }

    /// <summary>The rest of that line.</summary>
    public string Description { get; }

    /// <summary>The letters.</summary>
    public PackedSequence Sequence { get; }

    /// <summary>The length of the sequence.</summary>
    /// <returns>Nothing of the letters.</returns>
    public override string ToString() => Sequence.ToString();
}
