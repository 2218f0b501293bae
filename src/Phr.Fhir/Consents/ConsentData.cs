namespace Phr.Fhir;

/// <summary>Which data a provision is about.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ConsentData
{
    /// <summary>How the data relate to the reference.</summary>
    public ConsentDataMeaning Meaning { get; init; }

    /// <summary>What it points at.</summary>
    public required FhirReference Reference { get; init; }
}
