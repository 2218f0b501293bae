using System.Security.Cryptography;

namespace Phr.Crypto.Tests.Bundles;

public class BundleReaderTests
{
    [Fact]
    public async Task OpenAsync_NodeThatLies_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1]), other = await scene.SealAsync([2]);
        scene.Store.Objects[header.Cid] = other.ToBytes();
        await BundleScene.RefusedAsync("bundle header", PhrDataReason.DigestMismatch, () => scene.OpenAsync(header));

        scene.Store.Objects[header.Cid] = new byte[BundleHeader.MaxLength + 1];
        await BundleScene.RefusedAsync("bundle header", PhrDataReason.TooLarge, () => scene.OpenAsync(header));

        scene.Store.Objects.Remove(header.Cid);
        await BundleScene.RefusedAsync("store", PhrDataReason.NotFound, () => scene.OpenAsync(header));
    }

    [Fact]
    public async Task OpenAsync_AnotherPatientsHeader_IsRefused()
    {
        using var scene = new BundleScene();
        using PatientKeys other = PatientKeys.Generate();
        BundleHeader header = await scene.SealAsync([1]);

        await BundleScene.RefusedAsync("bundle header", PhrDataReason.InvalidSignature, () => BundleReader.OpenAsync(scene.Store, header.Digest, other.PublicKeys));
        await using BundleReader reader = await BundleReader.OpenAsync(scene.Store, header.Digest);
        Assert.False(reader.Header.IsSignedBy(other.PublicKeys));
    }

    [Fact]
    public void FromBytes_MoreThanAMebibyte_IsRefusedUnread() =>
        BundleScene.Refused("bundle header", PhrDataReason.TooLarge, () => BundleHeader.FromBytes(new byte[BundleHeader.MaxLength + 1]));

    [Fact]
    public async Task OpenAsync_StreamThatCannotSeek_IsTheCallersMistake()
    {
        using var scene = new BundleScene();
        using var pipe = new CryptoStream(Stream.Null, new ToBase64Transform(), CryptoStreamMode.Read);

        await Assert.ThrowsAsync<ArgumentException>(() => BundleReader.OpenAsync(pipe, scene.Patient.PublicKeys));
    }

    [Fact]
    public async Task DecryptAsync_KeyOfAnotherDocument_IsTheCallersMistake()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1], [2]);
        await using BundleReader reader = await scene.OpenAsync(header);
        DocumentId first = header.Documents[0].Id, second = header.Documents[1].Id;
        using DocumentKey key = header.OpenDocumentKey(first, scene.Patient);

        await Assert.ThrowsAsync<ArgumentException>(() => reader.DecryptAsync(second, key, Stream.Null));
        Assert.Throws<ArgumentException>(() => reader.DecryptInfo(second, key));
        Assert.Throws<ArgumentException>(() => reader.OpenStream(second, key));
        Assert.Throws<ArgumentException>(() => header.GetDocument(DocumentId.Random()));
        Assert.Equal(nameof(DocumentKey), key.ToString());
    }

    [Fact]
    public async Task UnwrapKey_AnotherCapsulesKey_FailsWithOneReason()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1]);
        DocumentId id = header.Documents[0].Id;
        (_, CapsuleKey wrong) = Umbral.Encapsulate(header.Documents[0].DelegatingKey);
        using (wrong)
        {
            BundleScene.Refused("document key", PhrDataReason.AuthenticationFailed, () => header.UnwrapKey(id, wrong));
        }
    }

    [Fact]
    public async Task DecryptAsync_FailureInTheMiddle_GivesOutOnlyWhatWasVerified()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(200_000);
        BundleHeader header = await scene.SealAsync(content);
        scene.Store.Objects[header.Documents[0].CiphertextCid][(2 * 65_552) + 1] ^= 1;
        await using BundleReader reader = await scene.OpenAsync(header);
        using var destination = new MemoryStream();

        await BundleScene.RefusedAsync(
            "document", PhrDataReason.AuthenticationFailed, () => reader.DecryptAsync(header.Documents[0].Id, scene.Patient, destination));

        Assert.Equal(content[..131_072], destination.ToArray());
    }

    [Fact]
    public async Task CopyToAsync_LyingSource_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(1000));
        Cid cid = header.Documents[0].CiphertextCid;
        byte[] honest = scene.Store.Objects[cid];
        await using BundleReader reader = await scene.OpenAsync(header);
        foreach ((byte[] bytes, PhrDataReason reason) in new (byte[], PhrDataReason)[]
        {
            (honest[..^1], PhrDataReason.Truncated),
            ([.. honest, 0], PhrDataReason.WrongLength),
            ([0, .. honest[1..]], PhrDataReason.Mismatched),
        })
        {
            scene.Store.Objects[cid] = bytes;
            await BundleScene.RefusedAsync("document", reason, () => reader.CopyToAsync(new MemoryStore()));
        }
    }

    [Fact]
    public async Task ProveDocument_EveryDocument_LeadsToTheRoot()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1], [2], [3]);
        foreach (BundleDocument document in header.Documents)
        {
            DocumentProof proof = DocumentProof.FromBytes(header.ProveDocument(document.Id).ToBytes());
            Assert.True(proof.Verify(header.DocumentsRoot));
            Assert.Equal((document.Id, document.Capsule.Digest, document.KeyCommitment), (proof.DocumentId, proof.CapsuleDigest, proof.KeyCommitment));
        }
    }
}
