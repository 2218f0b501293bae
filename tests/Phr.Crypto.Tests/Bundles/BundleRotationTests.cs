using Phr.Shared;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>A document is sealed again under new keys; the others stay what they were.</summary>
public class BundleRotationTests
{
    [Fact]
    public async Task RotateAsync_ReaderOfAnotherHeader_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]), other = await scene.SealAsync([1]);
        await using BundleReader wrong = await scene.OpenAsync(other);
        await using BundleWriter writer = Revise(scene, first), fresh = scene.CreateWriter();

        Assert.Equal("previous", (await Assert.ThrowsAsync<ArgumentException>(() => writer.RotateAsync(first.Documents[0].Id, wrong))).ParamName);
        await Assert.ThrowsAsync<ArgumentException>(() => writer.RotateAsync(other.Documents[0].Id, wrong));
        await Assert.ThrowsAsync<ArgumentException>(() => fresh.RotateAsync(other.Documents[0].Id, wrong));
        await Assert.ThrowsAsync<ArgumentNullException>(() => writer.RotateAsync(first.Documents[0].Id, null!));
    }

    [Theory]
    [InlineData("altered", PhrDataReason.AuthenticationFailed)]
    [InlineData("truncated", PhrDataReason.Truncated)]
    [InlineData("swapped", PhrDataReason.AuthenticationFailed)]
    [InlineData("resealed", PhrDataReason.DigestMismatch)]
    public async Task RotateAsync_CiphertextThatIsNotThePatients_IsRefusedAndTheDocumentStays(string damage, PhrDataReason reason)
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync(BundleScene.Content(200_000));
        BundleDocument document = first.Documents[0];
        byte[] honest = scene.Store.Objects[document.CiphertextCid];
        byte[] damaged = [.. honest];
        switch (damage)
        {
            case "altered":
                damaged[70_000] ^= 1;
                break;
            case "truncated":
                damaged = damaged[..^1];
                break;
            case "swapped":
                honest.AsSpan(0, 65_552).CopyTo(damaged.AsSpan(65_552));
                honest.AsSpan(65_552, 65_552).CopyTo(damaged);
                break;
            default:
                // Whoever had the key can make other chunks that open: the digest in the patient's description stands against that.
                using (DocumentKey key = first.OpenDocumentKey(document.Id, scene.Patient))
                using (Crypto.Bundles.ChunkCipher cipher = key.CreateCipher(first.BundleId))
                {
                    cipher.Seal(1, last: false, new byte[65_536], damaged.AsSpan(65_552));
                }

                break;
        }

        scene.Store.Objects[document.CiphertextCid] = damaged;
        int objects = scene.Store.Objects.Count;
        await using BundleReader reader = await scene.OpenAsync(first);
        await using BundleWriter writer = Revise(scene, first);
        await BundleScene.RefusedAsync("document", reason, () => writer.RotateAsync(document.Id, reader));
        Assert.Equal(objects, scene.Store.Objects.Count);

        scene.Store.Objects[document.CiphertextCid] = honest;
        DocumentId rotated = await writer.RotateAsync(document.Id, reader);
        BundleHeader second = await writer.CompleteAsync();
        Assert.Equal(rotated, Assert.Single(second.Documents).Id);
    }

    [Fact]
    public async Task RotateAsync_Cancelled_LeavesTheDocument()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync(BundleScene.Content(200_000));
        await using BundleReader reader = await scene.OpenAsync(first);
        await using BundleWriter writer = Revise(scene, first);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.RotateAsync(first.Documents[0].Id, reader, null, cancel.Token));
        Assert.Equal(first.Documents[0].Id, (await writer.CompleteAsync()).Documents[0].Id);
    }

    [Fact]
    public async Task RotateAsync_Twice_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        await using BundleReader reader = await scene.OpenAsync(first);
        await using BundleWriter writer = Revise(scene, first);
        DocumentId rotated = await writer.RotateAsync(first.Documents[0].Id, reader);

        await Assert.ThrowsAsync<ArgumentException>(() => writer.RotateAsync(first.Documents[0].Id, reader));
        await Assert.ThrowsAsync<ArgumentException>(() => writer.RotateAsync(rotated, reader));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public async Task RotateAsync_AnySize_SealsTheSameUnderNewKeysAndLeavesTheOthers(int length)
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(length);
        using SecretKey directReader = SecretKey.Generate(scene.Random);
        Digest digest = Digest.Of(content);
        using IdentityKeys hospital = IdentityKeys.Generate();
        SourceSignature source = SourceSignature.Create(hospital.ObjectSigner, hospital.Id, digest, scene.Patient.Identity.Id, BundleScene.Time);
        await using BundleWriter sealing = scene.CreateWriter();
        await sealing.AddAsync(new MemoryStream([1]), new DocumentInfo("Before", "a/b"));
        DocumentId id = await sealing.AddAsync(
            new MemoryStream(content), new DocumentInfo("CT chest", "application/dicom") { SourceSignatures = [source], VisibleLabels = ["imaging"] });
        await sealing.AddAsync(new MemoryStream([2]), new DocumentInfo("After", "a/b"));
        sealing.AddRecipient(id, directReader.PublicKey);
        BundleHeader first = await sealing.CompleteAsync();
        await using BundleReader reader = await scene.OpenAsync(first);
        await using BundleWriter writer = Revise(scene, first);
        var reports = new List<long>();
        DocumentId rotated = await writer.RotateAsync(id, reader, new Reports(reports));
        BundleHeader second = await writer.CompleteAsync();

        Assert.True(second.IsRevisionOf(first));
        Assert.Equal([rotated, first.Documents[0].Id, first.Documents[2].Id], second.Documents.Select(d => d.Id));
        Assert.Equal(Entry(first.Documents[0]), Entry(second.Documents[1]));
        Assert.Equal(Entry(first.Documents[2]), Entry(second.Documents[2]));
        BundleDocument before = first.GetDocument(id), after = second.GetDocument(rotated);
        Assert.NotEqual(before.Id, after.Id);
        Assert.NotEqual(before.DelegatingKey, after.DelegatingKey);
        Assert.NotEqual(before.Capsule, after.Capsule);
        Assert.NotEqual(before.KeyCommitment, after.KeyCommitment);
        Assert.NotEqual(before.Salt.ToArray(), after.Salt.ToArray());
        Assert.NotEqual(before.CiphertextCid, after.CiphertextCid);
        Assert.Equal(before.CiphertextLength, after.CiphertextLength);
        Assert.Equal(before.VisibleLabels, after.VisibleLabels);
        Assert.Empty(after.Recipients);
        await using BundleReader opened = await scene.OpenAsync(second);
        using var plaintext = new MemoryStream();
        OpenedDocument report = await opened.DecryptAsync(rotated, scene.Patient, plaintext);
        Assert.Equal(content, plaintext.ToArray());
        Assert.Equal(("CT chest", "application/dicom", digest), (report.Info.Title, report.Info.MediaType, report.Digest));
        Assert.Equal(source, Assert.Single(report.SourceSignatures));
        Assert.Equal(length, reports[^1]);
    }

    /// <summary>The most that anyone can have of a document is its delegating secret (enough trustees, or enough oracles with the doctor) and its content key.</summary>
    [Fact]
    public async Task RotateAsync_WhoeverHadEverythingOfTheOldSealing_OpensNothingOfTheNew()
    {
        using var scene = new BundleScene();
        using SecretKey directReader = SecretKey.Generate(scene.Random);
        BundleHeader sealedOnce = await scene.SealAsync(BundleScene.Content(1000), [2]);
        DocumentId id = sealedOnce.Documents[0].Id, otherId = sealedOnce.Documents[1].Id;
        await using BundleWriter sharing = Revise(scene, sealedOnce);
        sharing.AddRecipient(id, directReader.PublicKey);
        BundleHeader first = await sharing.CompleteAsync();
        await using BundleReader reader = await scene.OpenAsync(first);
        await using BundleWriter writer = Revise(scene, first);
        DocumentId rotated = await writer.RotateAsync(id, reader);
        BundleHeader second = await writer.CompleteAsync();

        using SecretKey oldDelegating = scene.Patient.DeriveDelegatingKey(first.BundleId, id);
        using DocumentKey oldKey = first.OpenDocumentKey(id, scene.Patient);
        using CapsuleKey oldCapsuleKey = Umbral.Decapsulate(oldDelegating, first.GetDocument(id).Capsule);
        using CapsuleKey newCapsuleByOldKey = Umbral.Decapsulate(oldDelegating, second.GetDocument(rotated).Capsule);
        BundleScene.Refused("document key", PhrDataReason.AuthenticationFailed, () => second.UnwrapKey(rotated, oldCapsuleKey).Dispose());
        BundleScene.Refused("document key", PhrDataReason.AuthenticationFailed, () => second.UnwrapKey(rotated, newCapsuleByOldKey).Dispose());
        Assert.Throws<ArgumentException>(() => second.OpenDocumentKey(rotated, directReader));
        Assert.Throws<ArgumentException>(() => second.DecryptInfo(rotated, oldKey));
        Assert.Throws<ArgumentException>(() => second.UnwrapKey(id, oldCapsuleKey));
        byte[] ciphertext = scene.Store.Objects[second.GetDocument(rotated).CiphertextCid];
        using (Crypto.Bundles.ChunkCipher old = oldKey.CreateCipher(first.BundleId))
        {
            Assert.False(old.TryOpen(0, last: true, ciphertext, new byte[65_536]));
        }

        // The old sealing and the documents that stayed open as before.
        await reader.DecryptAsync(id, oldKey, Stream.Null);
        using DocumentKey otherKey = first.OpenDocumentKey(otherId, scene.Patient);
        await using BundleReader secondReader = await scene.OpenAsync(second);
        await secondReader.DecryptAsync(otherId, otherKey, Stream.Null);
    }

    [Fact]
    public async Task RotateAsync_SingleFile_WritesANewFileWithoutTheOldCiphertext()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(100_000), other = BundleScene.Content(70_000);
        (byte[] file, BundleHeader first) = await scene.SealFileAsync(content, other);
        await using BundleReader previous = await scene.OpenFileAsync(file);
        using var output = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Revise(output, scene.Patient, previous, BundleScene.Options, scene.Random);
        DocumentId rotated = await writer.RotateAsync(first.Documents[0].Id, previous);
        await writer.CompleteAsync();

        // The new header names its predecessor in 33 bytes more.
        Assert.Equal(file.Length + 33, output.Length);
        await using BundleReader reader = await scene.OpenFileAsync(output.ToArray());
        Assert.True(reader.Header.IsRevisionOf(first));
        foreach ((DocumentId id, byte[] expected) in new[] { (rotated, content), (first.Documents[1].Id, other) })
        {
            using var opened = new MemoryStream();
            await reader.DecryptAsync(id, scene.Patient, opened);
            Assert.Equal(expected, opened.ToArray());
        }
    }

    private static BundleWriter Revise(BundleScene scene, BundleHeader previous) =>
        BundleWriter.Revise(scene.Store, scene.Patient, previous, BundleScene.Options, scene.Random);

    private static byte[] Entry(BundleDocument document)
    {
        var writer = new CanonicalCborWriter();
        document.Write(writer);
        return writer.ToBytes();
    }

    private sealed class Reports(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
