using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class OracleWorkTests
{
    [Fact]
    public void RecordDelivery_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndDraw();
        world.Refused(LedgerError.WrongState, world.Delivery(id, 1));
        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 2));
        world.Do(world.Approval(id, 2, 1));
        world.Refused(LedgerError.NotYet, world.Delivery(id, 1));
        world.Pass(world.Policy.VetoWindow);
        world.Refused(LedgerError.NotInCommittee, world.Delivery(id, 1) with { Index = 2 });
        world.Refused(LedgerError.NotInCommittee, world.Delivery(id, 6));
        ActorId outside = world.Oracles.First(oracle => world.Request(id).FindCommitteeIndex(oracle.Id) is null).Id;
        world.Refused(LedgerError.NotInCommittee, world.Delivery(id, 1) with { Actor = outside });
        world.Do(world.Delivery(id, 1));
        world.Refused(LedgerError.AlreadyExists, world.Delivery(id, 1));
        world.Refused(LedgerError.AlreadyExists, world.Refusal(id, 1));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Request(id).Committee[1].Oracle, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, world.Delivery(id, 2));

        // What was served in the moment in which the licence ended is recorded all the same.
        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Do(world.Delivery(id, 3));
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.Expired, world.Delivery(id, 4));
    }

    [Fact]
    public void RefuseDelivery_BeforeTheDeadline_CostsNothing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndGrant();
        world.Do(world.Refusal(id, 1));
        world.Refused(LedgerError.AlreadyExists, world.Delivery(id, 1));
        ActorId oracle = world.Request(id).Committee[0].Oracle;
        Reputation before = world.ReputationOf(oracle);
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.Expired, world.Refusal(id, 2));
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        Assert.Equal(before, world.ReputationOf(oracle));
        Assert.True(world.ReputationOf(world.Request(id).Committee[1].Oracle).Score < before.Score);
    }

    [Fact]
    public void ConfirmOpened_ByTheDoctorAfterEnoughDeliveries_Once()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(2);
        ConfirmOpened opened = new() { Actor = world.Doctor.Id, RequestId = id };
        world.Refused(LedgerError.BelowQuorum, opened);
        world.Do(world.Delivery(id, 3));
        world.Refused(LedgerError.NotYours, opened with { Actor = world.Patient.Id });
        world.Do(opened);
        world.Refused(LedgerError.AlreadyExists, opened);
        Assert.Equal(world.Now, world.Request(id).OpenedAt);
    }

    [Fact]
    public void SettleRequest_NotBeforeOpenedOrDeadline_AndOnce()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndApprove();
        SettleRequest settle = new() { Actor = world.Guardians[0].Id, RequestId = id };
        world.Refused(LedgerError.WrongState, settle);
        world.Pass(world.Policy.VetoWindow);
        world.Refused(LedgerError.NotYet, settle);
        for (int i = 1; i <= 5; i++)
        {
            world.Do(i < 5 ? world.Delivery(id, i) : world.Refusal(id, i));
        }

        // Everybody answered, but only the doctor may settle before the answers are known to be good.
        world.Refused(LedgerError.NotYet, settle);
        world.Do(settle with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.AlreadyExists, settle);
    }

    [Fact]
    public void SettleRequest_OpenedInTime_RaisesCorrectnessAndTimelinessOfThoseWhoServed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpen();
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        foreach (CommitteeMember member in world.Request(id).Committee)
        {
            Reputation reputation = world.ReputationOf(member.Oracle);
            Assert.Equal(member.Index <= 3 ? (562_500, 562_500, 500_000) : (500_000, 500_000, 500_000), (reputation.Correctness, reputation.Timeliness, reputation.Rating));
        }

        Assert.Equal(RequestStatus.Settled, world.Request(id).Status);
        world.Refused(LedgerError.WrongState, new ExpireRequest { Actor = world.Guardians[0].Id, RequestId = id });
        world.Do(world.Delivery(id, 4));
    }

    [Fact]
    public void SettleRequest_BadRatingBeforehand_EarnsNothingAndFalls()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(4);
        ActorId liar = world.Request(id).Committee[1].Oracle;
        world.Do(new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = 2, Rating = 0, EvidenceDigest = world.Fresh() });
        world.Do(new ConfirmOpened { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new SettleRequest { Actor = LedgerWorld.OperatorOf(world.Oracles[0]).Id, RequestId = id });
        Reputation reputation = world.ReputationOf(liar);
        Assert.Equal((500_000, 500_000, 437_500), (reputation.Correctness, reputation.Timeliness, reputation.Rating));
        Assert.True(reputation.Score < Reputation.Newcomer(LedgerWorld.Start).Score);
        Assert.True(world.ReputationOf(world.Request(id).Committee[0].Oracle).Score > Reputation.Newcomer(LedgerWorld.Start).Score);
    }

    [Fact]
    public void SettleRequest_LateOrAbsent_LowersTimeliness()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(2);
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(world.Delivery(id, 3));
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        Assert.All(world.Request(id).Committee, member => Assert.Equal(member.Index <= 2 ? 562_500 : 437_500, world.ReputationOf(member.Oracle).Timeliness));
    }

    [Fact]
    public void SettleRequest_LateDeliveryOfAnOpenedRequest_EarnsNothing()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(2);
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(world.Delivery(id, 3));
        world.Do(new ConfirmOpened { Actor = world.Doctor.Id, RequestId = id });
        world.Do(world.Delivery(id, 4));
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        Assert.Equal([1, 1, 14, 14], world.Request(id).Deliveries.Select(delivery => delivery.Level));
        Assert.Equal([true, true, true, false], world.Request(id).Deliveries.Select(delivery => delivery.BeforeOpening));
        Assert.Equal([562_500, 562_500, 500_000, 500_000, 500_000], world.Request(id).Committee.Select(member => world.ReputationOf(member.Oracle).Correctness));
        Assert.Equal([562_500, 562_500, 437_500, 437_500, 437_500], world.Request(id).Committee.Select(member => world.ReputationOf(member.Oracle).Timeliness));
    }

    [Fact]
    public void RateOracle_BeforeSettlement_CountsThenAndAfterItAtOnce()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpen();
        RateOracle rate = new() { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 75 };
        ActorId[] oracles = [.. world.Request(id).Committee.Select(member => member.Oracle)];
        world.Do(rate);
        world.Do(rate with { Index = 2, Rating = 49 });
        Assert.All(oracles, oracle => Assert.Equal(Reputation.Newcomer(world.Now), world.ReputationOf(oracle)));
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        world.Do(rate with { Index = 3, Rating = 50 });
        Assert.Equal([562_500, 437_500, 500_000], oracles.Take(3).Select(oracle => world.ReputationOf(oracle).Rating));
        world.Do(world.Delivery(id, 4));
        world.Do(rate with { Index = 4, Rating = 100 });
        Assert.Equal(562_500, world.ReputationOf(oracles[3]).Rating);
    }

    [Fact]
    public void RateOracle_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe();
        RateOracle rate = new() { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 80 };
        world.Refused(LedgerError.NotYours, rate with { Actor = world.Patient.Id });
        world.Refused(LedgerError.WrongState, rate with { Index = 4 });
        world.Refused(LedgerError.WrongState, rate with { Index = 0 });
        world.Refused(LedgerError.NotFound, rate with { RequestId = RequestId.FromBytes(new byte[32]) });
        world.Do(rate);
        world.Refused(LedgerError.AlreadyExists, rate with { Rating = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => SignedCommand.Sign(rate with { Rating = 101 }, 0, LedgerWorld.Id, world.Doctor.Key).ToBytes());
    }

    [Fact]
    public void RedrawCommittee_AfterTheDeadlineWithTooFew_OnceWithNewApprovals()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(2);
        RedrawCommittee redraw = new() { Actor = world.Doctor.Id, RequestId = id };
        world.Refused(LedgerError.NotYet, redraw);
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.NotYours, redraw with { Actor = world.Guardians[0].Id });
        IReadOnlyList<CommitteeMember> first = world.Request(id).Committee;
        world.Do(redraw);
        RequestRecord request = world.Request(id);
        Assert.Equal((RequestStatus.AwaitingDraw, 1), (request.Status, request.Round));
        Assert.Empty(request.Approvals);
        Assert.Null(request.Seed);

        // Those who failed lost timeliness, and are left out where there are others.
        Assert.True(world.ReputationOf(first[4].Oracle).Timeliness < 500_000);
        Assert.Equal(first.Skip(2).Select(member => member.Number), request.FailedOracles);

        world.Refused(LedgerError.NotInCommittee, world.Delivery(id, 1) with { Actor = first[0].Oracle });
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Patient.Id, RequestId = id });
        request = world.Request(id);
        Assert.Equal(world.DrawnAnew(request), request.Committee.Select(member => member.Number));
        Assert.DoesNotContain(request.Committee, member => request.FailedOracles.Contains(member.Number));
        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 2));
        world.Do(world.Approval(id, 2, 1));
        world.Pass(world.Policy.VetoWindow + world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.AlreadyExists, redraw);
    }

    [Fact]
    public void RedrawCommittee_SoManyRefusedThatItCannotWork_NeedsNoDeadline()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskAndGrant();
        world.Do(world.Refusal(id, 1));
        world.Do(world.Refusal(id, 2));
        world.Refused(LedgerError.NotYet, new RedrawCommittee { Actor = world.Patient.Id, RequestId = id });
        world.Do(world.Refusal(id, 3));
        world.Do(new RedrawCommittee { Actor = world.Patient.Id, RequestId = id });
    }

    [Fact]
    public void RedrawCommittee_FalseDeliveriesRatedBad_NeedsNoDeadlineAndLeavesThemOut()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskGrantAndServe(5);
        RateOracle bad = new() { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 0, EvidenceDigest = world.Fresh() };
        world.Do(bad);
        world.Do(bad with { Index = 2 });
        world.Refused(LedgerError.NotYet, new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        world.Do(bad with { Index = 3 });
        IReadOnlyList<CommitteeMember> first = world.Request(id).Committee;
        world.Do(new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        Assert.Equal(first.Take(3).Select(member => member.Number), world.Request(id).FailedOracles);
    }

    [Fact]
    public void RedrawCommittee_OpenedOrNewDealing_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId opened = world.AskServeAndOpen();
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.WrongState, new RedrawCommittee { Actor = world.Doctor.Id, RequestId = opened });
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = opened });
        RequestId id = world.AskGrantAndServe(1);
        world.ActivateNewDealing();
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.StaleEpoch, new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
    }

    [Fact]
    public void UseAgain_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId once = world.AskServeAndOpen();
        UseAgain again = new() { Actor = world.Doctor.Id, RequestId = once };
        world.Refused(LedgerError.WrongState, again);
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = once });
        world.Refused(LedgerError.NotYours, again with { Actor = world.Patient.Id });
        world.Refused(LedgerError.TooMany, again);
        world.Refused(LedgerError.NotFound, again with { RequestId = RequestId.FromBytes(new byte[32]) });
        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.TooMany, again);
        world.Pass(TimeSpan.FromDays(2));
        world.Refused(LedgerError.Expired, again);
    }

    [Fact]
    public void UseAgain_CountLimited_TheSameCommitteeDeliversAgain()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpenFor(uses: 3);
        IReadOnlyList<CommitteeMember> committee = world.Request(id).Committee;
        UseAgain again = new() { Actor = world.Doctor.Id, RequestId = id };
        world.Do(new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 10 });
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Pass(TimeSpan.FromHours(3));
        Assert.Equal(new UsedAgain { RequestId = id, Used = 1 }, world.Do(again)[^1]);
        RequestRecord request = world.Request(id);
        Assert.Equal((RequestStatus.Granted, 1, world.Now), (request.Status, request.Used, request.ServiceStart));
        Assert.Equal(committee, request.Committee);
        Assert.Empty(request.Deliveries);
        Assert.Empty(request.Ratings);
        Assert.Null(request.OpenedAt);
        world.Refused(LedgerError.WrongState, again);

        // The window is a new one: what was late is in time, who was rated is rated again.
        world.Pass(world.Parameters.DeliveryWindow);
        world.Do(world.Delivery(id, 1));
        Assert.Equal(Reputation.LastLevel, world.Request(id).Delivery(1)!.Level);
        world.Do(new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 90 });
        world.Pass(TimeSpan.FromSeconds(1));
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        Assert.Equal(new UsedAgain { RequestId = id, Used = 2 }, world.Do(again)[^1]);
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        world.Refused(LedgerError.TooMany, again);
    }

    [Fact]
    public void UseAgain_DoctorOrBundleNoMore_IsRefused()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpenFor(uses: 2);
        UseAgain again = new() { Actor = world.Doctor.Id, RequestId = id };
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.LicenceMissing, again);
        world.Do(new RevokeBundle { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 1 });
        world.Refused(LedgerError.WrongState, again);
    }

    [Fact]
    public void RedrawCommittee_InALaterUse_KeepsTheCount()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpenFor(uses: 3);
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new UseAgain { Actor = world.Doctor.Id, RequestId = id });
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        IReadOnlyList<CommitteeMember> former = world.Request(id).Committee;
        world.Do(new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        RequestRecord request = world.Request(id);
        Assert.Equal((RequestStatus.AwaitingDraw, 1, 1), (request.Status, request.Round, request.Used));
        Assert.Null(request.ServiceStart);
        Assert.Equal(former, request.FormerCommittee);
    }

    [Fact]
    public void PackProgressAndPackService_EachStep_AreTheContractsSlots()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask(change: request => request with { Uses = 2 });
        BigInteger seedBlock = world.Request(id).SeedBlock;
        Assert.Equal((One(160) + (seedBlock << 170), BigInteger.Zero), Slots(world, id));
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        BigInteger committee = world.Request(id).Committee.Aggregate(BigInteger.Zero, (sum, member) => sum + ((BigInteger)member.Number << (10 * (member.Index - 1))));
        Assert.Equal((One(161), committee), Slots(world, id));
        world.Do(world.Approval(id, 1, 3));
        world.Do(world.Denial(id, 2, 1));
        Assert.Equal(One(161) + One(206 + 2) + One(223 + 3), Slots(world, id).Progress);
        world.Do(new ConsentToRequest { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() });
        BigInteger granted = (3 * One(160)) + One(206 + 2) + One(206 + 16) + One(223 + 3);
        Assert.Equal(granted + ((BigInteger)world.Now.ToUnixTimeSeconds() << 170), Slots(world, id).Progress);
        for (int i = 1; i <= 4; i++)
        {
            world.Do(i == 2 ? world.Refusal(id, i) : world.Delivery(id, i));
            world.Pass(TimeSpan.FromMinutes(5));
        }

        RateOracle rate = new() { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 80 };
        world.Do(rate);
        world.Do(rate with { Index = 3, Rating = 60 });
        world.Do(rate with { Index = 4, Rating = 0 });
        world.Do(new ConfirmOpened { Actor = world.Doctor.Id, RequestId = id });
        BigInteger levels = 1 + (15 * One(4)) + (3 * One(8)) + (4 * One(12));
        Assert.Equal(committee + (levels << 160) + (0b1101 * One(224)) + (0b1100 * One(240)), Slots(world, id).Service);
        BigInteger rated = One(239) + One(239 + 3);
        Assert.Equal(granted + rated, Slots(world, id).Progress - ((BigInteger)world.Request(id).Grant!.VetoUntil.ToUnixTimeSeconds() << 170));
        world.Do(new SettleRequest { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new UseAgain { Actor = world.Doctor.Id, RequestId = id });
        Assert.Equal((granted + One(166) + ((BigInteger)world.Now.ToUnixTimeSeconds() << 170), committee), Slots(world, id));
        world.Pass(world.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
        world.Do(world.Delivery(id, 5));
        world.Do(new RedrawCommittee { Actor = world.Doctor.Id, RequestId = id });
        seedBlock = world.Request(id).SeedBlock;
        Assert.Equal((One(160) + One(164) + One(166) + (seedBlock << 170), committee + (0b1111 * One(160)) + One(176)), Slots(world, id));
        world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        Assert.Equal((8 * One(160)) + One(164) + One(166) + (seedBlock << 170), Slots(world, id).Progress);
    }

    private static BigInteger One(int bit) => BigInteger.One << bit;

    private static (BigInteger Progress, BigInteger Service) Slots(LedgerWorld world, RequestId id) => (world.Request(id).PackProgress(), world.Request(id).PackService());

    [Fact]
    public void ListOracles_Records_TellEligibilityAndDecayedReputation()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.AskServeAndOpen();
        world.Do(new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id });
        ActorId served = world.Request(id).Committee[0].Oracle;
        int score = world.State.ListOracles(world.Now).Single(oracle => oracle.Id == served).Reputation.Score;
        int newcomer = Reputation.Newcomer(world.Now).Score;
        Assert.True(score > newcomer);
        Assert.All(world.State.ListOracles(world.Now), oracle => Assert.True(oracle.IsEligible));
        IReadOnlyList<OracleRecord> later = world.State.ListOracles(world.Now + TimeSpan.FromDays(31));
        Assert.All(later, oracle => Assert.False(oracle.IsEligible));
        Assert.InRange(later.Single(oracle => oracle.Id == served).Reputation.Score, newcomer + 1, score - 1);
        world.Do(new RemoveActor { Actor = served, Subject = served, ReasonCode = 0 });
        Assert.DoesNotContain(world.State.ListOracles(world.Now), oracle => oracle.Id == served);
    }
}
