namespace Phr.Records;

/// <summary>What was read of a laboratory table: its results, and every fault with line and column.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class LaboratoryTable
{
    internal LaboratoryTable(IReadOnlyList<LaboratoryResult> results, IReadOnlyList<RecordFault> faults) => (Results, Faults) = (results, faults);

    /// <summary>The results of the lines without a fault, in the order of the file.</summary>
    public IReadOnlyList<LaboratoryResult> Results { get; }

    /// <summary>The faults, in the order of the file; the first 100.</summary>
    public IReadOnlyList<RecordFault> Faults { get; }
}
