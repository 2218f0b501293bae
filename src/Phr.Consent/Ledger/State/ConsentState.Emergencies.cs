namespace Phr.Consent;

// Emergencies: requests over the track of dealings that the patient made for them, and the review of every one that trustees granted.
public sealed partial class ConsentState
{
    private static Refusal? FindReviewsDue(ActorRecord doctor) => doctor.OpenReviews >= LedgerLimits.OpenReviews
        ? Refuse(LedgerError.ReviewDue, $"{doctor.OpenReviews} emergencies of the doctor wait for their review.")
        : null;

    private Refusal? On(ReviewEmergency c, Turn turn)
    {
        Refusal? refusal =
            _requests.GetValueOrDefault(c.RequestId) is not { ReviewDueAt: not null } request ? Refuse(LedgerError.WrongState, "There is no such request, it was no emergency, or trustees have not granted it.")
            : request.Review is not null ? Refuse(LedgerError.AlreadyExists, "The emergency is reviewed.")
            : c.Actor == request.Doctor ? Refuse(LedgerError.WrongRole, "Nobody reviews an emergency of one's own.")
            : c.Actor != request.Patient && (_actors[c.Actor].Roles & ActorRoles.Agency) == 0 ? Refuse(LedgerError.NotYours, "The patient or an agency reviews an emergency.")
            : null;
        if (refusal is null)
        {
            turn.Emit(new EmergencyReviewed { RequestId = c.RequestId, Reviewer = c.Actor, Finding = c.Finding, ReportDigest = c.ReportDigest });
        }

        return refusal;
    }

    /// <summary>What trustees grant in an emergency has to be reviewed: once for a request, whatever becomes of it.</summary>
    private RequestRecord WithReviewDue(RequestRecord request, bool byPatient, DateTimeOffset now)
    {
        if (request.EmergencyReason == 0 || byPatient || request.ReviewDueAt is not null)
        {
            return request;
        }

        ActorRecord doctor = Known(_actors, request.Doctor);
        _actors[doctor.Id] = doctor with { OpenReviews = doctor.OpenReviews + 1 };
        return request with { ReviewDueAt = now + Parameters.ReviewPeriod };
    }

    private void Apply(EmergencyReviewed e, DateTimeOffset now)
    {
        Change(e.RequestId, request => request with
        {
            Review = new EmergencyReviewRecord { Reviewer = e.Reviewer, Finding = e.Finding, ReportDigest = e.ReportDigest, Time = now },
        });
        ActorRecord doctor = Known(_actors, _requests[e.RequestId].Doctor);
        _actors[doctor.Id] = doctor with { OpenReviews = doctor.OpenReviews - 1 };
        if (e.Finding == EmergencyFinding.Unjustified)
        {
            CountAbandoned(doctor.Id, now);
        }
    }
}
