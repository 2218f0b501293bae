using Microsoft.EntityFrameworkCore;
using Phr.Fhir;

namespace Phr.Samples.Portal;

/// <summary>What whoever looks may see, as resources of FHIR R4 for other systems. People stand in them with their names on the ledger and in the portal; the portal is no FHIR server, so nothing has an address.</summary>
public sealed class FhirDesk(DeskParts parts) : Desk(parts)
{
    /// <summary>The consent of a request, as its patient or one of the patient's trustees can read it.</summary>
    /// <exception cref="NotFoundHereException">The request is not theirs, or what it asks cannot be read.</exception>
    public async Task<byte[]> ConsentAsync(string request, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.RequestAsync(request, cancellationToken);
        using KeyLease lease = Unlocked();
        RequestReview review;
        IReadOnlyList<DocumentId>? granted;
        try
        {
            review = lease.Keys.Patient is { } patient
                ? await new PatientClient(Phr.Services, patient, lease.Keys.MainSecrets).ReviewAsync(record.Id, cancellationToken)
                : await new TrusteeClient(Phr.Services, lease.Keys.Trustee, lease.Keys.TrusteeSecrets).ReviewAsync(record.Id, cancellationToken);
            granted = await GrantedAsync(record, cancellationToken);
        }
        catch (Exception e) when (Unreadable.Is(e))
        {
            throw new NotFoundHereException("What the request asks cannot be read now.", e);
        }

        string patientActor = record.Patient.ToString();
        ActorId? hospital = (await Db.Users.Include(u => u.Patient!.Hospital).SingleOrDefaultAsync(u => u.Actor == patientActor, cancellationToken))?.Patient?.Hospital?.ActorId;
        LedgerNames names = await NamesAsync([record.Patient, record.Doctor, .. record.Approvals.Select(a => a.Actor), .. hospital is { } id ? [id] : Array.Empty<ActorId>()], hospital, cancellationToken);
        return FhirR4.WriteConsent(ConsentDirective.FromRequest(record, review.Body, names, granted));
    }

    /// <summary>A claim, for its parties.</summary>
    public async Task<byte[]> ClaimAsync(string claim, CancellationToken cancellationToken = default)
    {
        (ClaimRecord record, LedgerNames names) = await ClaimNamesAsync(claim, cancellationToken);
        return FhirR4.WriteClaim(InsuranceClaim.FromLedger(record, names));
    }

    /// <summary>What each level said to a claim, one resource in each line, for its parties.</summary>
    public async Task<byte[]> ClaimAnswersAsync(string claim, CancellationToken cancellationToken = default)
    {
        (ClaimRecord record, LedgerNames names) = await ClaimNamesAsync(claim, cancellationToken);
        return [.. ClaimAnswer.FromLedger(record, names).SelectMany(answer => (byte[])[.. FhirR4.WriteClaimAnswer(answer), (byte)'\n'])];
    }

    private async Task<(ClaimRecord Record, LedgerNames Names)> ClaimNamesAsync(string claim, CancellationToken cancellationToken)
    {
        ClaimRecord record = await Guard.ClaimAsync(claim, cancellationToken);
        return (record, await NamesAsync([record.Patient, record.Doctor, record.Hospital, record.Insurer, .. record.Steps.Select(s => s.Actor)], record.Hospital, cancellationToken));
    }

    // Trustees approve all that was asked for; a patient may consent to some of it, which the approval says.
    private async Task<IReadOnlyList<DocumentId>?> GrantedAsync(RequestRecord record, CancellationToken cancellationToken)
    {
        if (record.Grant is not { ByPatient: true })
        {
            return null;
        }

        RequestDossier dossier = await RequestDossier.LoadAsync(Phr.Services, record.Id, cancellationToken);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(Phr.Services, cancellationToken);
        return [.. approvals.Where(a => a.Approval.Group == TrusteeSeat.Patient.Group && a.Approval.Member == TrusteeSeat.Patient.Member).SelectMany(a => a.Approval.Documents).Select(d => d.Id)];
    }

    // Whoever keeps the consents is the patient's hospital; where there is none, the agency with which the ledger began.
    private async Task<LedgerNames> NamesAsync(IEnumerable<ActorId> actors, ActorId? custodian, CancellationToken cancellationToken)
    {
        LedgerId ledger = Phr.Services.Ledger.Id;
        string[] wanted = [.. actors.Select(a => a.ToString()).Distinct()];
        var known = new Dictionary<ActorId, FhirReference>();
        foreach (PortalUser user in await Db.Users.Where(u => (u.Actor != null && wanted.Contains(u.Actor)) || (u.DeskActor != null && wanted.Contains(u.DeskActor))).ToListAsync(cancellationToken))
        {
            foreach (ActorId actor in new[] { user.ActorId, user.TrusteeId }.OfType<ActorId>().Distinct())
            {
                known[actor] = FhirReference.ToActor(TypeOf(user.Role), ledger, actor) with { Display = PlainText.FhirName(user.DisplayName) };
            }
        }

        ActorId keeper = custodian ?? Phr.Agencies[0];
        return new LedgerNames { Ledger = ledger, Custodian = known.GetValueOrDefault(keeper) ?? FhirReference.ToActor("Organization", ledger, keeper), Actors = known };
    }

    private static string TypeOf(PortalRole role) => role switch
    {
        PortalRole.Patient => "Patient",
        PortalRole.Doctor => "Practitioner",
        PortalRole.Guardian => "RelatedPerson",
        _ => "Organization",
    };
}
