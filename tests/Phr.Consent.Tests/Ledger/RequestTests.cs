using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class RequestTests
{
    [Fact]
    public void RequestAccess_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestAccess Change(Func<RequestAccess, RequestAccess> change) => world.Asking(change: change);
        world.Refused(LedgerError.WrongRole, world.Asking(world.Patient));
        world.Refused(LedgerError.ReceiverNotPermitted, Change(r => r with { Receiver = RequestReceiver.Team(world.Doctor.Id, 1) }));
        world.Refused(LedgerError.Malformed, Change(r => r with { Receiver = RequestReceiver.Person(world.Doctor.Id) with { KeyEpoch = 1 } }));
        world.Refused(LedgerError.Malformed, Change(r => r with { Receiver = RequestReceiver.Person(world.Stranger.Id) }));
        world.Refused(LedgerError.Malformed, Change(r => r with { DocumentCount = 0 }));
        world.Refused(LedgerError.NotFound, Change(r => r with { BundleId = BundleId.FromBytes(world.Fresh().ToBytes()) }));
        world.Refused(LedgerError.StaleDigest, Change(r => r with { HeaderDigest = world.Fresh() }));
        world.Refused(LedgerError.StaleDigest, Change(r => r with { DealingDigest = world.Fresh() }));
        world.Refused(LedgerError.StaleEpoch, Change(r => r with { Epoch = 2 }));
        world.Refused(LedgerError.Expired, Change(r => r with { NotAfter = world.Now }));
        world.Refused(LedgerError.Malformed, Change(r => r with { NotAfter = world.Now + TimeSpan.FromDays(31) }));
        world.Refused(LedgerError.Malformed, Change(r => r with { Uses = 0 }));
        world.Refused(LedgerError.WrongState, Change(r => r with { EmergencyReason = 1 }));
        world.Refused(LedgerError.StaleDigest, Change(r => r with { Snapshot = 0 }));
        world.Refused(LedgerError.StaleDigest, Change(r => r with { Snapshot = 2 }));
        RequestAccess good = world.Asking();
        world.Do(good);
        world.Refused(LedgerError.AlreadyExists, good);
        world.Refused(LedgerError.OpenRequestExists, world.Asking());
    }

    [Fact]
    public void RequestAccess_ReceivingKeyUsedBefore_IsMarked()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        using SecretKey receiving = SecretKey.FromBytes(world.Fresh().ToBytes());
        RequestId first = world.Ask(change: r => r with { ReceivingKey = receiving.PublicKey, Possession = Person.Of("x").Key.SignDigest(new byte[32]).Signature });
        Assert.False(world.Request(first).ReusesReceivingKey);
        RequestId again = world.Ask(second, r => r with { ReceivingKey = receiving.PublicKey, Possession = Person.Of("x").Key.SignDigest(new byte[32]).Signature });
        Assert.True(world.Request(again).ReusesReceivingKey);
        Assert.False(world.Request(first).ReusesReceivingKey);
    }

    [Fact]
    public void RequestAccess_TheSameOneAgainLater_IsMarkedAndTakesTheOldOnesPlace()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestAccess first = world.Asking();
        world.Do(first);
        RequestId id = first.ComputeId(LedgerWorld.Id);
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Refused(LedgerError.AlreadyExists, first);
        world.Pass(world.Parameters.Cooldown);
        RequestId other = world.Ask();
        world.Refused(LedgerError.NotFound, new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = other });
        world.Pass(2 * world.Parameters.Cooldown);
        world.Do(first);
        Assert.True(world.Request(id).ReusesReceivingKey);
        Assert.Equal(RequestStatus.AwaitingDraw, world.Request(id).Status);
        Assert.Equal([id, other], world.State.ListRequests(new RequestFilter(), world.Now).Select(request => request.Id));
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }

    [Fact]
    public void RequestAccess_FormerOneSettled_IsFollowed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId served = world.AskServeAndOpen();
        world.Refused(LedgerError.OpenRequestExists, world.Asking());
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = served });
        RequestId next = world.Ask();
        Assert.Equal(RequestStatus.Superseded, world.Request(served).Status);
        Assert.False(world.Request(served).IsFinal(world.Now));
        Assert.False(world.BundleNow.RefreshDue);
        world.Refused(LedgerError.NotFound, new RevokeGrant { Actor = world.Patient.Id, RequestId = served, ReasonCode = 1 });
        world.Refused(LedgerError.NotFound, new ExpireRequest { Actor = world.Patient.Id, RequestId = served });
        Assert.Equal(RequestStatus.AwaitingDraw, world.Request(next).Status);
    }

    [Fact]
    public void TakeSnapshot_TooEarly_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        RegistrySnapshot first = world.State.GetSnapshot(null)!;
        TakeSnapshot take = new() { Actor = world.Guardians[0].Id };
        world.Refused(LedgerError.NotRegistered, take with { Actor = world.Stranger.Id });
        world.Refused(LedgerError.NotYet, take);
        world.Mine((int)(first.Block + (ulong)world.Parameters.SnapshotInterval - world.Block) - 2);
        world.Refused(LedgerError.NotYet, take);
        world.Do(take);
        Assert.Equal((2, first.Block + (ulong)world.Parameters.SnapshotInterval), (world.State.GetSnapshot(null)!.Number, world.State.GetSnapshot(2)!.Block));
        Assert.NotNull(world.State.GetSnapshot(1));
        world.ListOraclesAnew();
        Assert.Null(world.State.GetSnapshot(1));
    }

    [Fact]
    public void GetSnapshot_PinnedByARequest_IsKept()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.ListOraclesAnew();
        world.ListOraclesAnew();
        world.ListOraclesAnew();
        Assert.Equal((1, 4), (world.Request(id).Snapshot, world.State.GetSnapshot(null)!.Number));
        Assert.NotNull(world.State.GetSnapshot(1));
        Assert.Null(world.State.GetSnapshot(2));
        Assert.Equal(world.DrawnAnew(world.Request(id)), world.Request(id).Committee.Select(member => member.Number));
    }

    [Fact]
    public void RequestAccess_DoctorWithoutAdmissionOrLicence_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.Do(world.Register(second, ActorRoles.Doctor));
        world.Refused(LedgerError.NotAdmitted, world.Asking(second));
        world.Do(new AdmitActor { Actor = world.Agency.Id, Subject = second.Id });
        world.Refused(LedgerError.LicenceMissing, world.Asking(second));
        world.Do(new RecordLicence { Actor = world.Agency.Id, Doctor = second.Id, CredentialDigest = world.Fresh(), Speciality = "gp", NotAfter = world.Now + TimeSpan.FromMinutes(5) });
        world.Pass(TimeSpan.FromMinutes(5));
        world.Refused(LedgerError.LicenceExpired, world.Asking(second));
    }

    [Fact]
    public void RequestAccess_AccessRuleDenies_NamesTheFailingLeaf()
    {
        LedgerWorld world = new LedgerWorld();
        world.Policy = world.Policy with
        {
            AccessRule = AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Any(AccessRule.Speciality("oncology"), AccessRule.Speciality("radiology")), AccessRule.Purpose(PurposeOfUse.Treatment)),
        };
        world.WithBundle();
        LedgerDecision refused = world.Refused(LedgerError.AccessDenied, world.Asking());
        Assert.Equal(new AccessRuleLeaf("/1/0", "speciality is oncology"), refused.FailingLeaf);
        Assert.Equal(refused.FailingLeaf, refused.ToException().FailingLeaf);

        Person radiologist = Person.Of("radiologist");
        world.WithDoctor(radiologist, "radiology");
        world.Ask(radiologist);
    }

    [Fact]
    public void RequestAccess_ReceiverKindNotInThePolicy_IsRefused()
    {
        LedgerWorld world = new LedgerWorld();
        world.Policy = world.Policy with { ReceiverKinds = ReceiverKinds.Team };
        world.WithBundle();
        world.Refused(LedgerError.ReceiverNotPermitted, world.Asking());
    }

    [Fact]
    public void TakeSnapshot_Oracles_AreThoseThatMayServeNow()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Oracles[8].Id, ReasonCode = 1 });
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Oracles[7].Id, ReasonCode = 1 });
        Person late = Person.Of("late oracle");
        world.WithOracle(late);
        world.ListOraclesAnew();
        IReadOnlyList<RegistryEntry> entries = world.State.GetSnapshot(null)!.Entries;
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 10], entries.Select(entry => entry.Number));
        Assert.Equal(late.Id, entries[^1].Oracle);
        Assert.Equal(LedgerWorld.OperatorOf(late).Id, entries[^1].Unit);
        Assert.All(entries, entry => Assert.Equal(Reputation.MinWeight, entry.Weight));
        world.Pass(TimeSpan.FromDays(30));
        world.ListOraclesAnew();
        Assert.Empty(world.State.GetSnapshot(null)!.Entries);
        world.Refused(LedgerError.NotEnoughOracles, world.Asking());
    }

    [Fact]
    public void DrawCommittee_Parties_SitInNoCommittee()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person own = Person.Of("the clinic's oracle");
        world.Admit(world.Register(LedgerWorld.OperatorOf(own), ActorRoles.Operator) with { Organisation = Person.Of("clinic").Id });
        world.Admit(new RegisterActor { Actor = own.Id, Roles = ActorRoles.Oracle, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromDays(30), Operator = LedgerWorld.OperatorOf(own).Id });
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Oracles[0].Id, ReasonCode = 1 });
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Oracles[1].Id, ReasonCode = 1 });
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Oracles[2].Id, ReasonCode = 1 });
        world.ListOraclesAnew();
        for (int i = 0; i < 10; i++)
        {
            RequestId id = world.AskAndDraw();
            Assert.Null(world.Request(id).FindCommitteeIndex(own.Id));
            world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
            world.Pass(world.Parameters.MaxCooldown);
        }

        Assert.Contains(Person.Of("clinic").Id, world.State.GetSnapshot(null)!.Entries.Select(entry => entry.Unit));
    }

    [Fact]
    public void DrawCommittee_TooFewOfOtherUnits_VoidsTheRequest()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        foreach (Person oracle in world.Oracles.Skip(4))
        {
            world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = oracle.Id, ReasonCode = 1 });
        }

        Person sibling = Person.Of("second oracle of the same operator");
        world.Admit(new RegisterActor { Actor = sibling.Id, Roles = ActorRoles.Oracle, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromDays(30), Operator = LedgerWorld.OperatorOf(world.Oracles[0]).Id });
        world.ListOraclesAnew();
        RequestId id = world.Ask();
        world.Mine();
        Assert.Contains(world.Do(new DrawCommittee { Actor = world.Guardians[1].Id, RequestId = id }), e => e is RequestVoided { Cause: VoidCause.NotEnoughOracles });
        Assert.Equal(RequestStatus.Voided, world.Request(id).Status);
        Assert.Equal(0, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests);
        world.Ask();
    }

    [Fact]
    public void DrawCommittee_PatientRemoved_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        world.Mine();
        world.Do(new RemoveActor { Actor = world.Patient.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
    }

    [Fact]
    public void RequestAccess_FewerOraclesThanSeats_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        foreach (Person oracle in world.Oracles.Take(5))
        {
            world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = oracle.Id, ReasonCode = 1 });
        }

        world.ListOraclesAnew();
        world.Refused(LedgerError.NotEnoughOracles, world.Asking());
    }

    [Fact]
    public void DrawCommittee_TooEarlyTwiceOrTooLate_IsRefusedOrVoids()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        DrawCommittee draw = new() { Actor = world.Guardians[0].Id, RequestId = id };
        world.Refused(LedgerError.NotYet, draw);
        world.Do(draw);
        world.Refused(LedgerError.AlreadyExists, draw);
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Pass(TimeSpan.FromDays(1));

        RequestId missed = world.Ask();
        world.Mine(world.Parameters.DrawWindow + 1);
        Assert.Contains(world.Do(draw with { RequestId = missed }), e => e is RequestVoided { Cause: VoidCause.MissedDraw });
        Assert.Equal(RequestStatus.Voided, world.Request(missed).Status);
        Assert.Equal(2, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests);
        world.Refused(LedgerError.CoolingDown, world.Asking());
    }

    [Fact]
    public void DrawCommittee_LastBlockOfTheWindow_StillDraws()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        ulong last = world.Request(id).SeedBlock + (ulong)world.Parameters.DrawWindow;
        world.Mine((int)(last - world.Block - 1));
        world.Do(new DrawCommittee { Actor = world.Guardians[0].Id, RequestId = id });
        Assert.Equal(last, world.Block);
        Assert.Equal(5, world.Request(id).Committee.Count);
    }

    [Fact]
    public void ApproveRequest_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        world.Refused(LedgerError.NotYet, world.Approval(id, 1, 1));
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Guardians[0].Id, RequestId = id });
        ApproveRequest approve = world.Approval(id, 1, 1);
        world.Refused(LedgerError.NotATrustee, approve with { Seat = new TrusteeSeat(1, 2) });
        world.Refused(LedgerError.NotATrustee, approve with { Actor = world.Patient.Id, Seat = TrusteeSeat.Patient });
        world.Refused(LedgerError.NotATrustee, approve with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.Malformed, approve with { ApprovalDigest = default });
        world.Do(approve);
        world.Refused(LedgerError.AlreadyExists, approve with { ApprovalDigest = world.Fresh() });
        world.Refused(LedgerError.AlreadyExists, world.Denial(id, 1, 1));
        world.Do(world.Denial(id, 1, 2));
        world.Refused(LedgerError.AlreadyExists, world.Approval(id, 1, 2));
        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Do(world.Approval(id, 2, 1));
        world.Refused(LedgerError.LicenceMissing, world.Approval(id, 3, 1));
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.Expired, world.Approval(id, 1, 3));
    }

    [Fact]
    public void ApproveRequest_TheDoctorIsATrustee_CannotApproveTheOwnRequest()
    {
        LedgerWorld world = new LedgerWorld();
        world.Policy = world.Policy with { Groups = [.. world.Policy.Groups.Take(2), new PolicyGroup { Name = "physician", Threshold = 1, Members = [new PolicyMember { Identity = world.Doctor.Id }] }] };
        world.WithBundle();
        RequestId id = world.AskAndDraw();
        world.Refused(LedgerError.WrongRole, world.Approval(id, 3, 1));
    }

    [Fact]
    public void ApproveRequest_PolicyThatAsksForSilence_WaitsForThePatients()
    {
        LedgerWorld world = new();
        world.Policy = world.Policy with { IncapacityAfter = TimeSpan.FromHours(30) };
        world.WithBundle();
        DateTimeOffset seen = world.State.GetActor(world.Patient.Id)!.LastSeen;
        RequestId id = world.AskAndDraw();
        world.Refused(LedgerError.NotYet, world.Approval(id, 1, 1));
        world.Do(world.Denial(id, 1, 2));
        world.Pass(seen + TimeSpan.FromHours(30) - world.Now - TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.NotYet, world.Approval(id, 1, 1));
        world.Pass(TimeSpan.FromSeconds(1));
        world.Do(world.Approval(id, 1, 1));

        // The patient is back: what is not decided yet waits again, and the patient alone decides.
        world.Do(new ConfirmPresence { Actor = world.Patient.Id });
        world.Refused(LedgerError.NotYet, world.Approval(id, 2, 1));
        world.Do(new ConsentToRequest { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() });
        Assert.Equal(RequestStatus.Granted, world.Request(id).Status);
    }

    [Fact]
    public void ApproveRequest_OverQuorum_IsAcceptedUntilTheEnd()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndGrant();
        DateTimeOffset until = world.Request(id).Grant!.VetoUntil;
        Assert.DoesNotContain(world.Do(world.Approval(id, 1, 2)), e => e is GrantIssued);
        world.Do(world.Approval(id, 3, 1));
        Assert.Equal(until, world.Request(id).Grant!.VetoUntil);
        Assert.Equal(5, world.Request(id).Approvals.Count);
    }

    [Fact]
    public void ApproveRequest_SuspendedTrustee_DoesNotCountUntilReinstated()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 2));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        Assert.DoesNotContain(world.Do(world.Approval(id, 2, 1)), e => e is GrantIssued);
        world.Refused(LedgerError.Suspended, world.Approval(id, 1, 1));
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });

        // It counts when the next approval comes, not by itself.
        Assert.Null(world.Request(id).Grant);
        world.Refused(LedgerError.AlreadyExists, world.Approval(id, 1, 1));
        Assert.Contains(world.Do(world.Approval(id, 1, 3)), e => e is GrantIssued);
    }

    [Fact]
    public void ApproveRequest_TrusteeSuspendedAfterTheGrant_ChangesNothing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        Assert.NotNull(world.Request(id).Approval(new TrusteeSeat(1, 1)));
        Assert.Equal(RequestStatus.VetoWindow, world.Request(id).Status);
    }

    [Fact]
    public void DenyRequest_QuorumImpossible_EndsTheRequest()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Refused(LedgerError.NotATrustee, world.Denial(id, 1, 1) with { Actor = world.Guardians[1].Id });
        world.Do(world.Denial(id, 2, 1));
        world.Refused(LedgerError.AlreadyExists, world.Denial(id, 2, 1));
        world.Do(world.Denial(id, 1, 1));
        Assert.Equal(RequestStatus.Open, world.Request(id).Status);
        Assert.Contains(world.Do(world.Denial(id, 1, 2)), e => e is RequestDenied);
        Assert.Equal(RequestStatus.Denied, world.Request(id).Status);
        Assert.False(world.BundleNow.RefreshDue);
    }

    [Fact]
    public void DenyRequest_AfterTheGrant_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        world.Refused(LedgerError.WrongState, world.Denial(id, 1, 2));
    }

    [Fact]
    public void ConsentToRequest_ByThePatientAlone_GrantsAtOnceAndShortensTheWindow()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        ConsentToRequest consent = new() { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() };
        world.Refused(LedgerError.NotYet, consent);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Guardians[0].Id, RequestId = id });
        world.Refused(LedgerError.NotYours, consent with { Actor = world.Guardians[0].Id });
        world.Do(consent);
        Assert.Equal(RequestStatus.Granted, world.Request(id).Status);
        world.Refused(LedgerError.AlreadyExists, consent);

        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        RequestId other = world.AskAndDraw(second);
        world.Do(world.Approval(other, 1, 1));
        world.Do(world.Approval(other, 1, 2));
        world.Do(world.Approval(other, 3, 1));
        Assert.Equal(RequestStatus.VetoWindow, world.Request(other).Status);
        world.Do(consent with { RequestId = other });
        Assert.Equal(RequestStatus.Granted, world.Request(other).Status);
    }

    [Fact]
    public void AttachToGrant_FinalGrant_TakesSixteenFromThePatientAlone()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        AttachToGrant attach = world.Attachment(id);
        world.Refused(LedgerError.NotYet, attach);
        world.Pass(world.Policy.VetoWindow);
        world.Refused(LedgerError.NotYours, attach with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.NotYours, attach with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.Malformed, attach with { AttachmentDigest = default });
        world.Refused(LedgerError.NotSupported, attach with { AttachmentKind = GrantAttachmentKind.None });
        world.Refused(LedgerError.NotFound, attach with { RequestId = RequestId.FromBytes(world.Fresh().ToBytes()) });
        world.Do(attach);
        world.Do(attach);
        Assert.Single(world.Request(id).Grant!.Attachments);
        for (int i = 1; i < LedgerLimits.Attachments; i++)
        {
            world.Do(world.Attachment(id));
        }

        // The first sixteen count; a contract does not keep them, and so it refuses none.
        world.Do(world.Attachment(id));
        Assert.Equal(16, world.Request(id).Grant!.Attachments.Count);
        Assert.Equal(attach.AttachmentDigest, world.Request(id).Grant!.Attachments[0].Digest);
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.Expired, world.Attachment(id));
    }

    [Fact]
    public void AttachToGrant_LicenceWithdrawnOrGrantRedrawn_IsRefusedOrForgotten()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(2);
        world.Do(world.Attachment(id));
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        Assert.Null(world.Request(id).Grant);
        world.Refused(LedgerError.WrongState, world.Attachment(id));

        world = new LedgerWorld().WithBundle();
        id = world.AskAndGrant();
        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.LicenceMissing, world.Attachment(id));
    }

    [Fact]
    public void VetoRequest_UntilTheGrantIsFinal()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        VetoRequest veto = new() { Actor = world.Patient.Id, RequestId = id };
        world.Refused(LedgerError.NotYours, veto with { Actor = world.Guardians[0].Id });
        world.Pass(world.Policy.VetoWindow - TimeSpan.FromSeconds(1));
        world.Do(veto);
        Assert.True(world.BundleNow.RefreshDue);
        Assert.Equal(RequestStatus.Vetoed, world.Request(id).Status);
        world.Pass(TimeSpan.FromHours(2));
        world.Refused(LedgerError.WrongState, world.Delivery(id, 1));

        RequestId late = world.AskAndGrant();
        world.Refused(LedgerError.Expired, veto with { RequestId = late });
    }

    [Fact]
    public void CancelRequest_BeforeTheGrant_CountsAsAbandoned()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Refused(LedgerError.NotYours, new CancelRequest { Actor = world.Patient.Id, RequestId = id });
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        Assert.True(world.BundleNow.RefreshDue);
        world.Refused(LedgerError.WrongState, new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Refused(LedgerError.CoolingDown, world.Asking());
        world.Pass(world.Parameters.Cooldown);
        world.ActivateNewDealing();
        Assert.False(world.BundleNow.RefreshDue);

        // Who gives up a grant has not abandoned a request; a settled one is there to stay.
        RequestId granted = world.AskAndGrant();
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = granted });
        Assert.Equal(1, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests);
        RequestId settled = world.AskServeAndOpen();
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = settled });
        world.Refused(LedgerError.WrongState, new CancelRequest { Actor = world.Doctor.Id, RequestId = settled });
    }

    [Fact]
    public void Cooldown_GrowsWithAbandonedRequestsAndIsForgotten()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        TimeSpan wait = world.Parameters.Cooldown;
        for (int i = 0; i < 4; i++)
        {
            world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = world.Ask() });
            world.Pass(wait - TimeSpan.FromSeconds(1));
            world.Refused(LedgerError.CoolingDown, world.Asking());
            world.Pass(TimeSpan.FromSeconds(1));
            wait *= 2;
        }

        // One is forgiven in each longest wait: who sits it out at the top stays at the top.
        world.Pass(world.Parameters.MaxCooldown);
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = world.Ask() });
        Assert.Equal(4, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests);
        world.Pass(2 * world.Parameters.MaxCooldown);
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = world.Ask() });
        Assert.Equal(3, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests);
    }

    [Fact]
    public void RevokeGrant_AtAnyTime_EndsIt()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndGrant();
        RevokeGrant revoke = new() { Actor = world.Patient.Id, RequestId = id, ReasonCode = 7 };
        world.Refused(LedgerError.NotYours, revoke with { Actor = world.Doctor.Id });
        world.Do(world.Delivery(id, 1));
        world.Do(revoke);
        Assert.False(world.BundleNow.RefreshDue);
        Assert.Equal((RequestStatus.Revoked, 7), (world.Request(id).Status, world.Request(id).RevocationReason!.Value));
        world.Refused(LedgerError.WrongState, world.Delivery(id, 2));
        world.Refused(LedgerError.WrongState, revoke);

        RequestId window = world.AskAndApprove();
        world.Do(revoke with { RequestId = window });
        Assert.True(world.BundleNow.RefreshDue);
        RequestId open = world.AskAndDraw();
        world.Refused(LedgerError.WrongState, revoke with { RequestId = open });
    }

    [Fact]
    public void Expiry_IsTheClocksAlone_AndTheNextRequestWantsItSaid()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Refused(LedgerError.NotYet, new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id });
        world.Pass(TimeSpan.FromDays(2));
        Assert.Equal(RequestStatus.Expired, world.Request(id).Status);
        world.Refused(LedgerError.Expired, world.Approval(id, 1, 2));
        world.Refused(LedgerError.Expired, new VetoRequest { Actor = world.Patient.Id, RequestId = id });
        world.Refused(LedgerError.OpenRequestExists, world.Asking());
        world.Do(new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id });
        Assert.True(world.BundleNow.RefreshDue);
        world.Refused(LedgerError.WrongState, new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id });

        // To let a request run out undecided counts like cancelling it.
        world.Refused(LedgerError.CoolingDown, world.Asking());
        world.Pass(world.Parameters.Cooldown);
        world.Ask();
        Assert.Equal((RequestStatus.Expired, 1), (world.Request(id).Status, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests));
    }

    [Fact]
    public void ListRequests_Filters_Combine()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        RequestId granted = world.AskAndGrant();
        RequestId open = world.AskAndDraw(second);
        ActorId oracle = world.Request(granted).Committee[0].Oracle;
        RequestId[] List(RequestFilter filter) => [.. world.State.ListRequests(filter, world.Now).Select(request => request.Id)];
        Assert.Equal([granted, open], List(new RequestFilter()));
        Assert.Equal([granted, open], List(new RequestFilter { BundleId = world.Bundle, Patient = world.Patient.Id, Trustee = world.Hospital.Id }));
        Assert.Equal([open], List(new RequestFilter { Doctor = second.Id }));
        Assert.Equal([granted], List(new RequestFilter { Status = RequestStatus.Granted }));
        Assert.Contains(granted, List(new RequestFilter { Oracle = oracle }));
        Assert.Empty(List(new RequestFilter { Trustee = world.Stranger.Id }));
        Assert.Empty(List(new RequestFilter { BundleId = BundleId.FromBytes(new byte[32]) }));
    }
}
