namespace Phr.Samples.Portal;

/// <summary>That somebody took a step with a prescription. Which one is signed by whoever took it, and sealed to patient and doctor.</summary>
public sealed class PrescriptionStep
{
    public int Id { get; set; }

    public int PrescriptionId { get; set; }

    public Prescription? Prescription { get; set; }

    /// <summary>Its place, from 1.</summary>
    public int Number { get; set; }

    /// <summary>Who took it: the patient or the doctor.</summary>
    public int ById { get; set; }

    /// <summary>The digest of the object that is sealed to the patient.</summary>
    public string PatientObject { get; set; } = string.Empty;

    /// <summary>The digest of the copy that is sealed to the doctor.</summary>
    public string DoctorObject { get; set; } = string.Empty;
}
