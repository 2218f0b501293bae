namespace Phr.Fhir;

/// <summary>One value that a laboratory measured.</summary>
/// <remarks>Read from R4 <c>Observation</c> by <see cref="FhirR4.ReadLaboratory"/>. Immutable and thread safe.</remarks>
public sealed record LaboratoryObservation
{
    /// <summary>The resource's id on its server; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>How far it is to be relied on.</summary>
    public required ObservationState Status { get; init; }

    /// <summary>What was measured: a LOINC code, its check digit verified: <c>2345-7</c>.</summary>
    public required string Loinc { get; init; }

    /// <summary>What was measured, in words; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The number.</summary>
    public required decimal Value { get; init; }

    /// <summary>How the number is to be understood.</summary>
    public ObservationComparator Comparator { get; init; }

    /// <summary>Its unit: a UCUM code, such as <c>mmol/L</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>When it was true of the patient, in most cases when the specimen was taken; the first instant of the day in UTC when only a date is given.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <summary>Whether only a date is given.</summary>
    public bool IsDateOnly { get; init; }

    /// <summary>Of whom; null when that is not said.</summary>
    public FhirReference? Patient { get; init; }

    /// <summary>The lower end of the laboratory's reference range, in the same unit; null for none.</summary>
    public decimal? ReferenceLow { get; init; }

    /// <summary>The upper end of the laboratory's reference range, in the same unit; null for none.</summary>
    public decimal? ReferenceHigh { get; init; }
}
