namespace Phr.Crypto.Tests.Bundles;

/// <summary>A title, a media type and source signatures are a new header over the same ciphertext.</summary>
public class BundleDescriptionTests
{
    [Fact]
    public async Task SetInfo_WhatDoesNotBelong_IsRefused()
    {
        using var scene = new BundleScene();
        using PatientKeys other = PatientKeys.Generate();
        BundleHeader first = await scene.SealAsync([1, 2, 3]);
        DocumentId id = first.Documents[0].Id;
        await using BundleWriter writer = Revise(scene, first);

        Assert.Throws<ArgumentNullException>(() => writer.SetInfo(id, null!));
        Assert.Throws<ArgumentException>(() => writer.SetInfo(default, new DocumentInfo("", "a/b")));
        Assert.Throws<ArgumentException>(() => writer.SetInfo(id, new DocumentInfo("", "a/b") { SourceSignatures = [Source(scene, [1, 2], scene.Patient)] }));
        Assert.Throws<ArgumentException>(() => writer.SetInfo(id, new DocumentInfo("", "a/b") { SourceSignatures = [Source(scene, [1, 2, 3], other)] }));
        BundleHeader second = await writer.CompleteAsync();
        Assert.Equal(first.Documents[0].SealedInfo.ToArray(), second.Documents[0].SealedInfo.ToArray());
        Assert.Throws<InvalidOperationException>(() => writer.SetInfo(id, new DocumentInfo("", "a/b")));
    }

    [Fact]
    public async Task SetInfo_NewTitle_IsReadUnderTheNewHeaderAndTheCiphertextStays()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync(BundleScene.Content(70_000), [2]);
        DocumentId id = first.Documents[0].Id;
        SourceSignature source = Source(scene, BundleScene.Content(70_000), scene.Patient);
        using DocumentKey keyFromBefore = first.OpenDocumentKey(id, scene.Patient);
        await using BundleWriter writer = Revise(scene, first);
        writer.SetInfo(id, new DocumentInfo("A better title", "application/dicom") { VisibleLabels = ["imaging"], SourceSignatures = [source] });
        BundleHeader second = await writer.CompleteAsync();

        Assert.True(second.IsRevisionOf(first));
        Assert.Equal(first.Documents.Select(d => d.CiphertextCid), second.Documents.Select(d => d.CiphertextCid));
        Assert.Equal(first.DocumentsRoot, second.DocumentsRoot);
        Assert.Equal(first.Documents[0].SealedInfo.Length + 12, second.Documents[0].SealedInfo.Length);
        Assert.Equal(first.Documents[1].SealedInfo.ToArray(), second.Documents[1].SealedInfo.ToArray());
        Assert.Equal("A title", first.DecryptInfo(id, keyFromBefore).Title);
        await using BundleReader reader = await scene.OpenAsync(second);
        OpenedDocument opened = await reader.DecryptAsync(id, keyFromBefore, Stream.Null);
        Assert.Equal(("A better title", "application/dicom", 70_000), (opened.Info.Title, opened.Info.MediaType, opened.Info.Length));
        Assert.Equal(source, Assert.Single(opened.SourceSignatures));
        Assert.Equal(["imaging"], opened.Info.VisibleLabels);
    }

    [Fact]
    public async Task SetInfo_AgainAndAgain_NeverUsesANonceTwice()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1]);
        DocumentId id = header.Documents[0].Id;
        var nonces = new HashSet<string> { Convert.ToHexString(new byte[12]) };
        for (int i = 0; i < 20; i++)
        {
            // From the same header each time, as when a revision was given up.
            await using BundleWriter writer = Revise(scene, header);
            writer.SetInfo(id, new DocumentInfo($"{i}", "a/b"));
            writer.SetInfo(id, new DocumentInfo($"{i}{i}", "a/b"));
            BundleHeader revised = await writer.CompleteAsync();
            Assert.True(nonces.Add(Convert.ToHexString(revised.Documents[0].SealedInfo.Span[..12])));
            Assert.True(revised.IsRevisionOf(header));
            using DocumentKey key = revised.OpenDocumentKey(id, scene.Patient);
            Assert.Equal($"{i}{i}", revised.DecryptInfo(id, key).Title);
            header = i % 2 == 0 ? revised : header;
        }
    }

    [Fact]
    public async Task SetInfo_LongestDescription_FitsAndItsLengthTellsOfTheNonce()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        DocumentId id = first.Documents[0].Id;
        for (int signatures = 0; signatures <= DocumentInfo.MaxSourceSignatures; signatures++)
        {
            foreach (int title in new[] { 0, 300, 700, DocumentInfo.MaxTitleLength })
            {
                await using BundleWriter writer = Revise(scene, first);
                SourceSignature[] sources = [.. Enumerable.Range(0, signatures).Select(_ => Source(scene, [1], scene.Patient))];
                writer.SetInfo(id, new DocumentInfo(new string('t', title), "text/plain") { SourceSignatures = sources });
                BundleHeader second = await writer.CompleteAsync();
                using DocumentKey key = second.OpenDocumentKey(id, scene.Patient);
                Assert.Equal(title, second.DecryptInfo(id, key).Title.Length);
                Assert.Equal(28, second.Documents[0].SealedInfo.Length % 32);
            }
        }
    }

    [Fact]
    public async Task DecryptInfo_AnyByteOfADescriptionSealedAnewFlipped_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        DocumentId id = first.Documents[0].Id;
        await using BundleWriter writer = Revise(scene, first);
        writer.SetInfo(id, new DocumentInfo("New", "a/b"));
        BundleHeader second = await writer.CompleteAsync();
        using DocumentKey key = second.OpenDocumentKey(id, scene.Patient);
        for (int at = 0; at < second.Documents[0].SealedInfo.Length; at += 7)
        {
            var fields = HeaderFields.From(second);
            fields.Documents[0].SealedInfo[at] ^= (byte)(1 << (at % 8));
            var altered = BundleHeader.FromBytes(fields.Sign(scene.Patient));
            BundleScene.Refused("document info", PhrDataReason.AuthenticationFailed, () => altered.DecryptInfo(id, key));
        }
    }

    [Fact]
    public async Task IsRevisionOf_FirstDescriptionReplacedUnderTheSameNonce_IsFalse()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        var fields = HeaderFields.From(first);
        fields.Sequence = 1;
        fields.Previous = first.Digest.ToBytes();
        fields.Documents[0].SealedInfo[0] ^= 1;

        Assert.False(BundleHeader.FromBytes(fields.Sign(scene.Patient)).IsRevisionOf(first));
    }

    [Fact]
    public async Task RotateAsync_DescriptionSealedAnew_IsTakenOver()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1]);
        await using BundleReader reader = await scene.OpenAsync(first);
        await using BundleWriter writer = Revise(scene, first);
        writer.SetInfo(first.Documents[0].Id, new DocumentInfo("New", "a/b") { VisibleLabels = ["x"] });
        DocumentId rotated = await writer.RotateAsync(first.Documents[0].Id, reader);
        writer.SetInfo(rotated, new DocumentInfo("Newer", "a/b") { VisibleLabels = ["y"] });
        BundleHeader second = await writer.CompleteAsync();
        using DocumentKey key = second.OpenDocumentKey(rotated, scene.Patient);

        Assert.Equal("Newer", second.DecryptInfo(rotated, key).Title);
        Assert.Equal(["y"], second.GetDocument(rotated).VisibleLabels);
    }

    private static SourceSignature Source(BundleScene scene, byte[] content, PatientKeys patient)
    {
        using IdentityKeys hospital = IdentityKeys.Generate();
        return SourceSignature.Create(hospital.ObjectSigner, hospital.Id, Digest.Of(content), patient.Identity.Id, BundleScene.Time);
    }

    private static BundleWriter Revise(BundleScene scene, BundleHeader previous) =>
        BundleWriter.Revise(scene.Store, scene.Patient, previous, BundleScene.Options, scene.Random);
}
