using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Samples.FullFlow;

/// <summary>The stories. Each says what must hold, and fails where it does not.</summary>
internal static class Stories
{
    public static async Task ConsentAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync();
        await flow.ConsentAsync(request);
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Succeeded && result.Files.Count == flow.AllDocuments.Count, "the patient's consent alone opens every document");
        flow.Require(result.Faults.Count == 0, "nobody contributed badly");
        await flow.RateAndCloseAsync(request, result);
        OpenResult again = await flow.OpenAsync(request);
        flow.Require(!again.Succeeded, "once closed, the request cannot be opened again: its receiving key is erased");
    }

    public static async Task EmergencyAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync();
        await flow.ApproveAsync(request, flow.World.Guardians[0], flow.World.Guardians[2]);
        flow.Require((await flow.ReadAsync(request)).Grant is null, "two guardians are one group: not enough");
        await flow.ApproveAsync(request, flow.World.Hospital);
        flow.Require((await flow.ReadAsync(request)).Grant is not null, "guardians and hospital are two groups: granted");
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Succeeded && result.Files.Count == flow.AllDocuments.Count, "the trustees' decision opens every document, and no one rebuilt a key of the patient");
        await flow.RateAndCloseAsync(request, result);
        RequestRecord settled = await flow.ReadAsync(request);
        flow.Require(settled.Ratings.Count == settled.Deliveries.Count, "every oracle that served is rated");
    }

    public static async Task BreakGlassAsync(Flow flow)
    {
        await flow.SealAsync();
        await flow.PrepareForEmergenciesAsync();
        RequestId request = await flow.RequestAsync(emergencyReason: 1);
        await flow.ApproveAsync(request, flow.World.Guardians[1]);
        flow.Require((await flow.ReadAsync(request)).Grant is null, "one guardian alone is not enough, in an emergency either");
        await flow.ApproveAsync(request, flow.World.Hospital);
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Succeeded, "one guardian and the hospital opened what two groups would have had to agree on otherwise");
        await flow.RateAndCloseAsync(request, result);
        flow.Require((await flow.ReadAsync(request)).ReviewDueAt is not null, "the ledger asks for a review");
        await flow.World.Agency.ReviewEmergencyAsync(request, EmergencyFinding.Justified, cancellationToken: flow.Cancellation);
        flow.Require((await flow.ReadAsync(request)).Review?.Finding == EmergencyFinding.Justified, "the agency reviewed it, and found an emergency");
    }

    public static async Task PartialAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync();
        DocumentId only = flow.AllDocuments[0];
        await flow.ConsentAsync(request, [only]);
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Succeeded && result.Files.Count == 1 && result.Files[0].Id == only, "exactly the one granted document opens");
        (IReadOnlyList<VerifiedApproval> approvals, _) = await (await RequestDossier.LoadAsync(flow.World.Services, request, flow.Cancellation)).LoadApprovalsAsync(flow.World.Services, flow.Cancellation);
        flow.Require(approvals.All(a => a.Approval.Documents.All(d => d.Id == only)), "no fragment for any other document was ever made");
    }

    public static async Task LyingOracleAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync();
        const int liar = 2;
        await flow.KeepAwayAsync(request, liar, 4, 5);
        await flow.ConsentAsync(request);
        RequestRecord record = await flow.WaitForGrantAsync(request);
        ActorId oracle = record.Committee[liar - 1].Oracle, honest = record.Committee[0].Oracle;
        string name = flow.NameOf(oracle);
        Reputation before = await ReputationOf(flow, oracle), honestBefore = await ReputationOf(flow, honest);
        await flow.LieAsync(request, liar);

        // With the liar and two honest oracles there are three deliveries, and only two good ones.
        await flow.ServeAsync(request, index => index is 1 or 3);
        OpenResult first = await flow.OpenAsync(request);
        flow.Require(!first.Succeeded, "three deliveries of which one is false do not open");
        flow.Require(first.Faults.Count > 0 && first.Faults.All(f => f.Party == FaultyParty.Oracle && f.Actor == oracle), $"{name} is named, and nobody else");
        flow.Require(first.Disputes.Count == 1 && first.Disputes[0].State == DisputeState.Taken, "the doctor's client has shown the ledger one false fragment under the oracle's own signature, by itself");
        ActorRecord slashed = (await flow.World.Services.Ledger.GetActorAsync(oracle, flow.Cancellation))!;
        flow.Require(slashed.Bond == 0 && slashed.Slashes == 1 && slashed.Reputation!.Correctness == 0, $"{name} lost its bond and its good name");
        flow.Require(await flow.World.Doctor.DisputeAsync(first, flow.Cancellation) == 0, "the same lie is not paid for twice");
        await flow.ServeAsync(request, index => index is 4 or 5);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Disputes.All(dispute => dispute.State == DisputeState.NothingLeft), "opened again, it shows the lie to nobody again");
        flow.Require(result.Succeeded, "the spare members of the committee serve in its place, and everything opens");
        await flow.RateAndCloseAsync(request, result);
        Reputation after = await ReputationOf(flow, oracle);
        flow.Require(after.Score < before.Score, $"{name}'s reputation fell from {before.Score:n0} to {after.Score:n0} millionths");
        flow.Require((await ReputationOf(flow, honest)).Score > honestBefore.Score, $"{flow.NameOf(honest)}'s rose");
    }

    public static async Task MissingOracleAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync();
        await flow.KeepAwayAsync(request, 1, 4, 5);
        await flow.ConsentAsync(request);
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request, index => index is 2 or 3);
        OpenResult first = await flow.OpenAsync(request);
        flow.Require(!first.Succeeded, "two of five are fewer than three: nothing opens");
        await flow.ServeAsync(request, index => index == 5);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Succeeded, "three of five open everything; the leader was among the missing");
        await flow.PullAsync(request);
        await flow.RateAndCloseAsync(request, result);
    }

    public static async Task BelowQuorumAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync(lifetime: TimeSpan.FromMinutes(10));
        await flow.ApproveAsync(request, flow.World.Guardians[1]);
        RequestRecord record = await flow.ReadAsync(request);
        flow.Require(record.Grant is null && record.Approvals.Count == 1, "one approval is recorded, and there is no grant");
        flow.Require(await flow.ReleaseAsync() == 0, "the guardian's outbox releases nothing");
        IReadOnlyList<JobOutcome> outcomes = await flow.ServeAsync(request);
        flow.Require(outcomes.Count == 0, "no oracle has a job");
        RequestDossier dossier = await RequestDossier.LoadAsync(flow.World.Services, request, flow.Cancellation);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(flow.World.Services, flow.Cancellation);
        Digest[] envelopes = [.. approvals.Single().Approval.EnvelopeDigests];
        bool[] there = await Task.WhenAll(envelopes.Select(envelope => flow.World.Services.Exchange.ExistsAsync(Cid.ForRawBlock(envelope), flow.Cancellation)));
        foreach ((int i, Digest envelope) in envelopes.Index())
        {
            flow.Require(!there[i], $"envelope {envelope.ToString()[..8]}… is nowhere in the exchange");
        }

        OpenResult result = await flow.OpenAsync(request);
        flow.Require(!result.Succeeded && result.Files.Count == 0, "the doctor, with all that it has, cannot open");
    }

    public static async Task RevokedAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId first = await flow.RequestAsync();
        await flow.KeepAwayAsync(first, 1, 2, 3, 4, 5);
        await flow.ConsentAsync(first);
        await flow.WaitForGrantAsync(first);
        await flow.World.Patient.RevokeAsync(first, 1, flow.Cancellation);
        IReadOnlyList<JobOutcome> outcomes = await flow.ServeAsync(first);
        flow.Require(outcomes.All(o => o.State != JobState.Delivered), "revoked before delivery: no oracle answers");
        flow.Require(!(await flow.OpenAsync(first)).Succeeded, "and the doctor cannot open");

        RequestId second = await flow.RequestAsync();
        await flow.KeepAwayAsync(second, 4, 5);
        await flow.ConsentAsync(second);
        await flow.WaitForGrantAsync(second);
        await flow.ServeAsync(second, index => index <= 3);
        OpenResult opened = await flow.OpenAsync(second);
        flow.Require(opened.Succeeded, "granted again and delivered: the doctor opens");
        await flow.World.Patient.RevokeAsync(second, 1, flow.Cancellation);
        outcomes = await flow.ServeAsync(second, index => index > 3);
        flow.Require(outcomes.All(o => o.State != JobState.Delivered), "revoked after delivery: the oracles that had not served yet no longer do");
        flow.Require(opened.Files.All(f => File.Exists(f.Name)), "what was opened before stays open: revocation recalls nothing, and says so");
    }

    public static async Task RotatedAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId first = await flow.RequestAsync();
        await flow.KeepAwayAsync(first, 4, 5);
        await flow.ConsentAsync(first);
        await flow.WaitForGrantAsync(first);
        await flow.ServeAsync(first, index => index <= 3);
        flow.Require((await flow.OpenAsync(first)).Succeeded, "the doctor opens everything, and keeps the request's key and the deliveries");
        await flow.World.Patient.RevokeAsync(first, 1, flow.Cancellation);

        BundleHeader before = flow.Header;
        DocumentId old = before.Documents[0].Id;
        DocumentId fresh = await flow.RotateAsync(old);
        flow.Require(!flow.Header.TryGetDocument(old, out _) && flow.Header.IsRevisionOf(before), "the new header names the old one, and has the document under another id and other keys");
        flow.Require(
            before.Documents.Skip(1).All(d => flow.Header.GetDocument(d.Id).CiphertextCid == d.CiphertextCid), "the other documents' ciphertexts were not touched");
        OpenResult again = await flow.OpenAsync(first);
        flow.Require(again.Files.All(f => f.Id != fresh), "with its old key and deliveries the doctor opens what it had, and nothing of the new sealing");

        RequestId second = await flow.RequestAsync();
        await flow.KeepAwayAsync(second, 4, 5);
        await flow.ConsentAsync(second);
        await flow.WaitForGrantAsync(second);
        await flow.ServeAsync(second, index => index <= 3);
        OpenResult opened = await flow.OpenAsync(second);
        flow.Require(opened.Succeeded && opened.Files.Any(f => f.Id == fresh), "granted anew under the new dealing, everything opens, the document that was sealed again too");
    }

    public static async Task ExpiredAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync(lifetime: TimeSpan.FromSeconds(flow.IsOnChain ? 25 : 6));
        await flow.KeepAwayAsync(request, 1, 2, 3, 4, 5);
        await flow.ConsentAsync(request);
        RequestRecord record = await flow.WaitForGrantAsync(request);
        await flow.WaitUntilAsync(record.NotAfter);
        flow.Require((await flow.ReadAsync(request)).StatusAt(flow.World.Services.Time.GetUtcNow()) == RequestStatus.Expired, "the granted time is over");
        IReadOnlyList<JobOutcome> outcomes = await flow.ServeAsync(request);
        flow.Require(outcomes.All(o => o.State != JobState.Delivered), "no oracle answers after the end");
        flow.Require(!(await flow.OpenAsync(request)).Succeeded, "and the doctor cannot open");
    }

    public static async Task VetoedAsync(Flow flow)
    {
        await flow.SealAsync(vetoWindow: TimeSpan.FromMinutes(10));
        RequestId request = await flow.RequestAsync();
        await flow.ApproveAsync(request, flow.World.Guardians[0], flow.World.Guardians[1], flow.World.Regulator);
        RequestRecord record = await flow.ReadAsync(request);
        flow.Require(record.Grant is not null && record.Status == RequestStatus.VetoWindow, "the trustees granted, and the patient's window is open");
        flow.Require(await flow.ReleaseAsync() == 0, "until it is over nothing leaves the trustees' outboxes");
        await flow.World.Patient.VetoAsync(request, flow.Cancellation);
        flow.Require((await flow.ReadAsync(request)).Status == RequestStatus.Vetoed, "the patient vetoed");
        IReadOnlyList<JobOutcome> outcomes = await flow.ServeAsync(request);
        flow.Require(outcomes.All(o => o.State != JobState.Delivered), "no oracle answers");
        flow.Require(!(await flow.OpenAsync(request)).Succeeded, "and the doctor cannot open");
    }

    public static async Task RefreshAsync(Flow flow)
    {
        await flow.SealAsync(trusteeChangeDelay: TimeSpan.FromSeconds(2));
        RequestId denied = await flow.RequestAsync();
        await flow.ApproveAsync(denied, flow.World.Hospital);
        foreach (TrusteeClient trustee in (TrusteeClient[])[flow.World.Guardians[0], flow.World.Guardians[1], flow.World.Regulator])
        {
            await trustee.DenyAsync(denied, reasonCode: 1, flow.Cancellation);
        }

        flow.Require((await flow.World.Services.Ledger.GetBundleAsync(flow.Header.BundleId, flow.Cancellation))!.RefreshDue, "a request that gathered an approval came to nothing: the shares should be refreshed");

        Dealing dealing = await flow.RefreshAsync([flow.World.Guardians[0], flow.World.Guardians[1], flow.World.Hospital]);
        BundleRecord bundle = (await flow.World.Services.Ledger.GetBundleAsync(flow.Header.BundleId, flow.Cancellation))!;
        flow.Require(dealing.IsReshared && bundle.ActiveDealing == dealing.Digest && !bundle.RefreshDue, "the trustees' own dealing is active, and nobody rebuilt a key of the patient");
        flow.Require((await flow.World.HospitalDevice.ListAsync($"epoch-key/{bundle.Id}/", flow.Cancellation)).Count == 1, "the hospital's device holds the secret of the new epoch alone");

        RequestId request = await flow.RequestAsync();
        await flow.ApproveAsync(request, flow.World.Guardians[1], flow.World.Guardians[2], flow.World.Regulator);
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request);
        OpenResult result = await flow.OpenAsync(request);
        flow.Require(result.Succeeded && result.Files.Count == flow.AllDocuments.Count, "the next request is served under the new shares, and every document opens");
    }

    public static async Task ClaimAsync(Flow flow)
    {
        await flow.SealAsync();
        World world = flow.World;
        ClaimClient insurer = await world.AddInsurerAsync(flow.Cancellation);
        (ClaimClient patient, ClaimClient doctor, ClaimClient hospital, ClaimClient agency) = world.ClaimDesks();
        await insurer.SetReviewThresholdAsync("INR", 100_000, flow.Cancellation);
        byte[] evidence = "invoice 17: chemotherapy, second cycle"u8.ToArray();
        Digest claim = await patient.FileAsync(
            new ClaimDraft { Insurer = insurer.Id, Doctor = doctor.Id, Hospital = hospital.Id, Agencies = [agency.Id], Amount = 250_000, Currency = "INR" }, evidence, flow.Cancellation);
        flow.Require((await insurer.ReadEvidenceAsync(claim, flow.Cancellation)).AsSpan().SequenceEqual(evidence), "the insurer reads the sealed evidence; the ledger has digests");
        await doctor.EndorseAsync(claim, "treated as invoiced"u8.ToArray(), flow.Cancellation);
        await hospital.EndorseAsync(claim, default, flow.Cancellation);
        flow.Require(await RefusesAsync(() => insurer.ApproveAsync(claim, 250_000, default, flow.Cancellation)), "250,000 is above the insurer's threshold: an agency has to look first");
        await agency.EndorseAsync(claim, default, flow.Cancellation);
        await insurer.ApproveAsync(claim, 200_000, "room charges are not covered"u8.ToArray(), flow.Cancellation);
        await patient.AppealAsync(claim, agency.Id, "they are, by clause 4"u8.ToArray(), flow.Cancellation);
        await agency.DecideAppealAsync(claim, ClaimStepKind.SentBack, default, flow.Cancellation);
        flow.Require(await RefusesAsync(() => insurer.ApproveAsync(claim, 150_000, default, flow.Cancellation)), "after an appeal nothing that was approved is taken away");
        await insurer.ApproveAsync(claim, 250_000, default, flow.Cancellation);
        ClaimRecord record = (await world.Services.Ledger.GetClaimAsync(claim, flow.Cancellation))!;
        flow.Require(record.Status == ClaimStatus.Approved && record.ApprovedAmount == 250_000, "the whole claim is approved, level by level, each step signed by whose turn it was");
        flow.Require(await RefusesAsync(() => patient.AppealAsync(claim, agency.Id, default, flow.Cancellation)), "there is one appeal");
    }

    private static async Task<bool> RefusesAsync(Func<Task> command)
    {
        try
        {
            await command();
            return false;
        }
        catch (LedgerRejectedException)
        {
            return true;
        }
    }

    private static async Task<Reputation> ReputationOf(Flow flow, ActorId oracle) =>
        (await flow.World.Services.Ledger.ListOraclesAsync(flow.Cancellation)).Single(o => o.Id == oracle).Reputation;
}
