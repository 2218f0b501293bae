namespace Phr.Fhir;

/// <summary>That a patient met those who care for them: a visit, a stay, a call.</summary>
/// <remarks>Read from R4 <c>Encounter</c> by <see cref="FhirR4.ReadLaboratory"/>. Immutable and thread safe.</remarks>
public sealed record PatientEncounter
{
    /// <summary>The resource's id on its server; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>How far it has come.</summary>
    public EncounterState Status { get; init; }

    /// <summary>When it began; the first instant of the day, month or year in UTC when only that is given.</summary>
    public required DateTimeOffset BeginsAt { get; init; }

    /// <summary>When it ended; the first instant after the day, month or year in UTC when only that is given. Null when it has not, or when that is not said.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Where it was, in words or as a code: <c>ambulatory</c>, <c>IMP</c>; null when that is not said.</summary>
    public string? Setting { get; init; }

    /// <summary>What kind it was, in words: <c>Encounter for check up</c>; null when that is not said.</summary>
    public string? Kind { get; init; }

    /// <summary>Whose it was, in words: the organisation that is responsible, or else the first person who took part; null when that is not said.</summary>
    public string? Provider { get; init; }
}
