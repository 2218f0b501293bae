namespace Phr.Ml;

/// <summary>Under which code, and in which unit, other systems report what a feature is: the observations with which a row can be filled.</summary>
/// <remarks>
/// A feature may have several: the same quantity by mass and by amount of substance has two codes of LOINC, and a laboratory may report one code in two units. Immutable.
/// </remarks>
public sealed record FeatureCode
{
    /// <summary>The code system of LOINC, as FHIR writes it.</summary>
    public const string Loinc = "http://loinc.org";

    /// <summary>Whose code it is: an absolute URI of 1 to 200 characters.</summary>
    public string System { get; init; } = Loinc;

    /// <summary>The code, 1 to 200 characters without spaces at its ends: <c>718-7</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The unit in which values come under this code, in UCUM; empty for the feature's own. Only for numbers.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What a value in <see cref="Unit"/> is multiplied by to be in the feature's unit: above 0 and finite. Only for numbers.</summary>
    public double Factor { get; init; } = 1;
}
