using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Emergencies: a track of dealings of their own, limits of time and number, notice, and a review of everything that trustees granted.</summary>
public class EmergencyTests
{
    private readonly LedgerWorld _world = new LedgerWorld().WithBundle();
    private readonly ConsentPolicy _normal;

    public EmergencyTests()
    {
        _normal = _world.Policy;
        _world.Policy = EmergencyPolicy();
        _world.ActivateNewDealing();
    }

    [Fact]
    public void RequestAccess_EmergencyBeforeThePatientNamedAnybodyForIt_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        world.Refused(LedgerError.WrongState, world.Asking(change: InEmergency(world, hours: 1)));
    }

    [Fact]
    public void RequestAccess_EmergencyOverTheOrdinaryDealing_AndTheReverse_AreRefused()
    {
        _world.Refused(LedgerError.StaleDigest, _world.Asking(change: c => c with { EmergencyReason = 7, DealingDigest = _world.BundleNow.ActiveDealing!.Value, Epoch = _world.BundleNow.Epoch, NotAfter = _world.Now.AddHours(1) }));
        _world.Refused(LedgerError.StaleDigest, _world.Asking(change: c => InEmergency(_world, 1)(c) with { EmergencyReason = 0 }));
    }

    [Fact]
    public void RequestAccess_LongerThanAnEmergencyLasts_IsRefused()
    {
        _world.Refused(LedgerError.Malformed, _world.Asking(change: InEmergency(_world, 25)));
        _world.Do(_world.Asking(change: InEmergency(_world, 24)));
    }

    [Fact]
    public void RequestAccess_InAnEmergency_IsDeclaredToThePatient()
    {
        EmergencyDeclared notice = Assert.Single(_world.Do(_world.Asking(change: InEmergency(_world, 1))).OfType<EmergencyDeclared>());
        Assert.Equal((_world.Patient.Id, _world.Doctor.Id, 7), (notice.Patient, notice.Doctor, notice.ReasonCode));
    }

    [Fact]
    public void Grant_ByTheTrusteesForEmergencies_IsShortOfTheOrdinaryQuorumAndHasToBeReviewed()
    {
        RequestId id = Granted(_world.Doctor);

        RequestRecord request = _world.Request(id);
        Assert.Equal(_world.Now + TimeSpan.FromMinutes(5), request.Grant!.VetoUntil);
        Assert.Equal(_world.Now + _world.Parameters.ReviewPeriod, request.ReviewDueAt);
        Assert.Equal(1, _world.State.GetActor(_world.Doctor.Id)!.OpenReviews);
        _world.Do(new VetoRequest { Actor = _world.Patient.Id, RequestId = id });
        Assert.Equal(1, _world.State.GetActor(_world.Doctor.Id)!.OpenReviews);
    }

    [Fact]
    public void Grant_ByThePatientInAnEmergency_NeedsNoReview()
    {
        RequestId id = Asked(_world.Doctor);
        _world.Do(new ConsentToRequest { Actor = _world.Patient.Id, RequestId = id, ApprovalDigest = _world.Fresh() });
        Assert.Null(_world.Request(id).ReviewDueAt);
        _world.Refused(LedgerError.WrongState, Review(_world.Agency.Id, id));
    }

    [Fact]
    public void ReviewEmergency_ByWhomAndHowOften()
    {
        RequestId id = Granted(_world.Doctor);
        _world.Refused(LedgerError.WrongState, Review(_world.Agency.Id, RequestId.FromBytes(_world.Fresh().ToBytes())));
        _world.Refused(LedgerError.WrongRole, Review(_world.Doctor.Id, id));
        _world.Refused(LedgerError.NotYours, Review(_world.Guardians[0].Id, id));
        _world.Refused(LedgerError.NotYours, Review(_world.Hospital.Id, id));
        _world.Refused(LedgerError.Malformed, Review(_world.Agency.Id, id) with { Finding = EmergencyFinding.None });
        _world.Do(Review(_world.Patient.Id, id));
        _world.Refused(LedgerError.AlreadyExists, Review(_world.Agency.Id, id));
        Assert.Equal((_world.Patient.Id, EmergencyFinding.Justified), (_world.Request(id).Review!.Reviewer, _world.Request(id).Review!.Finding));
        Assert.Equal(0, _world.State.GetActor(_world.Doctor.Id)!.OpenReviews);
    }

    [Fact]
    public void ReviewEmergency_Unjustified_CountsAsAbandoned()
    {
        RequestId id = Granted(_world.Doctor);
        _world.Do(Review(_world.Agency.Id, id) with { Finding = EmergencyFinding.Unjustified });
        Assert.Equal(1, _world.State.GetActor(_world.Doctor.Id)!.AbandonedRequests);
        End(id);
        _world.Refused(LedgerError.CoolingDown, _world.Asking(change: InEmergency(_world, 1)));
    }

    [Fact]
    public void RequestAccess_WithThreeEmergenciesUnreviewed_WaitsForAReview()
    {
        RequestId first = default;
        for (int i = 0; i < LedgerLimits.OpenReviews; i++)
        {
            RequestId id = Granted(_world.Doctor);
            first = i == 0 ? id : first;
            End(id);
        }

        _world.Refused(LedgerError.ReviewDue, _world.Asking(change: InEmergency(_world, 1)));
        _world.Do(Review(_world.Agency.Id, first));
        _world.Do(_world.Asking(change: InEmergency(_world, 1)));
    }

    [Fact]
    public void ActivateDealing_OfOneTrack_VoidsItsOwnRequestsAlone()
    {
        RequestId emergency = Asked(_world.Doctor);
        _world.Policy = _normal;
        _world.ActivateNewDealing();
        Assert.Equal(RequestStatus.Open, _world.Request(emergency).Status);
        _world.Policy = EmergencyPolicy();
        _world.ActivateNewDealing();
        Assert.Equal(RequestStatus.Voided, _world.Request(emergency).Status);
    }

    [Fact]
    public void EmergencyPolicy_LongVetoOrSilenceOrOneOracle_IsInvalid()
    {
        Assert.Null(EmergencyPolicy().FindFault());
        Assert.NotNull((EmergencyPolicy() with { VetoWindow = TimeSpan.FromMinutes(61) }).FindFault());
        Assert.NotNull((EmergencyPolicy() with { IncapacityAfter = TimeSpan.FromDays(1) }).FindFault());
        Assert.NotNull((EmergencyPolicy() with { SingleOracle = true, CommitteeSize = 1, CommitteeThreshold = 1 }).FindFault());
    }

    /// <summary>One guardian and the hospital, five minutes of veto.</summary>
    private static ConsentPolicy EmergencyPolicy() => LedgerWorld.DefaultPolicy() with
    {
        GroupThreshold = 2,
        Groups =
        [
            new PolicyGroup { Name = "guardians", Threshold = 1, Members = LedgerWorld.DefaultPolicy().Groups[0].Members },
            LedgerWorld.DefaultPolicy().Groups[1],
        ],
        VetoWindow = TimeSpan.FromMinutes(5),
        Emergency = true,
    };

    private static Func<RequestAccess, RequestAccess> InEmergency(LedgerWorld world, int hours) => c => c with
    {
        EmergencyReason = 7,
        DealingDigest = world.BundleNow.ActiveEmergencyDealing ?? default,
        Epoch = world.BundleNow.EmergencyEpoch,
        NotAfter = world.Now.AddHours(hours),
    };

    private static ReviewEmergency Review(ActorId actor, RequestId id) => new() { Actor = actor, RequestId = id, Finding = EmergencyFinding.Justified };

    private RequestId Asked(Person doctor)
    {
        RequestId id = _world.Ask(doctor, InEmergency(_world, 2));
        _world.Mine(_world.Parameters.DrawDelay);
        _world.Do(new DrawCommittee { Actor = _world.Guardians[0].Id, RequestId = id });
        return id;
    }

    private RequestId Granted(Person doctor)
    {
        RequestId id = Asked(doctor);
        _world.Do(_world.Approval(id, 1, 2));
        _world.Do(_world.Approval(id, 2, 1));
        return id;
    }

    private void End(RequestId id)
    {
        _world.Pass(TimeSpan.FromMinutes(6));
        _world.Do(new RevokeGrant { Actor = _world.Patient.Id, RequestId = id, ReasonCode = 1 });
    }
}
