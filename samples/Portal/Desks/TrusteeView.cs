namespace Phr.Samples.Portal;

/// <summary>One of a patient's trustees, as the patient sees them.</summary>
/// <param name="Trustee">Who.</param>
/// <param name="Shares">Of how many uploads they have a share.</param>
/// <param name="Checked">Of how many of those they have checked it.</param>
/// <param name="Complaints">Of how many of those they found it wrong.</param>
/// <param name="Waiting">How many uploads wait for them.</param>
/// <param name="OnDutyUntil">Until when their desk is on duty; null when it is not.</param>
public sealed record TrusteeView(PortalUser Trustee, int Shares, int Checked, int Complaints, int Waiting, DateTimeOffset? OnDutyUntil)
{
    /// <summary>The state in words.</summary>
    public string State =>
        Trustee.Admission == Admission.Blocked ? "blocked by the cloud server: they cannot help now"
        : Trustee.TrusteeId is null ? "has not made keys yet: they cannot help until they do"
        : Complaints > 0 ? "found a share wrong: upload that file again"
        : Waiting > 0 ? "must come, or be on duty, for uploads that wait"
        : Shares == 0 ? "ready; has no share yet"
        : Checked < Shares ? "has shares to check"
        : "sound: every share is checked";

    /// <summary>Whether they can help when they are needed.</summary>
    public bool IsSound => Trustee.Admission != Admission.Blocked && Trustee.TrusteeId is not null && Complaints == 0 && Waiting == 0 && Checked == Shares;
}
