namespace Phr.Records;

/// <summary>How a laboratory value is meant, as FHIR's <c>Quantity.comparator</c> has it.</summary>
public enum LaboratoryComparator
{
    /// <summary>The value itself.</summary>
    Exact = 0,
    /// <summary>Less than the value: <c>&lt;0.5</c>.</summary>
    Less,
    /// <summary>The value or less: <c>&lt;=0.5</c>.</summary>
    LessOrEqual,
    /// <summary>The value or more: <c>&gt;=100</c>.</summary>
    GreaterOrEqual,
    /// <summary>More than the value: <c>&gt;100</c>.</summary>
    Greater,
}
