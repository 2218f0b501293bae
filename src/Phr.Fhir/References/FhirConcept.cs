namespace Phr.Fhir;

/// <summary>A term: its words, its code in a system, or both.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record FhirConcept
{
    /// <summary>The words, at most 1,000 characters; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>The code system's URI, such as <c>http://snomed.info/sct</c>; null without a code.</summary>
    public string? System { get; init; }

    /// <summary>The code; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>The code system's own words for the code; null for none.</summary>
    public string? Display { get; init; }
}
