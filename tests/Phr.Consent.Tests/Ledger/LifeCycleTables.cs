using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>States and commands of one thing that has a life: every state is put against every command.</summary>
/// <param name="Name">What the pages call the table.</param>
/// <param name="Corner">What its columns are.</param>
/// <param name="States">How a world comes to a state; what it returns names the thing.</param>
/// <param name="Commands">Each by its rightful actor, or by another where it says so.</param>
/// <param name="StateOf">What the model calls the state in which a thing is.</param>
internal sealed record LifeCycleTable(
    string Name,
    string Corner,
    IReadOnlyList<(string Name, Func<LedgerWorld, object> Reach)> States,
    IReadOnlyList<(string Name, Func<LedgerWorld, object, LedgerCommand> Make)> Commands,
    Func<LedgerWorld, object, string> StateOf)
{
    public static LifeCycleTable Of<T>(
        string name, string corner, (string Name, Func<LedgerWorld, T> Reach)[] states, (string Name, Func<LedgerWorld, T, LedgerCommand> Make)[] commands, Func<LedgerWorld, T, string> stateOf)
        where T : notnull => new(
            name,
            corner,
            [.. states.Select(state => (state.Name, (Func<LedgerWorld, object>)(world => state.Reach(world))))],
            [.. commands.Select(command => (command.Name, (Func<LedgerWorld, object, LedgerCommand>)((world, subject) => command.Make(world, (T)subject))))],
            (world, subject) => stateOf(world, (T)subject));

    /// <summary>People and a bundle, with which every table begins.</summary>
    /// <param name="world">A new world.</param>
    /// <param name="prepare">What else is to be done with it before it begins.</param>
    public static LedgerWorld Begin(LedgerWorld world, Action<LedgerWorld>? prepare = null)
    {
        prepare?.Invoke(world);
        world.Policy = world.Policy with { ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team };
        return world.WithBundle();
    }
}

/// <summary>Everything that has a life on the ledger.</summary>
internal static class LifeCycleTables
{
    private static readonly (string Name, Func<LedgerWorld, RequestId> Reach)[] _stages =
    [
        ("asked", world => world.Ask()),
        ("seed known", world => Mined(world, world.Ask())),
        ("drawn", world => world.AskAndDraw()),
        ("one approval", world => After(world, world.AskAndDraw(), id => world.Approval(id, 1, 1))),
        ("veto window", world => world.AskAndApprove()),
        ("granted", world => world.AskAndGrant()),
        ("served", world => world.AskGrantAndServe()),
        ("deadline over", world => Passed(world, world.AskGrantAndServe(2), world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1))),
        ("opened", world => world.AskServeAndOpen()),
        ("settled", world => After(world, world.AskServeAndOpen(), id => new SettleRequest { Actor = world.Doctor.Id, RequestId = id })),
        ("settled, another use left", world => After(world, world.AskServeAndOpenFor(uses: 2), id => new SettleRequest { Actor = world.Doctor.Id, RequestId = id })),
        ("used again", world => After(world, After(world, world.AskServeAndOpenFor(uses: 2), id => new SettleRequest { Actor = world.Doctor.Id, RequestId = id }), id => new UseAgain { Actor = world.Doctor.Id, RequestId = id })),
        ("redrawn", Redrawn),
        ("denied", Denied),
        ("vetoed", world => After(world, world.AskAndApprove(), id => new VetoRequest { Actor = world.Patient.Id, RequestId = id })),
        ("revoked", world => After(world, world.AskAndGrant(), id => new RevokeGrant { Actor = world.Patient.Id, RequestId = id, ReasonCode = 1 })),
        ("cancelled", world => After(world, world.AskAndDraw(), id => new CancelRequest { Actor = world.Doctor.Id, RequestId = id })),
        ("voided", Voided),
        ("settled, then asked anew", world => Asked(world, After(world, world.AskServeAndOpen(), id => new SettleRequest { Actor = world.Doctor.Id, RequestId = id }))),
        ("time over", world => Passed(world, world.AskAndGrant(), TimeSpan.FromDays(2))),
        ("expired", world => After(world, Passed(world, world.AskAndGrant(), TimeSpan.FromDays(2)), id => new ExpireRequest { Actor = world.Doctor.Id, RequestId = id })),
    ];

    private static readonly (string Name, Func<LedgerWorld, RequestId, LedgerCommand> Make)[] _commands =
    [
        ("DrawCommittee", (world, id) => new DrawCommittee { Actor = world.Guardians[0].Id, RequestId = id }),
        ("ApproveRequest", (world, id) => world.Approval(id, 3, 1)),
        ("DenyRequest", (world, id) => world.Denial(id, 3, 1)),
        ("ConsentToRequest", (world, id) => new ConsentToRequest { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() }),
        ("VetoRequest", (world, id) => new VetoRequest { Actor = world.Patient.Id, RequestId = id }),
        ("CancelRequest", (world, id) => new CancelRequest { Actor = world.Doctor.Id, RequestId = id }),
        ("RevokeGrant", (world, id) => new RevokeGrant { Actor = world.Patient.Id, RequestId = id, ReasonCode = 1 }),
        ("AttachToGrant", (world, id) => world.Attachment(id)),
        ("ExpireRequest", (world, id) => new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id }),
        ("RecordDelivery (4)", (world, id) => world.Delivery(id, 4)),
        ("RefuseDelivery (4)", (world, id) => world.Refusal(id, 4)),
        ("ConfirmOpened", (world, id) => new ConfirmOpened { Actor = world.Doctor.Id, RequestId = id }),
        ("SettleRequest", (world, id) => new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id }),
        ("RateOracle (1)", (world, id) => new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 70 }),
        ("UseAgain", (world, id) => new UseAgain { Actor = world.Doctor.Id, RequestId = id }),
        ("RedrawCommittee", (world, id) => new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id }),
    ];

    private static readonly (string Name, Func<LedgerWorld, Digest> Reach)[] _dealingStages =
    [
        ("Registered", world => world.ProposeNewDealing()),
        ("Registered, quorum acknowledged", world =>
        {
            Digest dealing = world.ProposeNewDealing();
            foreach ((TrusteeSeat seat, ActorId trustee) in world.Seats().Where(s => s.Seat is { Group: 1, Member: < 3 } or { Group: 2 }))
            {
                world.Do(new AcknowledgeDealing { Actor = trustee, BundleId = world.Bundle, DealingDigest = dealing, Seat = seat });
            }

            return dealing;
        }),
        ("Acknowledged", world =>
        {
            Digest dealing = world.ProposeNewDealing();
            world.Acknowledge(dealing);
            return dealing;
        }),
        ("Of a reshare, quorum acknowledged", world => Reshared(world, complain: false)),
        ("the same, 1.2 complained", world => Reshared(world, complain: true)),
        ("Active", world => world.ActivateNewDealing()),
        ("Superseded", world =>
        {
            Digest dealing = world.ActivateNewDealing();
            world.ActivateNewDealing();
            return dealing;
        }),
        ("Cancelled", world =>
        {
            Digest dealing = world.ProposeNewDealing();
            world.Do(new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing });
            return dealing;
        }),
    ];

    private static readonly (string Name, Func<LedgerWorld, Digest, LedgerCommand> Make)[] _dealingCommands =
    [
        ("AcknowledgeDealing (3.1)", (world, dealing) => new AcknowledgeDealing { Actor = world.Agency.Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(3, 1) }),
        ("ComplainOfDealing (3.1)", (world, dealing) => new ComplainOfDealing { Actor = world.Agency.Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(3, 1), EvidenceDigest = world.Fresh() }),
        ("CancelDealing", (world, dealing) => new CancelDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing }),
        ("ActivateDealing by the patient", (world, dealing) => new ActivateDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing }),
        ("ActivateDealing by the patient, without 1.2, 1.3, 3.1", (world, dealing) => new ActivateDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = dealing, Without = [new(1, 2), new(1, 3), new(3, 1)] }),
        ("ActivateDealing by anybody", (world, dealing) => new ActivateDealing { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = dealing }),
    ];

    private static readonly Person _newcomer = Person.Of("a newcomer");

    private static readonly (string Name, Func<LedgerWorld, ActorId> Reach)[] _actorStages =
    [
        ("unknown", _ => _newcomer.Id),
        ("hospital waits", world => Newcomer(world, ActorRoles.Hospital)),
        ("hospital active", world => Newcomer(world, ActorRoles.Hospital, Admission)),
        ("hospital suspended", world => Newcomer(world, ActorRoles.Hospital, Admission, Suspension)),
        ("hospital's keys ended", world =>
        {
            ActorId id = Newcomer(world, ActorRoles.Hospital, Admission);
            world.Do(new ReplaceKey { Actor = id, NewLedgerAddress = id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now.AddHours(1) });
            world.Pass(TimeSpan.FromHours(1));
            return id;
        }),
        ("hospital removed", world => Newcomer(world, ActorRoles.Hospital, Admission, world => new RemoveActor { Actor = world.Agency.Id, Subject = _newcomer.Id, ReasonCode = 1 })),
        ("agency waits", world => Newcomer(world, ActorRoles.Agency)),
        ("agency admitted, delay", world => Newcomer(world, ActorRoles.Agency, Admission)),
        ("agency admitted, delay over", world => Waited(world, Newcomer(world, ActorRoles.Agency, Admission))),
        ("agency suspended before it accepted", world => Waited(world, Newcomer(world, ActorRoles.Agency, Admission, Suspension))),
        ("agency active", world =>
        {
            Waited(world, Newcomer(world, ActorRoles.Agency, Admission));
            world.Do(new AcceptAdmission { Actor = _newcomer.Id });
            return _newcomer.Id;
        }),
        ("the last agency", world => world.Agency.Id),
    ];

    private static readonly (string Name, Func<LedgerWorld, ActorId, LedgerCommand> Make)[] _actorCommands =
    [
        ("RegisterActor as a hospital", (world, id) => new RegisterActor { Actor = id, Roles = ActorRoles.Hospital, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later }),
        ("AdmitActor by an agency", (world, id) => new AdmitActor { Actor = world.Agency.Id, Subject = id }),
        ("AdmitActor by a hospital", (world, id) => new AdmitActor { Actor = world.Hospital.Id, Subject = id }),
        ("AcceptAdmission", (world, id) => new AcceptAdmission { Actor = id }),
        ("ReplaceKey", (world, id) => new ReplaceKey { Actor = id, NewLedgerAddress = id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later }),
        ("ConfirmPresence", (world, id) => new ConfirmPresence { Actor = id }),
        ("SuspendActor by an agency", (world, id) => new SuspendActor { Actor = world.Agency.Id, Subject = id, ReasonCode = 1 }),
        ("ReinstateActor by an agency", (world, id) => new ReinstateActor { Actor = world.Agency.Id, Subject = id, ReasonCode = 1 }),
        ("RemoveActor by an agency", (world, id) => new RemoveActor { Actor = world.Agency.Id, Subject = id, ReasonCode = 1 }),
        ("RemoveActor by itself", (world, id) => new RemoveActor { Actor = id, Subject = id, ReasonCode = 1 }),
        ("RecordLicence by it", (world, id) => new RecordLicence { Actor = id, Doctor = world.Doctor.Id, CredentialDigest = world.Fresh(), Speciality = "x", NotAfter = world.Later }),
    ];

    private static readonly (string Name, Func<LedgerWorld, ActorId> Reach)[] _bondStages =
    [
        ("no bond", world => world.Oracles[0].Id),
        ("bonded", world => Bonded(world)),
        ("being released", world => Bonded(world, id => new ReleaseBond { Actor = id, Amount = 400 })),
        ("delay over", world =>
        {
            ActorId id = Bonded(world, oracle => new ReleaseBond { Actor = oracle, Amount = 400 });
            world.Pass(world.Parameters.BondDelay);
            return id;
        }),
        ("suspended", world => Bonded(world, id => new SuspendActor { Actor = world.Agency.Id, Subject = id, ReasonCode = 1 })),
        ("removed", world => Bonded(world, id => new RemoveActor { Actor = world.Agency.Id, Subject = id, ReasonCode = 1 })),
    ];

    private static readonly (string Name, Func<LedgerWorld, ActorId, LedgerCommand> Make)[] _bondCommands =
    [
        ("PostBond by anybody", (world, id) => new PostBond { Actor = world.Hospital.Id, Oracle = id, Amount = 1 }),
        ("ReleaseBond of a part", (world, id) => new ReleaseBond { Actor = id, Amount = 500 }),
        ("ReleaseBond of more than all", (world, id) => new ReleaseBond { Actor = id, Amount = 1001 }),
        ("ReleaseBond by another", (world, id) => new ReleaseBond { Actor = world.Hospital.Id, Amount = 500 }),
        ("WithdrawBond", (world, id) => new WithdrawBond { Actor = id }),
        ("WithdrawCredit", (world, id) => new WithdrawCredit { Actor = id }),
    ];

    private static readonly (string Name, Func<LedgerWorld, ActorId> Reach)[] _teamStages =
    [
        ("waiting", world => TeamOf(world.WithTeam(admit: false))),
        ("active", world => TeamOf(world.WithTeam())),
        ("change proposed", world => Led(world.WithTeam(), w => w.TeamChange(2, w.Doctor, w.Stranger, w.Guardians[1]))),
        ("changed", world => Led(world.WithTeam(), w => w.TeamChange(2, w.Doctor, w.Stranger, w.Guardians[1]), w => w.TeamConfirmation(w.Stranger))),
        ("suspended", world => Led(world.WithTeam(), w => new SuspendActor { Actor = w.Agency.Id, Subject = LedgerWorld.Team, ReasonCode = 1 })),
        ("removed", world => Led(world.WithTeam(), w => new RemoveActor { Actor = w.Agency.Id, Subject = LedgerWorld.Team, ReasonCode = 1 })),
    ];

    private static readonly (string Name, Func<LedgerWorld, ActorId, LedgerCommand> Make)[] _teamCommands =
    [
        ("AdmitActor by its hospital", (world, team) => new AdmitActor { Actor = world.Hospital.Id, Subject = team }),
        ("ChangeTeam, a member joins", (world, team) =>
        {
            TeamTerms now = world.State.GetTeam(team)!.Terms;
            return new ChangeTeam { Actor = world.Doctor.Id, Team = team, PreviousCharterDigest = now.CharterDigest, Terms = now with { CharterDigest = world.Fresh(), RosterEpoch = now.RosterEpoch + 1, Members = [.. now.Members, new TeamPlace { Member = world.Hospital.Id }] } };
        }),
        ("ConfirmTeamChange by another member", (world, team) => world.TeamConfirmation(world.Stranger)),
        ("RequestAccess to key 1", (world, team) => world.AskingForTeam()),
        ("RequestAccess to key 2", (world, team) => world.AskingForTeam(keyEpoch: 2)),
    ];

    private static readonly (string Name, Func<LedgerWorld, Digest> Reach)[] _reshareStages =
    [
        ("Open, delay", world => world.ProposeNewReshare()),
        ("Open", world =>
        {
            Digest plan = world.ProposeNewReshare();
            world.Pass(world.Parameters.TrusteeChangeDelay);
            return plan;
        }),
        ("Open, three contributed", world => world.ContributeToNewReshare()),
        ("Open, 2.1 left out", world =>
        {
            Digest plan = world.ContributeToNewReshare();
            world.Do(world.ReshareComplaint(plan, new TrusteeSeat(1, 2), new TrusteeSeat(2, 1)));
            return plan;
        }),
        ("Open, time over", world =>
        {
            Digest plan = world.ContributeToNewReshare();
            world.Pass(TimeSpan.FromDays(2));
            return plan;
        }),
        ("Completed", world => world.CompleteNewReshare().Plan),
        ("Completed, too long ago", world =>
        {
            Digest plan = world.CompleteNewReshare().Plan;
            world.Pass(world.Parameters.TrusteeChangeDelay + TimeSpan.FromDays(2));
            return plan;
        }),
        ("Completed, dealing active", world =>
        {
            (Digest plan, Digest dealing) = world.CompleteNewReshare();
            world.Acknowledge(dealing);
            world.Do(new ActivateDealing { Actor = world.Doctor.Id, BundleId = world.Bundle, DealingDigest = dealing });
            return plan;
        }),
        ("Cancelled", world =>
        {
            Digest plan = world.ContributeToNewReshare();
            world.Do(new CancelReshare { Actor = world.Patient.Id, BundleId = world.Bundle, PlanDigest = plan });
            return plan;
        }),
        ("Expired", world =>
        {
            Digest plan = world.ContributeToNewReshare();
            world.Pass(TimeSpan.FromDays(2));
            world.Do(new ExpireReshare { Actor = world.Doctor.Id, BundleId = world.Bundle, PlanDigest = plan });
            return plan;
        }),
    ];

    private static readonly (string Name, Func<LedgerWorld, Digest, LedgerCommand> Make)[] _reshareCommands =
    [
        ("ContributeToReshare (3.1)", (world, plan) => world.Contribution(plan, new TrusteeSeat(3, 1))),
        ("ComplainOfReshare (1.1 of 1.3)", (world, plan) => world.ReshareComplaint(plan, new TrusteeSeat(1, 1), new TrusteeSeat(1, 3))),
        ("ConfirmReshare (1.1: 1.1, 1.3, 2.1)", (world, plan) => world.Confirmation(plan, new TrusteeSeat(1, 1), world.Fresh(), LedgerWorld.Dealers)),
        ("CancelReshare", (world, plan) => new CancelReshare { Actor = world.Patient.Id, BundleId = world.Bundle, PlanDigest = plan }),
        ("ExpireReshare", (world, plan) => new ExpireReshare { Actor = world.Doctor.Id, BundleId = world.Bundle, PlanDigest = plan }),
        ("ProposeReshare by the same trustee", (world, _) => world.ReshareProposal()),
        ("ProposeReshare by another trustee", (world, _) => world.ReshareProposal() with { Actor = world.Hospital.Id }),
        ("ProposeDealing by the patient", (world, _) => world.Proposal()),
    ];

    private static readonly (string Name, Func<LedgerWorld, Digest> Reach)[] _claimStages =
    [
        ("AwaitingDoctor", world => Claimed(world)),
        ("AwaitingHospital", world => Claimed(world, (w, c) => new EndorseClaim { Actor = w.Doctor.Id, ClaimId = c })),
        ("AwaitingAgency", world => Claimed(world, Endorsed(2))),
        ("AwaitingInsurer", world => Claimed(world, Endorsed(3))),
        ("Rejected", world => Claimed(world, (w, c) => new RejectClaim { Actor = w.Doctor.Id, ClaimId = c, ReasonCode = 1 })),
        ("AwaitingAppeal", world => Claimed(world, (w, c) => new RejectClaim { Actor = w.Doctor.Id, ClaimId = c, ReasonCode = 1 }, (w, c) => new AppealClaim { Actor = w.Patient.Id, ClaimId = c })),
        ("Approved in part", world => Claimed(world, [.. Endorsed(3), (_, c) => new ApproveClaim { Actor = Person.Of("insurer").Id, ClaimId = c, Amount = 5 }])),
        ("Approved", world => Claimed(world, [.. Endorsed(3), (_, c) => new ApproveClaim { Actor = Person.Of("insurer").Id, ClaimId = c, Amount = 10 }])),
        ("Withdrawn", world => Claimed(world, (w, c) => new WithdrawClaim { Actor = w.Patient.Id, ClaimId = c })),
        ("time over", world => Late(world, Claimed(world))),
        ("Expired", world => Late(world, Claimed(world), (w, c) => new ExpireClaim { Actor = w.Doctor.Id, ClaimId = c })),
    ];

    private static readonly (string Name, Func<LedgerWorld, Digest, LedgerCommand> Make)[] _claimCommands =
    [
        ("EndorseClaim by the doctor", (world, claim) => new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim }),
        ("EndorseClaim by the hospital", (world, claim) => new EndorseClaim { Actor = world.Hospital.Id, ClaimId = claim }),
        ("EndorseClaim by an agency", (world, claim) => new EndorseClaim { Actor = world.Agency.Id, ClaimId = claim }),
        ("RejectClaim by the hospital", (world, claim) => new RejectClaim { Actor = world.Hospital.Id, ClaimId = claim, ReasonCode = 1 }),
        ("RejectClaim by the insurer", (_, claim) => new RejectClaim { Actor = Person.Of("insurer").Id, ClaimId = claim, ReasonCode = 1 }),
        ("ApproveClaim by the insurer", (_, claim) => new ApproveClaim { Actor = Person.Of("insurer").Id, ClaimId = claim, Amount = 10 }),
        ("AppealClaim", (world, claim) => new AppealClaim { Actor = world.Patient.Id, ClaimId = claim }),
        ("DecideAppeal", (world, claim) => new DecideAppeal { Actor = world.Agency.Id, ClaimId = claim, SendBack = true }),
        ("WithdrawClaim", (world, claim) => new WithdrawClaim { Actor = world.Patient.Id, ClaimId = claim }),
        ("ExpireClaim", (world, claim) => new ExpireClaim { Actor = world.Doctor.Id, ClaimId = claim }),
    ];

    public static LifeCycleTable Request { get; } = LifeCycleTable.Of("request", "stage", _stages, _commands, (world, id) => world.Request(id).Status.ToString());

    public static LifeCycleTable Dealing { get; } = LifeCycleTable.Of("dealing", "state", _dealingStages, _dealingCommands, (world, dealing) => world.State.GetDealing(world.Bundle, dealing)?.State.ToString() ?? "gone");

    public static LifeCycleTable Reshare { get; } = LifeCycleTable.Of("reshare", "state", _reshareStages, _reshareCommands, (world, plan) => world.State.GetReshare(world.Bundle, plan)?.State.ToString() ?? "gone");

    public static LifeCycleTable Actor { get; } = LifeCycleTable.Of("actor", "state", _actorStages, _actorCommands, (world, id) => world.State.GetActor(id)!.Status.ToString());

    public static LifeCycleTable Bond { get; } = LifeCycleTable.Of("bond", "state", _bondStages, _bondCommands, (world, id) =>
        world.State.GetActor(id) is { } oracle ? string.Create(CultureInfo.InvariantCulture, $"{oracle.Bond} + {oracle.ReleasingBond}") : "none");

    public static LifeCycleTable Team { get; } = LifeCycleTable.Of("team", "state", _teamStages, _teamCommands, (world, team) =>
        string.Create(CultureInfo.InvariantCulture, $"{world.State.GetActor(team)!.Status}, roster {world.State.GetTeam(team)!.Terms.RosterEpoch}"));

    public static LifeCycleTable Claim { get; } = LifeCycleTable.Of("claim", "state", _claimStages, _claimCommands, (world, claim) => world.State.GetClaim(claim)!.Status.ToString());

    public static IReadOnlyList<LifeCycleTable> All { get; } = [Request, Dealing, Reshare, Actor, Bond, Team, Claim];

    private static AdmitActor Admission(LedgerWorld world) => new() { Actor = world.Agency.Id, Subject = _newcomer.Id };

    private static SuspendActor Suspension(LedgerWorld world) => new() { Actor = world.Agency.Id, Subject = _newcomer.Id, ReasonCode = 1 };

    private static ActorId Newcomer(LedgerWorld world, ActorRoles roles, params Func<LedgerWorld, LedgerCommand>[] steps)
    {
        world.Do(world.Register(_newcomer, roles));
        foreach (Func<LedgerWorld, LedgerCommand> step in steps)
        {
            world.Do(step(world));
        }

        return _newcomer.Id;
    }

    private static ActorId Waited(LedgerWorld world, ActorId id)
    {
        world.Pass(world.Parameters.AgencyDelay);
        return id;
    }

    private static ActorId Bonded(LedgerWorld world, Func<ActorId, LedgerCommand>? step = null)
    {
        ActorId id = world.Oracles[0].Id;
        world.Do(new PostBond { Actor = world.Hospital.Id, Oracle = id, Amount = 1000 });
        if (step is not null)
        {
            world.Do(step(id));
        }

        return id;
    }

    private static Digest Reshared(LedgerWorld world, bool complain)
    {
        Digest dealing = world.CompleteNewReshare().Dealing;
        foreach ((TrusteeSeat seat, ActorId trustee) in world.Seats().Where(s => s.Seat is { Group: 1, Member: 1 or 3 } or { Group: 2 }))
        {
            world.Do(new AcknowledgeDealing { Actor = trustee, BundleId = world.Bundle, DealingDigest = dealing, Seat = seat });
        }

        if (complain)
        {
            world.Do(new ComplainOfDealing { Actor = world.Guardians[1].Id, BundleId = world.Bundle, DealingDigest = dealing, Seat = new TrusteeSeat(1, 2), EvidenceDigest = world.Fresh() });
        }

        return dealing;
    }

    private static Func<LedgerWorld, Digest, LedgerCommand>[] Endorsed(int levels) =>
    [
        .. new Func<LedgerWorld, ActorId>[] { w => w.Doctor.Id, w => w.Hospital.Id, w => w.Agency.Id }.Take(levels)
            .Select(who => (Func<LedgerWorld, Digest, LedgerCommand>)((world, claim) => new EndorseClaim { Actor = who(world), ClaimId = claim })),
    ];

    private static Digest Claimed(LedgerWorld world, params Func<LedgerWorld, Digest, LedgerCommand>[] steps)
    {
        Person insurer = Person.Of("insurer");
        world.Admit(world.Register(insurer, ActorRoles.Insurer));
        var file = new FileClaim
        {
            Actor = world.Patient.Id, Insurer = insurer.Id, Doctor = world.Doctor.Id, Hospital = world.Hospital.Id, Amount = 10, Currency = "INR",
            EvidenceCommitment = world.Fresh(), EvidenceDigest = world.Fresh(), NotAfter = world.Now + TimeSpan.FromDays(20), Salt = world.Fresh(),
        };
        world.Do(file);
        Digest claim = file.ComputeId(LedgerWorld.Id);
        foreach (Func<LedgerWorld, Digest, LedgerCommand> step in steps)
        {
            world.Do(step(world, claim));
        }

        return claim;
    }

    private static Digest Late(LedgerWorld world, Digest claim, params Func<LedgerWorld, Digest, LedgerCommand>[] steps)
    {
        world.Pass(TimeSpan.FromDays(20));
        foreach (Func<LedgerWorld, Digest, LedgerCommand> step in steps)
        {
            world.Do(step(world, claim));
        }

        return claim;
    }

    private static RequestId After(LedgerWorld world, RequestId id, Func<RequestId, LedgerCommand> command)
    {
        world.Do(command(id));
        return id;
    }

    private static ActorId TeamOf(LedgerWorld world) => world.State.GetTeam(LedgerWorld.Team)!.Id;

    private static ActorId Led(LedgerWorld world, params Func<LedgerWorld, LedgerCommand>[] commands)
    {
        foreach (Func<LedgerWorld, LedgerCommand> command in commands)
        {
            world.Do(command(world));
        }

        return LedgerWorld.Team;
    }

    private static RequestId Passed(LedgerWorld world, RequestId id, TimeSpan time)
    {
        world.Pass(time);
        return id;
    }

    private static RequestId Asked(LedgerWorld world, RequestId id)
    {
        world.Ask();
        return id;
    }

    private static RequestId Mined(LedgerWorld world, RequestId id)
    {
        world.Mine();
        return id;
    }

    private static RequestId Denied(LedgerWorld world)
    {
        RequestId id = world.AskAndDraw();
        world.Do(world.Denial(id, 2, 1));
        world.Do(world.Denial(id, 1, 1));
        world.Do(world.Denial(id, 1, 2));
        return id;
    }

    private static RequestId Voided(LedgerWorld world)
    {
        RequestId id = world.Ask();
        world.Mine(world.Parameters.DrawWindow + 1);
        world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        return id;
    }

    private static RequestId Redrawn(LedgerWorld world)
    {
        RequestId id = Passed(world, world.AskGrantAndServe(2), world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        return id;
    }
}
