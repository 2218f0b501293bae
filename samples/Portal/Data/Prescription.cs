namespace Phr.Samples.Portal;

/// <summary>That a doctor sent a prescription. What it says is signed by the doctor and sealed to the patient.</summary>
public sealed class Prescription : IHasParties
{
    public int Id { get; set; }

    public int AppointmentId { get; set; }

    public Appointment? Appointment { get; set; }

    public int PatientId { get; set; }

    public PortalUser? Patient { get; set; }

    public int DoctorId { get; set; }

    public PortalUser? Doctor { get; set; }

    public DateTimeOffset SentAt { get; set; }

    /// <summary>The digest of the object that is sealed to the patient.</summary>
    public string PatientObject { get; set; } = string.Empty;

    /// <summary>The digest of the copy that is sealed to the doctor.</summary>
    public string DoctorObject { get; set; } = string.Empty;

    /// <summary>What was done with it, each step sealed.</summary>
    public ICollection<PrescriptionStep> Steps { get; } = [];

    public bool HasParty(Party who) => who.UserId == PatientId || who.UserId == DoctorId;
}
