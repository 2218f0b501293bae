namespace Phr.Samples.Portal;

/// <summary>One trustee's share of one upload, tried in a drill.</summary>
public sealed class DrillTrial
{
    public int Id { get; set; }

    public int DrillId { get; set; }

    public Drill? Drill { get; set; }

    public int BundleId { get; set; }

    public SealedBundle? Bundle { get; set; }

    public int TrusteeId { get; set; }

    public PortalUser? Trustee { get; set; }

    /// <summary>The digest of the signed and proved answer, as hexadecimal digits; null until there is one.</summary>
    public string? Answer { get; set; }

    /// <summary>When the share was tried; null until the trustee's keys were there.</summary>
    public DateTimeOffset? TriedAt { get; set; }
}
