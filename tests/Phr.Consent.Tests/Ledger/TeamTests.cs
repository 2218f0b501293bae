using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Teams on the ledger: registered by a member, admitted, changed by as many members as open together, and receivers of requests.</summary>
public class TeamTests
{
    [Fact]
    public void RegisterTeam_ByAMember_WaitsForItsHospitalOrAnAgency()
    {
        LedgerWorld world = WorldWithTeams().WithTeam(admit: false);
        TeamRecord team = world.State.GetTeam(LedgerWorld.Team)!;
        Assert.Equal((1, 1, 4), (team.Terms.RosterEpoch, team.Terms.KeyEpoch, team.Terms.Members.Count));
        Assert.Equal((ActorRoles.Team, ActorStatus.Pending), (world.State.GetActor(LedgerWorld.Team)!.Roles, world.State.GetActor(LedgerWorld.Team)!.Status));
        world.Refused(LedgerError.NotAdmitted, world.AskingForTeam());
        world.Refused(LedgerError.WrongRole, new AdmitActor { Actor = world.Doctor.Id, Subject = LedgerWorld.Team });
        world.Do(new AdmitActor { Actor = world.Hospital.Id, Subject = LedgerWorld.Team });
        Assert.Equal(ActorStatus.Active, world.State.GetActor(LedgerWorld.Team)!.Status);

        // A hospital admits its own teams and nobody else; an agency admits any.
        Person applicant = Person.Of("applicant");
        world.Do(world.Register(applicant, ActorRoles.Doctor) with { Organisation = world.Hospital.Id });
        world.Refused(LedgerError.WrongRole, new AdmitActor { Actor = world.Hospital.Id, Subject = applicant.Id });
        ActorId other = Person.Of("other team").Id;
        world.Do(new RegisterTeam { Actor = world.Doctor.Id, Team = other, Terms = world.Terms(1, 1, world.Doctor, world.Stranger) });
        world.Refused(LedgerError.WrongRole, new AdmitActor { Actor = world.Hospital.Id, Subject = other });
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = other });
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }

    [Fact]
    public void RegisterTeam_Refusals_AreNamed()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        RegisterTeam good = new() { Actor = world.Doctor.Id, Team = Person.Of("other team").Id, Terms = world.Terms(1, 1, world.Doctor, world.Stranger) };
        world.Refused(LedgerError.AlreadyExists, good with { Team = LedgerWorld.Team });
        world.Refused(LedgerError.AlreadyExists, good with { Team = world.Patient.Id });
        world.Refused(LedgerError.NotAMember, good with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.NotFound, good with { Organisation = world.Doctor.Id });
        world.Refused(LedgerError.NotFound, good with { Terms = world.Terms(1, 1, world.Doctor, Person.Of("nobody")) });
        world.Refused(LedgerError.Malformed, good with { Terms = world.Terms(2, 1, world.Doctor, world.Stranger) });
        world.Refused(LedgerError.Malformed, good with { Terms = world.Terms(1, 2, world.Doctor, world.Stranger) });
        world.Refused(LedgerError.Malformed, good with { Terms = world.Terms(1, 1, world.Doctor) });
        world.Refused(LedgerError.Malformed, good with { Terms = world.Terms(1, 1, world.Doctor, world.Doctor, world.Stranger) });
        world.Refused(LedgerError.Malformed, good with { Terms = good.Terms with { Threshold = 1 } });
        world.Refused(LedgerError.Malformed, good with { Terms = good.Terms with { CharterDigest = default } });
        world.Refused(LedgerError.Malformed, good with { Team = default });
        world.Refused(LedgerError.WrongRole, world.Register(Person.Of("a team by itself"), ActorRoles.Team));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Stranger.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, good);

        // A team signs nothing.
        world.Refused(LedgerError.WrongRole, new RecordLicence { Actor = world.Agency.Id, Doctor = LedgerWorld.Team, CredentialDigest = world.Fresh(), Speciality = "x", NotAfter = world.Later });
    }

    [Fact]
    public void ChangeTeam_ThresholdOfMembersConfirms_ThenItHolds()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        ChangeTeam join = world.TeamChange(1, world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2], world.Hospital);
        world.Do(join);
        Assert.Equal(4, world.State.GetTeam(LedgerWorld.Team)!.Terms.Members.Count);
        world.Refused(LedgerError.AlreadyExists, world.TeamConfirmation(world.Doctor));
        world.Refused(LedgerError.NotAMember, world.TeamConfirmation(world.Hospital));
        world.Refused(LedgerError.StaleDigest, world.TeamConfirmation(world.Stranger) with { CharterDigest = world.Fresh() });
        world.Refused(LedgerError.NotFound, world.TeamConfirmation(world.Stranger) with { Team = world.Doctor.Id });
        world.Do(world.TeamConfirmation(world.Guardians[1]));
        TeamRecord team = world.State.GetTeam(LedgerWorld.Team)!;
        Assert.Equal(join.Terms, team.Terms);
        Assert.Empty(team.Votes);
        world.Refused(LedgerError.WrongState, world.TeamConfirmation(world.Stranger));

        // The one who proposed counts only while active.
        world.Do(world.TeamChange(1, world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2], world.Hospital));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Doctor.Id, ReasonCode = 1 });
        world.Do(world.TeamConfirmation(world.Stranger));
        Assert.NotEmpty(world.State.GetTeam(LedgerWorld.Team)!.Votes);
        world.Do(world.TeamConfirmation(world.Guardians[2]));
        Assert.Equal(3, world.State.GetTeam(LedgerWorld.Team)!.Terms.RosterEpoch);
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }

    [Fact]
    public void ChangeTeam_MemberWhoShallLeave_CannotPushItsRemovalAside()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        ChangeTeam without = world.TeamChange(2, world.Doctor, world.Stranger, world.Guardians[1]);
        world.Do(without);

        // It hands in a change of its own, and says other things of the others' charter.
        Person leaver = world.Guardians[2];
        ChangeTeam own = world.TeamChange(1, world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2], world.Hospital) with { Actor = leaver.Id };
        world.Do(own);
        world.Refused(LedgerError.AlreadyExists, own);
        ConfirmTeamChange confirmation = new() { Actor = world.Stranger.Id, Team = LedgerWorld.Team, CharterDigest = without.Terms.CharterDigest };
        ChangeTeam twisted = without with { Actor = leaver.Id, Terms = without.Terms with { Threshold = 3 } };
        world.Do(twisted);
        Assert.Equal([without.Terms, twisted.Terms], world.State.GetTeam(LedgerWorld.Team)!.Proposals());
        world.Refused(LedgerError.StaleDigest, confirmation);
        world.Do(without with { Actor = world.Stranger.Id });
        TeamRecord team = world.State.GetTeam(LedgerWorld.Team)!;
        Assert.Equal(without.Terms, team.Terms);
        Assert.Empty(team.Votes);
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }

    [Fact]
    public void ConfirmTeamChange_MemberWithAnotherVote_MovesIt()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        ChangeTeam three = world.TeamChange(2, world.Doctor, world.Stranger, world.Guardians[1]);
        ChangeTeam five = world.TeamChange(1, world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2], world.Hospital) with { Actor = world.Guardians[2].Id };
        world.Do(three);
        world.Do(five);
        world.Do(world.TeamChange(1, world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2]));
        Assert.DoesNotContain(three.Terms, world.State.GetTeam(LedgerWorld.Team)!.Proposals());
        world.Do(new ConfirmTeamChange { Actor = world.Doctor.Id, Team = LedgerWorld.Team, CharterDigest = five.Terms.CharterDigest });
        Assert.Equal(five.Terms, world.State.GetTeam(LedgerWorld.Team)!.Terms);
    }

    [Fact]
    public void ChangeTeam_Refusals_AreNamed()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        Person[] all = [world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2]];
        ChangeTeam good = world.TeamChange(1, all);
        world.Refused(LedgerError.NotFound, good with { Team = world.Doctor.Id });
        world.Refused(LedgerError.NotAMember, good with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.StaleDigest, good with { PreviousCharterDigest = world.Fresh() });
        world.Refused(LedgerError.AlreadyExists, good with { Terms = good.Terms with { CharterDigest = good.PreviousCharterDigest } });
        world.Refused(LedgerError.StaleEpoch, good with { Terms = world.Terms(3, 1, all) });
        world.Refused(LedgerError.StaleEpoch, good with { Terms = good.Terms with { RosterEpoch = 1 } });
        world.Refused(LedgerError.Malformed, good with { Terms = good.Terms with { PublicKey = LedgerWorld.TeamKey(2).PublicKey } });
        world.Refused(LedgerError.Malformed, good with { Terms = good.Terms with { KeyEpoch = 2 } });
        world.Refused(LedgerError.Malformed, world.TeamChange(1, all[..3]));
        world.Do(world.TeamChange(2, all[..3]));
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = LedgerWorld.Team, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, world.TeamConfirmation(world.Stranger));
        world.Refused(LedgerError.Removed, world.TeamChange(2, all[..3]));
    }

    [Fact]
    public void RequestAccess_ForATeam_IsTheMembersAndToItsPresentKey()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        world.Refused(LedgerError.NotFound, world.AskingForTeam(change: r => r with { Receiver = RequestReceiver.Team(world.Hospital.Id, 1) }));
        world.Refused(LedgerError.StaleEpoch, world.AskingForTeam(keyEpoch: 2));

        // B that the member made by itself: it can sign with B, and not with B less the team's key. Clients look at the proof.
        using SecretKey own = SecretKey.FromBytes(world.Fresh().ToBytes());
        RequestAccess rogue = world.AskingForTeam(change: r => r with { ReceivingKey = own.PublicKey });
        Digest of = Digest.FromBytes(rogue.ComputeId(LedgerWorld.Id).ToBytes());
        Assert.False(TeamRequestKey.VerifyPossession(LedgerWorld.TeamKey(1).PublicKey, own.PublicKey, of, rogue.WithPossession(own, LedgerWorld.Id).Possession!));
        Assert.False(TeamRequestKey.VerifyPossession(LedgerWorld.TeamKey(1).PublicKey, own.PublicKey, of, rogue.WithTeamPossession(own, LedgerWorld.Id).Possession!));

        Person outsider = Person.Of("outsider");
        world.WithDoctor(outsider);
        world.Refused(LedgerError.NotAMember, world.AskingForTeam(outsider));
        world.Refused(LedgerError.WrongRole, world.AskingForTeam(world.Guardians[1]));
        RequestAccess good = world.AskingForTeam();
        world.Do(good);
        RequestRecord request = world.Request(good.ComputeId(LedgerWorld.Id));
        Assert.Equal(RequestReceiver.Team(LedgerWorld.Team, 1), request.Receiver);
        Assert.Equal(LedgerWorld.TeamKey(1).PublicKey, request.TeamKey);
        Assert.False(request.ReusesReceivingKey);
        RequestAccess again = world.AskingForTeam(world.Stranger, change: r => r with { ReceivingKey = good.ReceivingKey });
        world.Do(again);
        Assert.True(world.Request(again.ComputeId(LedgerWorld.Id)).ReusesReceivingKey);
    }

    [Fact]
    public void RequestAccess_RuleThatNamesATeam_AdmitsThatTeamAlone()
    {
        LedgerWorld world = new();
        world.Policy = world.Policy with { ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team, AccessRule = AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Team(LedgerWorld.Team)) };
        world.WithBundle();
        LedgerDecision refused = world.Refused(LedgerError.AccessDenied, world.Asking());
        Assert.Equal(new AccessRuleLeaf("/1", $"team is {LedgerWorld.Team}"), refused.FailingLeaf);
        world.WithTeam();
        world.Do(world.AskingForTeam());
        Assert.Throws<ArgumentException>(() => AccessRule.Team(default));
        Assert.Equal(world.Policy, ConsentPolicy.FromBytes(world.Policy.ToBytes()));
    }

    [Fact]
    public void RequestAccess_ForATeam_LeavesItsHospitalAndMembersOutOfTheDraw()
    {
        LedgerWorld world = WorldWithTeams();
        Person ward = Person.Of("ward hospital");
        world.Admit(world.Register(ward, ActorRoles.Hospital));
        Person own = Person.Of("the ward's oracle");
        world.Admit(world.Register(LedgerWorld.OperatorOf(own), ActorRoles.Operator) with { Organisation = ward.Id });
        world.Admit(new RegisterActor { Actor = own.Id, Roles = ActorRoles.Oracle, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromDays(30), Operator = LedgerWorld.OperatorOf(own).Id });
        world.ListOraclesAnew();
        world.WithDoctor(world.Stranger);
        world.Do(new RegisterTeam
        {
            Actor = world.Doctor.Id, Team = LedgerWorld.Team, Organisation = ward.Id, Terms = world.Terms(1, 1, world.Doctor, LedgerWorld.OperatorOf(world.Oracles[0])),
        });
        world.Do(new AdmitActor { Actor = ward.Id, Subject = LedgerWorld.Team });
        RequestAccess request = world.AskingForTeam();
        world.Do(request);
        RequestId id = request.ComputeId(LedgerWorld.Id);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        Assert.Contains(ward.Id, world.Request(id).Parties);
        Assert.Contains(LedgerWorld.OperatorOf(world.Oracles[0]).Id, world.Request(id).Parties);
        Assert.DoesNotContain(world.Request(id).Committee, member => member.Oracle == own.Id || member.Oracle == world.Oracles[0].Id);
    }

    [Fact]
    public void TeamChanged_NewKey_VoidsWhatIsUndecidedAlone()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        RequestId granted = Grant(world, world.AskingForTeam());
        world.Pass(world.Policy.VetoWindow);
        world.Do(world.Delivery(granted, 1));
        RequestAccess waiting = world.AskingForTeam(world.Stranger);
        world.Do(waiting);
        RequestId open = waiting.ComputeId(LedgerWorld.Id);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Stranger.Id, RequestId = open });
        world.Do(world.Approval(open, 2, 1));

        // A member joins: nothing happens to either.
        world.Do(world.TeamChange(1, world.Doctor, world.Stranger, world.Guardians[1], world.Guardians[2], world.Hospital));
        world.Do(world.TeamConfirmation(world.Stranger));
        world.Do(world.Delivery(granted, 2));
        Assert.Equal(RequestStatus.Open, world.Request(open).Status);

        // A member leaves: what was asked to the old key and not granted is void.
        world.Do(world.TeamChange(2, world.Doctor, world.Stranger, world.Guardians[1], world.Hospital));
        world.Do(world.TeamConfirmation(world.Stranger));
        Assert.True(world.BundleNow.RefreshDue);
        Assert.Equal((RequestStatus.Voided, VoidCause.NewTeamKey), (world.Request(open).Status, world.Request(open).VoidCause));
        Assert.Equal(RequestStatus.Granted, world.Request(granted).Status);

        // To serve the old key's grant no more is the oracles' to decide; the ledger records what they say.
        world.Do(world.Delivery(granted, 3));
        world.Do(world.AskingForTeam(world.Stranger, keyEpoch: 2));
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }

    [Fact]
    public void ApproveRequest_TeamSuspendedOrAskerGone_IsRefused()
    {
        LedgerWorld world = WorldWithTeams().WithTeam();
        RequestAccess request = world.AskingForTeam();
        world.Do(request);
        RequestId id = request.ComputeId(LedgerWorld.Id);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = LedgerWorld.Team, ReasonCode = 1 });
        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 2));
        world.Refused(LedgerError.Suspended, world.Approval(id, 2, 1));
        world.Refused(LedgerError.Suspended, new ConsentToRequest { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() });
        world.Refused(LedgerError.Suspended, world.AskingForTeam(world.Stranger));
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = LedgerWorld.Team, ReasonCode = 1 });
        world.Do(world.Approval(id, 2, 1));
        world.Pass(world.Policy.VetoWindow);
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = LedgerWorld.Team, ReasonCode = 1 });
        world.Do(world.Delivery(id, 1));
    }

    private static LedgerWorld WorldWithTeams()
    {
        var world = new LedgerWorld();
        world.Policy = world.Policy with { ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team };
        return world.WithBundle();
    }

    private static RequestId Grant(LedgerWorld world, RequestAccess request)
    {
        world.Do(request);
        RequestId id = request.ComputeId(LedgerWorld.Id);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 3));
        world.Do(world.Approval(id, 2, 1));
        return id;
    }
}
