using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Explains, on any ledger, why access is allowed or refused.</summary>
public static class ConsentLedgerExplanations
{
    /// <summary>Explains why a request gives access or does not.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="request">The request; one that the ledger does not know is explained, too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The explanation, as of the head's time.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="ledger"/> is null.</exception>
    /// <remarks>Cost: a question for each person of the policy. What changes while it is asked may show in one answer and not in another.</remarks>
    public static async Task<AccessExplanation> ExplainAccessAsync(this IConsentLedger ledger, RequestId request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        if (await ledger.GetRequestAsync(request, cancellationToken).ConfigureAwait(false) is not { } record)
        {
            return new AccessExplanation
            {
                RequestId = request,
                Time = (await ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Time,
                Request = null,
                Counted = [],
                Missing = [],
                Findings = [new AccessFinding(AccessCheck.Request, AccessFindingOutcome.Fails, "The ledger has no such request.")],
            };
        }

        DateTimeOffset now = record.AsOf;
        BundleRecord? bundle = await ledger.GetBundleAsync(record.BundleId, cancellationToken).ConfigureAwait(false);
        ActorRecord? doctor = await ledger.GetActorAsync(record.Doctor, cancellationToken).ConfigureAwait(false);
        var counted = new List<TrusteeSeat>();
        foreach (ApprovalRecord approval in record.Approvals)
        {
            if (approval.Seat == TrusteeSeat.Patient || (await ledger.GetActorAsync(approval.Actor, cancellationToken).ConfigureAwait(false))?.IsActiveAt(now) == true)
            {
                counted.Add(approval.Seat);
            }
        }

        TrusteeSeat[] missing = [.. record.Policy.Seats().Except(counted)];
        return new AccessExplanation
        {
            RequestId = request,
            Time = now,
            Request = record,
            Counted = counted,
            Missing = missing,
            Findings =
            [
                new AccessFinding(
                    AccessCheck.Request,
                    AccessFindingOutcome.Holds,
                    Text($"0x{record.Doctor} asked at {record.RequestedAt:u} for {record.DocumentCount} documents of bundle {record.BundleId}, epoch {record.Epoch}.")),
                Ended(record),
                bundle is { IsRevoked: false }
                    ? Holds(AccessCheck.Bundle, "The bundle is open.")
                    : Fails(AccessCheck.Bundle, "The patient closed the bundle."),
                now < record.NotAfter
                    ? Holds(AccessCheck.Time, Text($"The request is good until {record.NotAfter:u}."))
                    : Fails(AccessCheck.Time, Text($"The request was good until {record.NotAfter:u}.")),
                doctor?.IsActiveAt(now) == true
                    ? Holds(AccessCheck.Doctor, "The doctor is active.")
                    : Fails(AccessCheck.Doctor, doctor is null ? "The ledger does not know the doctor." : doctor.Status == ActorStatus.Active ? Text($"The doctor's key record ended at {doctor.ValidUntil:u}.") : $"The doctor is {Word(doctor.Status)}."),
                Licence(doctor, now),
                record.Committee.Count > 0
                    ? Holds(AccessCheck.Committee, Text($"{record.Committee.Count} oracles were drawn, of whom {record.Threshold} are needed."))
                    : Waits(AccessCheck.Committee, Text($"The committee is not drawn yet; block {record.SeedBlock} decides.")),
                Consent(record, counted, missing),
                record.Grant is not { } grant ? Waits(AccessCheck.Veto, "There is no grant yet that a veto could meet.")
                : now >= grant.VetoUntil ? Holds(AccessCheck.Veto, Text($"The patient could veto until {grant.VetoUntil:u}, and did not."))
                : Waits(AccessCheck.Veto, Text($"The patient may veto until {grant.VetoUntil:u}.")),
                record.Deliveries.Count >= record.Threshold
                    ? Holds(AccessCheck.Delivery, Text($"{record.Deliveries.Count} oracles delivered, of whom {record.Threshold} are needed."))
                    : Waits(AccessCheck.Delivery, Text($"{record.Deliveries.Count} oracles delivered, of whom {record.Threshold} are needed; {record.Refusals.Count} refused.")),
            ],
        };
    }

    private static AccessFinding Ended(RequestRecord request) => request.Ended switch
    {
        null => Holds(AccessCheck.NotEnded, "Nothing ended the request."),
        RequestStatus.Voided => Fails(AccessCheck.NotEnded, Text($"The request was voided at {request.EndedAt:u} because of {request.VoidCause}.")),
        RequestStatus.Revoked => Fails(AccessCheck.NotEnded, Text($"The patient revoked the grant at {request.EndedAt:u}, reason {request.RevocationReason}.")),
        RequestStatus.Denied => Fails(AccessCheck.NotEnded, Text($"{request.Denials.Count} trustees denied the request, so that the policy cannot be met; that was at {request.EndedAt:u}.")),
        { } how => Fails(AccessCheck.NotEnded, Text($"The request is {how.ToString().ToLowerInvariant()} since {request.EndedAt:u}.")),
    };

    private static AccessFinding Licence(ActorRecord? doctor, DateTimeOffset now) => doctor?.Licence switch
    {
        null => Fails(AccessCheck.Licence, "The doctor has no licence, or it was withdrawn."),
        { } licence when now >= licence.NotAfter => Fails(AccessCheck.Licence, Text($"The doctor's licence ended at {licence.NotAfter:u}.")),
        { } licence => Holds(AccessCheck.Licence, Text($"The doctor is licensed for {licence.Speciality} until {licence.NotAfter:u}.")),
    };

    private static AccessFinding Consent(RequestRecord request, List<TrusteeSeat> counted, TrusteeSeat[] missing) =>
        request.Grant is { ByPatient: true } ? Holds(AccessCheck.Consent, "The patient consented.")
        : request.Grant is not null ? Holds(AccessCheck.Consent, Text($"{request.Approvals.Count} trustees approved, which met the policy."))
        : Waits(
            AccessCheck.Consent,
            Text($"{counted.Count} approvals count, and {request.Policy.GroupThreshold} of {request.Policy.Groups.Count} groups must agree; {missing.Length} seats have not approved: {string.Join(", ", missing.Select(seat => Text($"{seat.Group}.{seat.Member}")))}."));

    private static AccessFinding Holds(AccessCheck check, string text) => new(check, AccessFindingOutcome.Holds, text);

    private static AccessFinding Waits(AccessCheck check, string text) => new(check, AccessFindingOutcome.Waits, text);

    private static AccessFinding Fails(AccessCheck check, string text) => new(check, AccessFindingOutcome.Fails, text);

    private static string Word(ActorStatus status) => status == ActorStatus.Pending ? "not admitted" : status.ToString().ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
