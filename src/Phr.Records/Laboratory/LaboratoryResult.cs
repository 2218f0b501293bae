using System.Globalization;

namespace Phr.Records;

/// <summary>One value that a laboratory measured.</summary>
/// <remarks>Immutable; safe for use by several threads. Its text form names nothing of the patient's.</remarks>
public sealed record LaboratoryResult
{
    /// <summary>When the sample was taken, with the offset that the file gives.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What was measured: <c>Potassium</c>. 1 to 200 characters.</summary>
    public required string Analyte { get; init; }

    /// <summary>The number, at most 10¹⁵ either way, with at most 12 digits after the point.</summary>
    public required decimal Value { get; init; }

    /// <summary>How the number is meant.</summary>
    /// <value><see cref="LaboratoryComparator.Exact"/> unless set.</value>
    public LaboratoryComparator Comparator { get; init; }

    /// <summary>The unit: <c>mmol/L</c>. At most 40 characters; empty for a bare number.</summary>
    public required string Unit { get; init; }

    /// <summary>The laboratory's reference range; null when the file has none.</summary>
    public ReferenceRange? Range { get; init; }

    /// <summary>Where the value lies to its range. <c>&lt;0.5</c> is below a range that begins at 0.5, and within one that begins lower.</summary>
    public RangePosition Position => Range switch
    {
        null => RangePosition.Within,
        { Low: { } low } when Comparator == LaboratoryComparator.Less && Value <= low => RangePosition.Below,
        { High: { } high } when Comparator == LaboratoryComparator.Greater && Value >= high => RangePosition.Above,
        _ => Range.Locate(Value),
    };

    /// <summary>The value as it is written: <c>&lt;0.5</c>.</summary>
    /// <returns>Comparator and number, in the invariant culture.</returns>
    public string FormatValue() => (Comparator switch
    {
        LaboratoryComparator.Less => "<",
        LaboratoryComparator.LessOrEqual => "<=",
        LaboratoryComparator.GreaterOrEqual => ">=",
        LaboratoryComparator.Greater => ">",
        _ => "",
    }) + Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The type's name.</summary>
    /// <returns>Nothing of the result.</returns>
    public override string ToString() => nameof(LaboratoryResult);
}
