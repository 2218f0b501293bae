using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>Revisions on a live ledger: a document under new keys after a revocation, further readers, and the dealing that follows.</summary>
public class RotationTests
{
    [Fact]
    public async Task RotateAsync_DocumentsThatAreNotThere_AreRefused()
    {
        await using Story story = await Story.BeginAsync();
        BundleId bundle = story.Header.BundleId;
        DocumentId first = story.Header.Documents[0].Id;

        await Assert.ThrowsAsync<ArgumentException>(() => story.World.Patient.RotateAsync(bundle, []));
        await Assert.ThrowsAsync<ArgumentException>(() => story.World.Patient.RotateAsync(bundle, [first, first]));
        await Assert.ThrowsAsync<ArgumentException>(() => story.World.Patient.RotateAsync(bundle, [DocumentId.FromBytes(new byte[DocumentId.Length])]));
        await Assert.ThrowsAsync<ArgumentException>(() => story.World.Patient.RotateAsync(bundle, [first, DocumentId.FromBytes([.. Enumerable.Repeat((byte)7, DocumentId.Length)])]));
        Assert.Equal(0, (await story.World.Ledger.GetBundleAsync(bundle))!.Revision);
    }

    [Fact]
    public async Task ReviseAsync_AnotherPatientsBundle_IsRefused()
    {
        await using Story story = await Story.BeginAsync();
        using var keys = PatientKeys.Generate();
        var other = new PatientClient(story.World.Services, keys, new InMemorySecretStore());
        await other.RegisterAsync();

        PhrDataException refused = await Assert.ThrowsAsync<PhrDataException>(() => other.ReviseAsync(story.Header.BundleId, (_, _) => Task.CompletedTask));
        Assert.Equal(PhrDataReason.InvalidSignature, refused.Reason);
    }

    [Fact]
    public async Task RefreshAsync_TrusteeWithoutAnOffer_IsNamed()
    {
        await using Story story = await Story.BeginAsync();
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Patient.RefreshAsync(story.Header.BundleId));
        Assert.Contains(story.World.Guardians[0].Id.ToString(), refused.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// The doctor opened both documents. The grant is revoked and one document sealed again: nothing the doctor, the oracles or the trustees have
    /// from before opens the new sealing; the other document, and new grants, are served as ever.
    /// </summary>
    [Fact]
    public async Task RotateAsync_AfterARevocation_ShutsOutTheOldDoctorAndKeepsServingTheRest()
    {
        await using Story story = await Story.BeginAsync();
        BundleId bundle = story.Header.BundleId;
        DocumentId rotatedId = story.Header.Documents[0].Id, keptId = story.Header.Documents[1].Id;
        RequestId old = await story.ConsentedAsync();
        await story.ServeAsync(old, 1, 2, 3);
        Assert.True((await story.OpenAsync(old)).Succeeded);
        RequestDossier oldDossier = await RequestDossier.LoadAsync(story.World.Services, old);
        await story.World.Patient.RevokeAsync(old);

        BundleRotation rotation = await story.World.Patient.RotateAsync(bundle, [rotatedId]);
        DocumentId newId = Assert.Single(rotation.Documents).After;
        Assert.Equal(rotatedId, rotation.Documents[0].Before);
        Assert.True(rotation.Header.IsRevisionOf(story.Header));
        Assert.Equal(story.Header.Digest, rotation.Previous.Digest);
        Assert.Equal((2u, story.World.Trustees.Count()), (rotation.NextEpoch, rotation.AwaitedTrustees.Count));
        Assert.Equal(story.Header.GetDocument(keptId).CiphertextCid, rotation.Header.GetDocument(keptId).CiphertextCid);
        BundleRecord record = (await story.World.Ledger.GetBundleAsync(bundle))!;
        Assert.Equal((rotation.Header.Digest, rotation.Header.DocumentsRoot, 1), (record.HeaderDigest, record.DocumentsRoot, record.Revision));

        // Nothing can be asked for until the trustees hold shares under the new header.
        InvalidOperationException early = await Assert.ThrowsAsync<InvalidOperationException>(() => story.RequestAsync(null, keptId));
        Assert.Contains("revised", early.Message, StringComparison.Ordinal);
        Dealing dealing = await RefreshAsync(story, rotation);
        Assert.Equal((rotation.Header.Digest, 2u), (dealing.HeaderDigest, dealing.Epoch));

        // The old request, with the deliveries that are still there, opens what it opened before and nothing of the new sealing.
        Assert.DoesNotContain(oldDossier.Dealing.Header.Documents, d => d.Id == newId);
        OpenResult again = await story.OpenAsync(old);
        Assert.DoesNotContain(again.Files, f => f.Id == newId);
        VerifiedDealing newDealing = dealing.Verify(rotation.Header);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await oldDossier.LoadApprovalsAsync(story.World.Services);
        Assert.NotEmpty(approvals);
        foreach (VerifiedApproval approval in approvals)
        {
            Assert.Throws<PhrDataException>(() => approval.Approval.Verify(newDealing, oldDossier.Terms));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => story.RequestAsync(null, rotatedId));

        // A new grant, by trustees, over the new header: the new sealing and the document that stayed.
        RequestId next = await story.RequestAsync(null, newId, keptId);
        foreach (TrusteeClient trustee in story.World.Guardians.Append(story.World.Hospital))
        {
            await trustee.ApproveAsync(next);
        }

        story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.ReleaseAsync();
        }

        await story.ServeAsync(next, 1, 2, 3);
        OpenResult result = await story.OpenAsync(next);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Equal(["first", "second"], result.Files.Select(f => File.ReadAllText(f.Name)).Order());
    }

    [Fact]
    public async Task RotateAsync_GrantThatWasNotRevoked_IsServedFromTheOldHeader()
    {
        await using Story story = await Story.BeginAsync();
        RequestId granted = await story.ConsentedAsync();
        await story.World.Patient.RotateAsync(story.Header.BundleId, [.. story.Header.Documents.Select(d => d.Id)]);
        await story.ServeAsync(granted, 1, 2, 3);
        OpenResult result = await story.OpenAsync(granted);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Equal(2, result.Files.Count);
    }

    [Fact]
    public async Task RotateAsync_WhileADealingWaits_CancelsIt()
    {
        await using Story story = await Story.BeginAsync();
        BundleId bundle = story.Header.BundleId;
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(bundle, 2);
        }

        Dealing waiting = await story.World.Patient.RefreshAsync(bundle);
        BundleRotation rotation = await story.World.Patient.RotateAsync(bundle, [story.Header.Documents[1].Id]);
        Assert.Equal(DealingState.Cancelled, (await story.World.Ledger.GetDealingAsync(story.Header.BundleId, waiting.Digest))!.State);
        Assert.Empty(rotation.AwaitedTrustees);
        Dealing dealing = await RefreshAsync(story, rotation);
        Assert.Equal(rotation.Header.Digest, dealing.HeaderDigest);
    }

    [Fact]
    public async Task ReviseAsync_FurtherReader_OpensWithoutTrusteesOrOracles()
    {
        await using Story story = await Story.BeginAsync();
        DocumentId id = story.Header.Documents[0].Id;
        using SecretKey reader = SecretKey.Generate();
        BundleHeader header = await story.World.Patient.ReviseAsync(story.Header.BundleId, (writer, _) =>
        {
            writer.AddRecipient(id, reader.PublicKey);
            writer.SetVisibleLabels(id, ["for the family"]);
            return Task.CompletedTask;
        });

        Assert.Equal(header.Digest, (await story.World.Ledger.GetBundleAsync(header.BundleId))!.HeaderDigest);
        await using BundleReader bundle = BundleReader.Open(story.World.Services.Records, await story.World.Doctor.ReadHeaderAsync(header.BundleId));
        using DocumentKey key = bundle.Header.OpenDocumentKey(id, reader);
        using var opened = new MemoryStream();
        await bundle.DecryptAsync(id, key, opened);
        Assert.Equal("first"u8.ToArray(), opened.ToArray());
        Assert.Equal(["for the family"], bundle.Header.GetDocument(id).VisibleLabels);
    }

    private static async Task<Dealing> RefreshAsync(Story story, BundleRotation rotation)
    {
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(rotation.Header.BundleId, rotation.NextEpoch);
        }

        Dealing dealing = await story.World.Patient.RefreshAsync(rotation.Header.BundleId);
        foreach (TrusteeClient trustee in story.World.Trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest);
        }

        await story.World.Patient.ActivateAsync(dealing);
        return dealing;
    }
}
