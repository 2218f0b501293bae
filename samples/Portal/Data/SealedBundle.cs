namespace Phr.Samples.Portal;

/// <summary>One upload, as the server sees it: whose, when, how large, and which digest. Titles and types are sealed.</summary>
public sealed class SealedBundle : IHasParties
{
    public int Id { get; set; }

    public int PatientId { get; set; }

    public PortalUser? Patient { get; set; }

    /// <summary>The bundle's id on the ledger, as hexadecimal digits.</summary>
    public string Bundle { get; set; } = string.Empty;

    public string HeaderDigest { get; set; } = string.Empty;

    public DateTimeOffset UploadedAt { get; set; }

    public long SealedLength { get; set; }

    /// <summary>How many documents it has, the one for drills not counted.</summary>
    public int Documents { get; set; }

    public BundleState State { get; set; }

    public string? Dealing { get; set; }

    /// <summary>How far the shares for emergencies have come: a second sharing of the same keys, made when the ordinary one is there.</summary>
    public BundleState EmergencyState { get; set; }

    public string? EmergencyDealing { get; set; }

    /// <summary>Whether the patient marked the upload for an insurance claim.</summary>
    public bool ForClaim { get; set; }

    /// <summary>The number of the form that it was uploaded with, so that a form that is sent twice uploads once; null where there was no form.</summary>
    public string? Once { get; set; }

    public BundleId BundleId => BundleId.Parse(Bundle);

    public bool HasParty(Party who) => who.UserId == PatientId;
}
