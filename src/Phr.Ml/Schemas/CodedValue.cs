namespace Phr.Ml;

/// <summary>One finding as other systems report it: a code with a number and its unit, or with a word. A neutral form of a FHIR <c>Observation</c>.</summary>
/// <remarks>
/// An observation that carries several codes is given once for each. Only findings that are final should be given; what was entered in error never. Immutable.
/// </remarks>
public sealed record CodedValue
{
    /// <summary>Whose code it is, as <see cref="FeatureCode.System"/>.</summary>
    public string System { get; init; } = FeatureCode.Loinc;

    /// <summary>The code: <c>718-7</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The number, where the finding is one; null where it is a word.</summary>
    public double? Number { get; init; }

    /// <summary>The unit of the number in UCUM, exactly as the schema has it; empty or <c>1</c> for a number without a unit.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The word, where the finding is one: a level of a category as a file has it, or its name.</summary>
    public string Text { get; init; } = "";

    /// <summary>When the finding was true of the patient; null where nobody says, which counts as before every time.</summary>
    public DateTimeOffset? Time { get; init; }
}
