using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>From a false delivery to its oracle's bond, between real clients on the embedded ledger.</summary>
public class DisputeWorkflowTests
{
    [Fact]
    public async Task RateAsync_LyingOracle_IsDisputedByItselfAndLosesItsBondOnceAndTheOthersNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle liar = await story.SeatAsync(request, 4);
        ActorRecord before = (await story.World.Ledger.GetActorAsync(liar.Identity.Id))!;
        await story.World.Agency.PostBondAsync(liar.Identity.Id, 4000 - before.Bond);
        await LyingOracle.DeliverAsync(story.World, liar, request, CancellationToken.None);
        await story.ServeAsync(request, 1, 2, 3);
        OpenResult result = await story.OpenAsync(request);

        DeliveryProof proof = Assert.Single(result.Proofs);
        Assert.Equal((liar.Identity.Id, 4), (proof.Statement.Oracle, proof.Statement.Index));
        Assert.Equal(DeliveryVerdict.False, proof.Evidence.Judge(proof.Statement));
        Assert.Equal(1, await story.World.Doctor.RateAsync(request, result));
        ActorRecord after = (await story.World.Ledger.GetActorAsync(liar.Identity.Id))!;
        Assert.Equal((0ul, 1, 0), (after.Bond, after.Slashes, after.Reputation!.Correctness));
        Assert.Equal(1000ul, (await story.World.Ledger.GetActorAsync(story.World.Doctor.Id))!.Credit);
        DisputeRecord dispute = Assert.Single(await story.World.Ledger.ListDisputesAsync(liar.Identity.Id));
        Assert.Equal((request, story.World.Doctor.Id, 4), (dispute.RequestId, dispute.Challenger, dispute.Index));
        Assert.Equal(0, await story.World.Doctor.DisputeAsync(result));
        foreach (SampleOracle honest in story.World.Oracles.Where(o => o != liar))
        {
            Assert.Empty(await story.World.Ledger.ListDisputesAsync(honest.Identity.Id));
        }

        Assert.True((await story.World.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task OpenAsync_HonestOracles_LeaveNothingToDispute()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        OpenResult result = await story.OpenAsync(request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Empty(result.Proofs);
        Assert.Equal(0, await story.World.Doctor.RateAsync(request, result));
        RequestRecord record = await story.ReadAsync(request);
        Assert.Equal((await RequestDossier.LoadAsync(story.World.Services, request)).Dealing.EvidenceRoot, record.EvidenceRoot);
    }
}
