using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>Insurance claims between patient, doctor, hospital, agency and insurer, each at a desk of its own.</summary>
public class ClaimWorkflowTests
{
    private static readonly byte[] _evidence = "invoice 17: chemotherapy, second cycle"u8.ToArray();

    [Fact]
    public async Task Claim_EvidenceAndOpinions_AreReadByThePartiesAndNobodyElse()
    {
        await using Story story = await Story.BeginAsync();
        ClaimClient insurer = await story.World.AddInsurerAsync(default);
        (ClaimClient patient, ClaimClient doctor, ClaimClient hospital, ClaimClient agency) = story.World.ClaimDesks();
        Digest claim = await patient.FileAsync(Draft(insurer, doctor, hospital, agency), _evidence);
        await doctor.EndorseAsync(claim, "treated as invoiced"u8.ToArray());
        await hospital.EndorseAsync(claim);
        await agency.EndorseAsync(claim);
        await insurer.RejectAsync(claim, 4, "room charges"u8.ToArray());
        await patient.AppealAsync(claim, agency.Id, "clause 4"u8.ToArray());
        await agency.DecideAppealAsync(claim, ClaimStepKind.SentBack, "clause 4 holds"u8.ToArray());
        await insurer.ApproveAsync(claim, 5);

        ClaimRecord record = (await story.World.Ledger.GetClaimAsync(claim))!;
        Assert.Equal((ClaimStatus.Approved, 5ul), (record.Status, record.ApprovedAmount));
        foreach (ClaimClient party in (ClaimClient[])[patient, doctor, hospital, agency, insurer])
        {
            Assert.Equal(_evidence, await party.ReadEvidenceAsync(claim));

            // The agency, too, reads what the doctor wrote before it had a part in the claim: it may have to decide about it.
            string[] papers = [.. await Task.WhenAll(record.Steps.Select(async s => System.Text.Encoding.UTF8.GetString(await party.ReadPaperAsync(claim, s))))];
            Assert.Equal(["treated as invoiced", "room charges", "clause 4", "clause 4 holds"], papers.Where(p => p.Length > 0));
        }

        var stranger = new ClaimClient(story.World.Services, story.World.SourceHospitals[1].Keys, new InMemorySecretStore());
        Assert.Equal(PhrDataReason.NotFound, (await Assert.ThrowsAsync<PhrDataException>(() => stranger.ReadEvidenceAsync(claim))).Reason);
        Assert.Equal(PhrDataReason.NotFound, (await Assert.ThrowsAsync<PhrDataException>(() => insurer.ReadEvidenceAsync(record.Salt))).Reason);
        Assert.True((await story.World.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task FileAsync_CallersMistakes_AreRefusedBeforeAnythingIsWritten()
    {
        await using Story story = await Story.BeginAsync();
        ClaimClient insurer = await story.World.AddInsurerAsync(default);
        (ClaimClient patient, ClaimClient doctor, ClaimClient hospital, ClaimClient agency) = story.World.ClaimDesks();
        ClaimDraft draft = Draft(insurer, doctor, hospital, agency);
        await Assert.ThrowsAsync<ArgumentNullException>(() => patient.FileAsync(null!, _evidence));
        await Assert.ThrowsAsync<ArgumentException>(() => patient.FileAsync(draft, Array.Empty<byte>()));
        await Assert.ThrowsAsync<ArgumentException>(() => patient.FileAsync(draft, new byte[ClaimClient.MaxPaperLength + 1]));
        await Assert.ThrowsAsync<ArgumentException>(() => patient.FileAsync(draft with { Currency = "rupee" }, _evidence));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => agency.DecideAppealAsync(default, ClaimStepKind.Approved));
        await Assert.ThrowsAsync<LedgerRejectedException>(() => doctor.FileAsync(draft with { Doctor = doctor.Id }, _evidence));
        Assert.Empty(await story.World.Ledger.ListClaimsAsync(new ClaimFilter()));
        Digest withdrawn = await patient.FileAsync(draft, _evidence);
        await patient.WithdrawAsync(withdrawn);
        Assert.Equal(ClaimStatus.Withdrawn, (await story.World.Ledger.GetClaimAsync(withdrawn))!.Status);
        Digest expired = await patient.FileAsync(draft with { Lifetime = TimeSpan.FromDays(2) }, _evidence);
        story.Clock.Advance(TimeSpan.FromDays(2));
        await doctor.ExpireAsync(expired);
        Assert.Equal(ClaimStatus.Expired, (await story.World.Ledger.GetClaimAsync(expired))!.Status);
    }

    private static ClaimDraft Draft(ClaimClient insurer, ClaimClient doctor, ClaimClient hospital, ClaimClient agency) => new()
    {
        Insurer = insurer.Id,
        Doctor = doctor.Id,
        Hospital = hospital.Id,
        Agencies = [agency.Id],
        Amount = 10,
        Currency = "INR",
    };
}
