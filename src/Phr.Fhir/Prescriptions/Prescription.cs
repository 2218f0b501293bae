namespace Phr.Fhir;

/// <summary>One medicine, prescribed for one patient.</summary>
/// <remarks><see cref="FhirR4"/> writes and reads it as R4 <c>MedicationRequest</c> with intent <c>order</c>. Immutable and thread safe.</remarks>
public sealed record Prescription
{
    /// <summary>The most repeats that may be allowed: 255.</summary>
    public const int MaxRepeats = 255;

    /// <summary>The most days of supply: 3,660.</summary>
    public const int MaxSupplyDays = 3660;

    /// <summary>The resource's id on its server, 1 to 64 of letters, digits, <c>-</c> and <c>.</c>; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>What it is called.</summary>
    public required FhirIdentifier Identifier { get; init; }

    /// <summary>Where it stands.</summary>
    public required PrescriptionStatus Status { get; init; }

    /// <summary>The medicine: its name in words, a code, or both.</summary>
    public required FhirConcept Medicine { get; init; }

    /// <summary>Who takes it, a <c>Patient</c>.</summary>
    public required FhirReference Patient { get; init; }

    /// <summary>Who prescribed it.</summary>
    public required FhirReference Prescriber { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>How to take it, in words for the patient: 1 to 4,000 characters without control characters, and without formatting characters other than joiners that join something.</summary>
    public required string Dosage { get; init; }

    /// <summary>What all prescriptions of one course of treatment have in common; null where it stands alone.</summary>
    public FhirIdentifier? Course { get; init; }

    /// <summary>The prescription that this one renews; null for the first.</summary>
    public FhirIdentifier? Renews { get; init; }

    /// <summary>How often it may be dispensed again, 0 to <see cref="MaxRepeats"/>.</summary>
    public int Repeats { get; init; }

    /// <summary>For how many days one dispensing lasts, 1 to <see cref="MaxSupplyDays"/>; null when that is not said.</summary>
    public int? SupplyDays { get; init; }

    /// <summary>From when on it may be dispensed; null for at once.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when it may be dispensed, not including that instant; null for no end.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Why, in words; null for nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>A note to pharmacy and patient; null for none.</summary>
    public string? Note { get; init; }
}
