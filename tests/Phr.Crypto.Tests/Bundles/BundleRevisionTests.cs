namespace Phr.Crypto.Tests.Bundles;

public class BundleRevisionTests
{
    [Fact]
    public async Task Revise_KeepDropAddAndRelabel_NamesThePredecessor()
    {
        using var scene = new BundleScene();
        byte[] kept = BundleScene.Content(70_000), added = BundleScene.Content(5);
        BundleHeader first = await scene.SealAsync(kept, [1], [2]);
        DocumentId keptId = first.Documents[0].Id, droppedId = first.Documents[1].Id, plainId = first.Documents[2].Id;
        await using BundleWriter writer = BundleWriter.Revise(scene.Store, scene.Patient, first, BundleScene.Options, scene.Random);
        writer.Drop(droppedId);
        writer.SetVisibleLabels(keptId, ["radiology", "2026"]);
        DocumentId newId = await writer.AddAsync(new MemoryStream(added), new DocumentInfo("New", "text/plain") { VisibleLabels = ["laboratory"] });

        BundleHeader second = await writer.CompleteAsync();

        Assert.True(second.IsRevisionOf(first));
        Assert.False(first.IsRevisionOf(second));
        Assert.Equal((first.BundleId, 1L, first.Digest), (second.BundleId, second.Sequence, second.PreviousDigest!.Value));
        Assert.Equal([newId, keptId, plainId], second.Documents.Select(d => d.Id));
        Assert.Equal(["radiology", "2026"], second.GetDocument(keptId).VisibleLabels);
        Assert.Equal(["laboratory"], second.GetDocument(newId).VisibleLabels);
        Assert.False(second.TryGetDocument(droppedId, out _));
        await using BundleReader reader = await scene.OpenAsync(second);
        foreach ((DocumentId id, byte[] content) in new[] { (newId, added), (keptId, kept), (plainId, [2]) })
        {
            using var opened = new MemoryStream();
            await reader.DecryptAsync(id, scene.Patient, opened);
            Assert.Equal(content, opened.ToArray());
        }
    }

    [Fact]
    public async Task Revise_SingleFile_CopiesWhatIsKept()
    {
        using var scene = new BundleScene();
        byte[] kept = BundleScene.Content(70_000);
        (byte[] file, BundleHeader first) = await scene.SealFileAsync([1], kept);
        await using BundleReader previous = await scene.OpenFileAsync(file);
        using var output = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Revise(output, scene.Patient, previous, BundleScene.Options, scene.Random);
        DocumentId newId = await writer.AddAsync(new MemoryStream([9]), new DocumentInfo("New", "text/plain"));
        writer.Drop(first.Documents[0].Id);
        BundleHeader second = await writer.CompleteAsync();
        await using BundleReader reader = await scene.OpenFileAsync(output.ToArray());

        Assert.True(reader.Header.IsRevisionOf(first));
        Assert.Equal(second.Digest, reader.Header.Digest);
        using var opened = new MemoryStream();
        await reader.DecryptAsync(first.Documents[1].Id, scene.Patient, opened);
        Assert.Equal(kept, opened.ToArray());
        await reader.DecryptAsync(newId, scene.Patient, Stream.Null);
        Assert.Equal(2, reader.Header.Documents.Count);
    }

    [Fact]
    public async Task Revise_RenewedKeys_KeepsDocumentsReadable()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1, 2, 3]);
        using PatientKeys renewed = scene.Patient.Renew();
        await using BundleWriter writer = BundleWriter.Revise(scene.Store, renewed, first);
        await writer.AddAsync(new MemoryStream([4]), new DocumentInfo("", "a/b"));
        BundleHeader second = await writer.CompleteAsync();

        Assert.True(second.IsRevisionOf(first));
        Assert.NotEqual(first.PatientKey, second.PatientKey);
        Assert.True(second.IsSignedBy(renewed.PublicKeys));
        Assert.False(second.IsSignedBy(scene.Patient.PublicKeys));
        await using BundleReader reader = await BundleReader.OpenAsync(scene.Store, second.Digest, renewed.PublicKeys);
        foreach (BundleDocument document in second.Documents)
        {
            await reader.DecryptAsync(document.Id, renewed, Stream.Null);
        }
    }

    [Fact]
    public async Task IsRevisionOf_SameIdWithOtherContent_IsFalse()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        var forged = HeaderFields.From(first);
        forged.Sequence = 1;
        forged.Previous = first.Digest.ToBytes();
        var honest = BundleHeader.FromBytes(forged.Sign(scene.Patient));
        forged.Documents[0].Salt[0] ^= 1;
        var altered = BundleHeader.FromBytes(forged.Sign(scene.Patient));

        Assert.True(honest.IsRevisionOf(first));
        Assert.False(altered.IsRevisionOf(first));
    }

    [Fact]
    public async Task CompleteAsync_CopyFails_EndsTheNewFile()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1], [2]);
        await using BundleReader previous = await scene.OpenAsync(first);
        byte[] honest = scene.Store.Objects[first.Documents[1].CiphertextCid];
        scene.Store.Objects[first.Documents[1].CiphertextCid] = honest[..^1];
        using var output = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Revise(output, scene.Patient, previous);
        await BundleScene.RefusedAsync("document", PhrDataReason.Truncated, () => writer.CompleteAsync());
        scene.Store.Objects[first.Documents[1].CiphertextCid] = honest;

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync());
        await BundleScene.RefusedAsync("bundle file", PhrDataReason.Truncated, () => scene.OpenFileAsync(output.ToArray()));
    }

    [Fact]
    public async Task Revise_WithASearchIndex_KeepsReplacesOrRemovesIt()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        SearchIndex index = writer.BeginSearchIndex().Complete();
        writer.SetSearchIndex(index);
        BundleHeader first = await writer.CompleteAsync();
        BundleHeader kept = await ReviseAsync(first, w => Assert.Throws<ArgumentException>(() => w.SetSearchIndex(index)));
        BundleHeader replaced = await ReviseAsync(kept, w => w.SetSearchIndex(w.BeginSearchIndex().Complete()));
        BundleHeader removed = await ReviseAsync(replaced, w => w.RemoveSearchIndex());
        BundleHeader anew = await ReviseAsync(removed, w => w.SetSearchIndex(w.BeginSearchIndex().Complete()));

        Assert.Equal(first.SearchIndex, kept.SearchIndex);
        Assert.NotEqual(kept.SearchIndex, replaced.SearchIndex);
        Assert.Equal([0, 0, 2, null, 4], new[] { first, kept, replaced, removed, anew }.Select(h => h.SearchIndex?.Epoch));
        Assert.True(kept.IsRevisionOf(first) && replaced.IsRevisionOf(kept) && removed.IsRevisionOf(replaced) && anew.IsRevisionOf(removed));

        async Task<BundleHeader> ReviseAsync(BundleHeader previous, Action<BundleWriter> change)
        {
            await using BundleWriter revision = BundleWriter.Revise(scene.Store, scene.Patient, previous, BundleScene.Options, scene.Random);
            change(revision);
            return await revision.CompleteAsync();
        }
    }

    [Fact]
    public async Task IsRevisionOf_AnIndexThatIsNeitherKeptNorNew_IsFalse()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        var forged = HeaderFields.From(first);
        (forged.Sequence, forged.Previous, forged.Search) = (1, first.Digest.ToBytes(), new(Index(0)));
        var old = BundleHeader.FromBytes(forged.Sign(scene.Patient));
        forged.Search = new(Index(1));

        Assert.False(old.IsRevisionOf(first));
        Assert.True(BundleHeader.FromBytes(forged.Sign(scene.Patient)).IsRevisionOf(first));
    }

    [Fact]
    public async Task Revise_AnotherPatientsBundle_IsRefused()
    {
        using var scene = new BundleScene();
        using PatientKeys other = PatientKeys.Generate();
        BundleHeader first = await scene.SealAsync([1]);

        Assert.Throws<ArgumentException>(() => BundleWriter.Revise(scene.Store, other, first));
    }

    [Fact]
    public async Task Drop_EveryDocument_CannotComplete()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        await using BundleWriter writer = BundleWriter.Revise(scene.Store, scene.Patient, first);
        writer.Drop(first.Documents[0].Id);

        Assert.Throws<ArgumentException>(() => writer.Drop(first.Documents[0].Id));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync());
    }

    private static SearchIndexReference Index(long epoch) => new(epoch, new byte[32], Cid.ForRawBlock(Digest.Of([(byte)epoch])), 49_210);
}
