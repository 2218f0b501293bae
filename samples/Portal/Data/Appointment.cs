namespace Phr.Samples.Portal;

/// <summary>That a patient turned to a doctor with an upload, or that the doctor asked for it in an emergency. The doctor sees who it is; what is in the upload only after the patient accepts.</summary>
public sealed class Appointment : IHasParties
{
    public int Id { get; set; }

    public int PatientId { get; set; }

    public PortalUser? Patient { get; set; }

    public int DoctorId { get; set; }

    public PortalUser? Doctor { get; set; }

    public int BundleId { get; set; }

    public SealedBundle? Bundle { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The doctor's request on the ledger, as hexadecimal digits; null until it was sent.</summary>
    public string? Request { get; set; }

    /// <summary>Whether the patient did not turn to this doctor: it is here since the doctor asked in an emergency.</summary>
    public bool IsEmergency { get; set; }

    public ICollection<Prescription> Prescriptions { get; } = [];

    public RequestId? RequestId => Phr.Crypto.RequestId.TryParse(Request, out RequestId id) ? id : null;

    public bool HasParty(Party who) => who.UserId == PatientId || who.UserId == DoctorId;
}
