namespace Phr.Crypto.Tests.Bundles;

/// <summary>Further readers and labels are a new header over the same ciphertext.</summary>
public class BundleRecipientTests
{
    [Fact]
    public async Task AddRecipient_KeyThatReadsAlready_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1], [2]);
        DocumentId id = first.Documents[0].Id;
        PublicKey reader = Key(scene);
        await using BundleWriter writer = Revise(scene, first);
        writer.AddRecipient(id, reader);

        Assert.Equal("recipient", Assert.Throws<ArgumentException>(() => writer.AddRecipient(id, reader)).ParamName);
        Assert.Equal("recipient", Assert.Throws<ArgumentException>(() => writer.AddRecipient(id, first.Documents[0].DelegatingKey)).ParamName);
        Assert.Throws<ArgumentNullException>(() => writer.AddRecipient(id, null!));
        Assert.Throws<ArgumentException>(() => writer.AddRecipient(default, reader));
        writer.Drop(first.Documents[1].Id);
        Assert.Throws<ArgumentException>(() => writer.AddRecipient(first.Documents[1].Id, reader));
    }

    [Fact]
    public async Task RemoveRecipient_KeyThatIsNoReader_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        await using BundleWriter writer = Revise(scene, first);

        Assert.Equal("recipient", Assert.Throws<ArgumentException>(() => writer.RemoveRecipient(first.Documents[0].Id, Key(scene))).ParamName);
        Assert.Throws<ArgumentNullException>(() => writer.RemoveRecipient(first.Documents[0].Id, null!));
    }

    [Fact]
    public async Task AddRecipient_MoreThanTheMost_IsRefusedAndTheHeaderStillReads()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        DocumentId id = first.Documents[0].Id;
        await using BundleWriter writer = Revise(scene, first);
        for (int i = 0; i < BundleDocument.MaxRecipients; i++)
        {
            writer.AddRecipient(id, Key(scene));
        }

        Assert.Throws<InvalidOperationException>(() => writer.AddRecipient(id, Key(scene)));
        BundleHeader second = await writer.CompleteAsync();
        Assert.Equal(BundleDocument.MaxRecipients, second.GetDocument(id).Recipients.Count);
        Assert.Throws<InvalidOperationException>(() => writer.AddRecipient(id, Key(scene)));
    }

    [Fact]
    public async Task AddRecipient_NewReader_OpensUnderTheNewHeaderAloneAndTheCiphertextStays()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(70_000);
        BundleHeader first = await scene.SealAsync(content, [2]);
        DocumentId id = first.Documents[0].Id;
        using SecretKey reader = SecretKey.Generate(scene.Random);
        Dictionary<Cid, byte[]> before = new(scene.Store.Objects);
        await using BundleWriter writer = Revise(scene, first);
        writer.AddRecipient(id, reader.PublicKey);
        BundleHeader second = await writer.CompleteAsync();

        Assert.True(second.IsRevisionOf(first));
        Assert.Equal(first.Digest, second.PreviousDigest);
        Assert.Equal(first.Documents.Select(d => d.CiphertextCid), second.Documents.Select(d => d.CiphertextCid));
        Assert.Equal([second.Cid], scene.Store.Objects.Keys.Except(before.Keys));
        Assert.Equal(first.DocumentsRoot, second.DocumentsRoot);
        Assert.Equal(content, await OpenAsync(scene, second, second.OpenDocumentKey(id, reader)));
        Assert.Throws<ArgumentException>(() => first.OpenDocumentKey(id, reader));
        Assert.Throws<ArgumentException>(() => second.OpenDocumentKey(second.Documents[1].Id, reader));
        await using BundleReader patients = await scene.OpenAsync(first);
        await patients.DecryptAsync(id, scene.Patient, Stream.Null);
    }

    [Fact]
    public async Task RemoveRecipient_FormerReader_OpensNothingUnderTheNewHeaderAndWhatItHadUnderTheOld()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1, 2, 3]);
        DocumentId id = first.Documents[0].Id;
        using SecretKey leaves = SecretKey.Generate(scene.Random), stays = SecretKey.Generate(scene.Random);
        await using BundleWriter adding = Revise(scene, first);
        adding.AddRecipient(id, leaves.PublicKey);
        adding.AddRecipient(id, stays.PublicKey);
        BundleHeader second = await adding.CompleteAsync();
        await using BundleWriter removing = Revise(scene, second);
        removing.RemoveRecipient(id, leaves.PublicKey);
        BundleHeader third = await removing.CompleteAsync();

        Assert.True(third.IsRevisionOf(second));
        Assert.Throws<ArgumentException>(() => third.OpenDocumentKey(id, leaves));
        BundleRecipient old = second.GetDocument(id).Recipients[0];
        using CapsuleKey oldCapsuleKey = Umbral.Decapsulate(leaves, old.Capsule);
        BundleScene.Refused("document key", PhrDataReason.AuthenticationFailed, () => third.UnwrapKey(id, oldCapsuleKey).Dispose());
        Assert.Equal([1, 2, 3], await OpenAsync(scene, third, third.OpenDocumentKey(id, stays)));

        // What it had, it has: the old header opens, and the content key in it is still that of the ciphertext.
        Assert.Equal([1, 2, 3], await OpenAsync(scene, second, second.OpenDocumentKey(id, leaves)));
    }

    [Fact]
    public async Task AddRecipient_SameReaderAgainAfterRemoval_GetsAFreshCapsule()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        DocumentId id = first.Documents[0].Id;
        PublicKey reader = Key(scene);
        await using BundleWriter writer = Revise(scene, first);
        writer.AddRecipient(id, reader);
        BundleHeader second = await writer.CompleteAsync();
        await using BundleWriter again = Revise(scene, second);
        again.RemoveRecipient(id, reader);
        again.AddRecipient(id, reader);
        BundleHeader third = await again.CompleteAsync();

        Assert.NotEqual(second.GetDocument(id).Recipients[0].Capsule, third.GetDocument(id).Recipients[0].Capsule);
    }

    [Fact]
    public async Task AddRecipient_DocumentOfANewBundle_OpensForTheReaderFromTheFirstHeader()
    {
        using var scene = new BundleScene();
        using SecretKey reader = SecretKey.Generate(scene.Random);
        using var output = new MemoryStream();
        await using BundleWriter writer = scene.CreateWriter(output);
        DocumentId id = await writer.AddAsync(new MemoryStream([7, 8]), new DocumentInfo("Plan", "text/plain"));
        writer.AddRecipient(id, reader.PublicKey);
        writer.SetVisibleLabels(id, ["plan"]);
        BundleHeader header = await writer.CompleteAsync();

        await using BundleReader file = await scene.OpenFileAsync(output.ToArray());
        using DocumentKey key = file.Header.OpenDocumentKey(id, reader);
        using var opened = new MemoryStream();
        await file.DecryptAsync(id, key, opened);
        Assert.Equal([7, 8], opened.ToArray());
        Assert.Equal(["plan"], header.GetDocument(id).VisibleLabels);
    }

    private static PublicKey Key(BundleScene scene)
    {
        using SecretKey key = SecretKey.Generate(scene.Random);
        return key.PublicKey;
    }

    private static BundleWriter Revise(BundleScene scene, BundleHeader previous) =>
        BundleWriter.Revise(scene.Store, scene.Patient, previous, BundleScene.Options, scene.Random);

    private static async Task<byte[]> OpenAsync(BundleScene scene, BundleHeader header, DocumentKey key)
    {
        using (key)
        {
            await using BundleReader reader = await scene.OpenAsync(header);
            using var opened = new MemoryStream();
            await reader.DecryptAsync(key.DocumentId, key, opened);
            return opened.ToArray();
        }
    }
}
