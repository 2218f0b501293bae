namespace Phr.Fhir;

/// <summary>How a value is to be understood: as it is, or as a bound.</summary>
public enum ObservationComparator
{
    /// <summary>The value itself.</summary>
    Equal = 0,

    /// <summary>Less than the value.</summary>
    Less,

    /// <summary>The value or less.</summary>
    LessOrEqual,

    /// <summary>The value or more.</summary>
    GreaterOrEqual,

    /// <summary>More than the value.</summary>
    Greater,
}
