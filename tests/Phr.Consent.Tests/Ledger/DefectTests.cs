using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Faults found in earlier contracts of this kind, D1 to D20, each as a test that this ledger does not have it.</summary>
public class DefectTests
{
    [Fact]
    public void D1_NamingTrustees_ChangesNobodysRightToAdmit()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        Assert.Equal(world.Agency.Id, world.State.Parameters.FoundingAgency);
        ActorRecord agency = world.State.GetActor(world.Agency.Id)!;
        world.Do(new RegisterBundle { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Header, DocumentsRoot = world.Fresh() });
        world.ActivateNewDealing();
        Assert.Equal(agency, world.State.GetActor(world.Agency.Id));
        world.Admit(world.Register(world.Stranger, ActorRoles.Doctor));
    }

    [Fact]
    public void D2_EveryMemberOfAGroup_IsVerifiableAndCounts()
    {
        int[][] pairs = [[1, 2], [1, 3], [2, 3]];
        foreach (int[] pair in pairs)
        {
            LedgerWorld world = new LedgerWorld().WithBundle();
            Assert.Empty(world.State.GetDealing(world.Bundle, world.BundleNow.ActiveDealing!.Value)!.Outstanding());
            RequestId id = world.AskAndDraw();
            world.Do(world.Approval(id, 3, 1));
            world.Do(world.Approval(id, 1, pair[0]));
            Assert.Contains(world.Do(world.Approval(id, 1, pair[1])), e => e is GrantIssued);
        }
    }

    [Fact]
    public void D3_PerfectOracle_RisesToTheTopAndNeverWraps()
    {
        Reputation reputation = Reputation.Newcomer(LedgerWorld.Start);
        int last = reputation.Score;
        for (int i = 0; i < 100_000; i++)
        {
            foreach (ReputationTerm term in Enum.GetValues<ReputationTerm>())
            {
                reputation = reputation.Observe(term, Reputation.Full, LedgerWorld.Start);
            }

            Assert.True(reputation.Score >= last);
            last = reputation.Score;
        }

        Assert.Equal(Reputation.Full, reputation.Score);
    }

    [Fact]
    public void D4_HigherReputation_NeverHasTheLowerWeight()
    {
        Reputation Of(int percent) => new() { Correctness = percent * 10_000, Timeliness = percent * 10_000, Rating = percent * 10_000, SinceDay = Reputation.DayOf(LedgerWorld.Start) };
        for (int low = 0; low <= 100; low++)
        {
            for (int high = low; high <= 100; high++)
            {
                Assert.True(Of(high).Score >= Of(low).Score && Of(high).Weight >= Of(low).Weight);
            }
        }

        Assert.True(Of(70).Weight > Of(30).Weight);
    }

    [Fact]
    public void D5_Latency_ReallyMatters()
    {
        TimeSpan hour = TimeSpan.FromHours(1);
        int[] targets = [.. ((int[])[0, 276, 277, 1800, 3500, 3600, 3601]).Select(seconds => Target(seconds, hour))];
        Assert.Equal([1_000_000, 1_000_000, 958_334, 750_000, 500_000, 500_000, 0], targets);
    }

    [Fact]
    public void D6_EighteenHoursLate_EarnsNothing()
    {
        TimeSpan hour = TimeSpan.FromHours(1);
        Assert.Equal(0, Target(65_536, hour));
        Assert.Equal(0, Target(65_556, hour));
        Assert.Equal(0, Target(4_294_967_301, hour));
        Assert.Equal(0, Reputation.TimelinessTarget(Reputation.LevelOf(TimeSpan.MaxValue, hour)));
    }

    private static int Target(long seconds, TimeSpan window) => Reputation.TimelinessTarget(Reputation.LevelOf(TimeSpan.FromSeconds(seconds), window));

    [Fact]
    public void D7_OnlyTheDoctorOfTheGrant_Rates()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        Person second = Person.Of("second doctor");
        world.WithDoctor(second);
        RequestId id = world.AskGrantAndServe();
        RateOracle rate = new() { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 100 };
        world.Refused(LedgerError.NotRegistered, rate with { Actor = world.Stranger.Id });
        world.Refused(LedgerError.NotYours, rate with { Actor = second.Id });
        world.Refused(LedgerError.NotYours, rate with { Actor = world.Agency.Id });
        world.Refused(LedgerError.NotYours, rate with { Actor = world.Request(id).Committee[0].Oracle });
    }

    [Fact]
    public void D8_DoctorsRating_MovesTheDoctorsTermAloneAndByItsOwnGrade()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpen();
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = id });
        foreach ((int index, int rating, int expected) in ((int, int, int)[])[(1, 90, 562_500), (2, 60, 500_000), (3, 20, 437_500)])
        {
            ActorId oracle = world.Request(id).Committee[index - 1].Oracle;
            Reputation before = world.ReputationOf(oracle);
            world.Do(new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = index, Rating = rating });
            Assert.Equal(before with { Rating = expected }, world.ReputationOf(oracle));
        }
    }

    [Fact]
    public void D9_DeliveryBeforeTheGrant_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        world.Refused(LedgerError.WrongState, world.Delivery(id, 1));
        world.Do(world.Approval(id, 1, 2));
        world.Do(world.Approval(id, 2, 1));
        world.Refused(LedgerError.NotYet, world.Delivery(id, 1));
    }

    [Fact]
    public void D10_RequestByAStranger_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        world.Refused(LedgerError.NotRegistered, world.Asking(world.Stranger));
        world.Refused(LedgerError.WrongRole, world.Asking(world.Guardians[0]));
        world.Do(world.Register(world.Stranger, ActorRoles.Doctor));
        world.Refused(LedgerError.NotAdmitted, world.Asking(world.Stranger));
    }

    [Fact]
    public void D11_SameTrusteeTwice_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Do(world.Approval(id, 1, 1));
        for (int i = 0; i < 3; i++)
        {
            world.Refused(LedgerError.AlreadyExists, world.Approval(id, 1, 1));
            world.Refused(LedgerError.NotATrustee, world.Approval(id, 1, 2) with { Actor = world.Guardians[0].Id });
        }

        Assert.Null(world.Request(id).Grant);
        Assert.Single(world.Request(id).Approvals);
    }

    [Fact]
    public void D12_Thresholds_AreThePatientsAloneAndPinned()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        world.PublishEnvelopeKeys();
        ProposeDealing lower = world.Proposal() with { Policy = world.Policy with { GroupThreshold = 1 } };
        foreach (Person other in (Person[])[world.Agency, world.Hospital, world.Guardians[0], world.Doctor])
        {
            world.Refused(LedgerError.NotYours, lower with { Actor = other.Id });
        }

        // Even the patient's own change takes its time, and an earlier request keeps the policy that it pinned.
        RequestId id = world.AskAndDraw();
        world.Do(lower);
        world.Acknowledge(lower.DealingDigest);
        world.Refused(LedgerError.NotYet, new ActivateDealing { Actor = world.Patient.Id, BundleId = world.Bundle, DealingDigest = lower.DealingDigest });
        Assert.DoesNotContain(world.Do(world.Approval(id, 3, 1)), e => e is GrantIssued);
    }

    [Fact]
    public void D13_TheApprovalThatMeetsThePolicy_GrantsAndNeedsNoFurtherCall()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        Assert.DoesNotContain(world.Do(world.Approval(id, 3, 1)), e => e is GrantIssued);
        Assert.Contains(world.Do(world.Approval(id, 2, 1)), e => e is GrantIssued);
    }

    [Fact]
    public void D14_SameOracleTwice_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(1);
        world.Refused(LedgerError.AlreadyExists, world.Delivery(id, 1));
        world.Refused(LedgerError.NotInCommittee, world.Delivery(id, 2) with { Actor = world.Request(id).Committee[0].Oracle });
        Assert.Single(world.Request(id).Deliveries);
    }

    [Fact]
    public void D15_ChosenOracleThatNeverDelivers_LosesAndIsReplaced()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(2);
        CommitteeMember absent = world.Request(id).Committee[4];
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        Assert.True(world.ReputationOf(absent.Oracle).Score < Reputation.Newcomer(LedgerWorld.Start).Score);
        Assert.Contains(absent.Number, world.Request(id).FailedOracles);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        Assert.Null(world.Request(id).FindCommitteeIndex(absent.Oracle));
    }

    [Fact]
    public void D16_RevocationExpiryRotationAndRemoval_AllEndAccess()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId revoked = world.AskAndGrant();
        world.Do(new RevokeGrant { Actor = world.Patient.Id, RequestId = revoked, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, world.Delivery(revoked, 1));

        RequestId removedOracle = world.AskAndGrant();
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Request(removedOracle).Committee[0].Oracle, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, world.Delivery(removedOracle, 1));
        ActorId rotating = world.Request(removedOracle).Committee[1].Oracle;
        world.Do(new ReplaceKey { Actor = rotating, NewLedgerAddress = rotating, KeyRecordDigest = world.Fresh(), ValidUntil = world.Now + TimeSpan.FromDays(20) });
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.Expired, world.Delivery(removedOracle, 2));

        world.Do(new ExpireRequest { Actor = world.Doctor.Id, RequestId = removedOracle });
        // A removed doctor is granted nothing any more, and oracles ask before they serve (OracleWorkerTests.ProcessPending_DoctorSuspended_DoesNotServeUntilReinstated).
        RequestId removedDoctor = world.AskAndDraw();
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, new ConsentToRequest { Actor = world.Patient.Id, RequestId = removedDoctor, ApprovalDigest = world.Fresh() });
    }

    [Fact]
    public void D17_EventsAlone_GiveBackTheWholeState()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpen();
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = id });
        world.ActivateNewDealing();
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
        AccessRequested asked = Assert.Single(world.Events.OfType<AccessRequested>());
        Assert.Equal(world.Request(id).ReceivingKey, asked.ReceivingKey);
        Assert.Equal((world.Doctor.Id, world.Bundle), (asked.Doctor, asked.BundleId));
    }

    [Fact]
    public void D18_ReceivingKeyThatTheDoctorDoesNotHold_IsShownToEveryClient()
    {
        // The proof is the clients' to check (RequestDossier): the ledger carries it, bound to the request's id, and says whether the key was used before.
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestAccess proven = world.Asking();
        using SecretKey other = SecretKey.FromBytes(world.Fresh().ToBytes());
        Assert.Throws<ArgumentException>(() => proven.WithPossession(other, LedgerWorld.Id));
        RequestAccess stolen = proven with { ReceivingKey = world.Hospital.Key.PublicKey };
        world.Do(stolen);
        RequestRecord request = world.Request(stolen.ComputeId(LedgerWorld.Id));
        Assert.False(ReceivingKeyProof.VerifyPossession(request.ReceivingKey, request.Id, request.Possession));
        Assert.True(ReceivingKeyProof.VerifyPossession(proven.ReceivingKey, proven.ComputeId(LedgerWorld.Id), proven.Possession!));

        // A proof for one request is none for the next.
        Assert.False(ReceivingKeyProof.VerifyPossession(proven.ReceivingKey, (proven with { Nonce = world.Fresh() }).ComputeId(LedgerWorld.Id), proven.Possession!));
    }

    [Fact]
    public void D19_BlockTimeNudged_MovesTheScoreByAlmostNothing()
    {
        // A proposer may shift a block by some fifteen seconds: that is at most one level, 41,667 of a million in the target, an eighth of it in the term, and at most as much in the score.
        Reputation best = Reputation.Newcomer(LedgerWorld.Start) with { Correctness = Reputation.Full, Rating = Reputation.Full };
        int Score(int seconds) => best.Reward(ReputationTerm.Timeliness, Target(seconds, TimeSpan.FromHours(1)), LedgerWorld.Start).Score;
        for (int latency = 0; latency + 15 <= 3600; latency += 15)
        {
            Assert.InRange(Score(latency) - Score(latency + 15), 0, 5_209);
        }
    }

    [Fact]
    public void D20_SecondRegistrationOfABundle_IsRefusedAndResetsNothing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        BundleRecord before = world.BundleNow;
        RequestRecord request = world.Request(id);
        Person second = Person.Of("second patient");
        world.Do(world.Register(second, ActorRoles.Patient));
        RegisterBundle again = new() { Actor = world.Patient.Id, BundleId = world.Bundle, HeaderDigest = world.Fresh(), DocumentsRoot = world.Fresh() };
        world.Refused(LedgerError.AlreadyExists, again);
        world.Refused(LedgerError.AlreadyExists, again with { Actor = second.Id });
        Assert.Equal(before, world.BundleNow);
        Assert.Equal(request, world.Request(id));
    }
}
