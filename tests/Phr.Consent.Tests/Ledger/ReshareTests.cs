using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>The trustees deal their shares onward while the patient is away.</summary>
public class ReshareTests
{
    private static readonly TrusteeSeat _first = new(1, 1);
    private static readonly TrusteeSeat _second = new(1, 2);
    private static readonly TrusteeSeat _third = new(1, 3);
    private static readonly TrusteeSeat _hospital = new(2, 1);
    private static readonly TrusteeSeat _agency = new(3, 1);

    [Fact]
    public void ProposeReshare_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        ProposeReshare proposal = world.ReshareProposal();
        world.Refused(LedgerError.NotFound, proposal with { BundleId = BundleId.FromBytes(world.Fresh().ToBytes()) });
        foreach (Person other in (Person[])[world.Patient, world.Doctor, world.Oracles[0]])
        {
            world.Refused(LedgerError.NotATrustee, proposal with { Actor = other.Id });
        }

        world.Refused(LedgerError.StaleDigest, proposal with { HeaderDigest = world.Fresh() });
        world.Refused(LedgerError.StaleDigest, proposal with { PreviousDealingDigest = world.Fresh() });
        world.Refused(LedgerError.StaleEpoch, proposal with { Epoch = 1 });
        world.Refused(LedgerError.StaleEpoch, proposal with { Epoch = 3 });
        world.Refused(LedgerError.Malformed, proposal with { PlanDigest = default });
        world.Refused(LedgerError.Expired, proposal with { NotAfter = world.Now + world.Parameters.TrusteeChangeDelay });
        world.Refused(LedgerError.Malformed, proposal with { NotAfter = world.Now + world.Parameters.TrusteeChangeDelay + world.Parameters.MaxRequestLifetime + TimeSpan.FromSeconds(1) });
        world.Refused(LedgerError.PolicyInvalid, proposal with { Policy = world.Policy with { CommitteeSize = 17 } });
        world.Refused(LedgerError.NotRegistered, proposal with { Policy = WithHospital(world, world.Stranger.Id) });
        world.Refused(LedgerError.WrongRole, proposal with { Policy = WithHospital(world, world.Patient.Id) });
        world.Refused(LedgerError.WrongRole, proposal with { Policy = WithHospital(world, world.Oracles[0].Id) });
        world.Do(proposal);
        world.Refused(LedgerError.AlreadyExists, world.ReshareProposal() with { Actor = world.Hospital.Id });
        world.Do(new CancelReshare { Actor = world.Patient.Id, BundleId = world.Bundle, PlanDigest = proposal.PlanDigest });
        world.Refused(LedgerError.NotFound, world.Contribution(proposal.PlanDigest, _first));

        // The same plan again starts from nothing.
        world.Do(proposal);
        Assert.Equal(ReshareState.Open, world.Reshare(proposal.PlanDigest).State);
    }

    [Fact]
    public void ProposeReshare_WithoutADealingOrWhileThePatientsIsPending_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Do(new RegisterBundle { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        world.PublishEnvelopeKeys();
        world.Refused(LedgerError.WrongState, world.ReshareProposal());
        world.ActivateNewDealing();
        world.ProposeNewDealing();
        world.Refused(LedgerError.AlreadyExists, world.ReshareProposal());
        world.Do(new RevokeBundle { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, world.ReshareProposal());
    }

    [Fact]
    public void ProposeReshare_PolicyThatAsksForLess_IsRefusedInEveryRespect()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        world.PublishEnvelopeKeys();
        ConsentPolicy policy = world.Policy;
        ConsentPolicy[] relaxed =
        [
            policy with { GroupThreshold = 1 },
            policy with { Groups = [policy.Groups[0] with { Threshold = 1 }, .. policy.Groups.Skip(1)] },
            policy with { Groups = [.. policy.Groups.Take(2)] },
            policy with { Groups = [policy.Groups[0], policy.Groups[2], policy.Groups[1]] },
            policy with { Groups = [.. policy.Groups.Take(2), policy.Groups[2] with { Name = "others" }] },
            policy with { Groups = [.. policy.Groups.Take(2), policy.Groups[2], new PolicyGroup { Name = "more", Threshold = 1, Members = [new PolicyMember { Identity = world.Stranger.Id }] }] },
            policy with { CommitteeThreshold = 2, CommitteeSize = 3 },
            policy with { CommitteeThreshold = 4, CommitteeSize = 6 },
            policy with { CommitteeThreshold = 1, CommitteeSize = 1, SingleOracle = true },
            policy with { VetoWindow = policy.VetoWindow - TimeSpan.FromSeconds(1) },
            policy with { AccessRule = AccessRule.Role(ActorRoles.Doctor) },
            policy with { ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team },
        ];
        foreach (ConsentPolicy less in relaxed)
        {
            Assert.NotNull(less.FindRelaxation(policy));
            Assert.Null(less.FindFault());
            world.Refused(LedgerError.PolicyRelaxed, world.ReshareProposal(less));
        }

        ConsentPolicy more = policy with
        {
            GroupThreshold = 3,
            Groups = [policy.Groups[0] with { Threshold = 3 }, .. policy.Groups.Skip(1)],
            CommitteeThreshold = 4,
            VetoWindow = policy.VetoWindow + TimeSpan.FromHours(1),
        };
        Assert.Null(more.FindRelaxation(policy));
        Assert.Null(policy.FindRelaxation(policy));
        world.Do(world.ReshareProposal(more));
    }

    [Fact]
    public void ProposeReshare_OtherTrusteesAndMoreOfThem_IsThePoint()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person[] next = [.. Enumerable.Range(1, 5).Select(i => Person.Of($"next guardian {i}"))];
        foreach (Person guardian in next)
        {
            world.Do(world.Register(guardian, ActorRoles.Guardian));
            world.Do(new PublishEnvelopeKey { Actor = guardian.Id, BundleId = world.Bundle, Epoch = 2, EnvelopeKey = guardian.Key.PublicKey, OfferDigest = world.Fresh() });
        }

        ConsentPolicy policy = world.Policy with
        {
            Groups = [world.Policy.Groups[0] with { Threshold = 3, Members = [.. next.Select(guardian => new PolicyMember { Identity = guardian.Id })] }, .. world.Policy.Groups.Skip(1)],
        };
        (Digest plan, Digest dealing) = world.CompleteNewReshare(policy);
        Assert.Equal(ReshareState.Completed, world.Reshare(plan).State);
        Assert.Equal(policy, world.State.GetDealing(world.Bundle, dealing)!.Policy);
        world.Refused(LedgerError.NotATrustee, new AcknowledgeDealing { Actor = world.Guardians[0].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = _first });
        world.Do(new AcknowledgeDealing { Actor = next[4].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(1, 5) });
    }

    [Fact]
    public void ContributeToReshare_WrongSeatTwiceOrLate_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ProposeNewReshare();
        ContributeToReshare contribute = world.Contribution(plan, _first);
        world.Pass(world.Parameters.TrusteeChangeDelay - TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.NotYet, contribute);
        world.Pass(TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.NotFound, contribute with { PlanDigest = world.Fresh() });
        world.Refused(LedgerError.NotATrustee, contribute with { Seat = _second });
        world.Refused(LedgerError.NotATrustee, contribute with { Seat = TrusteeSeat.Patient });
        world.Refused(LedgerError.NotATrustee, contribute with { Actor = world.Patient.Id });
        world.Refused(LedgerError.Malformed, contribute with { ContributionDigest = default });
        world.Do(contribute);
        world.Refused(LedgerError.AlreadyExists, contribute);
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[1].Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, world.Contribution(plan, _second));
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.Expired, world.Contribution(plan, _third));
    }

    [Fact]
    public void ComplainOfReshare_LeavesTheDealerOut()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ContributeToNewReshare();
        ComplainOfReshare complain = world.ReshareComplaint(plan, _second, _hospital);
        world.Refused(LedgerError.NotATrustee, complain with { Seat = _first });
        world.Refused(LedgerError.NotATrustee, complain with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.NotFound, complain with { Dealer = _agency });
        world.Do(complain);
        world.Refused(LedgerError.AlreadyExists, complain);
        Assert.Equal([_first, _third], world.Reshare(plan).Qualified());
        world.Refused(LedgerError.WrongState, world.Confirmation(plan, _first, world.Fresh(), LedgerWorld.Dealers));
        world.Refused(LedgerError.BelowQuorum, world.Confirmation(plan, _first, world.Fresh(), _first, _third));
        world.Refused(LedgerError.AlreadyExists, world.Contribution(plan, _hospital));

        // The agency steps in for the hospital, and nobody has to deal again.
        world.Do(world.Contribution(plan, _agency));
        Digest dealing = world.Fresh();
        TrusteeSeat[] dealers = [_first, _third, _agency];
        Assert.All(dealers, seat => world.Do(world.Confirmation(plan, seat, dealing, dealers)));
        Assert.Equal(dealing, world.BundleNow.PendingDealing);
        Assert.Equal(dealers, world.Reshare(plan).Dealers);
    }

    [Fact]
    public void ConfirmReshare_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ContributeToNewReshare();
        ConfirmReshare confirm = world.Confirmation(plan, _first, world.Fresh(), LedgerWorld.Dealers);
        world.Refused(LedgerError.NotFound, confirm with { PlanDigest = world.Fresh() });
        world.Refused(LedgerError.NotATrustee, confirm with { Actor = world.Guardians[1].Id });
        world.Refused(LedgerError.Malformed, confirm with { Actor = world.Guardians[1].Id, Seat = _second });
        world.Refused(LedgerError.Malformed, confirm with { Dealers = [_third, _first, _hospital] });
        world.Refused(LedgerError.Malformed, confirm with { Dealers = [_first, _first, _third, _hospital] });
        world.Refused(LedgerError.Malformed, confirm with { DealingDigest = default });
        world.Refused(LedgerError.Malformed, confirm with { ConfirmationDigest = default });
        world.Refused(LedgerError.WrongState, confirm with { Dealers = [_first, _second, _hospital] });
        world.Refused(LedgerError.BelowQuorum, confirm with { Dealers = [_first, _hospital] });
        world.Refused(LedgerError.AlreadyExists, confirm with { DealingDigest = world.BundleNow.ActiveDealing!.Value });
        Assert.Equal(ReshareState.Open, world.Reshare(plan).State);
    }

    [Fact]
    public void ConfirmReshare_DifferentDealingsOrSets_ProposeNothing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ContributeToNewReshare();
        world.Do(world.Contribution(plan, _second));
        Digest one = world.Fresh();
        Digest other = world.Fresh();
        TrusteeSeat[] all = [_first, _second, _third, _hospital];
        world.Do(world.Confirmation(plan, _first, one, LedgerWorld.Dealers));
        world.Do(world.Confirmation(plan, _third, other, LedgerWorld.Dealers));
        world.Do(world.Confirmation(plan, _hospital, one, all));
        world.Do(world.Confirmation(plan, _second, one, all));
        Assert.Null(world.BundleNow.PendingDealing);

        // Each one's latest word counts.
        world.Do(world.Confirmation(plan, _third, one, LedgerWorld.Dealers));
        Assert.Null(world.BundleNow.PendingDealing);
        Assert.Contains(world.Do(world.Confirmation(plan, _hospital, one, LedgerWorld.Dealers)), made => made is ReshareCompleted);
        Assert.Equal(one, world.BundleNow.PendingDealing);
        Assert.Equal(4, world.Reshare(plan).Confirmations.Count);
        world.Refused(LedgerError.WrongState, world.Confirmation(plan, _first, one, LedgerWorld.Dealers));
    }

    [Fact]
    public void ConfirmReshare_OfASuspendedDealer_DoesNotCount()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person[] next = [Person.Of("next guardian 1"), Person.Of("next guardian 2")];
        foreach (Person guardian in next)
        {
            world.Do(world.Register(guardian, ActorRoles.Guardian));
            world.Do(new PublishEnvelopeKey { Actor = guardian.Id, BundleId = world.Bundle, Epoch = 2, EnvelopeKey = guardian.Key.PublicKey, OfferDigest = world.Fresh() });
        }

        Digest plan = world.ContributeToNewReshare(world.Policy with { Groups = [world.Policy.Groups[0] with { Members = [.. next.Select(guardian => new PolicyMember { Identity = guardian.Id })] }, .. world.Policy.Groups.Skip(1)] });
        Digest dealing = world.Fresh();
        world.Do(world.Confirmation(plan, _first, dealing, LedgerWorld.Dealers));
        world.Do(world.Confirmation(plan, _third, dealing, LedgerWorld.Dealers));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        world.Do(world.Confirmation(plan, _hospital, dealing, LedgerWorld.Dealers));
        Assert.Null(world.BundleNow.PendingDealing);
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        world.Do(world.Confirmation(plan, _first, dealing, LedgerWorld.Dealers));
        Assert.Equal(dealing, world.BundleNow.PendingDealing);
    }

    [Fact]
    public void ConfirmReshare_NewTrusteeSuspendedMeanwhile_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ContributeToNewReshare();
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[1].Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, world.Confirmation(plan, _first, world.Fresh(), LedgerWorld.Dealers));
    }

    [Fact]
    public void ResharedDealing_Acknowledged_BecomesActiveByAnybody()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        (Digest plan, Digest dealing) = world.CompleteNewReshare();
        Assert.True(world.State.GetDealing(world.Bundle, dealing)!.IsReshared);
        Assert.Equal(plan, world.BundleNow.PendingReshare);
        world.Acknowledge(dealing);
        world.Do(new ActivateDealing { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = dealing });
        Assert.Equal((2, dealing), (world.BundleNow.Epoch, world.BundleNow.ActiveDealing));
        Assert.Null(world.BundleNow.PendingReshare);
    }

    [Fact]
    public void ResharedDealing_QuorumAcknowledged_NeedsNoPatientUnlessSomebodyComplained()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        (_, Digest dealing) = world.CompleteNewReshare();
        ActivateDealing activate = new() { Actor = world.Guardians[0].Id, BundleId = world.Bundle, DealingDigest = dealing };
        world.Refused(LedgerError.BelowQuorum, activate);
        foreach (TrusteeSeat seat in LedgerWorld.Dealers)
        {
            world.Do(new AcknowledgeDealing { Actor = world.Policy.FindMember(seat)!.Identity, BundleId = world.Bundle, DealingDigest = dealing, Seat = seat });
        }

        Assert.True(world.Peek(activate).IsAccepted);
        world.Do(new ComplainOfDealing { Actor = world.Guardians[1].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = _second, EvidenceDigest = world.Fresh() });
        world.Refused(LedgerError.BelowQuorum, activate);
        world.Refused(LedgerError.BelowQuorum, activate with { Without = [_second, _agency] });
        world.Refused(LedgerError.BelowQuorum, activate with { Actor = world.Patient.Id });
        world.Do(activate with { Actor = world.Patient.Id, Without = [_second, _agency] });
        Assert.Equal([_second, _agency], world.State.GetDealing(world.Bundle, dealing)!.Missing);
    }

    [Fact]
    public void Patient_CancelsWhenever_OrDealsAnew()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ContributeToNewReshare();
        CancelReshare cancel = new() { Actor = world.Patient.Id, BundleId = world.Bundle, PlanDigest = plan };
        world.Refused(LedgerError.NotYours, cancel with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.WrongState, cancel with { PlanDigest = world.Fresh() });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Do(cancel);
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, cancel);
        world.Refused(LedgerError.NotFound, world.Contribution(plan, _second));

        (Digest second, Digest dealing) = world.CompleteNewReshare();
        world.Refused(LedgerError.WrongState, cancel with { PlanDigest = second });
        world.Do(new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing });
        Assert.Null(world.BundleNow.PendingReshare);
        world.Refused(LedgerError.NotFound, new ActivateDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing });

        Digest third = world.ContributeToNewReshare();
        Digest own = world.ProposeNewDealing();
        Assert.Equal(ReshareState.Cancelled, world.Reshare(third).State);
        world.Refused(LedgerError.NotFound, world.Contribution(third, _second));
        world.Do(new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = own });

        (_, Digest late) = world.CompleteNewReshare();
        own = world.ProposeNewDealing();
        Assert.Equal(DealingState.Cancelled, world.State.GetDealing(world.Bundle, late)!.State);
        Assert.Equal((own, null), (world.BundleNow.PendingDealing, world.BundleNow.PendingReshare));
        world.Acknowledge(own);
        world.Do(new ActivateDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = own });
        Assert.Equal(2, world.BundleNow.Epoch);
    }

    [Fact]
    public void RevokeBundle_EndsAReshare()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ContributeToNewReshare();
        world.Do(new RevokeBundle { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 1 });
        Assert.Equal(ReshareState.Cancelled, world.Reshare(plan).State);
    }

    [Fact]
    public void ExpireReshare_ThenTheOthersHaveTheirTurn()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest plan = world.ProposeNewReshare();
        ExpireReshare expire = new() { Actor = world.Doctor.Id, BundleId = world.Bundle, PlanDigest = plan };
        world.Refused(LedgerError.NotFound, expire with { PlanDigest = world.Fresh() });
        world.Refused(LedgerError.NotYet, expire);
        world.Pass(world.Parameters.TrusteeChangeDelay + TimeSpan.FromDays(2));
        world.Do(expire);
        world.Refused(LedgerError.NotFound, expire);
        world.Refused(LedgerError.CoolingDown, world.ReshareProposal());
        Assert.True(world.Peek(world.ReshareProposal() with { Actor = world.Hospital.Id }).IsAccepted);
        world.Pass(world.Parameters.TrusteeChangeDelay + TimeSpan.FromDays(2));
        world.Do(world.ReshareProposal());
    }

    [Fact]
    public void ExpireReshare_DealingThatNobodyActivated_IsCancelled()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        (Digest plan, Digest dealing) = world.CompleteNewReshare();
        ExpireReshare expire = new() { Actor = world.Hospital.Id, BundleId = world.Bundle, PlanDigest = plan };
        world.Pass(world.Parameters.TrusteeChangeDelay);
        world.Refused(LedgerError.NotYet, expire);
        world.Pass(TimeSpan.FromDays(2));
        world.Do(expire);
        Assert.Equal((DealingState.Cancelled, ReshareState.Expired), (world.State.GetDealing(world.Bundle, dealing)!.State, world.Reshare(plan).State));
        world.Do(world.ReshareProposal() with { Actor = world.Hospital.Id });
    }

    [Fact]
    public void RefreshDue_ClearedByTheTrusteesOwnDealing_AndUndecidedRequestsAreVoid()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        Assert.True(world.BundleNow.RefreshDue);
        (_, Digest dealing) = world.CompleteNewReshare();
        world.Acknowledge(dealing);
        RequestId open = world.AskAndDraw();
        world.Do(new ActivateDealing { Actor = world.Agency.Id, BundleId = world.Bundle, DealingDigest = dealing });
        Assert.False(world.BundleNow.RefreshDue);
        Assert.Equal(VoidCause.NewDealing, world.Request(open).VoidCause);
    }

    private static ConsentPolicy WithHospital(LedgerWorld world, ActorId identity) => world.Policy with
    {
        Groups = [world.Policy.Groups[0], new PolicyGroup { Name = "hospital", Threshold = 1, Members = [new PolicyMember { Identity = identity }] }, world.Policy.Groups[2]],
    };
}
