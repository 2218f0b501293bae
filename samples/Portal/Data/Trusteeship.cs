namespace Phr.Samples.Portal;

/// <summary>That somebody is a trustee of a patient.</summary>
public sealed class Trusteeship : IHasParties
{
    public int Id { get; set; }

    public int PatientId { get; set; }

    public PortalUser? Patient { get; set; }

    public int TrusteeId { get; set; }

    public PortalUser? Trustee { get; set; }

    public bool HasParty(Party who) => who.UserId == PatientId || who.UserId == TrusteeId;
}
