namespace Phr.Samples.Portal;

/// <summary>What a doctor writes for a prescription.</summary>
/// <param name="Text">How to take it, in words for the patient.</param>
public sealed record PrescriptionText(string Text)
{
    /// <summary>The most characters.</summary>
    public const int MaxLength = 4000;

    /// <summary>The most characters of a medicine's name.</summary>
    public const int MaxMedicineLength = 200;

    /// <summary>The most days in which it may be dispensed.</summary>
    public const int MaxValidDays = 366;

    /// <summary>The most repeats.</summary>
    public const int MaxRepeats = 24;

    /// <summary>The medicine; empty where the text says it.</summary>
    public string Medicine { get; init; } = string.Empty;

    /// <summary>How often it may be dispensed again.</summary>
    public int Repeats { get; init; }

    /// <summary>For how many days one supply lasts; null where that is not said.</summary>
    public int? SupplyDays { get; init; }

    /// <summary>For how many days it may be dispensed.</summary>
    public int ValidDays { get; init; } = 90;
}
