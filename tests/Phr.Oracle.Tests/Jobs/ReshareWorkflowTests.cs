using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>The trustees share a bundle's keys anew while the patient is away, with the real clients, ledger and stores.</summary>
public class ReshareWorkflowTests
{
    private static readonly TimeSpan _delay = new LedgerParameters { FoundingAgency = default }.TrusteeChangeDelay;

    [Fact]
    public async Task Refresh_ThePatientAway_TheNextRequestIsServedUnderTheNewSharesAndTheOldAreGone()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        RequestId abandoned = await story.RequestAsync();
        await world.Hospital.ApproveAsync(abandoned);
        await world.Doctor.CancelAsync(abandoned);
        Assert.True((await BundleAsync(story)).RefreshDue);
        Digest old = (await BundleAsync(story)).ActiveDealing!.Value;

        Dealing next = await ReshareAsync(story, world.Guardians[0], [world.Guardians[0], world.Guardians[2], world.Hospital], world.Trustees);
        Assert.True(next.IsReshared);
        Assert.Equal((2u, old), (next.Epoch, next.PreviousDigest));
        Assert.False((await BundleAsync(story)).RefreshDue);
        foreach (TrusteeClient trustee in world.Trustees)
        {
            Assert.Equal(2u, await trustee.FollowDealingAsync(story.Header.BundleId));
        }

        ISecretStore device = Device(story);
        Assert.Equal([$"epoch-key/{story.Header.BundleId}/2"], await device.ListAsync($"epoch-key/{story.Header.BundleId}/"));
        Assert.Empty(await device.ListAsync("reshare/"));
        await Assert.ThrowsAsync<PhrDataException>(() => world.Hospital.AcknowledgeAsync(old));
        await OpensAsync(story, world.Guardians[1], world.Guardians[2], world.Hospital);
        Assert.True((await world.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task Reshare_ToOtherGuardians_TheyDecideFromThenOnAndTheOldOnesDoNot()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        using IdentityKeys first = IdentityKeys.Generate(), second = IdentityKeys.Generate(), third = IdentityKeys.Generate(), fourth = IdentityKeys.Generate();
        TrusteeClient[] next = [.. new[] { first, second, third, fourth }.Select(keys => new TrusteeClient(world.Services, keys, new InMemorySecretStore()))];
        foreach (TrusteeClient guardian in next)
        {
            await guardian.RegisterAsync(ActorRoles.Guardian);
        }

        TrusteeGroupPlan[] groups = [new("guardians", 3, [.. next.Select(g => g.Id)]), new("hospital", 1, [world.Hospital.Id]), new("agency", 1, [world.Regulator.Id])];
        TrusteeClient[] trustees = [.. next, world.Hospital, world.Regulator];
        Dealing dealing = await ReshareAsync(story, world.Hospital, [world.Hospital, world.Regulator], trustees, new ReshareOptions { Groups = groups });
        Assert.Equal([new PolicySeat(2, 1), new PolicySeat(3, 1)], dealing.Dealers.Select(d => d.Seat));
        foreach (TrusteeClient guardian in world.Guardians)
        {
            await guardian.FollowDealingAsync(story.Header.BundleId);
        }

        RequestId request = await story.RequestAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Guardians[0].ApproveAsync(request));
        await world.Doctor.CancelAsync(request);
        story.Clock.Advance(TimeSpan.FromHours(1));
        await OpensAsync(story, next[0], next[2], next[3], world.Regulator);
    }

    [Fact]
    public async Task CheckReshare_DealersAtFault_AreNamedAndLeftOutAndNobodyDealsAgain()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        (_, IdentityKeys keys) = world.SourceHospitals[0];

        // A first plan that the patient stops gives the bad dealer a contribution of another plan to replay.
        await OfferAsync(story, 2, world.Trustees);
        ResharePlan first = await world.Regulator.ProposeReshareAsync(story.Header.BundleId);
        story.Clock.Advance(_delay);
        await world.Hospital.ContributeToReshareAsync(first.Digest);
        Digest stale = Assert.Single((await world.Ledger.GetReshareAsync(story.Header.BundleId, first.Digest))!.Contributions).ContributionDigest;
        Assert.True(await world.Patient.CancelPendingAsync(story.Header.BundleId));
        Assert.False(await world.Patient.CancelPendingAsync(story.Header.BundleId));

        story.Clock.Advance(TimeSpan.FromSeconds(1));
        ResharePlan plan = await world.Guardians[0].ProposeReshareAsync(story.Header.BundleId);
        story.Clock.Advance(_delay);
        foreach (TrusteeClient dealer in (TrusteeClient[])[world.Guardians[0], world.Guardians[1], world.Regulator])
        {
            await dealer.ContributeToReshareAsync(plan.Digest);
        }

        var replay = new ContributeToReshare { Actor = keys.Id, BundleId = story.Header.BundleId, PlanDigest = plan.Digest, Seat = new TrusteeSeat(2, 1), ContributionDigest = stale };
        await world.Ledger.SubmitAsync(replay, keys.LedgerKey);
        ReshareCheck check = await world.Guardians[2].CheckReshareAsync(plan.Digest);
        Assert.Equal([new TrusteeSeat(2, 1)], check.Faulty);
        Assert.Equal([new TrusteeSeat(1, 1), new TrusteeSeat(1, 2), new TrusteeSeat(3, 1)], check.Good);
        Assert.Equal(stale, Assert.Single((await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.Complaints).EvidenceDigest);

        Assert.Equal(ComplaintVerdict.DealerAtFault, Assert.Single(await world.Patient.JudgeComplaintsAsync(plan.Digest)).Verdict);

        // Checked again, there is nothing more to complain of.
        Assert.Empty((await world.Guardians[2].CheckReshareAsync(plan.Digest)).Faulty);
        Dealing dealing = await FinishAsync(story, plan, [world.Guardians[0], world.Guardians[1], world.Regulator], world.Trustees);
        Assert.Equal([new PolicySeat(1, 1), new PolicySeat(1, 2), new PolicySeat(3, 1)], dealing.Dealers.Select(d => d.Seat));
        await OpensAsync(story, world.Guardians[2], world.Guardians[1], world.Hospital);
    }

    [Fact]
    public async Task JudgeComplaints_TrusteeThatComplainsWithoutReason_ShowsNothingAgainstTheDealer()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        (_, IdentityKeys keys) = world.SourceHospitals[0];
        ResharePlan plan = await ProposeAsync(story, world.Guardians[0], world.Trustees);
        await world.Regulator.ContributeToReshareAsync(plan.Digest);
        ReshareContributionRecord contribution = Assert.Single((await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.Contributions);
        var complain = new ComplainOfReshare
        {
            Actor = keys.Id,
            BundleId = story.Header.BundleId,
            PlanDigest = plan.Digest,
            Seat = new TrusteeSeat(2, 1),
            Dealer = contribution.Seat,
            EvidenceDigest = contribution.ContributionDigest,
        };
        await world.Ledger.SubmitAsync(complain, keys.LedgerKey);
        JudgedComplaint judged = Assert.Single(await world.Patient.JudgeComplaintsAsync(plan.Digest));
        Assert.Equal((keys.Id, ComplaintVerdict.Undecided), (judged.Complaint.Trustee, judged.Verdict));
        Assert.Empty((await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.Qualified());
    }

    [Fact]
    public async Task CheckReshare_EnvelopeThatNeverComes_IsComplainedOfInTheSecondHalfOfTheTime()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        ResharePlan plan = await ProposeAsync(story, world.Guardians[0], world.Trustees);
        foreach (TrusteeClient dealer in (TrusteeClient[])[world.Guardians[0], world.Guardians[1], world.Regulator])
        {
            await dealer.ContributeToReshareAsync(plan.Digest);
        }

        // The hospital's contribution is good, and its envelopes stay with it.
        var crash = new CrashPoint(9, after: true);
        await Assert.ThrowsAsync<CrashException>(() => HospitalOn(story, crash).ContributeToReshareAsync(plan.Digest));
        Assert.Equal(4, (await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.Contributions.Count);
        ReshareCheck early = await world.Guardians[2].CheckReshareAsync(plan.Digest);
        Assert.Equal([new TrusteeSeat(2, 1)], early.Missing);
        Assert.Empty(early.Faulty);
        story.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal([new TrusteeSeat(2, 1)], (await world.Guardians[2].CheckReshareAsync(plan.Digest)).Faulty);
        Assert.Equal(ComplaintVerdict.Undecided, Assert.Single(await world.Regulator.JudgeComplaintsAsync(plan.Digest)).Verdict);
        Dealing dealing = await FinishAsync(story, plan, [world.Guardians[0], world.Guardians[1], world.Regulator], world.Trustees);
        Assert.DoesNotContain(dealing.Dealers, d => d.Identity == world.Hospital.Id);
    }

    [Fact]
    public async Task ConfirmReshare_DealerThatContributedAndWentAway_IsDoneWithout()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        ResharePlan plan = await ProposeAsync(story, world.Guardians[0], world.Trustees);
        foreach (TrusteeClient dealer in world.Trustees)
        {
            await dealer.ContributeToReshareAsync(plan.Digest);
        }

        TrusteeSeat[] gone = [new(1, 1)];
        await world.Guardians[1].ConfirmReshareAsync(plan.Digest, gone);
        await world.Guardians[2].ConfirmReshareAsync(plan.Digest, gone);
        Assert.Null((await BundleAsync(story)).PendingDealing);
        Dealing dealing = await world.Hospital.ConfirmReshareAsync(plan.Digest, gone);
        Assert.Equal(dealing.Digest, (await BundleAsync(story)).PendingDealing);

        // Whoever asks later gets the same dealing, and nothing is confirmed twice.
        Assert.Equal(dealing.Digest, (await world.Guardians[0].ConfirmReshareAsync(plan.Digest)).Digest);
        Assert.Equal(3, (await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.Confirmations.Count);
    }

    [Fact]
    public async Task CancelPending_InTheDelay_NothingWasDealt()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        await OfferAsync(story, 2, world.Trustees);
        ResharePlan plan = await world.Guardians[0].ProposeReshareAsync(story.Header.BundleId);
        Assert.Equal(plan.Digest, (await world.Guardians[0].ProposeReshareAsync(story.Header.BundleId)).Digest);
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Hospital.ContributeToReshareAsync(plan.Digest));
        ReshareReview review = await world.Patient.ReviewReshareAsync((await BundleAsync(story)).PendingReshare!.Value);
        Assert.True(review.IsAcceptable && review.IsRefresh);
        Assert.True(await world.Patient.CancelPendingAsync(story.Header.BundleId));
        story.Clock.Advance(_delay);
        Assert.Equal(LedgerError.NotFound, (await Assert.ThrowsAsync<LedgerRejectedException>(() => world.Hospital.ContributeToReshareAsync(plan.Digest))).Error);

        // What was made and not handed in is forgotten with the plan.
        ISecretStore device = Device(story);
        Assert.NotEmpty(await device.ListAsync("reshare/"));
        await world.Hospital.FollowDealingAsync(story.Header.BundleId);
        Assert.Empty(await device.ListAsync("reshare/"));
    }

    [Fact]
    public async Task RefreshAsync_ByThePatientWhileTheTrusteesReshare_EndsTheirs()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        ResharePlan plan = await ProposeAsync(story, world.Guardians[0], world.Trustees);
        await world.Hospital.ContributeToReshareAsync(plan.Digest);
        Dealing own = await world.Patient.RefreshAsync(story.Header.BundleId);
        Assert.False(own.IsReshared);
        Assert.Equal(ReshareState.Cancelled, (await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.State);
        foreach (TrusteeClient trustee in world.Trustees)
        {
            await trustee.AcknowledgeAsync(own.Digest);
        }

        await world.Patient.ActivateAsync(own);

        // And after a refresh by the trustees the patient deals on from theirs.
        await ReshareAsync(story, world.Regulator, [world.Hospital, world.Regulator], world.Trustees);
        await story.DealAsync(4, world.PlanWith(TimeSpan.FromMinutes(10)));
        await OfferAsync(story, 5, world.Trustees);
        Assert.Equal(5u, (await world.Patient.RefreshAsync(story.Header.BundleId)).Epoch);
    }

    [Fact]
    public async Task ContributeToReshare_KilledAnywhere_HandsInTheSameContribution()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        ResharePlan plan = await ProposeAsync(story, world.Guardians[0], world.Trustees);
        int deaths = 0;
        for (int step = 1; step < 60; step++)
        {
            try
            {
                await HospitalOn(story, new CrashPoint(step, after: step % 2 == 0)).ContributeToReshareAsync(plan.Digest);
                break;
            }
            catch (CrashException)
            {
                deaths++;
            }
        }

        Assert.InRange(deaths, 7, 58);
        await world.Regulator.ContributeToReshareAsync(plan.Digest);
        Dealing dealing = await FinishAsync(story, plan, [world.Hospital, world.Regulator], world.Trustees);
        Assert.Equal(2, dealing.Dealers.Count);
        await OpensAsync(story, world.Guardians[0], world.Guardians[1], world.Regulator);
    }

    [Fact]
    public async Task LoadAsync_ThreeResharesInARow_LeadBackToThePatientsSignature()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        await ReshareAsync(story, world.Guardians[0], [world.Guardians[0], world.Guardians[1], world.Hospital], world.Trustees);
        await ReshareAsync(story, world.Hospital, [world.Hospital, world.Regulator], world.Trustees);
        Dealing last = await ReshareAsync(story, world.Regulator, [world.Guardians[1], world.Guardians[2], world.Regulator], world.Trustees);
        Assert.Equal(4u, last.Epoch);
        RequestId request = await story.RequestAsync();
        RequestDossier dossier = await RequestDossier.LoadAsync(Fresh(story, world.Ledger), request);
        Assert.Equal(last.Digest, dossier.Dealing.Dealing.Digest);

        // A ledger that leaves out a confirmation, or puts another block in its place, is not believed, nor one that has no plan.
        ReshareRecord honest = (await world.Ledger.GetReshareAsync(story.Header.BundleId, last.PlanDigest))!;
        ReshareRecord?[] lies =
        [
            honest with { Confirmations = [.. honest.Confirmations.Skip(1)] },
            honest with { Confirmations = [.. honest.Confirmations.Select(c => c with { ConfirmationDigest = honest.Confirmations[0].ConfirmationDigest })] },
            honest with { Confirmations = [.. honest.Confirmations.Select(c => c with { ConfirmationDigest = honest.PlanDigest })] },
            null,
        ];
        foreach (ReshareRecord? lie in lies)
        {
            var ledger = new ResharingLedger(world.Ledger, record => record.PlanDigest == honest.PlanDigest ? lie : record);
            await Assert.ThrowsAsync<PhrDataException>(() => RequestDossier.LoadAsync(Fresh(story, ledger), request));
        }
    }

    [Fact]
    public async Task ContributeToReshare_PlanThatNamesAnotherKeyForATrustee_IsRefused()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        (_, IdentityKeys keys) = world.SourceHospitals[0];
        await OfferAsync(story, 2, world.Trustees);
        DealingRecord active = (await world.Ledger.GetDealingAsync(story.Header.BundleId, (await BundleAsync(story)).ActiveDealing!.Value))!;
        Dealing dealing = Dealing.FromBytes(await world.Services.Exchange.GetBlockAsync(active.Digest));
        VerifiedDealing verified = dealing.Verify(story.Header);

        // The hospital puts keys of its own in the first guardian's seat.
        ActorId victim = world.Guardians[0].Id;
        using IdentityKeys impostor = IdentityKeys.GenerateFor(victim);
        using SecretKey envelopeKey = SecretKey.Generate();
        var offers = new List<EnvelopeKeyOffer> { EnvelopeKeyOffer.Create(impostor, world.Ledger.Id, story.Header.BundleId, 2, envelopeKey.PublicKey) };
        var groups = new List<TrusteeGroup>();
        foreach (TrusteeGroup group in dealing.Policy.Groups)
        {
            var members = new List<TrusteeMember>();
            foreach (TrusteeMember member in group.Members)
            {
                if (member.Identity == victim)
                {
                    members.Add(new TrusteeMember(victim, member.Organisation, impostor.PublicKeys.ObjectKey, impostor.PublicKeys.SignerKey, envelopeKey.PublicKey));
                    continue;
                }

                EnvelopeKeyRecord offered = (await world.Ledger.GetEnvelopeKeyAsync(member.Identity, story.Header.BundleId, 2))!;
                offers.Add(EnvelopeKeyOffer.FromBytes(await world.Services.Exchange.GetBlockAsync(offered.OfferDigest)));
                members.Add(new TrusteeMember(member.Identity, member.Organisation, member.ObjectKey, member.SignerKey, offered.EnvelopeKey));
            }

            groups.Add(new TrusteeGroup(group.Name, group.Threshold, members));
        }

        var policy = new TrusteePolicy(dealing.Policy.GroupThreshold, groups, new TrusteePolicyOptions
        {
            CommitteeThreshold = dealing.Policy.CommitteeThreshold,
            CommitteeSize = dealing.Policy.CommitteeSize,
            LicenceAuthorities = dealing.Policy.LicenceAuthorities,
            OracleOperators = dealing.Policy.OracleOperators,
            RulesDigest = active.Policy.Digest,
        });
        ResharePlan plan = ResharePlan.Create(verified, policy, offers, keys).Plan;
        await world.Services.Exchange.PutBlockAsync(plan.ToBytes());
        var propose = new ProposeReshare
        {
            Actor = keys.Id,
            BundleId = story.Header.BundleId,
            HeaderDigest = active.HeaderDigest,
            Epoch = 2,
            PreviousDealingDigest = active.Digest,
            PlanDigest = plan.Digest,
            Policy = active.Policy,
            NotAfter = story.Clock.GetUtcNow() + _delay + TimeSpan.FromDays(1),
        };
        await world.Ledger.SubmitAsync(propose, keys.LedgerKey);
        story.Clock.Advance(_delay);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => world.Regulator.ContributeToReshareAsync(plan.Digest));
        Assert.Contains("(1, 1)", refused.Message, StringComparison.Ordinal);
        Assert.Single((await world.Patient.ReviewReshareAsync(plan.Digest)).Objections);
        Assert.Empty((await world.Ledger.GetReshareAsync(story.Header.BundleId, plan.Digest))!.Contributions);
    }

    [Fact]
    public async Task ExpireReshare_TooFewDealers_AnotherTrusteeProposesAnew()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        ResharePlan plan = await ProposeAsync(story, world.Guardians[0], world.Trustees);
        await world.Guardians[0].ContributeToReshareAsync(plan.Digest);
        Assert.Equal(PhrDataReason.BelowThreshold, (await Assert.ThrowsAsync<PhrDataException>(() => world.Guardians[0].ConfirmReshareAsync(plan.Digest))).Reason);
        await Assert.ThrowsAsync<LedgerRejectedException>(() => world.Guardians[1].ExpireReshareAsync(story.Header.BundleId, plan.Digest));
        story.Clock.Advance(TimeSpan.FromDays(3));
        await world.Guardians[1].ExpireReshareAsync(story.Header.BundleId, plan.Digest);
        Assert.Equal(LedgerError.CoolingDown, (await Assert.ThrowsAsync<LedgerRejectedException>(() => world.Guardians[0].ProposeReshareAsync(story.Header.BundleId))).Error);
        await ReshareAsync(story, world.Guardians[1], [world.Hospital, world.Regulator], world.Trustees);
    }

    [Fact]
    public async Task Repair_TrusteeThatLostItsDevice_GetsItsShareBackFromItsGroupAndDealsWithIt()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        using IdentityKeys keys = IdentityKeys.Generate();
        var device = new InMemorySecretStore();
        var guardian = new TrusteeClient(world.Services, keys, device);
        await guardian.RegisterAsync(ActorRoles.Guardian);
        TrusteeClient[] trustees = [guardian, world.Guardians[1], world.Guardians[2], world.Hospital, world.Regulator];
        TrusteeGroupPlan[] groups = [new("guardians", 2, [.. trustees[..3].Select(t => t.Id)]), new("hospital", 1, [world.Hospital.Id]), new("agency", 1, [world.Regulator.Id])];
        await ReshareAsync(story, world.Hospital, [world.Hospital, world.Regulator], trustees, new ReshareOptions { Groups = groups });

        // The device is gone. The root secret, kept elsewhere, gives the identity back, and nothing else does.
        var fresh = new InMemorySecretStore();
        var replaced = new TrusteeClient(world.Services, keys, fresh);
        await Assert.ThrowsAsync<PhrDataException>(() => replaced.FollowDealingAsync(story.Header.BundleId));
        Digest request = await replaced.RequestRepairAsync(story.Header.BundleId);
        TrusteeClient[] helpers = [world.Guardians[1], world.Guardians[2]];
        await Assert.ThrowsAsync<ArgumentException>(() => world.Hospital.ContributeToRepairAsync(request));
        var contributions = new List<Digest>();
        foreach (TrusteeClient helper in helpers)
        {
            contributions.Add(await helper.ContributeToRepairAsync(request));
            Assert.Equal(contributions[^1], await helper.ContributeToRepairAsync(request));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => helpers[0].SumRepairAsync(request, contributions[..1]));
        var sums = new List<Digest>();
        foreach (TrusteeClient helper in helpers)
        {
            sums.Add(await helper.SumRepairAsync(request, contributions));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => replaced.CompleteRepairAsync(request, contributions, sums[..1]));
        await replaced.CompleteRepairAsync(request, contributions, sums);
        Assert.Equal(2u, await replaced.FollowDealingAsync(story.Header.BundleId));

        // It deals onward with what it got back, and has a key of its own again in the next epoch.
        trustees[0] = replaced;
        Dealing next = await ReshareAsync(story, replaced, [replaced, world.Guardians[1], world.Regulator], trustees);
        Assert.Contains(next.Dealers, d => d.Identity == replaced.Id);
        Assert.Equal(3u, await replaced.FollowDealingAsync(story.Header.BundleId));
        Assert.Empty(await fresh.ListAsync("repair/"));
        await OpensAsync(story, replaced, world.Guardians[2], world.Hospital);
        await Assert.ThrowsAsync<PhrDataException>(() => helpers[0].ContributeToRepairAsync(request));
    }

    [Fact]
    public async Task RequestRepair_GroupOfOne_SaysToShareAnew()
    {
        await using Story story = await Story.BeginAsync();
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Hospital.RequestRepairAsync(story.Header.BundleId));
        Assert.Contains("anew", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerDrill_BeforeADealingIsReliedOn_ShowsWhoCanOpenTheTestDocument()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        BundleHeader header = await world.Patient.ReviseAsync(story.Header.BundleId, async (writer, token) =>
        {
            using var content = new MemoryStream("a drill"u8.ToArray());
            await writer.AddAsync(content, new DocumentInfo("drill.txt", "text/plain") { VisibleLabels = [DrillAnswer.Label] }, null, token);
        });
        DocumentId test = header.Documents.Single(d => d.VisibleLabels.Contains(DrillAnswer.Label)).Id;
        await OfferAsync(story, 2, world.Trustees);
        Dealing pending = await world.Patient.RefreshAsync(story.Header.BundleId);
        await Assert.ThrowsAsync<ArgumentException>(() => world.Hospital.AnswerDrillAsync(pending.Digest, story.Header.Documents[0].Id));
        var answers = new List<Digest> { await world.Hospital.AnswerDrillAsync(pending.Digest, test) };
        DrillReport report = await world.Patient.CountDrillAsync(pending.Digest, test, answers);
        Assert.False(report.IsSatisfied);
        Assert.Equal(4, report.Silent.Count);
        answers.Add(await world.Regulator.AnswerDrillAsync(pending.Digest, test));
        report = await world.Patient.CountDrillAsync(pending.Digest, test, answers);
        Assert.True(report.IsSatisfied);
        Assert.True(report.TryOpen(out DocumentKey? key));
        key.Dispose();
    }

    [Fact]
    public async Task EraseReplacedKeys_OracleThatRenewedItsKey_KeepsTheOldOneForOpenRequestsAlone()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        DateTimeOffset until = story.Clock.GetUtcNow().AddDays(20);
        IdentityPublicKeys renewed = await oracle.Worker.RenewEnvelopeKeyAsync();
        await oracle.Worker.PublishKeysAsync(renewed, OperatorEndorsement.Create(oracle.Operator, story.World.Ledger.Id, renewed, until), until);
        IdentityPublicKeys waiting = await oracle.Worker.RenewEnvelopeKeyAsync();

        // The committee was drawn with the old key: the job is still served.
        Assert.Equal(0, await oracle.Worker.EraseReplacedKeysAsync());
        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
        Assert.Equal(3, (await oracle.Secrets.ListAsync("oracle-envelope-key/")).Count);
        story.Clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal(1, await oracle.Worker.EraseReplacedKeysAsync());
        Assert.Equal(
            new[] { renewed, waiting }.Select(keys => $"oracle-envelope-key/{keys.EnvelopeKey}").Order(StringComparer.Ordinal),
            (await oracle.Secrets.ListAsync("oracle-envelope-key/")).Order(StringComparer.Ordinal));
    }

    private static async Task<BundleRecord> BundleAsync(Story story) => (await story.World.Ledger.GetBundleAsync(story.Header.BundleId))!;

    private static async Task OfferAsync(Story story, uint epoch, IEnumerable<TrusteeClient> trustees)
    {
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(story.Header.BundleId, epoch);
        }
    }

    /// <summary>A plan whose delay is over.</summary>
    private static async Task<ResharePlan> ProposeAsync(Story story, TrusteeClient proposer, IEnumerable<TrusteeClient> trustees, ReshareOptions? options = null)
    {
        await OfferAsync(story, (uint)(await BundleAsync(story)).Epoch + 1, trustees);
        ResharePlan plan = await proposer.ProposeReshareAsync(story.Header.BundleId, options);
        story.Clock.Advance(_delay);
        return plan;
    }

    private static async Task<Dealing> FinishAsync(Story story, ResharePlan plan, IReadOnlyList<TrusteeClient> dealers, IEnumerable<TrusteeClient> trustees)
    {
        foreach (TrusteeClient dealer in dealers)
        {
            await dealer.ConfirmReshareAsync(plan.Digest);
        }

        Dealing dealing = Dealing.FromBytes(await story.World.Services.Exchange.GetBlockAsync((await BundleAsync(story)).PendingDealing!.Value));
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest);
        }

        await dealers[0].ActivateAsync(dealing);
        return dealing;
    }

    private static async Task<Dealing> ReshareAsync(Story story, TrusteeClient proposer, IReadOnlyList<TrusteeClient> dealers, IEnumerable<TrusteeClient> trustees, ReshareOptions? options = null)
    {
        ResharePlan plan = await ProposeAsync(story, proposer, trustees, options);
        foreach (TrusteeClient dealer in dealers)
        {
            await dealer.ContributeToReshareAsync(plan.Digest);
        }

        foreach (TrusteeClient trustee in trustees)
        {
            ReshareCheck check = await trustee.CheckReshareAsync(plan.Digest);
            Assert.Equal(dealers.Count, check.Good.Count);
            Assert.Empty(check.Faulty);
        }

        return await FinishAsync(story, plan, dealers, trustees);
    }

    /// <summary>The whole way from a request to the opened documents, decided by these trustees.</summary>
    private static async Task OpensAsync(Story story, params TrusteeClient[] trustees)
    {
        RequestId request = await story.RequestAsync();
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.ApproveAsync(request);
        }

        story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.ReleaseAsync();
        }

        await story.ServeAsync(request, 1, 2, 3);
        OpenResult result = await story.OpenAsync(request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Equal(["first", "second"], result.Files.Select(f => File.ReadAllText(f.Name)));
        Assert.Empty(result.Faults);
    }

    private static FileSecretStore Device(Story story) => new(Path.Combine(story.Folder, "devices", "General Hospital"), story.World.SourceHospitals[0].Keys);

    private static TrusteeClient HospitalOn(Story story, CrashPoint crash)
    {
        var services = new ConsentServices
        {
            Ledger = new CrashingLedger(story.World.Ledger, crash),
            Records = story.World.Services.Records,
            Exchange = new CrashingStore(story.World.Services.Exchange, crash),
            Time = story.Clock,
        };
        return new TrusteeClient(services, story.World.SourceHospitals[0].Keys, new CrashingSecrets(Device(story), crash));
    }

    /// <summary>Services that have verified nothing yet.</summary>
    private static ConsentServices Fresh(Story story, IConsentLedger ledger) => new()
    {
        Ledger = ledger,
        Records = story.World.Services.Records,
        Exchange = story.World.Services.Exchange,
        Time = story.Clock,
    };

    /// <summary>A ledger whose operator shows a reshare as it likes.</summary>
    private sealed class ResharingLedger(IConsentLedger inner, Func<ReshareRecord, ReshareRecord?> lie) : CrashingLedger(inner, new CrashPoint(0, false))
    {
        public override async Task<ReshareRecord?> GetReshareAsync(BundleId bundle, Digest planDigest, CancellationToken cancellationToken = default) =>
            await base.GetReshareAsync(bundle, planDigest, cancellationToken) is { } record ? lie(record) : null;
    }
}
