namespace Phr.Samples.Portal;

/// <summary>What a patient told at registration. Nothing of a record is here.</summary>
public sealed class PatientProfile
{
    public int UserId { get; set; }

    /// <summary>The e-mail addresses of the guardians, as they were typed.</summary>
    public string Guardians { get; set; } = string.Empty;

    public int? HospitalId { get; set; }

    public PortalUser? Hospital { get; set; }

    public int? PersonalDoctorId { get; set; }

    public PortalUser? PersonalDoctor { get; set; }

    public string Location { get; set; } = string.Empty;

    /// <summary>The speciality that the patient seeks.</summary>
    public string Speciality { get; set; } = string.Empty;

    /// <summary>The type of insurance; "No" for none.</summary>
    public string InsuranceType { get; set; } = "No";

    /// <summary>Emergencies that were declared until then have been read by the patient; null for none.</summary>
    public DateTimeOffset? EmergenciesSeenAt { get; set; }
}
