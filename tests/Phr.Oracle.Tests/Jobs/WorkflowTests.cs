using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>The clients of patient, trustee and doctor against each other, on the embedded ledger and stores.</summary>
public class WorkflowTests
{
    [Fact]
    public async Task ApproveAsync_KilledBetweenOutboxAndLedger_SubmitsTheSameApprovalAgain()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        for (int step = 1; step < 40; step++)
        {
            var crash = new CrashPoint(step, after: false);
            TrusteeClient mortal = Mortal(story, story.World.Hospital, crash);
            try
            {
                await mortal.ApproveAsync(request);
                break;
            }
            catch (CrashException)
            {
                Assert.DoesNotContain((await story.ReadAsync(request)).Approvals, a => a.Actor == story.World.Hospital.Id);
            }
        }

        ApprovalRecord record = Assert.Single((await story.ReadAsync(request)).Approvals);
        TrusteeApproval approval = TrusteeApproval.FromBytes(await story.World.Services.Exchange.GetBlockAsync(record.ApprovalDigest));
        Assert.Equal(record.ApprovalDigest, approval.Digest);
        await story.World.Guardians[0].ApproveAsync(request);
        await story.World.Guardians[1].ApproveAsync(request);
        story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.ReleaseAsync();
        }

        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
    }

    [Fact]
    public async Task ApproveAsync_PurposeThatTheRuleExcludes_IsRefusedNamingTheLeaf()
    {
        AccessRule rule = AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Purpose(PurposeOfUse.Treatment));
        await using Story story = await Story.BeginAsync(rule: rule);
        RequestId request = await story.RequestAsync(PurposeOfUse.Research);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Hospital.ApproveAsync(request));
        Assert.Contains("TREAT", refused.Message, StringComparison.Ordinal);
        Assert.Empty((await story.ReadAsync(request)).Approvals);
    }

    [Fact]
    public async Task RequestAsync_SpecialityThatTheRuleExcludes_IsRefusedByTheLedgerNamingTheLeaf()
    {
        await using Story story = await Story.BeginAsync(rule: AccessRule.Speciality("cardiology"));
        LedgerRejectedException refused = await Assert.ThrowsAsync<LedgerRejectedException>(() => story.RequestAsync());
        Assert.Contains("cardiology", refused.FailingLeaf!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReviewAsync_WhatTrusteesAndPatientRead_IsWhatTheDoctorAsked()
    {
        await using Story story = await Story.BeginAsync();
        DocumentId second = story.Header.Documents[1].Id;
        RequestId request = await story.RequestAsync(documents: second);
        foreach (RequestReview review in new[] { await story.World.Hospital.ReviewAsync(request), await story.World.Patient.ReviewAsync(request) })
        {
            Assert.True(review.IsAcceptable, string.Join(' ', review.Objections));
            Assert.Equal("a reason", review.Body.Reason);
            Assert.Equal([second], review.Body.Documents);
            Assert.Equal("oncology", review.Body.Licence.Speciality);
        }

        // Nobody else holds a part of the sealed package, and the ledger holds commitments alone.
        RequestRecord record = await story.ReadAsync(request);
        Assert.Equal(1, record.DocumentCount);
        await Assert.ThrowsAsync<PhrDataException>(() => OutsiderReviewAsync(story, request));
    }

    [Fact]
    public async Task DealAsync_NewEpoch_VoidsOldSharesAndServesUnderTheNew()
    {
        await using Story story = await Story.BeginAsync();
        RequestId old = await story.RequestAsync();
        await story.World.Hospital.ApproveAsync(old);
        Dealing next = await story.DealAsync(2, story.World.PlanWith(TimeSpan.FromMinutes(10)));
        Assert.Equal(2u, next.Epoch);
        Assert.Equal(RequestStatus.Voided, (await story.ReadAsync(old)).StatusAt(story.Clock.GetUtcNow()));
        await Assert.ThrowsAnyAsync<Exception>(() => story.World.Guardians[0].ApproveAsync(old));
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
    }

    [Fact]
    public async Task OpenAsync_DocumentsOfTheTrusteesChoice_AreWrittenUnderSafeNames()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 3, 5);
        OpenResult result = await story.OpenAsync(request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Equal(["first", "second"], result.Files.Select(f => File.ReadAllText(f.Name)));
        Assert.All(result.Files, f => Assert.StartsWith(story.Folder, Path.GetFullPath(f.Name), StringComparison.Ordinal));
        await story.World.Doctor.RateAsync(request, result);
        await story.World.Doctor.CloseAsync(request);
        Assert.False((await story.OpenAsync(request)).Succeeded);
        Assert.True((await story.World.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task ReleaseAsync_LedgerSaysFinalButTheApprovalsAreNoQuorum_ReleasesNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        await story.World.Hospital.ApproveAsync(request);
        (_, IdentityKeys keys) = story.World.SourceHospitals[0];
        DateTimeOffset past = story.Clock.GetUtcNow().AddHours(-1);
        var services = new ConsentServices
        {
            Ledger = new LyingLedger(story.World.Ledger, r => r with { Grant = new GrantRecord { IssuedAt = past, VetoUntil = past, ByPatient = false, Attachments = [] } }),
            Records = story.World.Services.Records,
            Exchange = story.World.Services.Exchange,
            Time = story.Clock,
        };
        var trustee = new TrusteeClient(services, keys, new FileSecretStore(Path.Combine(story.Folder, "devices", "General Hospital"), keys));
        Assert.True((await services.Ledger.GetRequestAsync(request))!.IsFinal(story.Clock.GetUtcNow()));
        Assert.Empty(await trustee.ReleaseAsync());
    }

    [Fact]
    public async Task ReleaseAsync_AsTimeGoesOn_GivesNothingInTheVetoWindowAndEverythingAfterIt()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        TrusteeClient[] approving = [story.World.Guardians[0], story.World.Guardians[1], story.World.Hospital];
        foreach (TrusteeClient trustee in approving)
        {
            await trustee.ApproveAsync(request);
        }

        RequestDossier dossier = await RequestDossier.LoadAsync(story.World.Services, request);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(story.World.Services);
        Cid[] envelopes = [.. approvals.SelectMany(approval => approval.Approval.EnvelopeDigests).Select(digest => Cid.ForRawBlock(digest))];
        Assert.Equal(15, envelopes.Length);
        story.Clock.Advance(dossier.Request.Grant!.VetoUntil - story.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await ReleasedAsync());
        story.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (TrusteeClient trustee in approving)
        {
            Assert.Equal([request], await trustee.ReleaseAsync());
            Assert.Empty(await trustee.ReleaseAsync());
        }

        Assert.Equal(15, await ReleasedAsync());

        // What was vetoed in its window never leaves, whenever it is asked for.
        RequestId vetoed = await AgainAsync(story, request);
        await approving[0].ApproveAsync(vetoed);
        await approving[1].ApproveAsync(vetoed);
        await approving[2].ApproveAsync(vetoed);
        await story.World.Patient.VetoAsync(vetoed);
        story.Clock.Advance(TimeSpan.FromHours(1));
        foreach (TrusteeClient trustee in approving)
        {
            Assert.Empty(await trustee.ReleaseAsync());
        }

        async Task<int> ReleasedAsync()
        {
            foreach (TrusteeClient trustee in approving)
            {
                await trustee.ReleaseAsync();
            }

            bool[] there = await Task.WhenAll(envelopes.Select(envelope => story.World.Services.Exchange.ExistsAsync(envelope)));
            return there.Count(exists => exists);
        }
    }

    [Fact]
    public async Task ApproveAsync_LabelRuleAndOneDocumentThatItExcludes_IsRefused()
    {
        await using Story story = await Story.BeginAsync(rule: AccessRule.Label("laboratory"));
        RequestId both = await story.RequestAsync();
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Hospital.ApproveAsync(both));
        Assert.Contains("laboratory", refused.Message, StringComparison.Ordinal);
        await story.World.Doctor.CancelAsync(both);
        story.Clock.Advance(TimeSpan.FromMinutes(11));
        await story.World.Hospital.ApproveAsync(await story.RequestAsync(documents: story.Header.Documents[0].Id));
    }

    [Fact]
    public async Task ApproveAsync_WhileANewDealingIsPending_StillServesTheActiveOne()
    {
        await using Story story = await Story.BeginAsync();
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(story.Header.BundleId, 2);
        }

        Dealing next = await story.World.Patient.DealAsync(story.Header.BundleId, story.World.PlanWith(TimeSpan.FromMinutes(5)));
        await story.World.Hospital.AcknowledgeAsync(next.Digest);
        RequestId request = await story.RequestAsync();
        await story.World.Hospital.ApproveAsync(request);
        Assert.Single((await story.ReadAsync(request)).Approvals);
    }

    /// <summary>The doctor's keys are renewed on the ledger, by a command that the old key signed; the licence still names the old key.</summary>
    [Fact]
    public async Task ApproveAsync_RequestSignedWithAnotherKeyThanTheLicenceNames_IsRefused()
    {
        await using Story story = await Story.BeginAsync();
        ConsentServices services = story.World.Services;
        (IdentityKeys old, ISecretStore secrets, LicenceCredential licence) = story.World.DoctorDesk;
        using IdentityKeys renewed = old.Renew();
        var record = KeyRecord.Create(renewed, services.Ledger.Id, new KeyRecordOptions { ValidFrom = story.Clock.GetUtcNow(), ValidUntil = story.Clock.GetUtcNow().AddDays(30), Sequence = 1 });
        await services.Exchange.PutBlockAsync(record.ToBytes());
        ActorId address = ActorId.FromPublicKey(renewed.PublicKeys.LedgerKey);
        var replace = new ReplaceKey
        {
            Actor = old.Id,
            NewLedgerAddress = address,
            KeyRecordDigest = record.Digest,
            ValidUntil = record.ValidUntil,
            Possession = renewed.LedgerKey.SignDigest(LedgerPossession.KeyDigest(services.Ledger.Id, old.Id, address).ToBytes()),
        };
        await services.Ledger.SubmitAsync(replace, old.LedgerKey);

        // The chain of keys is accepted: the request is made. The licence is not: it names another key.
        var doctor = new DoctorClient(services, renewed, secrets, licence);
        RequestId request = await doctor.RequestAsync(story.Header.BundleId, new AccessQuestion
        {
            Documents = [story.Header.Documents[0].Id],
            Purpose = PurposeOfUse.Treatment,
            NotAfter = story.Clock.GetUtcNow().AddHours(1),
        });
        await doctor.DrawCommitteeAsync(request);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Hospital.ApproveAsync(request));
        Assert.Contains("licence names", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DealAsync_LedgerThatPutsItsOwnKeysInATrusteesPlace_IsRefused()
    {
        await using Story story = await Story.BeginAsync();
        ActorId victim = story.World.Hospital.Id;
        using IdentityKeys impostor = IdentityKeys.GenerateFor(victim);
        var record = KeyRecord.Create(impostor, story.World.Ledger.Id, new KeyRecordOptions { ValidFrom = story.Clock.GetUtcNow(), ValidUntil = story.Clock.GetUtcNow().AddDays(30), Sequence = 1 });
        await story.World.Services.Exchange.PutBlockAsync(record.ToBytes());
        var services = new ConsentServices
        {
            Ledger = new ImpersonatingLedger(story.World.Ledger, victim, ActorId.FromPublicKey(impostor.PublicKeys.LedgerKey), record.Digest),
            Records = story.World.Services.Records,
            Exchange = story.World.Services.Exchange,
            Time = story.Clock,
        };
        var trustee = new TrusteeClient(services, impostor, new InMemorySecretStore());
        using var patientKeys = PatientKeys.Generate();
        var patient = new PatientClient(services, patientKeys, new InMemorySecretStore());
        await patient.RegisterAsync();
        BundleHeader header = await patient.SealAsync([new DocumentToSeal(new DocumentInfo("a.txt", "text/plain"), () => new MemoryStream([1]))]);
        PhrDataException refused = await Assert.ThrowsAsync<PhrDataException>(() => patient.DealAsync(header.BundleId, new TrusteePlan
        {
            GroupThreshold = 1,
            Groups = [new TrusteeGroupPlan("hospital", 1, [victim])],
            LicenceAuthorities = [],
            OracleOperators = [],
        }));
        Assert.Equal(PhrDataReason.InvalidSignature, refused.Reason);
        Assert.Equal(trustee.Id, victim);
    }

    [Fact]
    public async Task ReviewAsync_LedgerThatIsNotTheRememberedOne_IsRefused()
    {
        await using Story story = await Story.BeginAsync(), other = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        using var memory = new LedgerHeadMemory(Path.Combine(story.Folder, "remembered"));
        await memory.EnsureExtendsAsync(other.World.Ledger);
        (_, IdentityKeys keys) = story.World.SourceHospitals[0];
        var services = new ConsentServices
        {
            Ledger = story.World.Ledger,
            Records = story.World.Services.Records,
            Exchange = story.World.Services.Exchange,
            Time = story.Clock,
            HeadMemory = memory,
        };
        var trustee = new TrusteeClient(services, keys, new InMemorySecretStore());
        Assert.Equal(PhrDataReason.Mismatched, (await Assert.ThrowsAsync<PhrDataException>(() => trustee.ReviewAsync(request))).Reason);
    }

    /// <summary>The committee follows from the seed and the candidates that the ledger shows, but the candidates themselves are a lie.</summary>
    [Fact]
    public async Task LoadAsync_CommitteeOfFairDrawAmongFalseCandidates_IsRefused()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.RequestAsync();
        ActorId trustee = story.World.Guardians[0].Id, doctor = story.World.Doctor.Id, foreign = ActorId.Parse(new string('a', 40));
        RequestRecord honest = await story.ReadAsync(request);
        RegistrySnapshot snapshot = (await story.World.Ledger.GetSnapshotAsync(honest.DrawSnapshot))!;
        RegistrySnapshot False(Func<RegistryEntry, int, RegistryEntry> change) => snapshot with { Entries = [.. snapshot.Entries.Select((entry, i) => honest.FindCommitteeIndex(entry.Oracle) == 1 ? change(entry, i) : entry)] };
        RequestRecord Redrawn(RegistrySnapshot from, int seats, Func<CommitteeMember, CommitteeMember>? change = null) => honest with
        {
            Committee =
            [
                .. CommitteeDraw.Draw(new DrawInputs { Seed = honest.Seed!.Value, RequestId = honest.Id, Entries = from.Entries, Seats = seats, Parties = honest.Parties.ToHashSet() })
                    .Select((entry, i) => honest.Committee.Single(m => m.Number == entry.Number) with { Index = i + 1, Oracle = entry.Oracle })
                    .Select(member => member.Index == 1 ? change?.Invoke(member) ?? member : member),
            ],
        };
        RegistrySnapshot oneOfTheTrustees = False((entry, _) => entry with { Oracle = trustee });
        using var other = SecretKey.Generate();
        (RequestRecord Lie, RegistrySnapshot Snapshot, string Stage)[] lies =
        [
            (Redrawn(oneOfTheTrustees, 5), oneOfTheTrustees, "committee"),
            (Redrawn(snapshot, 5, m => m with { Operator = doctor }), snapshot, "committee"),
            (Redrawn(snapshot, 4), snapshot, "committee"),
            (honest with { Committee = [.. honest.Committee.Reverse()] }, snapshot, "committee"),
            (honest with { Seed = Digest.Random() }, snapshot, "committee"),
            (honest with { Parties = [] }, snapshot, "committee"),
            (honest with { DrawSnapshot = 7 }, snapshot, "committee"),
            (honest with { RequestedAt = honest.RequestedAt.AddDays(-60) }, snapshot, "committee"),
            (Redrawn(snapshot, 5, m => m with { Operator = foreign }), snapshot, "key record"),
            (honest with { Nonce = Digest.Random() }, snapshot, "request"),
            (honest with { NotAfter = honest.NotAfter.AddSeconds(1) }, snapshot, "request"),
            (honest with { Uses = 2 }, snapshot, "request"),
            (honest with { Possession = other.SignDigest(new byte[32]).Signature }, snapshot, "receiving key"),
            (honest with { ReusesReceivingKey = true }, snapshot, "receiving key"),
        ];
        foreach ((RequestRecord lie, RegistrySnapshot shown, string stage) in lies)
        {
            var services = new ConsentServices
            {
                Ledger = new LyingLedger(story.World.Ledger, _ => lie) { Snapshot = _ => shown },
                Records = story.World.Services.Records,
                Exchange = story.World.Services.Exchange,
                Time = story.Clock,
            };
            Assert.Equal(stage, (await Assert.ThrowsAsync<PhrDataException>(() => RequestDossier.LoadAsync(services, request))).Stage);
        }

        _ = await RequestDossier.LoadAsync(story.World.Services, request);
    }

    private static async Task<RequestReview> OutsiderReviewAsync(Story story, RequestId request)
    {
        (_, IdentityKeys keys) = story.World.SourceHospitals[1];
        var outsider = new TrusteeClient(story.World.Services, keys, new InMemorySecretStore());
        return await outsider.ReviewAsync(request);
    }

    // The ledger takes the doctor's next request for a bundle when the last is revoked.
    private static async Task<RequestId> AgainAsync(Story story, RequestId last)
    {
        await story.World.Patient.RevokeAsync(last);
        return await story.RequestAsync();
    }

    private static TrusteeClient Mortal(Story story, TrusteeClient trustee, CrashPoint crash)
    {
        (_, IdentityKeys keys) = story.World.SourceHospitals[0];
        Assert.Equal(keys.Id, trustee.Id);
        var services = new ConsentServices
        {
            Ledger = new CrashingLedger(story.World.Ledger, crash),
            Records = story.World.Services.Records,
            Exchange = new CrashingStore(story.World.Services.Exchange, crash),
            Time = story.Clock,
        };
        return new TrusteeClient(services, keys, new CrashingSecrets(new FileSecretStore(Path.Combine(story.Folder, "devices", "General Hospital"), keys), crash));
    }
}
