using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;

namespace Phr.Oracle.Tests.Jobs;

public class IdentityWorkflowTests
{
    [Fact]
    public async Task SuspendAsync_Operator_SuspendsItsOraclesWithIt()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        OracleRecord[] oracles = [.. await world.Ledger.ListOraclesAsync()];
        ActorId runner = oracles[0].Operator;
        ActorId[] own = [.. oracles.Where(oracle => oracle.Operator == runner).Select(oracle => oracle.Id)];
        await world.Agency.SuspendAsync(runner, 3);
        Assert.Equal(ActorStatus.Suspended, (await world.Ledger.GetActorAsync(runner))!.Status);
        foreach (OracleRecord oracle in await world.Ledger.ListOraclesAsync())
        {
            Assert.Equal(!own.Contains(oracle.Id), oracle.IsEligible);
        }

        await world.Agency.RemoveAsync(runner, 3);
        Assert.Equal(oracles.Length - own.Length, (await world.Ledger.ListOraclesAsync()).Count);
        Assert.Equal(ActorStatus.Removed, (await world.Ledger.GetActorAsync(own[0]))!.Status);
    }

    [Fact]
    public async Task AcceptAdmissionAsync_NewAgency_ActsAfterTheDelay()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        using var keys = IdentityKeys.Generate();
        using var secrets = new InMemorySecretStore();
        var second = new AgencyClient(world.Services, keys, secrets);
        await second.RegisterAsync(ActorRoles.Agency);
        await world.Agency.AdmitAsync(second.Id);
        LedgerRejectedException early = await Assert.ThrowsAsync<LedgerRejectedException>(() => second.AcceptAdmissionAsync());
        Assert.Equal(LedgerError.NotYet, early.Error);
        story.Clock.Advance(world.Ledger.Parameters.AgencyDelay);
        await second.AcceptAdmissionAsync();
        await second.SuspendAsync(story.World.Doctor.Id, 1);
        Assert.Equal(ActorStatus.Suspended, (await world.Ledger.GetActorAsync(story.World.Doctor.Id))!.Status);
    }

    [Fact]
    public async Task Bond_PostedReleasedAndTakenOut_IsOnTheLedger()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        SampleOracle oracle = world.Oracles[0];
        ActorId id = oracle.Identity.Id;
        await world.Patient.PostBondAsync(id, 700);
        await oracle.Worker.PostBondAsync(id, 300);
        await oracle.Worker.ReleaseBondAsync(400);
        ActorRecord record = (await world.Ledger.GetActorAsync(id))!;
        Assert.Equal((600UL, 400UL), (record.Bond, record.ReleasingBond));
        story.Clock.Advance(world.Ledger.Parameters.BondDelay);
        await oracle.Worker.WithdrawBondAsync();
        Assert.Equal((600UL, 0UL), ((await world.Ledger.GetActorAsync(id))!.Bond, (await world.Ledger.GetActorAsync(id))!.ReleasingBond));
        Assert.Equal(LedgerError.NotFound, (await Assert.ThrowsAsync<LedgerRejectedException>(() => oracle.Worker.WithdrawCreditAsync())).Error);
        await Assert.ThrowsAsync<ArgumentException>(() => oracle.Worker.PostBondAsync(id, 0));
    }

    [Fact]
    public async Task ConfirmPresenceAsync_Patient_IsSeenToday()
    {
        await using Story story = await Story.BeginAsync();
        story.Clock.Advance(TimeSpan.FromDays(20));
        DateTimeOffset before = (await story.World.Ledger.GetActorAsync(story.World.Patient.Id))!.LastSeen;
        await story.World.Patient.ConfirmPresenceAsync();
        DateTimeOffset seen = (await story.World.Ledger.GetActorAsync(story.World.Patient.Id))!.LastSeen;
        Assert.Equal(TimeSpan.FromDays(20), seen - before);
        Assert.InRange(seen - story.Clock.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromDays(1));
    }
}
