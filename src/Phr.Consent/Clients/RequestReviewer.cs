using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The checks that a trustee makes on its own, from signatures rooted in the patient-signed dealing and not from the ledger's word.</summary>
internal static class RequestReviewer
{
    public static async Task<RequestReview> ReviewAsync(ConsentServices services, RequestDossier dossier, RequestBody body, CancellationToken cancellationToken)
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

        if (request.Policy.Emergency != (request.EmergencyReason != 0))
        {
            objections.Add("The request is an emergency, and the dealing that it pins is not for one; or the reverse.");
        }

        if (request.Policy.Emergency && request.NotAfter > request.RequestedAt + services.Ledger.Parameters.MaxEmergencyLifetime)
        {
            objections.Add("The request asks for longer than an emergency may last.");
        }

        objections.AddRange(await FindTeamFaultsAsync(services, request, body, cancellationToken).ConfigureAwait(false));
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

    // The receiving key is the team's, the team is who its id says, and the one who asks is in it: by the members' signatures.
    private static async Task<List<string>> FindTeamFaultsAsync(ConsentServices services, RequestRecord request, RequestBody body, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        RequestReceiver stated = body.Team is { } claim ? RequestReceiver.Team(claim.Team, claim.KeyEpoch) : RequestReceiver.Person(body.Doctor);
        if (request.Receiver != stated || (request.Policy.ReceiverKinds & stated.Kind) == 0)
        {
            faults.Add("The receiver on the ledger is not the one that the doctor names, or the patient's policy does not permit its kind.");
            return faults;
        }

        if (body.Team is null)
        {
            return faults;
        }

        try
        {
            (_, TeamCharter charter) = await TeamDirectory.LoadAsync(services, stated.Id, cancellationToken).ConfigureAwait(false);
            ActorRecord? standing = await services.Ledger.GetActorAsync(stated.Id, cancellationToken).ConfigureAwait(false);
            if (standing?.IsActiveAt(services.Time.GetUtcNow()) != true)
            {
                faults.Add("The team is not active on the ledger.");
            }

            if (charter.FindMember(body.Doctor)?.ObjectKey != body.KeyRecord.Keys.ObjectKey)
            {
                faults.Add("The doctor who asks is no member of the team, or has another key there.");
            }

            if (charter.KeyEpoch != stated.KeyEpoch || !TeamRequestKey.VerifyPossession(charter.PublicKey, body.ReceivingKey, body.Nonce, body.Team.Possession))
            {
                faults.Add("The receiving key is not made of the team's present key.");
            }

            ActorId[] parties = [.. charter.Plan.Members.Select(m => m.Identity)];
            if (request.Committee.Any(m => parties.Contains(m.Oracle) || parties.Contains(m.Operator) || (standing is { Organisation.IsZero: false } && m.Operator == standing.Organisation)))
            {
                faults.Add("A member of the team, or its hospital, sits in the committee.");
            }
        }
        catch (PhrDataException e)
        {
            faults.Add($"The team cannot be verified: {e.Message}");
        }

        return faults;
    }

    private static AccessFacts FactsOf(RequestBody body, IReadOnlyCollection<string> labels) => new()
    {
        Roles = ActorRoles.Doctor,
        Speciality = body.Licence.Speciality,
        Hospital = body.Licence.Organisation,
        Team = body.Team?.Team ?? default(ActorId),
        Purpose = body.Purpose,
        Labels = labels,
    };
}
