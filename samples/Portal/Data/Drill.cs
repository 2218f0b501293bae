namespace Phr.Samples.Portal;

/// <summary>That a patient asked the trustees to show that they can still use their shares.</summary>
public sealed class Drill
{
    public int Id { get; set; }

    public int PatientId { get; set; }

    public PortalUser? Patient { get; set; }

    public DateTimeOffset AskedAt { get; set; }

    public IList<DrillTrial> Trials { get; } = [];
}
