namespace Phr.Samples.Portal;

/// <summary>How a trustee's shares for one patient stand.</summary>
/// <param name="Patient">Whose records.</param>
/// <param name="Shares">Of how many of the newest uploads the trustee has a share.</param>
/// <param name="Checked">How many of those are checked.</param>
/// <param name="Complaints">How many of those were found wrong.</param>
/// <param name="AskedAt">When the patient asked for a drill last.</param>
/// <param name="Tried">How many shares were asked for in it.</param>
/// <param name="Answered">How many of those were used and proved.</param>
/// <param name="Failed">How many of those could not be used.</param>
/// <param name="AnsweredAt">When the trustee answered last.</param>
public sealed record ShareHealth(PortalUser Patient, int Shares, int Checked, int Complaints, DateTimeOffset? AskedAt, int Tried, int Answered, int Failed, DateTimeOffset? AnsweredAt)
{
    /// <summary>The state in words.</summary>
    public string State =>
        Complaints > 0 ? "a share was wrong: the patient was told to upload that file again"
        : Failed > 0 ? "a share could not be used: tell the patient"
        : Tried > Answered + Failed ? "a drill waits: it is answered while you are here or on duty"
        : Shares == 0 ? "no share yet"
        : Checked < Shares ? "shares wait to be checked: it is done while you are here or on duty"
        : Tried > 0 ? "sound: every share is checked, and was used in the newest drill"
        : "sound: every share is checked";

    /// <summary>good, warn or bad, for a badge.</summary>
    public string Kind => Complaints > 0 || Failed > 0 ? "bad" : Shares > 0 && Checked == Shares && Tried == Answered ? "good" : "warn";
}
