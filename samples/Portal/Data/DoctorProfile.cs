namespace Phr.Samples.Portal;

/// <summary>What a doctor told at registration, and the licence that an agency issued.</summary>
public sealed class DoctorProfile
{
    public int UserId { get; set; }

    public string LicenceNumber { get; set; } = string.Empty;

    public string Speciality { get; set; } = string.Empty;

    public int? HospitalId { get; set; }

    public PortalUser? Hospital { get; set; }

    /// <summary>The signed licence; null until an agency issued it.</summary>
    public byte[]? Licence { get; set; }

    /// <summary>When an agency recorded the present licence.</summary>
    public DateTimeOffset? LicensedAt { get; set; }

    /// <summary>Why an agency refused the licence or suspended the doctor, as the ledger has it; null where none did.</summary>
    public string? RefusalReason { get; set; }
}
