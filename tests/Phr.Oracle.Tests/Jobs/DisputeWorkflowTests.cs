using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>From a false delivery to its oracle's bond, between real clients on the embedded ledger.</summary>
public class DisputeWorkflowTests
{
    [Fact]
    public async Task OpenAsync_LyingOracle_IsDisputedByItselfAndLosesItsBondOnceAndTheOthersNothing()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, SampleOracle liar) = await LiedToAsync(story, 1, 2, 3);
        OpenResult result = await story.OpenAsync(request);

        Assert.True(result.Succeeded, result.Missing);
        DeliveryProof proof = Assert.Single(result.Proofs);
        Assert.Equal((liar.Identity.Id, 4), (proof.Statement.Oracle, proof.Statement.Index));
        Assert.Equal(DeliveryVerdict.False, proof.Evidence.Judge(proof.Statement));
        FiledDispute filed = Assert.Single(result.Disputes);
        Assert.Equal((proof, DisputeState.Taken, null), (filed.Proof, filed.State, filed.Failure));
        await AssertDisputedOnceAsync(story, request, liar);

        // Whatever the doctor does next, it is not shown again.
        ulong nonce = await story.World.Ledger.GetNonceAsync(story.World.Doctor.Id);
        OpenResult again = await story.OpenAsync(request);
        Assert.Equal(DisputeState.NothingLeft, Assert.Single(again.Disputes).State);
        Assert.Equal(0, await story.World.Doctor.DisputeAsync(result));
        Assert.Equal(nonce, await story.World.Ledger.GetNonceAsync(story.World.Doctor.Id));
        Assert.Equal(0, await story.World.Doctor.RateAsync(request, result));
        await AssertDisputedOnceAsync(story, request, liar);
        foreach (SampleOracle honest in story.World.Oracles.Where(o => o != liar))
        {
            Assert.Empty(await story.World.Ledger.ListDisputesAsync(honest.Identity.Id));
        }

        Assert.True((await story.World.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task OpenAsync_TooFewHonestAnswers_OpensNothingAndDisputesAllTheSame()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, SampleOracle liar) = await LiedToAsync(story, 1, 2);
        OpenResult result = await story.OpenAsync(request);
        Assert.False(result.Succeeded);
        Assert.Equal(DisputeState.Taken, Assert.Single(result.Disputes).State);
        await AssertDisputedOnceAsync(story, request, liar);
    }

    [Fact]
    public async Task OpenAsync_DocumentThatCannotBeWritten_FailsAndDisputesAllTheSame()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, SampleOracle liar) = await LiedToAsync(story, 1, 2, 3);
        await Assert.ThrowsAsync<IOException>(() => story.World.Doctor.OpenAsync(request, new FullDisk()));
        await AssertDisputedOnceAsync(story, request, liar);
    }

    [Fact]
    public async Task OpenAsync_ToldNotToDispute_LeavesItToWhoRates()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, SampleOracle liar) = await LiedToAsync(story, 1, 2, 3);
        DoctorClient doctor = DoctorOn(story, story.World.Ledger, isDisputing: false);
        OpenResult result = await doctor.OpenAsync(request, Opened(story));
        Assert.Single(result.Proofs);
        Assert.Empty(result.Disputes);
        Assert.Empty(await story.World.Ledger.ListDisputesAsync(liar.Identity.Id));
        Assert.Equal(1, await doctor.RateAsync(request, result));
        await AssertDisputedOnceAsync(story, request, liar);
    }

    [Fact]
    public async Task OpenAsync_LedgerThatCannotBeReachedForTheDispute_OpensAndSaysSo()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, SampleOracle liar) = await LiedToAsync(story, 1, 2, 3);
        var broken = new HttpRequestException("no way to the ledger");
        var ledger = new DisputeLedger(story.World.Ledger, (_, _) => Task.FromException(broken));
        OpenResult result = await DoctorOn(story, ledger).OpenAsync(request, Opened(story));
        Assert.True(result.Succeeded, result.Missing);
        Assert.Equal(2, result.Files.Count);
        FiledDispute filed = Assert.Single(result.Disputes);
        Assert.Equal((DisputeState.Failed, (Exception)broken), (filed.State, filed.Failure!));
        Assert.Empty(await story.World.Ledger.ListDisputesAsync(liar.Identity.Id));

        // The next opening shows it.
        Assert.Equal(DisputeState.Taken, Assert.Single((await story.OpenAsync(request)).Disputes).State);
        await AssertDisputedOnceAsync(story, request, liar);
    }

    [Fact]
    public async Task OpenAsync_LedgerThatNeverAnswersTheDispute_OpensAfterItsTime()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, _) = await LiedToAsync(story, 1, 2, 3);
        var ledger = new DisputeLedger(story.World.Ledger, (_, ct) => Task.Delay(Timeout.Infinite, ct));
        OpenResult result = await DoctorOn(story, ledger).OpenAsync(request, Opened(story));
        Assert.True(result.Succeeded, result.Missing);
        Assert.IsType<TimeoutException>(Assert.Single(result.Disputes).Failure);

        // Who asked may go before that.
        using var stop = new CancellationTokenSource();
        var asked = new DisputeLedger(story.World.Ledger, async (_, ct) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, ct);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DoctorOn(story, asked).OpenAsync(request, Opened(story), null, stop.Token));
    }

    [Fact]
    public void DisputeTimeout_OutsideItsRange_Throws()
    {
        using var keys = IdentityKeys.Generate();
        using var secrets = new InMemorySecretStore();
        var services = new ConsentServices { Ledger = new DisputeLedger(null!, (_, _) => Task.CompletedTask), Records = null!, Exchange = null! };
        foreach (TimeSpan wrong in new[] { TimeSpan.Zero, TimeSpan.FromSeconds(-1), TimeSpan.FromHours(2) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DoctorClient(services, keys, secrets) { DisputeTimeout = wrong });
        }
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

    // A committee whose fourth seat lies, with a bond to lose.
    private static async Task<(RequestId Request, SampleOracle Liar)> LiedToAsync(Story story, params int[] honest)
    {
        RequestId request = await story.ConsentedAsync();
        SampleOracle liar = await story.SeatAsync(request, 4);
        ActorRecord before = (await story.World.Ledger.GetActorAsync(liar.Identity.Id))!;
        await story.World.Agency.PostBondAsync(liar.Identity.Id, 4000 - before.Bond);
        await LyingOracle.DeliverAsync(story.World.Services, liar.Identity, liar.Secrets, request, CancellationToken.None);
        await story.ServeAsync(request, honest);
        return (request, liar);
    }

    private static async Task AssertDisputedOnceAsync(Story story, RequestId request, SampleOracle liar)
    {
        ActorRecord after = (await story.World.Ledger.GetActorAsync(liar.Identity.Id))!;
        Assert.Equal((0ul, 1, 0), (after.Bond, after.Slashes, after.Reputation!.Correctness));
        Assert.Equal(1000ul, (await story.World.Ledger.GetActorAsync(story.World.Doctor.Id))!.Credit);
        DisputeRecord dispute = Assert.Single(await story.World.Ledger.ListDisputesAsync(liar.Identity.Id));
        Assert.Equal((request, story.World.Doctor.Id, 4), (dispute.RequestId, dispute.Challenger, dispute.Index));
    }

    private static FolderDestination Opened(Story story) => new(Path.Combine(story.Folder, "opened", Guid.NewGuid().ToString("n")));

    private static DoctorClient DoctorOn(Story story, IConsentLedger ledger, bool isDisputing = true)
    {
        var services = new ConsentServices { Ledger = ledger, Records = story.World.Services.Records, Exchange = story.World.Services.Exchange, Time = story.Clock };
        (IdentityKeys keys, ISecretStore secrets, LicenceCredential licence) = story.World.DoctorDesk;
        return new DoctorClient(services, keys, secrets, licence) { DisputesWhenOpening = isDisputing, DisputeTimeout = TimeSpan.FromMilliseconds(200) };
    }

    // Does something in the place of every dispute.
    private sealed class DisputeLedger(IConsentLedger inner, Func<SignedCommand, CancellationToken, Task> instead) : CrashingLedger(inner, new CrashPoint(0, false))
    {
        public override async Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default)
        {
            if (command.Command is DisputeDelivery)
            {
                await instead(command, cancellationToken);
                throw new NotSupportedException();
            }

            return await base.SubmitAsync(command, cancellationToken);
        }
    }

    private sealed class FullDisk : IDocumentDestination
    {
        public ValueTask<DocumentTarget> CreateAsync(DocumentId document, DocumentInfo info, CancellationToken cancellationToken = default) => throw new IOException("no space left");
    }
}
