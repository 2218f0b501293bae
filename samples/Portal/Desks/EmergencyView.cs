namespace Phr.Samples.Portal;

/// <summary>An emergency as those who have to do with it see it.</summary>
/// <param name="Record">What the ledger has.</param>
/// <param name="Doctor">Who asked; null for somebody who is not of this portal.</param>
/// <param name="Patient">About whom; null for somebody who is not of this portal.</param>
/// <param name="Status">Where the request stands.</param>
/// <param name="Reason">Why, in the doctor's words; null for one to whom they are not sealed.</param>
/// <param name="Agreed">Who agreed.</param>
/// <param name="Denied">Who spoke against it.</param>
/// <param name="Reviewer">Who reviewed it; null before.</param>
/// <param name="Report">What the reviewer wrote; null for one to whom it is not sealed.</param>
/// <param name="NoReview">Why whoever looks cannot review it now; null for one who can.</param>
public sealed record EmergencyView(
    RequestRecord Record,
    PortalUser? Doctor,
    PortalUser? Patient,
    RequestStatus Status,
    string? Reason,
    IReadOnlyList<string> Agreed,
    IReadOnlyList<string> Denied,
    string? Reviewer,
    string? Report,
    string? NoReview)
{
    /// <summary>The doctor's name.</summary>
    public string DoctorName => Doctor?.DisplayName ?? "a doctor of another portal";

    /// <summary>The patient's name.</summary>
    public string PatientName => Patient?.DisplayName ?? "a patient of another portal";

    /// <summary>Whether the patient can still stop it.</summary>
    public bool MayBeStopped => Status is RequestStatus.AwaitingDraw or RequestStatus.Open or RequestStatus.VetoWindow or RequestStatus.Granted;

    /// <summary>Whether a review is due.</summary>
    public bool WaitsForReview => Record is { ReviewDueAt: not null, Review: null };
}
