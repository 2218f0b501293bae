using Phr.Consent.Fields;

namespace Phr.Fhir;

/// <summary>What came of reading a list of resources for laboratory values: the good ones, and why the others are not among them.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LaboratoryReading
{
    /// <summary>The values, in the order of the text.</summary>
    public required IReadOnlyList<LaboratoryObservation> Observations { get; init => field = ValueList.Of(value); }

    /// <summary>The faults of the resources that were left out, at most 64; their paths begin with the resource's place: <c>Bundle.entry[3].resource</c>, or <c>line[4]</c>.</summary>
    public required IReadOnlyList<FhirFault> Faults { get; init => field = ValueList.Of(value); }

    /// <summary>How many laboratory observations were left out because of faults.</summary>
    public required int RefusedCount { get; init; }

    /// <summary>How many resources are something else: other types, or observations of another category.</summary>
    public required int OtherCount { get; init; }
}
