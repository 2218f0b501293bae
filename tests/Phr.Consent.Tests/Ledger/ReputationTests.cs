using FsCheck;
using FsCheck.Fluent;

namespace Phr.Consent.Tests.Ledger;

public class ReputationTests
{
    private static readonly DateTimeOffset _start = LedgerWorld.Start;

    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(500).WithQuietOnSuccess(true);

    [Fact]
    public void Observe_Step_IsAnEighthRoundedTowardTheTargetAndNeverPast()
    {
        Reputation newcomer = Reputation.Newcomer(_start);
        Assert.Equal(562_500, newcomer.Observe(ReputationTerm.Correctness, 1_000_000, _start).Correctness);
        Assert.Equal(437_500, newcomer.Observe(ReputationTerm.Rating, 0, _start).Rating);
        Assert.Equal(500_001, newcomer.Observe(ReputationTerm.Timeliness, 500_001, _start).Timeliness);
        Assert.Equal(499_999, newcomer.Observe(ReputationTerm.Timeliness, 499_992, _start).Timeliness);
        Assert.Equal(225_000, newcomer.Score);
        Assert.Throws<ArgumentOutOfRangeException>(() => newcomer.Observe(ReputationTerm.Rating, 1_000_001, _start));
        Assert.Throws<ArgumentOutOfRangeException>(() => newcomer.Observe(ReputationTerm.Rating, -1, _start));
    }

    [Fact]
    public void Observe_AnyTermAndTarget_StaysInRangeAndMovesTowardIt() =>
        Check.One(_config, Prop.ForAll(Reputations().Zip(Observations()).ToArbitrary(), pair =>
        {
            (Reputation before, (ReputationTerm term, int target, DateTimeOffset time)) = (pair.Item1, pair.Item2);
            Reputation still = before.At(time);
            Reputation after = before.Observe(term, target, time);
            Reputation rewarded = before.Reward(term, target, time);
            int old = Term(still, term);
            int moved = Term(after, term);
            return InRange(after) && InRange(rewarded)
                && (old <= target ? moved >= old && moved <= target : moved <= old && moved >= target)
                && (old == target || moved != old)
                && Term(rewarded, term) == Math.Max(old, moved)
                && Enum.GetValues<ReputationTerm>().Where(other => other != term).All(other => Term(after, other) == Term(still, other));
        }));

    [Fact]
    public void Observe_HigherInputs_NeverGiveALowerScore() =>
        Check.One(_config, Prop.ForAll(Reputations().Zip(Reputations()).Zip(Observations().Zip(Gen.Choose(0, Reputation.Full))).ToArbitrary(), pair =>
        {
            (Reputation a, Reputation b) = pair.Item1;
            ((ReputationTerm term, int target, DateTimeOffset time), int other) = pair.Item2;
            Reputation low = a with { Correctness = Math.Min(a.Correctness, b.Correctness), Timeliness = Math.Min(a.Timeliness, b.Timeliness), Rating = Math.Min(a.Rating, b.Rating) };
            Reputation high = a with { Correctness = Math.Max(a.Correctness, b.Correctness), Timeliness = Math.Max(a.Timeliness, b.Timeliness), Rating = Math.Max(a.Rating, b.Rating) };
            (int less, int more) = (Math.Min(target, other), Math.Max(target, other));
            return Dominates(high.Observe(term, more, time), low.Observe(term, less, time))
                && Dominates(high.Reward(term, more, time), low.Reward(term, less, time))
                && Dominates(high.Reward(term, less, time), high.Observe(term, less, time))
                && Dominates(high.At(time), low.At(time))
                && high.Weight >= low.Weight;
        }));

    [Fact]
    public void At_TwoSteps_EqualOne() =>
        Check.One(_config, Prop.ForAll(Reputations().Zip(Gen.Choose(0, 900).Zip(Gen.Choose(0, 900))).ToArbitrary(), pair =>
        {
            (Reputation reputation, (int days, int more)) = pair;
            DateTimeOffset first = _start + TimeSpan.FromDays(days);
            DateTimeOffset second = first + TimeSpan.FromDays(more);
            return reputation.At(first).At(second) == reputation.At(second);
        }));

    [Fact]
    public void At_Idleness_BringsEveryTermBackToTheMiddleAndNeverPast()
    {
        var best = new Reputation { Correctness = Reputation.Full, Timeliness = 0, Rating = Reputation.Prior, SinceDay = Reputation.DayOf(_start) };
        Reputation last = best;
        for (int month = 1; month <= 200; month++)
        {
            Reputation next = best.At(_start + (Reputation.DecayPeriod * month));
            Assert.InRange(next.Correctness, Reputation.Prior, last.Correctness);
            Assert.InRange(next.Timeliness, last.Timeliness, Reputation.Prior);
            Assert.Equal(Reputation.Prior, next.Rating);
            last = next;
        }

        Assert.Equal((Reputation.Prior, Reputation.Prior), (last.Correctness, last.Timeliness));
        Assert.Equal(best, best.At(_start.Date + Reputation.DecayPeriod - TimeSpan.FromSeconds(1)));
        Assert.Equal(best, best.At(_start - TimeSpan.FromDays(900)));
        Assert.Equal(last.Score, best.At(DateTimeOffset.MaxValue).Score);
    }

    [Fact]
    public void Score_DoctorsRatingsAlone_MoveItByAFifthAtMost()
    {
        Reputation praised = Reputation.Newcomer(_start);
        Reputation blamed = praised;
        for (int i = 0; i < 1000; i++)
        {
            praised = praised.Observe(ReputationTerm.Rating, Reputation.Full, _start);
            blamed = blamed.Observe(ReputationTerm.Rating, 0, _start);
        }

        Assert.Equal(250_000, praised.Score);
        Assert.Equal(200_000, blamed.Score);
        Assert.Equal(1_000_000, (praised with { Correctness = Reputation.Full, Timeliness = Reputation.Full }).Score);
        Assert.Equal(800_000, (blamed with { Correctness = Reputation.Full, Timeliness = Reputation.Full }).Score);
    }

    [Fact]
    public void After_PerfectWork_ReachesTheTopInTwoDozenRequests()
    {
        Reputation oracle = Reputation.Newcomer(_start);
        int[] weights = [.. Enumerable.Range(0, 40).Select(_ => (oracle = oracle.After(new ServiceOutcome { Level = 1, BeforeOpening = true, Rating = 100 }, _start)).Weight)];
        Assert.Equal((41, 60, 62), (weights[7], weights[23], weights[39]));
    }

    [Fact]
    public void After_MissesInARow_FallToTheFloor()
    {
        Reputation oracle = new() { Correctness = Reputation.Full, Timeliness = Reputation.Full, Rating = Reputation.Full, SinceDay = Reputation.DayOf(_start) };
        int[] weights = [.. Enumerable.Range(0, 10).Select(_ => (oracle = oracle.After(new ServiceOutcome { Missed = true }, _start)).Weight)];
        Assert.Equal((32, Reputation.MinWeight), (weights[4], weights[9]));
    }

    [Fact]
    public void After_DeliveryRatedBad_EarnsNothingAndLosesTheRatingAlone()
    {
        Reputation before = Reputation.Newcomer(_start);
        Reputation after = before.After(new ServiceOutcome { Level = 1, BeforeOpening = true, Rating = 49 }, _start);
        Assert.Equal((before.Correctness, before.Timeliness, 437_500), (after.Correctness, after.Timeliness, after.Rating));
        Assert.Equal(before, before.After(new ServiceOutcome(), _start));
        Assert.Throws<ArgumentOutOfRangeException>(() => before.After(new ServiceOutcome { Level = 15 }, _start));
        Assert.Throws<ArgumentOutOfRangeException>(() => before.After(new ServiceOutcome { Rating = 101 }, _start));
    }

    [Fact]
    public void Weight_IsTheScoreKeptInItsRange()
    {
        Reputation Of(int value) => new() { Correctness = value, Timeliness = Reputation.Full, Rating = Reputation.Full, SinceDay = Reputation.DayOf(_start) };
        Assert.Equal(16, Of(0).Weight);
        Assert.Equal(16, Of(269_841).Weight);
        Assert.Equal(17, Of(269_842).Weight);
        Assert.Equal(31, Of(500_000).Weight);
        Assert.Equal(62, Of(999_999).Weight);
        Assert.Equal(63, Of(1_000_000).Weight);
    }

    [Fact]
    public void LevelOf_Latency_SplitsTheWindowInThirteenAndNothingIsBeforeItsStart()
    {
        TimeSpan hour = TimeSpan.FromHours(1);
        Assert.Equal(1, Reputation.LevelOf(TimeSpan.FromSeconds(-5), hour));
        Assert.Equal(1, Reputation.LevelOf(TimeSpan.FromSeconds(276.9), hour));
        Assert.Equal(2, Reputation.LevelOf(TimeSpan.FromSeconds(277), hour));
        Assert.Equal(13, Reputation.LevelOf(hour, hour));
        Assert.Equal(14, Reputation.LevelOf(hour + TimeSpan.FromSeconds(1), hour));
        Assert.Equal(14, Reputation.LevelOf(TimeSpan.MaxValue, hour));
        Assert.Equal([1, 7, 14], ((int[])[0, 1, 2]).Select(second => Reputation.LevelOf(TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(1))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reputation.LevelOf(TimeSpan.Zero, TimeSpan.FromMilliseconds(999)));
    }

    [Fact]
    public void LevelOf_LaterDelivery_NeverHasTheLowerLevelNorTheHigherTarget() =>
        Check.One(_config, Prop.ForAll(Gen.Choose(1, 10_000_000).Zip(Gen.Choose(0, 12_000_000).Zip(Gen.Choose(0, 12_000_000))).ToArbitrary(), triple =>
        {
            (int window, (int a, int b)) = triple;
            int early = Reputation.LevelOf(TimeSpan.FromSeconds(Math.Min(a, b)), TimeSpan.FromSeconds(window));
            int late = Reputation.LevelOf(TimeSpan.FromSeconds(Math.Max(a, b)), TimeSpan.FromSeconds(window));
            return early >= 1 && early <= late && late <= Reputation.LateLevel
                && (late == Reputation.LateLevel) == (Math.Max(a, b) > window)
                && Reputation.TimelinessTarget(early) >= Reputation.TimelinessTarget(late);
        }));

    [Fact]
    public void TimelinessTarget_Levels_FallFromFullToHalfAndLateIsNothing()
    {
        Assert.Equal(Reputation.Full, Reputation.TimelinessTarget(1));
        Assert.Equal(Reputation.Prior, Reputation.TimelinessTarget(Reputation.LastLevel));
        Assert.Equal(0, Reputation.TimelinessTarget(Reputation.LateLevel));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reputation.TimelinessTarget(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reputation.TimelinessTarget(15));
    }

    [Fact]
    public void RatingTarget_Grades_AreThreeAndRiseWithTheRating()
    {
        Assert.Equal([0, 0, Reputation.Prior, Reputation.Prior, Reputation.Full, Reputation.Full], ((int[])[0, 49, 50, 74, 75, 100]).Select(Reputation.RatingTarget));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reputation.RatingTarget(101));
        Assert.Throws<ArgumentOutOfRangeException>(() => Reputation.RatingTarget(-1));
    }

    [Fact]
    public void DayOf_FarTimes_AreKeptInSixteenBits()
    {
        Assert.Equal(0, Reputation.DayOf(DateTimeOffset.MinValue));
        Assert.Equal(0, Reputation.DayOf(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1)));
        Assert.Equal(1, Reputation.DayOf(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1)));
        Assert.Equal(65_535, Reputation.DayOf(DateTimeOffset.MaxValue));
    }

    private static int Term(Reputation reputation, ReputationTerm term) => term switch
    {
        ReputationTerm.Correctness => reputation.Correctness,
        ReputationTerm.Timeliness => reputation.Timeliness,
        _ => reputation.Rating,
    };

    private static bool InRange(Reputation reputation) =>
        ((int[])[reputation.Correctness, reputation.Timeliness, reputation.Rating, reputation.Score]).All(value => value is >= 0 and <= Reputation.Full);

    private static bool Dominates(Reputation high, Reputation low) =>
        high.Correctness >= low.Correctness && high.Timeliness >= low.Timeliness && high.Rating >= low.Rating && high.Score >= low.Score;

    private static Gen<Reputation> Reputations() =>
        from correctness in Values()
        from timeliness in Values()
        from rating in Values()
        select new Reputation { Correctness = correctness, Timeliness = timeliness, Rating = rating, SinceDay = Reputation.DayOf(_start) };

    private static Gen<int> Values() => Gen.OneOf(Gen.Choose(0, Reputation.Full), Gen.Choose(0, 20), Gen.Choose(Reputation.Full - 20, Reputation.Full), Gen.Choose(Reputation.Prior - 20, Reputation.Prior + 20));

    private static Gen<(ReputationTerm Term, int Target, DateTimeOffset Time)> Observations() =>
        from term in Gen.Elements(Enum.GetValues<ReputationTerm>())
        from target in Values()
        from days in Gen.Choose(0, 200)
        select (term, target, _start + TimeSpan.FromDays(days));
}
