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

        // The licence names the key; the key record in the body only carries it.
        if (body.KeyRecord.Keys.ObjectKey != body.Licence.DoctorObjectKey)
        {
            objections.Add("The request is not signed with the key that the licence names.");
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

        if (dossier.Request.Committee.Any(m => m.Operator == body.Licence.Organisation || m.Oracle == body.Licence.Organisation))
        {
            objections.Add("The doctor's own organisation sits in the committee.");
        }

        var unknown = body.Documents.Where(d => !dossier.Dealing.Header.TryGetDocument(d, out _)).ToList();
        foreach (DocumentId document in unknown)
        {
            objections.Add($"Document {document} is not in the bundle.");
        }

        // Document by document: one that the rule admits must not bring in another that it does not.
        AccessDecision access = request.Policy.AccessRule.Evaluate(FactsOf(body, []));
        foreach (DocumentId document in body.Documents.Except(unknown))
        {
            access = request.Policy.AccessRule.Evaluate(FactsOf(body, dossier.Dealing.Header.GetDocument(document).VisibleLabels));
            if (access.Outcome != AccessOutcome.Permit)
            {
                objections.Add($"The patient's rule does not permit document {document}: {access.FailingLeaf}.");
                break;
            }
        }

        return new RequestReview(request, body, access, objections);
    }

    private static AccessFacts FactsOf(RequestBody body, IReadOnlyCollection<string> labels) => new()
    {
        Roles = ActorRoles.Doctor,
        Speciality = body.Licence.Speciality,
        Hospital = body.Licence.Organisation,
        Purpose = body.Purpose,
        Labels = labels,
    };
}
