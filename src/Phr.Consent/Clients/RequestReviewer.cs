using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The checks that a trustee makes on its own, from signatures rooted in the patient-signed dealing and not from the ledger's word.</summary>
internal static class RequestReviewer
{
    public static RequestReview Review(ConsentServices services, RequestDossier dossier, RequestBody body)
    {
        RequestRecord request = dossier.Request;
        TrusteePolicy policy = dossier.Dealing.Dealing.Policy;
        DateTimeOffset now = services.Time.GetUtcNow();
        var objections = new List<string>();
        if (request.StatusAt(now) is not (RequestStatus.Open or RequestStatus.VetoWindow or RequestStatus.Granted))
        {
            objections.Add($"The request is {request.StatusAt(now)}, not open.");
        }

        if (!body.KeyRecord.TryVerify(services.Ledger.Id, ActorId.FromPublicKey(body.KeyRecord.Keys.LedgerKey), now))
        {
            objections.Add("The doctor's key record is not valid now.");
        }

        TrustAnchor? authority = policy.LicenceAuthorities.FirstOrDefault(a => a.Identity == body.Licence.Authority);
        if (authority is null)
        {
            objections.Add("The doctor's licence is from an authority that the patient does not accept.");
        }
        else if (!body.Licence.TryVerify(services.Ledger.Id, authority.ObjectKey, now))
        {
            objections.Add("The doctor's licence does not verify, or is not valid now.");
        }

        var unknown = body.Documents.Where(d => !dossier.Dealing.Header.TryGetDocument(d, out _)).ToList();
        foreach (DocumentId document in unknown)
        {
            objections.Add($"Document {document} is not in the bundle.");
        }

        var facts = new AccessFacts
        {
            Roles = ActorRoles.Doctor,
            Speciality = body.Licence.Speciality,
            Hospital = body.Licence.Organisation,
            Purpose = body.Purpose,
            Labels = [.. body.Documents.Except(unknown).SelectMany(d => dossier.Dealing.Header.GetDocument(d).VisibleLabels).Distinct(StringComparer.Ordinal)],
        };
        AccessDecision access = request.Policy.AccessRule.Evaluate(facts);
        if (access.Outcome != AccessOutcome.Permit)
        {
            objections.Add($"The patient's rule does not permit it: {access.FailingLeaf}.");
        }

        return new RequestReview(request, body, access, objections);
    }
}
