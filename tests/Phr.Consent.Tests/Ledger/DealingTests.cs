using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class DealingTests
{
    [Fact]
    public void RegisterBundle_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        RegisterBundle register = new() { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() };
        world.Refused(LedgerError.WrongRole, register with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.Malformed, register with { HeaderDigest = default });
        world.Refused(LedgerError.Malformed, register with { BundleId = default });
        world.Do(register);
        world.Refused(LedgerError.AlreadyExists, register);
    }

    [Fact]
    public void ReviseBundle_ComparesAndSwaps()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        ReviseBundle revise = new() { Actor = world.Patient.Id, BundleId = world.Bundle, PreviousHeaderDigest = world.Header, HeaderDigest = world.Fresh(), DocumentsRoot = world.Fresh() };
        world.Refused(LedgerError.NotYours, revise with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.NotFound, revise with { BundleId = BundleId.FromBytes(world.Fresh().ToBytes()) });
        world.Refused(LedgerError.StaleDigest, revise with { PreviousHeaderDigest = world.Fresh() });
        world.Refused(LedgerError.Malformed, revise with { HeaderDigest = world.Header });
        world.Do(revise);
        world.Refused(LedgerError.StaleDigest, revise);
        Assert.Equal(revise.HeaderDigest, world.BundleNow.HeaderDigest);
        Assert.Equal(1, world.BundleNow.Revision);
    }

    [Fact]
    public void RevokeBundle_EndsRequestsGrantsAndDealings()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        RequestId granted = world.AskAndGrant();
        RequestId open = world.AskAndDraw(second);
        Digest pending = world.ProposeNewDealing();
        world.Refused(LedgerError.NotYours, new RevokeBundle { Actor = world.Guardians[0].Id, BundleId = world.Bundle, ReasonCode = 4 });
        world.Do(new RevokeBundle { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 4 });
        Assert.Equal(RequestStatus.Revoked, world.Request(granted).Status);
        Assert.Equal(RequestStatus.Voided, world.Request(open).Status);
        Assert.Equal(VoidCause.BundleRevoked, world.Request(open).VoidCause);
        Assert.Equal(DealingState.Cancelled, world.State.GetDealing(world.Bundle, pending)!.State);
        world.Refused(LedgerError.WrongState, world.Asking(second));
        world.Refused(LedgerError.WrongState, new RevokeBundle { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 4 });
    }

    [Fact]
    public void PublishEnvelopeKey_ForTheNextEpoch_TheLaterOneCounts()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        PublishEnvelopeKey publish = new() { Actor = world.Guardians[0].Id, BundleId = world.Bundle, Epoch = 2, EnvelopeKey = world.Doctor.Key.PublicKey, OfferDigest = world.Fresh() };
        world.Refused(LedgerError.StaleEpoch, publish with { Epoch = 1 });
        world.Refused(LedgerError.StaleEpoch, publish with { Epoch = 3 });
        world.Refused(LedgerError.WrongRole, publish with { Actor = world.Oracles[0].Id });
        world.Refused(LedgerError.NotFound, publish with { BundleId = BundleId.FromBytes(world.Fresh().ToBytes()) });
        world.Do(publish with { EnvelopeKey = world.Hospital.Key.PublicKey });
        world.Do(publish);
        Assert.Equal(publish.EnvelopeKey, world.State.GetEnvelopeKey(world.Guardians[0].Id, world.Bundle, 2)!.EnvelopeKey);
    }

    [Fact]
    public void ProposeDealing_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        ProposeDealing proposal = world.Proposal();
        world.Refused(LedgerError.NotYours, proposal with { Actor = world.Hospital.Id });
        world.Refused(LedgerError.StaleDigest, proposal with { HeaderDigest = world.Fresh() });
        world.Refused(LedgerError.StaleDigest, proposal with { PreviousDealingDigest = default });
        world.Refused(LedgerError.StaleEpoch, proposal with { Epoch = 1 });
        world.Refused(LedgerError.StaleEpoch, proposal with { Epoch = 3 });
        world.Refused(LedgerError.AlreadyExists, proposal with { DealingDigest = world.BundleNow.ActiveDealing!.Value });
        world.Refused(LedgerError.PolicyInvalid, proposal with { Policy = world.Policy with { CommitteeThreshold = 2 } });
        world.Refused(LedgerError.NotRegistered, proposal with { Policy = WithMember(world, world.Stranger.Id) });
        world.Refused(LedgerError.WrongRole, proposal with { Policy = WithMember(world, world.Oracles[0].Id) });
        world.Refused(LedgerError.WrongRole, proposal with { Policy = WithMember(world, world.Patient.Id) });
        world.Refused(LedgerError.PolicyInvalid, proposal with { Policy = WithMember(world, world.Hospital.Id, Person.Of("elsewhere").Id) });
        world.Do(proposal);
        world.Refused(LedgerError.AlreadyExists, proposal with { DealingDigest = world.Fresh() });
    }

    [Fact]
    public void ProposeDealing_TrusteesOfOneOrganisation_AreRefusedWhereTheLedgerKnowsIt()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Person[] staff = [Person.Of("staff 1"), Person.Of("staff 2"), Person.Of("staff 3")];
        foreach (Person member in staff)
        {
            world.Do(world.Register(member, ActorRoles.Guardian) with { Organisation = world.Hospital.Id });
        }

        world.Do(new RegisterBundle { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        world.Policy = world.Policy with
        {
            Groups = [new PolicyGroup { Name = "staff", Threshold = 2, Members = [.. staff.Select(member => new PolicyMember { Identity = member.Id })] }, .. world.Policy.Groups.Skip(2)],
        };
        Assert.Null(world.Policy.FindFault());
        world.PublishEnvelopeKeys();
        world.Refused(LedgerError.PolicyInvalid, world.Proposal());
    }

    [Fact]
    public void FirstDealing_Acknowledged_BecomesActiveAtOnceByAnybody()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Do(new RegisterBundle { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        Digest dealing = world.ProposeNewDealing();
        ActivateDealing activate = new() { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = dealing };
        world.Refused(LedgerError.BelowQuorum, activate);
        world.Refused(LedgerError.NotFound, activate with { DealingDigest = world.Fresh() });
        Assert.Equal(DealingState.Registered, world.State.GetDealing(world.Bundle, dealing)!.State);
        world.Acknowledge(dealing);
        Assert.Equal(DealingState.Acknowledged, world.State.GetDealing(world.Bundle, dealing)!.State);
        world.Do(activate);
        Assert.Equal(DealingState.Active, world.State.GetDealing(world.Bundle, dealing)!.State);
        Assert.Equal((1, dealing), (world.BundleNow.Epoch, world.BundleNow.ActiveDealing!.Value));
        world.Refused(LedgerError.WrongState, activate);
    }

    [Fact]
    public void ActivateDealing_SomeMissing_OnlyByThePatientAndOnlyAboveTheQuorum()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Do(new RegisterBundle { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        Digest dealing = world.ProposeNewDealing();
        ActivateDealing activate = new() { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing };
        AcknowledgeDealing acknowledge = new() { Actor = world.Guardians[0].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(1, 1) };
        world.Do(acknowledge);
        world.Do(acknowledge with { Actor = world.Hospital.Id, Seat = new TrusteeSeat(2, 1) });
        world.Refused(LedgerError.BelowQuorum, activate);
        world.Do(acknowledge with { Actor = world.Guardians[2].Id, Seat = new TrusteeSeat(1, 3) });
        TrusteeSeat[] missing = [new(1, 2), new(3, 1)];
        world.Refused(LedgerError.BelowQuorum, activate with { Actor = world.Guardians[0].Id, Without = missing });
        world.Refused(LedgerError.BelowQuorum, activate);
        world.Refused(LedgerError.BelowQuorum, activate with { Without = [missing[0]] });
        world.Do(activate with { Without = [.. missing, new TrusteeSeat(1, 1)] });
        Assert.Equal([new TrusteeSeat(1, 2), new TrusteeSeat(3, 1)], world.State.GetDealing(world.Bundle, dealing)!.Missing);

        // Late, but welcome.
        world.Do(acknowledge with { Actor = world.Guardians[1].Id, Seat = new TrusteeSeat(1, 2) });
    }

    [Fact]
    public void ActivateDealing_AfterAComplaint_OnlyByThePatientWhoNamesTheSeat()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest dealing = world.ProposeNewDealing();
        foreach ((TrusteeSeat seat, ActorId trustee) in world.Seats().Where(s => s.Seat != new TrusteeSeat(1, 2)))
        {
            world.Do(new AcknowledgeDealing { Actor = trustee, BundleId = world.Bundle, DealingDigest = dealing, Seat = seat });
        }

        world.Do(new ComplainOfDealing { Actor = world.Guardians[1].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(1, 2), EvidenceDigest = world.Fresh() });
        ActivateDealing activate = new() { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing };
        world.Refused(LedgerError.BelowQuorum, activate);
        world.Refused(LedgerError.BelowQuorum, activate with { Actor = world.Hospital.Id, Without = [new TrusteeSeat(1, 2)] });
        world.Do(activate with { Without = [new TrusteeSeat(1, 2)] });
    }

    [Fact]
    public void AcknowledgeAndComplain_WrongSeatOrTwice_AreRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest dealing = world.ProposeNewDealing();
        AcknowledgeDealing acknowledge = new() { Actor = world.Guardians[0].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(1, 1) };
        world.Refused(LedgerError.NotATrustee, acknowledge with { Seat = new TrusteeSeat(1, 2) });
        world.Refused(LedgerError.NotATrustee, acknowledge with { Seat = new TrusteeSeat(0, 0) });
        world.Refused(LedgerError.NotATrustee, acknowledge with { Seat = new TrusteeSeat(8, 16) });
        world.Refused(LedgerError.NotFound, acknowledge with { DealingDigest = world.Fresh() });
        world.Do(acknowledge);
        world.Refused(LedgerError.AlreadyExists, acknowledge);
        ComplainOfDealing complain = new() { Actor = world.Guardians[0].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(1, 1), EvidenceDigest = world.Fresh() };
        world.Refused(LedgerError.AlreadyExists, complain);
        complain = complain with { Actor = world.Guardians[1].Id, Seat = new TrusteeSeat(1, 2) };
        world.Do(complain);
        world.Refused(LedgerError.AlreadyExists, acknowledge with { Actor = world.Guardians[1].Id, Seat = new TrusteeSeat(1, 2) });
        Assert.Single(world.State.GetDealing(world.Bundle, dealing)!.Complaints);
    }

    [Fact]
    public void SamePolicy_NewEpoch_NeedsNoDelayAndSupersedes()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest first = world.BundleNow.ActiveDealing!.Value;
        Digest second = world.ActivateNewDealing();
        Assert.Equal(DealingState.Superseded, world.State.GetDealing(world.Bundle, first)!.State);
        Assert.Equal((2, second), (world.BundleNow.Epoch, world.BundleNow.ActiveDealing!.Value));
    }

    [Fact]
    public void ChangedPolicy_WaitsForTheDelay_AndThePatientMayCancel()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        ConsentPolicy old = world.Policy;
        world.Policy = old with { GroupThreshold = 1 };
        Digest cancelled = world.ProposeNewDealing();
        world.Refused(LedgerError.NotYours, new CancelDealing { Actor = world.Hospital.Id, BundleId = world.Bundle, DealingDigest = cancelled });
        world.Do(new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = cancelled });
        world.Refused(LedgerError.WrongState, new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = cancelled });
        world.Refused(LedgerError.NotFound, new ActivateDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = cancelled });

        Digest dealing = world.ProposeNewDealing();
        world.Acknowledge(dealing);
        ActivateDealing activate = new() { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing };
        world.Refused(LedgerError.NotYet, activate);
        Assert.Equal(1, world.BundleNow.Epoch);
        world.Pass(world.Parameters.TrusteeChangeDelay);
        world.Do(activate);
        Assert.Equal(2, world.BundleNow.Epoch);
    }

    [Fact]
    public void ActivateDealing_VoidsUndecidedRequestsAndKeepsGrants()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        RequestId granted = world.AskAndGrant();
        RequestId open = world.AskAndDraw(second);
        world.Do(world.Approval(open, 1, 1));
        world.ActivateNewDealing();
        Assert.Equal((RequestStatus.Voided, VoidCause.NewDealing), (world.Request(open).Status, world.Request(open).VoidCause));
        Assert.Equal(RequestStatus.Granted, world.Request(granted).Status);
        world.Refused(LedgerError.WrongState, world.Approval(open, 1, 2));
        world.Do(world.Delivery(granted, 1));
        Assert.Equal(0, world.State.GetActor(second.Id)!.AbandonedRequests);
    }

    [Fact]
    public void ProposeDealing_OrganisationThatTheLedgerKnows_MustBeNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        world.Refused(LedgerError.PolicyInvalid, world.Proposal() with { Policy = WithMember(world, world.Hospital.Id) });
        world.Do(world.Proposal() with { Policy = WithMember(world, world.Hospital.Id, world.Hospital.Id) });
    }

    [Fact]
    public void CancelledDealing_ProposedAgain_StartsFromNothing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        ProposeDealing proposal = world.Proposal();
        world.Do(proposal);
        world.Do(new AcknowledgeDealing { Actor = world.Hospital.Id, BundleId = world.Bundle, DealingDigest = proposal.DealingDigest, Seat = new TrusteeSeat(2, 1) });
        world.Do(new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = proposal.DealingDigest });
        world.Refused(LedgerError.NotFound, new AcknowledgeDealing { Actor = world.Guardians[0].Id, BundleId = world.Bundle, DealingDigest = proposal.DealingDigest, Seat = new TrusteeSeat(1, 1) });
        world.Do(proposal);
        Assert.Empty(world.State.GetDealing(world.Bundle, proposal.DealingDigest)!.Acknowledgements);
        world.Acknowledge(proposal.DealingDigest);
        world.Do(new ActivateDealing { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = proposal.DealingDigest });
        world.Refused(LedgerError.WrongState, new ActivateDealing { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = proposal.DealingDigest });
    }

    [Fact]
    public void ProposeDealing_AnotherBundlesDigest_TakesNothingOfThatBundles()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest mine = world.BundleNow.ActiveDealing!.Value;
        Person other = Person.Of("another patient");
        var bundle = BundleId.FromBytes(world.Fresh().ToBytes());
        world.Do(world.Register(other, ActorRoles.Patient));
        world.Do(new RegisterBundle { Actor = other.Id, BundleId = bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        world.Do(world.Proposal() with { Actor = other.Id, BundleId = bundle, Epoch = 1, PreviousDealingDigest = default, DealingDigest = mine });
        Assert.Equal(DealingState.Active, world.State.GetDealing(world.Bundle, mine)!.State);
        Assert.Equal(DealingState.Registered, world.State.GetDealing(bundle, mine)!.State);
        world.Ask();
    }

    [Fact]
    public void Tracks_EmergencyDealing_RunsBesideTheNormalOneUnderOneCounter()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest normal = world.BundleNow.ActiveDealing!.Value;
        ConsentPolicy usual = world.Policy;
        RequestId open = world.AskAndDraw();

        // The first dealing of a track waits for nobody; a changed one waits.
        world.Policy = usual with { Emergency = true, GroupThreshold = 1, VetoWindow = TimeSpan.Zero };
        Digest emergency = world.ActivateNewDealing();
        Assert.Equal((2, 1, 2), (world.BundleNow.LastEpoch, world.BundleNow.Epoch, world.BundleNow.EmergencyEpoch));
        Assert.Equal((normal, emergency), (world.BundleNow.ActiveDealing, world.BundleNow.ActiveEmergencyDealing));
        Assert.Equal(DealingState.Active, world.State.GetDealing(world.Bundle, normal)!.State);
        Assert.Equal(RequestStatus.Open, world.Request(open).Status);

        // The next normal one has the epoch above both, follows the normal one, and leaves the other track alone.
        world.Policy = usual;
        world.Refused(LedgerError.StaleDigest, world.Proposal() with { PreviousDealingDigest = emergency });
        world.Refused(LedgerError.StaleEpoch, world.Proposal() with { Epoch = 2 });
        world.Refused(LedgerError.StaleEpoch, new PublishEnvelopeKey { Actor = world.Guardians[0].Id, BundleId = world.Bundle, Epoch = 2, EnvelopeKey = world.Doctor.Key.PublicKey, OfferDigest = world.Fresh() });
        Digest next = world.ActivateNewDealing();
        Assert.Equal((3, 3, 2), (world.BundleNow.LastEpoch, world.BundleNow.Epoch, world.BundleNow.EmergencyEpoch));
        Assert.Equal((next, emergency), (world.BundleNow.ActiveDealing, world.BundleNow.ActiveEmergencyDealing));
        Assert.Equal((DealingState.Superseded, DealingState.Active), (world.State.GetDealing(world.Bundle, normal)!.State, world.State.GetDealing(world.Bundle, emergency)!.State));
        Assert.Equal(RequestStatus.Voided, world.Request(open).Status);

        // One dealing waits at a time, of whichever track.
        world.Policy = usual with { Emergency = true };
        world.ProposeNewDealing();
        world.Policy = usual;
        world.Refused(LedgerError.AlreadyExists, world.Proposal());
        world.Refused(LedgerError.AlreadyExists, world.ReshareProposal());
    }

    [Fact]
    public void Tracks_Reshare_StaysOnItsTrack()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Digest normal = world.BundleNow.ActiveDealing!.Value;
        ConsentPolicy usual = world.Policy;
        world.Refused(LedgerError.WrongState, world.ReshareProposal(usual with { Emergency = true }));
        world.Policy = usual with { Emergency = true };
        Digest emergency = world.ActivateNewDealing();
        world.Refused(LedgerError.StaleDigest, world.ReshareProposal() with { PreviousDealingDigest = normal });
        (_, Digest dealing) = world.CompleteNewReshare();
        world.Acknowledge(dealing);
        world.Do(new ActivateDealing { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = dealing });
        Assert.Equal((normal, dealing, 3), (world.BundleNow.ActiveDealing, world.BundleNow.ActiveEmergencyDealing, world.BundleNow.EmergencyEpoch));
        Assert.Equal(DealingState.Superseded, world.State.GetDealing(world.Bundle, emergency)!.State);
    }

    private static ConsentPolicy WithMember(LedgerWorld world, ActorId identity, ActorId organisation = default) => world.Policy with
    {
        Groups = [world.Policy.Groups[0], new PolicyGroup { Name = "other", Threshold = 1, Members = [new PolicyMember { Identity = identity, Organisation = organisation }] }],
    };
}
