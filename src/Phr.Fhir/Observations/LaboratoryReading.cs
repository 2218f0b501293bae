using Phr.Consent.Fields;

namespace Phr.Fhir;

/// <summary>What came of reading a list of resources for laboratory values: the good ones, why the others are not among them, and the encounters that stood beside them.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LaboratoryReading
{
    /// <summary>The values, in the order of the text.</summary>
    public required IReadOnlyList<LaboratoryObservation> Observations { get; init => field = ValueList.Of(value); }

    /// <summary>The encounters, in the order of the text.</summary>
    public IReadOnlyList<PatientEncounter> Encounters { get; init => field = ValueList.Of(value); } = ValueList.Of<PatientEncounter>([]);

    /// <summary>The faults of the observations that were left out, at most 64; their paths begin with the resource's place: <c>Bundle.entry[3].resource</c>, or <c>line[4]</c>.</summary>
    public required IReadOnlyList<FhirFault> Faults { get; init => field = ValueList.Of(value); }

    /// <summary>How many laboratory observations were left out because of faults.</summary>
    public required int RefusedCount { get; init; }

    /// <summary>How many encounters were left out because of faults, such as a period without a begin.</summary>
    public int RefusedEncounterCount { get; init; }

    /// <summary>How many resources are no laboratory observations: other types, encounters among them, or observations of another category.</summary>
    public required int OtherCount { get; init; }
}
