using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class ActorCommandTests
{
    [Theory]
    [InlineData(ActorRoles.Patient, ActorStatus.Active)]
    [InlineData(ActorRoles.Guardian, ActorStatus.Active)]
    [InlineData(ActorRoles.Patient | ActorRoles.Guardian, ActorStatus.Active)]
    [InlineData(ActorRoles.Doctor, ActorStatus.Pending)]
    [InlineData(ActorRoles.Doctor | ActorRoles.Patient, ActorStatus.Pending)]
    [InlineData(ActorRoles.Hospital | ActorRoles.Insurer, ActorStatus.Pending)]
    [InlineData(ActorRoles.Agency, ActorStatus.Pending)]
    [InlineData(ActorRoles.Operator, ActorStatus.Pending)]
    public void RegisterActor_Roles_DecideWhetherItWaits(ActorRoles roles, ActorStatus expected)
    {
        var world = new LedgerWorld();
        world.Do(world.Register(world.Stranger, roles));
        ActorRecord actor = world.State.GetActor(world.Stranger.Id)!;
        Assert.Equal(expected, actor.Status);
        Assert.Equal(roles, actor.Roles);
        Assert.Equal(world.Stranger.Id, actor.LedgerAddress);
    }

    [Theory]
    [InlineData(ActorRoles.None)]
    [InlineData(ActorRoles.Agency | ActorRoles.Doctor)]
    [InlineData(ActorRoles.Oracle | ActorRoles.Operator)]
    [InlineData(ActorRoles.Patient | ActorRoles.Hospital)]
    [InlineData(ActorRoles.Guardian | ActorRoles.Oracle)]
    public void RegisterActor_RolesThatDoNotGoTogether_AreRefused(ActorRoles roles)
    {
        var world = new LedgerWorld();
        world.Refused(LedgerError.WrongRole, world.Register(world.Stranger, roles));
    }

    [Fact]
    public void RegisterActor_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Refused(LedgerError.AlreadyExists, world.Register(world.Patient, ActorRoles.Patient));
        world.Refused(LedgerError.AlreadyExists, world.Register(world.Agency, ActorRoles.Agency));
        world.Refused(LedgerError.Expired, world.Register(world.Stranger, ActorRoles.Patient) with { ValidUntil = world.Now });
        world.Refused(LedgerError.Malformed, world.Register(world.Stranger, ActorRoles.Patient) with { KeyRecordDigest = default });
        world.Refused(LedgerError.Malformed, world.Register(world.Stranger, ActorRoles.Patient) with { Operator = world.Hospital.Id });
        world.Refused(LedgerError.Malformed, world.Register(world.Stranger, ActorRoles.Oracle));
        world.Refused(LedgerError.NotFound, world.Register(world.Stranger, ActorRoles.Oracle) with { Operator = world.Hospital.Id });
        Person runner = LedgerWorld.OperatorOf(world.Oracles[0]);
        world.Refused(LedgerError.Malformed, world.Register(world.Stranger, ActorRoles.Oracle) with { Operator = runner.Id, ValidUntil = world.Now + TimeSpan.FromDays(31) });
        world.Refused(LedgerError.Malformed, world.Register(world.Stranger, ActorRoles.Oracle) with { Operator = runner.Id, Organisation = world.Hospital.Id, ValidUntil = world.Now + TimeSpan.FromDays(30) });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = runner.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, world.Register(world.Stranger, ActorRoles.Oracle) with { Operator = runner.Id, ValidUntil = world.Now + TimeSpan.FromDays(30) });
    }

    [Fact]
    public void FoundingAgency_IsActiveFromTheStart_AndRegistersOnce()
    {
        var world = new LedgerWorld();
        ActorRecord agency = world.State.GetActor(world.Agency.Id)!;
        Assert.Equal(ActorStatus.Active, agency.Status);
        Assert.True(agency.KeyRecordDigest.IsZero);
        world.Do(world.Register(world.Agency, ActorRoles.Agency));
        Assert.False(world.State.GetActor(world.Agency.Id)!.KeyRecordDigest.IsZero);
        world.Refused(LedgerError.AlreadyExists, world.Register(world.Agency, ActorRoles.Agency));
    }

    [Fact]
    public void FoundingAgency_SuspendedOrRemoved_DoesNotReturnByRegistering()
    {
        var world = new LedgerWorld();
        Person second = Person.Of("second agency");
        world.Admit(world.Register(second, ActorRoles.Agency));
        world.Do(new SuspendActor { Actor = second.Id, Subject = world.Agency.Id, ReasonCode = 1 });
        world.Refused(LedgerError.AlreadyExists, world.Register(world.Agency, ActorRoles.Agency));
        world.Do(new RemoveActor { Actor = second.Id, Subject = world.Agency.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, world.Register(world.Agency, ActorRoles.Agency));
    }

    [Fact]
    public void AcceptAdmission_OfAnAgency_WaitsForTheDelay()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Person second = Person.Of("second agency");
        var accept = new AcceptAdmission { Actor = second.Id };
        world.Refused(LedgerError.NotRegistered, accept);
        world.Do(world.Register(second, ActorRoles.Agency) with { ValidUntil = world.Now + world.Parameters.AgencyDelay });
        world.Refused(LedgerError.NotAdmitted, accept);
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = second.Id });
        Assert.Equal(world.Now + world.Parameters.AgencyDelay, world.Actor(second).AcceptableFrom);
        world.Refused(LedgerError.WrongState, new AdmitActor { Actor = world.Agency.Id, Subject = second.Id });
        world.Pass(world.Parameters.AgencyDelay - TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.NotYet, accept);
        world.Pass(TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.KeyExpired, accept);
        world.Do(new ReplaceKey { Actor = second.Id, NewLedgerAddress = second.Id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later });
        world.Do(accept);
        Assert.Equal(ActorStatus.Active, world.Actor(second).Status);
        Assert.Null(world.Actor(second).AcceptableFrom);
        world.Refused(LedgerError.WrongState, accept);
        world.Refused(LedgerError.WrongState, new AcceptAdmission { Actor = world.Patient.Id });
    }

    [Fact]
    public void SuspendActor_AgencyThatWaits_StopsItsAdmission()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Person second = Person.Of("second agency");
        var accept = new AcceptAdmission { Actor = second.Id };
        world.Do(world.Register(second, ActorRoles.Agency));
        world.Refused(LedgerError.WrongState, new SuspendActor { Actor = world.Agency.Id, Subject = second.Id, ReasonCode = 1 });
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = second.Id });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = second.Id, ReasonCode = 1 });
        world.Pass(world.Parameters.AgencyDelay);
        world.Refused(LedgerError.Suspended, accept);
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = second.Id, ReasonCode = 1 });
        Assert.Equal(ActorStatus.Pending, world.Actor(second).Status);
        world.Refused(LedgerError.NotYet, accept);
        world.Pass(world.Parameters.AgencyDelay);
        world.Do(accept);
    }

    [Fact]
    public void AdmitActor_Oracles_AreNumberedAndHaveTheirOperatorsOrganisation()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Assert.Equal(Enumerable.Range(1, 9), world.Oracles.Select(oracle => world.Actor(oracle).OracleIndex));
        Assert.Equal(LedgerWorld.OperatorOf(world.Oracles[0]).Id, world.Actor(world.Oracles[0]).Unit);
        Person own = Person.Of("the clinic's oracle");
        world.Admit(world.Register(LedgerWorld.OperatorOf(own), ActorRoles.Operator) with { Organisation = Person.Of("clinic").Id });
        RegisterActor registration = world.Register(own, ActorRoles.Oracle) with { Operator = LedgerWorld.OperatorOf(own).Id, ValidUntil = world.Now + TimeSpan.FromDays(30) };
        world.Refused(LedgerError.Malformed, registration with { Organisation = LedgerWorld.OperatorOf(own).Id });
        world.Do(registration with { Organisation = Person.Of("clinic").Id });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = LedgerWorld.OperatorOf(own).Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, new AdmitActor { Actor = world.Agency.Id, Subject = own.Id });
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = LedgerWorld.OperatorOf(own).Id, ReasonCode = 1 });
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Oracles[8].Id, ReasonCode = 1 });
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = own.Id });
        Assert.Equal((10, Person.Of("clinic").Id), (world.Actor(own).OracleIndex, world.Actor(own).Unit));
    }

    [Fact]
    public void Oracle_IsEligibleToTheLastFullHourOfItsKeys_WhateverItsOperator()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Person oracle = world.Oracles[0];
        bool Eligible() => world.State.ListOracles(world.Now).Single(o => o.Id == oracle.Id).IsEligible;
        DateTimeOffset end = world.Now.AddHours(3).AddMinutes(20);
        world.Do(new ReplaceKey { Actor = oracle.Id, NewLedgerAddress = oracle.Id, KeyRecordDigest = world.Fresh(), ValidUntil = end });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = LedgerWorld.OperatorOf(oracle).Id, ReasonCode = 1 });
        Assert.True(Eligible());
        world.Pass(TimeSpan.FromHours(3) - TimeSpan.FromSeconds(1));
        Assert.True(Eligible());
        world.Pass(TimeSpan.FromSeconds(1));
        Assert.False(Eligible());
        Assert.True(world.Actor(oracle).IsActiveAt(world.Now));
    }

    [Fact]
    public void LastSeen_OfAPatient_IsTheEndOfTheDayOfItsLastCommand()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        var day = new DateTimeOffset(world.Now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        Assert.Equal(day, world.Actor(world.Patient).LastSeen);
        world.Pass(TimeSpan.FromDays(9));
        world.Do(new ConfirmPresence { Actor = world.Patient.Id });
        Assert.Equal(day.AddDays(9), world.Actor(world.Patient).LastSeen);
        world.Pass(TimeSpan.FromDays(1));
        world.Do(new RegisterBundle { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        Assert.Equal(day.AddDays(10), world.Actor(world.Patient).LastSeen);
        world.Refused(LedgerError.WrongRole, new ConfirmPresence { Actor = world.Doctor.Id });
        Assert.Equal(default, world.Actor(world.Doctor).LastSeen);
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, new ConfirmPresence { Actor = world.Patient.Id });
    }

    [Fact]
    public void ReplaceKey_OfATeam_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithPeople().WithTeam();
        world.Refused(LedgerError.WrongRole, new ReplaceKey { Actor = LedgerWorld.Team, NewLedgerAddress = LedgerWorld.Team, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later });
    }

    [Fact]
    public void AdmitActor_OnlyByAnAgencyAndOnlyOnce()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Do(world.Register(world.Stranger, ActorRoles.Doctor));
        world.Refused(LedgerError.WrongRole, new AdmitActor { Actor = world.Hospital.Id, Subject = world.Stranger.Id });
        world.Refused(LedgerError.NotAdmitted, new AdmitActor { Actor = world.Stranger.Id, Subject = world.Stranger.Id });
        world.Refused(LedgerError.NotFound, new AdmitActor { Actor = world.Agency.Id, Subject = Person.Of("nobody").Id });
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = world.Stranger.Id });
        world.Refused(LedgerError.WrongState, new AdmitActor { Actor = world.Agency.Id, Subject = world.Stranger.Id });
    }

    [Fact]
    public void AdmitActor_ASecondAgency_MayAdmitToo()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Person second = Person.Of("second agency");
        world.Do(world.Register(second, ActorRoles.Agency));
        world.Do(world.Register(world.Stranger, ActorRoles.Doctor));
        world.Refused(LedgerError.NotAdmitted, new AdmitActor { Actor = second.Id, Subject = world.Stranger.Id });
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = second.Id });
        world.Refused(LedgerError.NotAdmitted, new AdmitActor { Actor = second.Id, Subject = world.Stranger.Id });
        world.Pass(world.Parameters.AgencyDelay);
        world.Do(new AcceptAdmission { Actor = second.Id });
        world.Do(new AdmitActor { Actor = second.Id, Subject = world.Stranger.Id });
    }

    [Fact]
    public void Licences_AreRecordedRenewedAndWithdrawnByAgenciesAlone()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        RecordLicence licence = new()
        {
            Actor = world.Agency.Id,
            Doctor = world.Doctor.Id,
            CredentialDigest = world.Fresh(),
            Speciality = "oncology",
            Organisation = world.Hospital.Id,
            NotAfter = world.Later,
        };
        world.Refused(LedgerError.WrongRole, licence with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.NotFound, licence with { Doctor = world.Stranger.Id });
        world.Refused(LedgerError.WrongRole, licence with { Doctor = world.Patient.Id });
        world.Refused(LedgerError.Expired, licence with { NotAfter = world.Now });
        world.Do(licence);
        Assert.Equal("oncology", world.State.GetActor(world.Doctor.Id)!.Licence!.Speciality);
        world.Refused(LedgerError.WrongRole, new WithdrawLicence { Actor = world.Hospital.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        Assert.Null(world.State.GetActor(world.Doctor.Id)!.Licence);
        world.Refused(LedgerError.LicenceMissing, new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
    }

    [Fact]
    public void ReplaceKey_NewAddress_SignsFromThenOnAndTheOldOneNeverAgain()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        using SecretKey next = SecretKey.FromBytes(world.Fresh().ToBytes());
        ActorId address = ActorId.FromPublicKey(next.PublicKey);
        ReplaceKey replace = new()
        {
            Actor = world.Patient.Id,
            NewLedgerAddress = address,
            KeyRecordDigest = world.Fresh(),
            ValidUntil = world.Later,
            Possession = next.SignDigest(LedgerPossession.KeyDigest(LedgerWorld.Id, world.Patient.Id, address).ToBytes()),
        };
        world.Refused(LedgerError.BadPossession, replace with { Possession = null });
        world.Refused(LedgerError.BadPossession, replace with { Possession = world.Patient.Key.SignDigest(new byte[32]) });
        world.Refused(LedgerError.AddressInUse, replace with { NewLedgerAddress = world.Doctor.Id });
        world.Refused(LedgerError.Expired, replace with { ValidUntil = world.Now });
        world.Do(replace);

        RevokeBundle revoke = new() { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 1 };
        Assert.Equal(LedgerError.BadSignature, world.TrySigned(revoke, world.Patient.Key).Error);
        Assert.True(world.TrySigned(revoke, next).IsAccepted);
        world.Refused(LedgerError.AddressInUse, new RegisterActor { Actor = address, Roles = ActorRoles.Patient, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later });
        world.Refused(LedgerError.AddressInUse, replace with { NewLedgerAddress = world.Patient.Id });
    }

    [Fact]
    public void ReplaceKey_Oracle_LastsThirtyDaysAtMost()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        ActorId oracle = world.Oracles[0].Id;
        ReplaceKey replace = new() { Actor = oracle, NewLedgerAddress = oracle, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromDays(30) };
        world.Refused(LedgerError.Malformed, replace with { ValidUntil = world.Now + TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1) });
        world.Do(replace);
        Assert.Equal(replace.KeyRecordDigest, world.State.GetActor(oracle)!.KeyRecordDigest);
    }

    [Fact]
    public void KeyRecord_AfterItsEnd_OnlyReplacingAndWithdrawingIsPossible()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        world.Do(new ReplaceKey { Actor = world.Patient.Id, NewLedgerAddress = world.Patient.Id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromHours(1) });
        world.Pass(TimeSpan.FromHours(1));
        world.Refused(LedgerError.KeyExpired, new ReviseBundle { Actor = world.Patient.Id, BundleId = world.Bundle, PreviousHeaderDigest = world.Header, HeaderDigest = world.Fresh(), DocumentsRoot = world.Fresh() });
        world.Do(new VetoRequest { Actor = world.Patient.Id, RequestId = id });
        world.Do(new ReplaceKey { Actor = world.Patient.Id, NewLedgerAddress = world.Patient.Id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later });
        world.Do(new ReviseBundle { Actor = world.Patient.Id, BundleId = world.Bundle, PreviousHeaderDigest = world.Header, HeaderDigest = world.Fresh(), DocumentsRoot = world.Fresh() });
    }

    [Fact]
    public void SuspendActor_TakesEverythingButWithdrawing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        world.Refused(LedgerError.WrongRole, new SuspendActor { Actor = world.Hospital.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.NotFound, new SuspendActor { Actor = world.Agency.Id, Subject = world.Stranger.Id, ReasonCode = 1 });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, new SuspendActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, new ConsentToRequest { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() });
        world.Refused(LedgerError.Suspended, new ReplaceKey { Actor = world.Patient.Id, NewLedgerAddress = world.Patient.Id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later });

        // No agency can take a veto from a patient.
        world.Do(new VetoRequest { Actor = world.Patient.Id, RequestId = id });
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, new ReinstateActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.WrongRole, new ReinstateActor { Actor = world.Hospital.Id, Subject = world.Patient.Id, ReasonCode = 1 });
    }

    [Fact]
    public void SuspendActor_Pending_IsRefusedSoThatReinstatingAdmitsNobody()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Do(world.Register(world.Stranger, ActorRoles.Doctor));
        world.Refused(LedgerError.WrongState, new SuspendActor { Actor = world.Agency.Id, Subject = world.Stranger.Id, ReasonCode = 1 });
    }

    [Fact]
    public void RemoveActor_IsForGood()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Refused(LedgerError.WrongRole, new RemoveActor { Actor = world.Doctor.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Do(new RemoveActor { Actor = world.Doctor.Id, Subject = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, world.Register(world.Doctor, ActorRoles.Doctor));
        world.Refused(LedgerError.Removed, new ReplaceKey { Actor = world.Doctor.Id, NewLedgerAddress = world.Doctor.Id, KeyRecordDigest = world.Fresh(), ValidUntil = world.Later });
        world.Refused(LedgerError.WrongState, new ReinstateActor { Actor = world.Agency.Id, Subject = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, new RemoveActor { Actor = world.Agency.Id, Subject = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, new RecordLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, CredentialDigest = world.Fresh(), Speciality = "x", NotAfter = world.Later });
    }

    [Fact]
    public void SuspendedAgency_RemovesNobodyElse()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Person second = Person.Of("second agency");
        world.Admit(world.Register(second, ActorRoles.Agency));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = second.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, new RemoveActor { Actor = second.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Do(new RemoveActor { Actor = second.Id, Subject = second.Id, ReasonCode = 1 });
    }

    [Fact]
    public void LastAgency_CanNeitherGoNorBeSuspended()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Refused(LedgerError.LastAgency, new RemoveActor { Actor = world.Agency.Id, Subject = world.Agency.Id, ReasonCode = 1 });
        world.Refused(LedgerError.LastAgency, new SuspendActor { Actor = world.Agency.Id, Subject = world.Agency.Id, ReasonCode = 1 });
        Person second = Person.Of("second agency");
        world.Admit(world.Register(second, ActorRoles.Agency));
        world.Do(new SuspendActor { Actor = second.Id, Subject = world.Agency.Id, ReasonCode = 1 });
        world.Refused(LedgerError.LastAgency, new RemoveActor { Actor = second.Id, Subject = second.Id, ReasonCode = 1 });
    }

    [Fact]
    public void AnyCommand_UnknownActorWrongNonceOrForeignLedger_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        var veto = new VetoRequest { Actor = world.Patient.Id, RequestId = RequestId.FromBytes(new byte[32]) };
        world.Refused(LedgerError.NotRegistered, veto with { Actor = world.Stranger.Id });
        world.Refused(LedgerError.NotFound, veto);
        ulong nonce = world.State.GetNonce(world.Patient.Id);
        Assert.Equal(LedgerError.WrongNonce, world.TrySigned(SignedCommand.Sign(veto, nonce + 1, LedgerWorld.Id, world.Patient.Key)).Error);
        Assert.Equal(LedgerError.WrongNonce, world.TrySigned(SignedCommand.Sign(veto, nonce - 1, LedgerWorld.Id, world.Patient.Key)).Error);
        Assert.Equal(LedgerError.BadSignature, world.TrySigned(SignedCommand.Sign(veto, nonce, LedgerWorld.Id with { ChainId = 5 }, world.Patient.Key)).Error);
        Assert.Equal(LedgerError.BadSignature, world.TrySigned(SignedCommand.Sign(veto, nonce, new LedgerId(0, world.Hospital.Id), world.Patient.Key)).Error);
    }
}
