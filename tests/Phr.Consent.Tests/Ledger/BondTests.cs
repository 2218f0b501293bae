using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class BondTests
{
    private const ulong Least = 1000;

    [Fact]
    public void PostBond_Refusals_AreNamed()
    {
        LedgerWorld world = World();
        PostBond post = Post(world, Least);
        world.Refused(LedgerError.Malformed, post with { Amount = 0 });
        world.Refused(LedgerError.Malformed, post with { Amount = LedgerLimits.Bond + 1 });
        world.Refused(LedgerError.NotFound, post with { Oracle = world.Stranger.Id });
        world.Refused(LedgerError.WrongRole, post with { Oracle = world.Doctor.Id });
        world.Refused(LedgerError.NotRegistered, post with { Actor = world.Stranger.Id });
        world.Do(post with { Amount = LedgerLimits.Bond });
        world.Refused(LedgerError.TooMany, post with { Amount = 1 });
        world.Do(new RemoveActor { Actor = world.Agency.Id, Subject = world.Oracles[0].Id, ReasonCode = 1 });
        world.Refused(LedgerError.Removed, post);
    }

    [Fact]
    public void Bond_BelowTheLeast_MakesAnOracleIneligible()
    {
        LedgerWorld world = World();
        Assert.False(Eligible(world));
        world.Do(Post(world, Least - 1));
        Assert.False(Eligible(world));
        world.Do(Post(world, 1));
        Assert.True(Eligible(world));
        world.Do(new ReleaseBond { Actor = world.Oracles[0].Id, Amount = 1 });
        Assert.False(Eligible(world));
    }

    [Fact]
    public void ReleaseAndWithdraw_TakeTheDelay_AndOnlyWhatIsThere()
    {
        LedgerWorld world = World();
        ActorId oracle = world.Oracles[0].Id;
        var withdraw = new WithdrawBond { Actor = oracle };
        var release = new ReleaseBond { Actor = oracle, Amount = 600 };
        world.Do(Post(world, Least));
        world.Refused(LedgerError.WrongRole, release with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.WrongRole, withdraw with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.BondTooSmall, release with { Amount = Least + 1 });
        world.Refused(LedgerError.NotFound, withdraw);
        world.Do(release);
        Assert.Equal((400UL, 600UL), (world.Actor(world.Oracles[0]).Bond, world.Actor(world.Oracles[0]).ReleasingBond));
        world.Refused(LedgerError.WrongState, release with { Amount = 1 });
        world.Pass(world.Parameters.BondDelay - TimeSpan.FromSeconds(1));
        world.Refused(LedgerError.NotYet, withdraw);
        world.Pass(TimeSpan.FromSeconds(1));
        world.Do(withdraw);
        Assert.Equal(0UL, world.Actor(world.Oracles[0]).ReleasingBond);
        Assert.Null(world.Actor(world.Oracles[0]).BondPayableAt);
        world.Refused(LedgerError.NotFound, withdraw);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReleaseAndWithdraw_SuspendedOrRemoved_AreAcceptedAllTheSame(bool removed)
    {
        LedgerWorld world = World();
        ActorId oracle = world.Oracles[0].Id;
        world.Do(Post(world, Least));
        world.Do(removed
            ? new RemoveActor { Actor = world.Agency.Id, Subject = oracle, ReasonCode = 1 }
            : new SuspendActor { Actor = world.Agency.Id, Subject = oracle, ReasonCode = 1 });
        world.Do(new ReleaseBond { Actor = oracle, Amount = Least });
        world.Pass(world.Parameters.BondDelay);
        world.Do(new WithdrawBond { Actor = oracle });
        world.Refused(LedgerError.NotRegistered, new ReleaseBond { Actor = world.Stranger.Id, Amount = 1 });
    }

    [Fact]
    public void Slashed_Bond_IsGoneWithWhatWasBeingReleased_AndAQuarterIsTheChallengers()
    {
        LedgerWorld world = World();
        ActorId oracle = world.Oracles[0].Id;
        world.Do(Post(world, Least));
        world.Do(new ReleaseBond { Actor = oracle, Amount = 100 });
        var slashed = new BondSlashed { Oracle = oracle, Amount = Least, Challenger = world.Doctor.Id, Reward = Least / 4 };
        world.State.Evolve(slashed, world.At());
        world.Replica.Evolve(slashed, world.At());
        ActorRecord record = world.Actor(world.Oracles[0]);
        Assert.Equal((0UL, 0UL, 1), (record.Bond, record.ReleasingBond, record.Slashes));
        Assert.Null(record.BondPayableAt);
        Assert.Equal((250UL, 750UL), (world.Actor(world.Doctor).Credit, world.State.BurnedBonds));
        world.Do(new RemoveActor { Actor = world.Doctor.Id, Subject = world.Doctor.Id, ReasonCode = 1 });
        world.Do(new WithdrawCredit { Actor = world.Doctor.Id });
        Assert.Equal(0UL, world.Actor(world.Doctor).Credit);
        world.Refused(LedgerError.NotFound, new WithdrawCredit { Actor = world.Doctor.Id });
    }

    private static LedgerWorld World() => new LedgerWorld(new LedgerParameters { FoundingAgency = Person.Of("agency").Id, MinBond = Least }).WithPeople();

    private static PostBond Post(LedgerWorld world, ulong amount) => new() { Actor = world.Patient.Id, Oracle = world.Oracles[0].Id, Amount = amount };

    private static bool Eligible(LedgerWorld world) => world.State.ListOracles(world.Now).Single(o => o.Index == 1).IsEligible;
}
