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
        world.Refused(LedgerError.BadPossession, world.Asking() with { Nonce = world.Fresh() });
        world.Refused(LedgerError.BadPossession, world.Asking(prove: false));
        RequestAccess good = world.Asking();
        world.Do(good);
        world.Refused(LedgerError.AlreadyExists, good);
        world.Refused(LedgerError.OpenRequestExists, world.Asking());
    }

    [Fact]
    public void RequestAccess_ReceivingKeyUsedBefore_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        using SecretKey receiving = SecretKey.FromBytes(world.Fresh().ToBytes());
        world.Do(world.Asking(change: r => r with { ReceivingKey = receiving.PublicKey }).WithPossession(receiving, LedgerWorld.Id));
        world.Refused(LedgerError.ReceivingKeyUsed, world.Asking(second, r => r with { ReceivingKey = receiving.PublicKey }).WithPossession(receiving, LedgerWorld.Id));
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
    public void RequestAccess_Snapshot_LeavesOutThePartiesOraclesAndTakesOneWeightEach()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person own = Person.Of("the clinic's oracle");
        world.Admit(world.Register(LedgerWorld.OperatorOf(own), ActorRoles.Operator) with { Organisation = Person.Of("clinic").Id });
        world.Admit(new RegisterActor { Actor = own.Id, Roles = ActorRoles.Oracle, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromDays(30), Operator = LedgerWorld.OperatorOf(own).Id });
        Person hospitals = Person.Of("the hospital's oracle");
        world.Admit(new RegisterActor
        {
            Actor = hospitals.Id,
            Roles = ActorRoles.Oracle,
            KeyRecordDigest = world.Fresh(),
            ValidUntil = world.Now + TimeSpan.FromDays(30),
            Operator = LedgerWorld.OperatorOf(world.Oracles[0]).Id,
            Organisation = world.Hospital.Id,
        });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Oracles[8].Id, ReasonCode = 1 });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = LedgerWorld.OperatorOf(world.Oracles[7]).Id, ReasonCode = 1 });
        IReadOnlyList<OracleCandidate> candidates = world.Request(world.Ask()).Candidates;
        Assert.Equal(world.Oracles.Take(7).Select(oracle => oracle.Id).Order(), candidates.Select(candidate => candidate.Oracle));
        Assert.All(candidates, candidate => Assert.Equal(31, candidate.Weight));
    }

    [Fact]
    public void RequestAccess_FewerOperatorsThanSeats_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        foreach (Person oracle in world.Oracles.Take(5))
        {
            world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = oracle.Id, ReasonCode = 1 });
        }

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
        world.Refused(LedgerError.LicenceMissing, world.Approval(id, 1, 3));
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
    public void ApproveRequest_SuspendedTrustee_CountsNoMoreAndMayApproveAnew()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 2));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        Assert.Null(world.Request(id).Approval(new TrusteeSeat(1, 1)));
        Assert.DoesNotContain(world.Do(world.Approval(id, 2, 1)), e => e is GrantIssued);
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        Assert.Null(world.Request(id).Grant);
        Assert.Contains(world.Do(world.Approval(id, 1, 1)), e => e is GrantIssued);
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
        IReadOnlyList<LedgerEvent> events = world.Do(world.Denial(id, 1, 2));
        Assert.Contains(events, e => e is RequestDenied);
        Assert.DoesNotContain(events, e => e is RefreshDue);
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
        world.Refused(LedgerError.AlreadyExists, attach);
        for (int i = 1; i < LedgerLimits.Attachments; i++)
        {
            world.Do(world.Attachment(id));
        }

        world.Refused(LedgerError.TooMany, world.Attachment(id));
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
        IReadOnlyList<LedgerEvent> events = world.Do(veto);
        Assert.Contains(events, e => e is RefreshDue);
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
        Assert.Contains(world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id }), e => e is RefreshDue);
        Assert.True(world.BundleNow.RefreshDue);
        world.Refused(LedgerError.WrongState, new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Refused(LedgerError.CoolingDown, world.Asking());
        world.Pass(world.Parameters.Cooldown);
        RequestId granted = world.AskAndApprove();
        world.Refused(LedgerError.WrongState, new CancelRequest { Actor = world.Doctor.Id, RequestId = granted });
        world.ActivateNewDealing();
        Assert.False(world.BundleNow.RefreshDue);
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
        Assert.DoesNotContain(world.Do(revoke), e => e is RefreshDue);
        Assert.Equal((RequestStatus.Revoked, 7), (world.Request(id).Status, world.Request(id).RevocationReason!.Value));
        world.Refused(LedgerError.WrongState, world.Delivery(id, 2));
        world.Refused(LedgerError.WrongState, revoke);

        RequestId window = world.AskAndApprove();
        Assert.Contains(world.Do(revoke with { RequestId = window }), e => e is RefreshDue);
        RequestId open = world.AskAndDraw();
        world.Refused(LedgerError.WrongState, revoke with { RequestId = open });
    }

    [Fact]
    public void Expiry_IsTheClocksAlone_AndTheMarkIsOptional()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Refused(LedgerError.NotYet, new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id });
        world.Pass(TimeSpan.FromDays(2));
        Assert.Equal(RequestStatus.Expired, world.Request(id).Status);
        world.Refused(LedgerError.Expired, world.Approval(id, 1, 2));
        world.Refused(LedgerError.Expired, new VetoRequest { Actor = world.Patient.Id, RequestId = id });
        Assert.Contains(world.Do(new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id }), e => e is RefreshDue);
        world.Refused(LedgerError.WrongState, new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id });

        // To let a request run out undecided counts like cancelling it.
        world.Refused(LedgerError.CoolingDown, world.Asking());
        world.Pass(world.Parameters.Cooldown);
        RequestId unmarked = world.AskAndDraw();
        world.Do(world.Approval(unmarked, 1, 1));
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.CoolingDown, world.Asking());
        world.Pass(world.Parameters.Cooldown);

        // The next request leaves the mark, if nobody did.
        RequestAccess next = world.Asking();
        IReadOnlyList<LedgerEvent> events = world.Do(next);
        Assert.Contains(events, e => e is RequestExpired expired && expired.RequestId == unmarked);
        Assert.Contains(events, e => e is RefreshDue);
        Assert.Equal((RequestStatus.Expired, 2), (world.Request(unmarked).Status, world.State.GetActor(world.Doctor.Id)!.AbandonedRequests));
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
