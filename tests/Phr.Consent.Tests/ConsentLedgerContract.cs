using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;

namespace Phr.Consent.Tests;

/// <summary>What every <see cref="IConsentLedger"/> does. Derived once per implementation.</summary>
public abstract class ConsentLedgerContract
{
    /// <summary>A new ledger of these parameters, without entries. The contract disposes it.</summary>
    protected abstract Task<IConsentLedger> CreateAsync(LedgerParameters parameters);

    /// <summary>The ledger's present time.</summary>
    protected abstract DateTimeOffset Now { get; }

    /// <summary>How many random histories are tried.</summary>
    protected virtual int RandomHistories => 8;

    /// <summary>How many commands a random history has, on top of the story's beginning.</summary>
    protected virtual int RandomHistoryLength => 120;

    /// <summary>Lets the ledger's time pass.</summary>
    protected abstract Task AdvanceAsync(TimeSpan by);

    /// <summary>The randomness of a block that may hold no entry; null where every block holds one.</summary>
    protected virtual Func<ulong, Task<Digest>>? RandomnessOf(IConsentLedger ledger) => null;

    /// <summary>What else should hold of a ledger that has been through a lot.</summary>
    protected virtual Task InspectAsync(IConsentLedger ledger) => Task.CompletedTask;

    [Fact]
    public async Task LifeCycle_FromRegistrationToSettlement_IsRecorded()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);

        ActorRecord doctor = (await ledger.GetActorAsync(LedgerStory.Doctor.Id))!;
        Assert.Equal(ActorStatus.Active, doctor.Status);
        Assert.Equal("cardiology", doctor.Licence!.Speciality);
        Assert.Equal(LedgerStory.OracleCount, (await ledger.ListOraclesAsync()).Count);
        BundleRecord bundle = (await ledger.GetBundleAsync(story.Bundle))!;
        Assert.Equal((story.Header, story.Dealing, 1), (bundle.HeaderDigest, bundle.ActiveDealing, bundle.Epoch));
        Assert.Equal(DealingState.Active, (await ledger.GetDealingAsync(story.Bundle, story.Dealing))!.State);
        Assert.Equal(LedgerStory.Hospital.Key.PublicKey, (await ledger.GetEnvelopeKeyAsync(LedgerStory.Hospital.Id, story.Bundle, 1))!.EnvelopeKey);

        RequestId id = await story.RequestAsync();
        Assert.Equal(RequestStatus.AwaitingDraw, (await story.GetAsync(id)).Status);
        await story.SubmitAsync(LedgerStory.Doctor, new DrawCommittee { Actor = default, RequestId = id });
        RequestRecord request = await story.GetAsync(id);
        Assert.Equal(RequestStatus.Open, request.Status);
        Assert.Equal(5, request.Committee.Count);

        await story.ApproveAsync(id);
        request = await story.GetAsync(id);
        Assert.Equal(RequestStatus.VetoWindow, request.Status);
        Assert.Equal(3, request.Approvals.Count);
        await RefusesAsync(story, LedgerStory.OracleOf(request.Committee[0]), LedgerStory.Delivery(id, request.Committee[0]), LedgerError.NotYet);

        await AdvanceAsync(LedgerStory.Policy.VetoWindow);
        Assert.Equal(RequestStatus.Granted, (await story.GetAsync(id)).Status);
        foreach (CommitteeMember member in request.Committee.Take(3))
        {
            await story.SubmitAsync(LedgerStory.OracleOf(member), LedgerStory.Delivery(id, member));
        }

        await story.SubmitAsync(LedgerStory.OracleOf(request.Committee[3]), new RefuseDelivery { Actor = default, RequestId = id, Index = 4, ReasonCode = 1 });
        await story.SubmitAsync(LedgerStory.Doctor, new ConfirmOpened { Actor = default, RequestId = id });
        await story.SubmitAsync(LedgerStory.Doctor, new RateOracle { Actor = default, RequestId = id, Index = 1, Rating = 100 });
        await story.SubmitAsync(LedgerStory.Doctor, new SettleRequest { Actor = default, RequestId = id });
        request = await story.GetAsync(id);
        Assert.Equal(RequestStatus.Settled, request.Status);
        Assert.Equal((3, 1, 1), (request.Deliveries.Count, request.Refusals.Count, request.Ratings.Count));

        await story.SubmitAsync(LedgerStory.Patient, new RevokeGrant { Actor = default, RequestId = id, ReasonCode = 0 });
        Assert.Equal(RequestStatus.Revoked, (await story.GetAsync(id)).Status);
    }

    [Fact]
    public async Task UseAgain_AfterSettlement_OpensTheNextWindowOnceForEachUse()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        RequestId id = await story.RequestAndDrawAsync(uses: 2);
        await story.SubmitAsync(LedgerStory.Patient, new ConsentToRequest { Actor = default, RequestId = id, ApprovalDigest = LedgerStory.Fresh() });
        UseAgain again = new() { Actor = default, RequestId = id };
        await RefusesAsync(story, LedgerStory.Doctor, again, LedgerError.WrongState);
        for (int use = 1; use <= 2; use++)
        {
            RequestRecord request = await story.GetAsync(id);
            Assert.Equal((RequestStatus.Granted, use - 1, 0), (request.Status, request.Used, request.Deliveries.Count));
            foreach (CommitteeMember member in request.Committee.Take(3))
            {
                await story.SubmitAsync(LedgerStory.OracleOf(member), LedgerStory.Delivery(id, member));
            }

            await story.SubmitAsync(LedgerStory.Doctor, new RateOracle { Actor = default, RequestId = id, Index = 1, Rating = 100 });
            await story.SubmitAsync(LedgerStory.Doctor, new ConfirmOpened { Actor = default, RequestId = id });
            await story.SubmitAsync(LedgerStory.Doctor, new SettleRequest { Actor = default, RequestId = id });
            if (use == 1)
            {
                await RefusesAsync(story, LedgerStory.Patient, again, LedgerError.NotYours);
                await story.SubmitAsync(LedgerStory.Doctor, again);
            }
        }

        await RefusesAsync(story, LedgerStory.Doctor, again, LedgerError.TooMany);
        ActorId rated = (await story.GetAsync(id)).Committee[0].Oracle;
        Reputation reputation = (await ledger.ListOraclesAsync()).Single(oracle => oracle.Id == rated).Reputation;
        Assert.Equal((617_188, 617_188, 617_188), (reputation.Correctness, reputation.Timeliness, reputation.Rating));
    }

    [Fact]
    public async Task ConsentToRequest_ByThePatient_GrantsAtOnce()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        RequestId id = await story.RequestAndDrawAsync();
        await story.SubmitAsync(LedgerStory.Patient, new ConsentToRequest { Actor = default, RequestId = id, ApprovalDigest = LedgerStory.Fresh() });
        RequestRecord request = await story.GetAsync(id);
        Assert.Equal(RequestStatus.Granted, request.Status);
        Assert.True(request.Grant!.ByPatient);
    }

    [Fact]
    public async Task Reshare_ByTheTrusteesAlone_LeadsToTheNextDealing()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        foreach ((Person trustee, _) in LedgerStory.Trustees)
        {
            await story.SubmitAsync(trustee, new PublishEnvelopeKey { Actor = default, BundleId = story.Bundle, Epoch = 2, EnvelopeKey = trustee.Key.PublicKey, OfferDigest = LedgerStory.Fresh() });
        }

        ProposeReshare proposal = LedgerStory.Reshare(story.Bundle, (await ledger.GetBundleAsync(story.Bundle))!, Now);
        await RefusesAsync(story, LedgerStory.Doctor, proposal, LedgerError.NotATrustee);
        await RefusesAsync(story, LedgerStory.Hospital, proposal with { Policy = LedgerStory.Policy with { GroupThreshold = 1 } }, LedgerError.PolicyRelaxed);
        await story.SubmitAsync(LedgerStory.Hospital, proposal);
        Digest plan = proposal.PlanDigest;
        Assert.Equal(plan, (await ledger.GetBundleAsync(story.Bundle))!.PendingReshare);

        await RefusesAsync(story, LedgerStory.Hospital, LedgerStory.Contribution(story.Bundle, plan, new TrusteeSeat(2, 1)), LedgerError.NotYet);
        await AdvanceAsync(LedgerStory.Parameters.TrusteeChangeDelay);
        TrusteeSeat liar = new(1, 2);
        TrusteeSeat[] dealers = [new(1, 1), new(1, 3), new(2, 1)];
        foreach (TrusteeSeat seat in dealers.Append(liar))
        {
            await story.SubmitAsync(LedgerStory.Trustees.Single(t => t.Seat == seat).Trustee, LedgerStory.Contribution(story.Bundle, plan, seat));
        }

        await story.SubmitAsync(LedgerStory.Agency, new ComplainOfReshare { Actor = default, BundleId = story.Bundle, PlanDigest = plan, Seat = new TrusteeSeat(3, 1), Dealer = liar, EvidenceDigest = LedgerStory.Fresh() });
        ReshareRecord reshare = (await ledger.GetReshareAsync(story.Bundle, plan))!;
        Assert.Equal(dealers, reshare.Qualified());
        Digest dealing = LedgerStory.Fresh();
        foreach (TrusteeSeat seat in dealers)
        {
            Assert.Equal(ReshareState.Open, (await ledger.GetReshareAsync(story.Bundle, plan))!.State);
            await story.SubmitAsync(LedgerStory.Trustees.Single(t => t.Seat == seat).Trustee, LedgerStory.Confirmation(story.Bundle, plan, seat, dealing, dealers));
        }

        reshare = (await ledger.GetReshareAsync(story.Bundle, plan))!;
        Assert.Equal((ReshareState.Completed, dealing), (reshare.State, reshare.DealingDigest));
        Assert.Equal(dealers, reshare.Dealers);
        DealingRecord made = (await ledger.GetDealingAsync(story.Bundle, dealing))!;
        Assert.Equal((plan, 2), (made.PlanDigest, made.Epoch));

        var activate = new ActivateDealing { Actor = default, BundleId = story.Bundle, DealingDigest = dealing };
        await RefusesAsync(story, LedgerStory.Hospital, activate, LedgerError.BelowQuorum);
        foreach (TrusteeSeat seat in dealers)
        {
            await story.SubmitAsync(LedgerStory.Trustees.Single(t => t.Seat == seat).Trustee, new AcknowledgeDealing { Actor = default, BundleId = story.Bundle, DealingDigest = dealing, Seat = seat });
        }

        await story.SubmitAsync(LedgerStory.Hospital, activate);
        BundleRecord bundle = (await ledger.GetBundleAsync(story.Bundle))!;
        Assert.Equal((dealing, 2), (bundle.ActiveDealing, bundle.Epoch));
        Assert.Null(bundle.PendingReshare);
    }

    [Fact]
    public async Task GetDealingAsync_AnotherPatientProposedTheDigestFirst_GivesEachBundleItsOwn()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        Person other = Person.Named("another patient");
        var theirs = BundleId.FromBytes(LedgerStory.Fresh().ToBytes());
        Digest digest = LedgerStory.Fresh();
        await story.RegisterAsync(other, ActorRoles.Patient);
        await story.SubmitAsync(other, new RegisterBundle { Actor = default, BundleId = theirs, HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh() });
        await story.SubmitAsync(other, new ProposeDealing
        {
            Actor = default, BundleId = theirs, HeaderDigest = (await ledger.GetBundleAsync(theirs))!.HeaderDigest, Epoch = 1, DealingDigest = digest, Policy = LedgerStory.Policy with { VetoWindow = TimeSpan.Zero },
        });
        await story.SubmitAsync(LedgerStory.Patient, new ProposeDealing
        {
            Actor = default, BundleId = story.Bundle, HeaderDigest = story.Header, Epoch = 2, PreviousDealingDigest = story.Dealing, DealingDigest = digest, Policy = LedgerStory.Policy,
        });

        Assert.Equal((other.Id, 1, TimeSpan.Zero), (await ledger.GetDealingAsync(theirs, digest)) is { } first ? (first.Patient, first.Epoch, first.Policy.VetoWindow) : default);
        Assert.Equal((LedgerStory.Patient.Id, 2, LedgerStory.Policy.VetoWindow), (await ledger.GetDealingAsync(story.Bundle, digest)) is { } second ? (second.Patient, second.Epoch, second.Policy.VetoWindow) : default);
        Assert.Null(await ledger.GetDealingAsync(theirs, story.Dealing));
        Assert.Null(await ledger.GetReshareAsync(theirs, digest));
    }

    [Fact]
    public async Task ExplainAccess_AlongTheLifeOfARequest_NamesWhatDecides()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        await DecidesAsync(RequestId.FromBytes(LedgerStory.Fresh().ToBytes()), AccessCheck.Request, AccessFindingOutcome.Fails);
        RequestId id = await story.RequestAsync();
        await DecidesAsync(id, AccessCheck.Committee, AccessFindingOutcome.Waits);
        await story.SubmitAsync(LedgerStory.Doctor, new DrawCommittee { Actor = default, RequestId = id });
        AccessExplanation open = await DecidesAsync(id, AccessCheck.Consent, AccessFindingOutcome.Waits);
        Assert.Empty(open.Counted);
        Assert.Equal(LedgerStory.Policy.Seats(), open.Missing);
        await story.ApproveAsync(id);
        AccessExplanation approved = await DecidesAsync(id, AccessCheck.Veto, AccessFindingOutcome.Waits);
        Assert.Equal((await story.GetAsync(id)).Approvals.Select(approval => approval.Seat), approved.Counted);
        await AdvanceAsync(LedgerStory.Policy.VetoWindow);
        Assert.True((await ledger.ExplainAccessAsync(id)).IsAllowed);
        await story.SubmitAsync(LedgerStory.Agency, new WithdrawLicence { Actor = default, Doctor = LedgerStory.Doctor.Id, ReasonCode = 1 });
        await DecidesAsync(id, AccessCheck.Licence, AccessFindingOutcome.Fails);
        await story.SubmitAsync(LedgerStory.Patient, new RevokeGrant { Actor = default, RequestId = id, ReasonCode = 2 });
        Assert.Contains("revoked", (await DecidesAsync(id, AccessCheck.NotEnded, AccessFindingOutcome.Fails)).ToString(), StringComparison.Ordinal);

        async Task<AccessExplanation> DecidesAsync(RequestId request, AccessCheck check, AccessFindingOutcome outcome)
        {
            AccessExplanation explanation = await ledger.ExplainAccessAsync(request);
            Assert.False(explanation.IsAllowed);
            Assert.Equal((check, outcome), (explanation.Decisive.Check, explanation.Decisive.Outcome));
            return explanation;
        }
    }

    [Fact]
    public async Task AttachToGrant_ByThePatient_IsRecordedWithTheGrant()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        RequestId id = await story.RequestAndDrawAsync();
        Digest tokens = LedgerStory.Fresh();
        var attach = new AttachToGrant { Actor = default, RequestId = id, AttachmentKind = GrantAttachmentKind.SearchTokens, AttachmentDigest = tokens };
        await RefusesAsync(story, LedgerStory.Patient, attach, LedgerError.WrongState);
        await story.ApproveAsync(id);
        await RefusesAsync(story, LedgerStory.Patient, attach, LedgerError.NotYet);
        await AdvanceAsync(LedgerStory.Policy.VetoWindow);
        await RefusesAsync(story, LedgerStory.Hospital, attach, LedgerError.NotYours);
        await story.SubmitAsync(LedgerStory.Patient, attach);
        GrantAttachment attached = Assert.Single((await story.GetAsync(id)).Grant!.Attachments);

        Assert.Equal((GrantAttachmentKind.SearchTokens, tokens), (attached.Kind, attached.Digest));
        await story.SubmitAsync(LedgerStory.Patient, new RevokeGrant { Actor = default, RequestId = id, ReasonCode = 0 });
        await RefusesAsync(story, LedgerStory.Patient, attach with { AttachmentDigest = LedgerStory.Fresh() }, LedgerError.WrongState);
    }

    [Fact]
    public async Task Claim_LevelByLevelWithAnAppeal_IsRecorded()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        await story.RegisterAsync(LedgerStory.Insurer, ActorRoles.Insurer);
        await story.SubmitAsync(LedgerStory.Agency, new AdmitActor { Actor = default, Subject = LedgerStory.Insurer.Id });
        await story.SubmitAsync(LedgerStory.Insurer, new SetReviewThreshold { Actor = default, Currency = "INR", Threshold = 1000 });
        Assert.Equal((1000ul, 0ul), (await ledger.GetReviewThresholdAsync(LedgerStory.Insurer.Id, "INR"), await ledger.GetReviewThresholdAsync(LedgerStory.Insurer.Id, "EUR")));

        FileClaim file = story.Claim(1000) with { Actor = LedgerStory.Patient.Id };
        Digest id = file.ComputeId(ledger.Id);
        Assert.Null(await ledger.GetClaimAsync(id));
        await RefusesAsync(story, LedgerStory.Doctor, file, LedgerError.WrongRole);
        await story.SubmitAsync(LedgerStory.Patient, file);
        await RefusesAsync(story, LedgerStory.Patient, file, LedgerError.AlreadyExists);
        await RefusesAsync(story, LedgerStory.Hospital, new EndorseClaim { Actor = default, ClaimId = id }, LedgerError.NotYours);
        await story.SubmitAsync(LedgerStory.Doctor, new EndorseClaim { Actor = default, ClaimId = id, OpinionDigest = LedgerStory.Fresh() });
        await story.SubmitAsync(LedgerStory.Hospital, new EndorseClaim { Actor = default, ClaimId = id });
        await RefusesAsync(story, LedgerStory.Insurer, new ApproveClaim { Actor = default, ClaimId = id, Amount = 1 }, LedgerError.WrongRole);
        await story.SubmitAsync(LedgerStory.Agency, new EndorseClaim { Actor = default, ClaimId = id });
        await story.SubmitAsync(LedgerStory.Insurer, new RejectClaim { Actor = default, ClaimId = id, ReasonCode = 5 });
        await story.SubmitAsync(LedgerStory.Patient, new AppealClaim { Actor = default, ClaimId = id, GroundsDigest = LedgerStory.Fresh() });
        await story.SubmitAsync(LedgerStory.Agency, new DecideAppeal { Actor = default, ClaimId = id, SendBack = true });
        await story.SubmitAsync(LedgerStory.Insurer, new ApproveClaim { Actor = default, ClaimId = id, Amount = 900 });
        await RefusesAsync(story, LedgerStory.Patient, new AppealClaim { Actor = default, ClaimId = id }, LedgerError.AlreadyExists);

        ClaimRecord claim = (await ledger.GetClaimAsync(id))!;
        Assert.Equal((ClaimStatus.Approved, 900ul, true, true), (claim.Status, claim.ApprovedAmount, claim.IsAppealed, claim.AgencyReviews));
        Assert.Equal((file.EvidenceCommitment, file.EvidenceDigest, file.NotAfter, file.Salt), (claim.EvidenceCommitment, claim.EvidenceDigest, claim.NotAfter, claim.Salt));
        Assert.Equal(
            [ClaimStepKind.Endorsed, ClaimStepKind.Endorsed, ClaimStepKind.Endorsed, ClaimStepKind.Rejected, ClaimStepKind.Appealed, ClaimStepKind.SentBack, ClaimStepKind.Approved],
            claim.Steps.Select(step => step.Kind));

        FileClaim late = story.Claim(1) with { Actor = LedgerStory.Patient.Id };
        await story.SubmitAsync(LedgerStory.Patient, late);
        await AdvanceAsync(TimeSpan.FromDays(20));
        await RefusesAsync(story, LedgerStory.Doctor, new EndorseClaim { Actor = default, ClaimId = late.ComputeId(ledger.Id) }, LedgerError.Expired);
        await story.SubmitAsync(LedgerStory.Doctor, new ExpireClaim { Actor = default, ClaimId = late.ComputeId(ledger.Id) });
        Assert.Equal([id, late.ComputeId(ledger.Id)], (await ledger.ListClaimsAsync(new ClaimFilter { Patient = LedgerStory.Patient.Id })).Select(c => c.Id));
        Assert.Equal([ClaimStatus.Expired], (await ledger.ListClaimsAsync(new ClaimFilter { Status = ClaimStatus.Expired })).Select(c => c.Status));
    }

    [Fact]
    public async Task EndOfARequest_EachWay_IsItsStatus()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters with { Cooldown = TimeSpan.Zero });
        LedgerStory story = await BeginAsync(ledger);

        RequestId vetoed = await story.RequestAndDrawAsync();
        await story.SubmitAsync(LedgerStory.Patient, new VetoRequest { Actor = default, RequestId = vetoed });
        Assert.Equal(RequestStatus.Vetoed, (await story.GetAsync(vetoed)).Status);

        RequestId denied = await story.RequestAndDrawAsync();
        await story.SubmitAsync(LedgerStory.Hospital, new DenyRequest { Actor = default, RequestId = denied, Seat = new TrusteeSeat(2, 1), ReasonCode = 7 });
        Assert.Equal(RequestStatus.Open, (await story.GetAsync(denied)).Status);
        await story.SubmitAsync(LedgerStory.Agency, new DenyRequest { Actor = default, RequestId = denied, Seat = new TrusteeSeat(3, 1), ReasonCode = 7 });
        Assert.Equal(RequestStatus.Denied, (await story.GetAsync(denied)).Status);

        RequestId cancelled = await story.RequestAndDrawAsync();
        await story.SubmitAsync(LedgerStory.Doctor, new CancelRequest { Actor = default, RequestId = cancelled });
        Assert.Equal(RequestStatus.Cancelled, (await story.GetAsync(cancelled)).Status);
        Assert.Equal(1, (await ledger.GetActorAsync(LedgerStory.Doctor.Id))!.AbandonedRequests);

        RequestId expired = await story.RequestAndDrawAsync();
        await AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Equal(RequestStatus.Expired, (await story.GetAsync(expired)).Status);

        IReadOnlyList<RequestRecord> listed = await ledger.ListRequestsAsync(new RequestFilter { BundleId = story.Bundle });
        Assert.Equal([vetoed, denied, cancelled, expired], listed.Select(r => r.Id));
        Assert.Equal([denied], (await ledger.ListRequestsAsync(new RequestFilter { Status = RequestStatus.Denied })).Select(r => r.Id));
    }

    [Fact]
    public async Task TakeSnapshot_ByAnybody_IsWhatRequestsDrawFrom()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        RegistrySnapshot snapshot = (await ledger.GetSnapshotAsync())!;
        Assert.Equal((1, LedgerStory.OracleCount), (snapshot.Number, snapshot.Entries.Count));
        Assert.Equal(snapshot, await ledger.GetSnapshotAsync(1));
        Assert.Null(await ledger.GetSnapshotAsync(2));
        await RefusesAsync(story, LedgerStory.Patient, new TakeSnapshot { Actor = default }, LedgerError.NotYet);
        await RefusesAsync(story, LedgerStory.Doctor, story.Request() with { Snapshot = 2 }, LedgerError.StaleDigest);
        RequestRecord request = await story.GetAsync(await story.RequestAndDrawAsync());
        Assert.Equal((1, 1), (request.Snapshot, request.DrawSnapshot));
        IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(new DrawInputs
        {
            Seed = request.Seed!.Value,
            RequestId = request.Id,
            Entries = snapshot.Entries,
            Seats = request.Policy.CommitteeSize,
            Parties = request.Parties.ToHashSet(),
        });
        Assert.Equal(drawn.Select(entry => (entry.Number, entry.Oracle)), request.Committee.Select(member => (member.Number, member.Oracle)));
        await RefusesAsync(story, LedgerStory.Doctor, story.Request(), LedgerError.OpenRequestExists);
    }

    [Fact]
    public async Task Team_FoundedChangedAndGranted_IsRecorded()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        Assert.Null(await ledger.GetTeamAsync(LedgerStory.Team));
        await story.SubmitAsync(LedgerStory.Doctor, LedgerStory.TeamRegistration());
        await RefusesAsync(story, LedgerStory.Doctor, story.TeamRequest(1), LedgerError.NotAdmitted);
        await story.SubmitAsync(LedgerStory.Clinic, new AdmitActor { Actor = default, Subject = LedgerStory.Team });
        RequestAccess asked = story.TeamRequest(1);
        await story.SubmitAsync(LedgerStory.Doctor, asked);
        RequestId id = asked.ComputeId(ledger.Id);
        Assert.Equal(RequestReceiver.Team(LedgerStory.Team, 1), (await story.GetAsync(id)).Receiver);

        TeamTerms now = (await ledger.GetTeamAsync(LedgerStory.Team))!.Terms;
        TeamTerms next = LedgerStory.Terms(2, 2, LedgerStory.Doctor, LedgerStory.Guardians[1]);
        await story.SubmitAsync(LedgerStory.Guardians[0], new ChangeTeam { Actor = default, Team = LedgerStory.Team, PreviousCharterDigest = now.CharterDigest, Terms = next });
        await RefusesAsync(story, LedgerStory.Guardians[2], new ConfirmTeamChange { Actor = default, Team = LedgerStory.Team, CharterDigest = next.CharterDigest }, LedgerError.NotAMember);
        await story.SubmitAsync(LedgerStory.Guardians[1], new ConfirmTeamChange { Actor = default, Team = LedgerStory.Team, CharterDigest = next.CharterDigest });
        TeamRecord team = (await ledger.GetTeamAsync(LedgerStory.Team))!;
        Assert.Equal(next, team.Terms);
        Assert.Empty(team.Votes);
        Assert.Equal((RequestStatus.Voided, VoidCause.NewTeamKey), ((await story.GetAsync(id)).Status, (await story.GetAsync(id)).VoidCause));
        await RefusesAsync(story, LedgerStory.Doctor, story.TeamRequest(1), LedgerError.StaleEpoch);
        await story.SubmitAsync(LedgerStory.Doctor, story.TeamRequest(2));
    }

    [Fact]
    public async Task SubmitAsync_RefusedCommands_LeaveNoTrace()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        RequestId id = await story.RequestAsync();
        ulong nonce = await ledger.GetNonceAsync(LedgerStory.Doctor.Id);
        var approve = LedgerStory.Approve(id, new TrusteeSeat(2, 1)) with { Actor = LedgerStory.Hospital.Id };

        await RefusesAsync(story, LedgerStory.Hospital, approve, LedgerError.NotYet);
        await RefusesAsync(story, LedgerStory.Doctor, new DrawCommittee { Actor = default, RequestId = RequestId.FromBytes(LedgerStory.Fresh().ToBytes()) }, LedgerError.NotFound);
        await RefusesAsync(story, LedgerStory.Doctor, new AdmitActor { Actor = default, Subject = LedgerStory.Hospital.Id }, LedgerError.WrongRole);
        await RefusesAsync(story, LedgerStory.Doctor, story.Request(), LedgerError.OpenRequestExists);
        await RefusesAsync(story, LedgerStory.Patient, new RegisterBundle { Actor = default, BundleId = story.Bundle, HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = default }, LedgerError.AlreadyExists);

        var cancel = new CancelRequest { Actor = LedgerStory.Doctor.Id, RequestId = id };
        await RefusesAsync(story, SignedCommand.Sign(cancel, nonce + 1, ledger.Id, LedgerStory.Doctor.Key), LedgerError.WrongNonce);
        await RefusesAsync(story, SignedCommand.Sign(cancel, nonce, ledger.Id, LedgerStory.Hospital.Key), LedgerError.BadSignature);
        await RefusesAsync(story, SignedCommand.Sign(cancel, nonce, new LedgerId(ledger.Id.ChainId + 1, ledger.Id.Contract), LedgerStory.Doctor.Key), LedgerError.BadSignature);
        SignedCommand signed = SignedCommand.Sign(cancel, nonce, ledger.Id, LedgerStory.Doctor.Key);
        await RefusesAsync(story, signed with { Command = cancel with { RequestId = RequestId.FromBytes(LedgerStory.Fresh().ToBytes()) } }, LedgerError.BadSignature);

        // The same signed command is good once.
        await ledger.SubmitAsync(signed);
        await RefusesAsync(story, signed, LedgerError.WrongNonce);
        Assert.Equal(nonce + 1, await ledger.GetNonceAsync(LedgerStory.Doctor.Id));
    }

    [Fact]
    public async Task SubmitAsync_ManyAtOnceOfOneActor_TakesEachOnceInTheOrderOfItsNonces()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        var story = new LedgerStory(ledger, () => Now);
        await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        SignedCommand[] commands = [.. Enumerable.Range(1, 8).Select(nonce => SignedCommand.Sign(
            new RegisterBundle { Actor = LedgerStory.Patient.Id, BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()), HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh() },
            (ulong)nonce,
            ledger.Id,
            LedgerStory.Patient.Key))];

        LedgerReceipt[] receipts = await Task.WhenAll(commands.Reverse().Select(command => Task.Run(() => InsistAsync(command))));

        Assert.Equal(9ul, await ledger.GetNonceAsync(LedgerStory.Patient.Id));
        Assert.Equal(Enumerable.Range(1, 8).Select(n => (ulong)n), receipts.OrderBy(r => r.Number).Select(r => r.Entry.Command!.Nonce));

        async Task<LedgerReceipt> InsistAsync(SignedCommand command)
        {
            while (true)
            {
                try
                {
                    return await ledger.SubmitAsync(command);
                }
                catch (LedgerRejectedException e) when (e.Error == LedgerError.WrongNonce)
                {
                    await Task.Yield();
                }
            }
        }
    }

    [Fact]
    public async Task FollowAsync_WhileCommandsComeIn_GivesEveryEntryOnceInOrder()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        var story = new LedgerStory(ledger, () => Now);
        const int Bundles = 20;
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task<List<LedgerEntry>> early = CollectAsync(0);
        await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        Task<List<LedgerEntry>> late = CollectAsync(1);
        for (int i = 0; i < Bundles; i++)
        {
            await story.SubmitAsync(LedgerStory.Patient, new RegisterBundle { Actor = default, BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()), HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = default });
        }

        List<LedgerEntry> all = await ReadAllAsync(ledger);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(n => (ulong)n), all.Select(entry => entry.Number));
        Assert.Equal(all.Select(entry => entry.Hash), (await early).Select(entry => entry.Hash));
        Assert.Equal(all.Skip(1).Select(entry => entry.Hash), (await late).Select(entry => entry.Hash));
        Assert.Equal(Bundles, all.SelectMany(entry => entry.Events).OfType<BundleRegistered>().Count());
        Assert.Equal(all[^1].Hash, (await ledger.GetHeadAsync()).Hash);

        async Task<List<LedgerEntry>> CollectAsync(ulong after)
        {
            var entries = new List<LedgerEntry>();
            int bundles = 0;
            await foreach (LedgerEntry entry in ledger.FollowAsync(after, enough.Token))
            {
                entries.Add(entry);
                bundles += entry.Events.OfType<BundleRegistered>().Count();
                if (bundles == Bundles)
                {
                    break;
                }
            }

            return entries;
        }
    }

    [Fact]
    public async Task FollowAsync_Cancelled_Ends()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        using var cancellation = new CancellationTokenSource();
        Task following = Task.Run(async () =>
        {
            await foreach (LedgerEntry unused in ledger.FollowAsync(0, cancellation.Token))
            {
                Assert.Fail("there is nothing to follow");
            }
        });
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task Entries_ReplayedIntoAnEmptyState_GiveTheSameRecords()
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters);
        LedgerStory story = await BeginAsync(ledger);
        RequestId id = await story.RequestAndDrawAsync();
        await story.ApproveAsync(id);

        var state = new ConsentState(ledger.Id, ledger.Parameters);
        var randomness = new Dictionary<ulong, Digest>();
        ulong block = 0;
        foreach (LedgerEntry entry in await ReadAllAsync(ledger))
        {
            Assert.True(entry.Block.Number >= block);
            block = entry.Block.Number;
            randomness[block] = entry.Block.Randomness;
            if (entry.Command is { } command)
            {
                if (RandomnessOf(ledger) is { } find && command.Command is DrawCommittee draw)
                {
                    ulong seedBlock = state.GetRequest(draw.RequestId, entry.Block.Time)!.SeedBlock;
                    randomness[seedBlock] = await find(seedBlock);
                }

                LedgerDecision decision = state.Decide(command, entry.Block, number => randomness[number]);
                Assert.Equal(decision.Events!.Select(e => e.ToBytes()), entry.Events.Select(e => e.ToBytes()));
            }

            foreach (LedgerEvent ledgerEvent in entry.Events)
            {
                state.Evolve(ledgerEvent, entry.Block);
            }
        }

        await EqualsAsync(ledger, state);
    }

    [Fact]
    public void RandomCommands_OnLedgerAndModel_HaveTheSameOutcomes()
    {
        Arbitrary<int[]> scripts = Arb.From(Gen.Choose(0, int.MaxValue).ArrayOf(RandomHistoryLength), Shorten);
        Prop.ForAll(scripts, script => RunBlocking(script)).Check(Config.QuickThrowOnFailure.WithMaxTest(RandomHistories));
    }

    /// <summary>Compares every record that can be asked for.</summary>
    protected static async Task EqualsAsync(IConsentLedger ledger, ConsentState state)
    {
        DateTimeOffset time = (await ledger.GetHeadAsync()).Time;
        foreach (Person person in LedgerStory.Everybody)
        {
            Assert.Equal(state.GetActor(person.Id), await ledger.GetActorAsync(person.Id));
            Assert.Equal(state.GetNonce(person.Id), await ledger.GetNonceAsync(person.Id));
            Assert.Equal(state.GetRecovery(person.Id), await ledger.GetRecoveryAsync(person.Id));
        }

        Assert.Equal(state.GetTeam(LedgerStory.Team), await ledger.GetTeamAsync(LedgerStory.Team));
        Assert.Equal(state.GetActor(LedgerStory.Team), await ledger.GetActorAsync(LedgerStory.Team));
        IReadOnlyList<RequestRecord> requests = await ledger.ListRequestsAsync(new RequestFilter());
        Assert.Equal(state.ListRequests(new RequestFilter(), time), requests);
        Assert.Equal(state.ListOracles(time), await ledger.ListOraclesAsync());
        foreach (BundleId bundle in requests.Select(r => r.BundleId).Distinct())
        {
            BundleRecord record = (await ledger.GetBundleAsync(bundle))!;
            Assert.Equal(state.GetBundle(bundle), record);
            foreach (Digest dealing in new[] { record.ActiveDealing, record.PendingDealing }.OfType<Digest>())
            {
                Assert.Equal(state.GetDealing(bundle, dealing), await ledger.GetDealingAsync(bundle, dealing));
            }

            if (record.PendingReshare is { } plan)
            {
                Assert.Equal(state.GetReshare(bundle, plan), await ledger.GetReshareAsync(bundle, plan));
            }
        }
    }

    protected static async Task<List<LedgerEntry>> ReadAllAsync(IConsentLedger ledger, ulong after = 0)
    {
        var entries = new List<LedgerEntry>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(after))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static IEnumerable<int[]> Shorten(int[] script)
    {
        for (int size = script.Length / 2; size > 0; size /= 2)
        {
            for (int start = 0; start + size <= script.Length; start += size)
            {
                yield return [.. script[..start], .. script[(start + size)..]];
            }
        }
    }

    private void RunBlocking(int[] script) => Task.Run(() => RunAsync(script)).GetAwaiter().GetResult();

    private async Task RunAsync(int[] script)
    {
        await using IConsentLedger ledger = await CreateAsync(LedgerStory.Parameters with { Cooldown = TimeSpan.FromMinutes(1) });
        LedgerStory story = await BeginAsync(ledger);
        var commands = new RandomCommands(story, () => Now, AdvanceAsync, RandomnessOf(ledger));
        await commands.BeginAsync();
        await commands.RunAsync(script);
        await EqualsAsync(ledger, commands.Model);
        await InspectAsync(ledger);
        TestContext.Current.SendDiagnosticMessage($"{commands.Accepted} accepted, {commands.Refused} refused");
    }

    private static Task RefusesAsync(LedgerStory story, Person person, LedgerCommand command, LedgerError error) =>
        RefusesAsync(story, error, () => story.SubmitAsync(person, command));

    private static Task RefusesAsync(LedgerStory story, SignedCommand command, LedgerError error) =>
        RefusesAsync(story, error, () => story.Ledger.SubmitAsync(command));

    private static async Task RefusesAsync(LedgerStory story, LedgerError error, Func<Task> submit)
    {
        LedgerHead before = await story.Ledger.GetHeadAsync();
        var refused = await Assert.ThrowsAsync<LedgerRejectedException>(submit);
        Assert.Equal(error, refused.Error);
        LedgerHead after = await story.Ledger.GetHeadAsync();
        Assert.Equal((before.Number, before.Hash), (after.Number, after.Hash));
    }

    private async Task<LedgerStory> BeginAsync(IConsentLedger ledger)
    {
        var story = new LedgerStory(ledger, () => Now);
        await story.InstituteAsync();
        await story.SealAsync();
        return story;
    }
}
