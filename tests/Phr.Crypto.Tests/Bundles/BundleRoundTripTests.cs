using System.Security.Cryptography;
using Phr.Crypto.Envelopes;

namespace Phr.Crypto.Tests.Bundles;

public class BundleRoundTripTests
{
    public static TheoryData<int> Sizes => new(0, 1, 15, 16, 17, 1000, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 196_607, 196_608, 300_000);

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task DecryptAsync_AnySize_GivesTheContentBack(int size)
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(size);
        BundleHeader header = await scene.SealAsync(content);
        await using BundleReader reader = await scene.OpenAsync(header);
        var progress = new List<long>();
        using var opened = new MemoryStream();
        DocumentId id = Assert.Single(reader.Header.Documents).Id;

        OpenedDocument result = await reader.DecryptAsync(id, scene.Patient, opened, new Reports(progress));

        Assert.Equal(content, opened.ToArray());
        Assert.Equal(id, result.DocumentId);
        Assert.Equal(Digest.Of(content), result.Digest);
        Assert.Equal(size, result.Info.Length);
        Assert.Equal(("A title", "text/plain"), (result.Info.Title, result.Info.MediaType));
        Assert.Equal(size, progress[^1]);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task AddAsync_AnySize_PadsTheCiphertextToAPadmeLength(int size)
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(size));

        BundleDocument document = Assert.Single(header.Documents);

        long padded = Padme.PaddedLength((long)size);
        long chunks = Math.Max(1, (padded + 65_535) / 65_536);
        Assert.Equal(padded + (16 * chunks), document.CiphertextLength);
        Assert.Equal(document.CiphertextLength, scene.Store.Objects[document.CiphertextCid].Length);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task OpenAsync_SingleFile_GivesTheContentBack(int size)
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(size), other = BundleScene.Content(77);
        (byte[] file, BundleHeader header) = await scene.SealFileAsync(content, other);
        await using BundleReader reader = await scene.OpenFileAsync(file);
        Assert.Equal(header.Digest, reader.Header.Digest);
        foreach ((BundleDocument document, byte[] expected) in reader.Header.Documents.Zip([content, other]))
        {
            using var opened = new MemoryStream();
            await reader.DecryptAsync(document.Id, scene.Patient, opened);
            Assert.Equal(expected, opened.ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(65_537)]
    public async Task AddAsync_StreamThatGivesFewBytesAtATime_SealsTheSame(int step)
    {
        using BundleScene first = new(), second = new();
        byte[] content = BundleScene.Content(140_000);
        await using BundleWriter whole = first.CreateWriter(), slow = second.CreateWriter();
        await whole.AddAsync(new MemoryStream(content), new DocumentInfo("", "a/b"));
        await slow.AddAsync(new TrickleStream(content, step), new DocumentInfo("", "a/b"));

        Assert.Equal((await whole.CompleteAsync()).Digest, (await slow.CompleteAsync()).Digest);
    }

    [Fact]
    public async Task OpenDocumentKey_CapsuleKeyFromTheDelegatingKey_IsTheSameKey()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1, 2, 3]);
        BundleDocument document = header.Documents[0];
        using SecretKey delegating = scene.Patient.DeriveDelegatingKey(header.BundleId, document.Id);
        Assert.Equal(document.DelegatingKey, delegating.PublicKey);
        using CapsuleKey capsuleKey = Umbral.Decapsulate(delegating, document.Capsule);

        using DocumentKey key = header.UnwrapKey(document.Id, capsuleKey);

        Assert.Equal("A title", header.DecryptInfo(document.Id, key).Title);
        Assert.Equal(document.Id, key.DocumentId);
    }

    [Fact]
    public async Task OpenDocumentKey_FurtherRecipient_Opens()
    {
        using var scene = new BundleScene();
        BundleHeader first = await scene.SealAsync([1, 2, 3]);
        DocumentId id = first.Documents[0].Id;
        using SecretKey recipient = SecretKey.Generate(scene.Random), stranger = SecretKey.Generate(scene.Random);
        await using BundleWriter writer = BundleWriter.Revise(scene.Store, scene.Patient, first, BundleScene.Options, scene.Random);
        writer.AddRecipient(id, recipient.PublicKey);
        BundleHeader header = await writer.CompleteAsync();
        await using BundleReader reader = await scene.OpenAsync(header);
        Assert.True(header.IsRevisionOf(first));

        using DocumentKey key = reader.Header.OpenDocumentKey(id, recipient);
        using var opened = new MemoryStream();
        await reader.DecryptAsync(id, key, opened);

        Assert.Equal([1, 2, 3], opened.ToArray());
        Assert.Throws<ArgumentException>(() => header.OpenDocumentKey(id, stranger));
    }

    [Fact]
    public async Task CopyToAsync_StoreToFileAndBack_KeepsEveryByte()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(70_000), BundleScene.Content(10));
        await using BundleReader reader = await scene.OpenAsync(header);
        using var file = new MemoryStream();
        await reader.CopyToAsync(file);
        await using BundleReader fromFile = await scene.OpenFileAsync(file.ToArray());
        var second = new MemoryStore();
        await fromFile.CopyToAsync(second);

        Assert.Equal(scene.Store.Objects.Keys.Order(), second.Objects.Keys.Order());
        Assert.Equal(header.Digest, fromFile.Header.Digest);
    }

    [Fact]
    public async Task AddAsync_TwoDocuments_ShareNothing()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(100);
        BundleHeader header = await scene.SealAsync(content, content);
        BundleDocument a = header.Documents[0], b = header.Documents[1];

        Assert.NotEqual(a.Id, b.Id);
        Assert.NotEqual(a.DelegatingKey, b.DelegatingKey);
        Assert.NotEqual(a.Capsule, b.Capsule);
        Assert.NotEqual(a.KeyCommitment, b.KeyCommitment);
        Assert.NotEqual(a.CiphertextCid, b.CiphertextCid);
        Assert.NotEqual(a.Salt.ToArray(), b.Salt.ToArray());
    }

    [Fact]
    public async Task Create_SystemRandomness_OpensForThePatientAlone()
    {
        using PatientKeys patient = PatientKeys.Generate(), other = PatientKeys.Generate();
        byte[] content = RandomNumberGenerator.GetBytes(100_000);
        using var file = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(file, patient, new LedgerId(0, patient.Identity.Id));
        DocumentId id = await writer.AddAsync(new MemoryStream(content), new DocumentInfo("CT chest", "application/dicom"));
        BundleHeader header = await writer.CompleteAsync();
        await using BundleReader reader = await BundleReader.OpenAsync(file, patient.PublicKeys);
        using var opened = new MemoryStream();
        await reader.DecryptAsync(id, patient, opened);

        Assert.Equal(content, opened.ToArray());
        Assert.True(header.IsSignedBy(patient.PublicKeys));
        Assert.False(header.IsSignedBy(other.PublicKeys));
        Assert.Throws<ArgumentException>(() => header.OpenDocumentKey(id, other));
        await BundleScene.RefusedAsync("bundle header", PhrDataReason.InvalidSignature, () => BundleReader.OpenAsync(file, other.PublicKeys));
    }

    private sealed class Reports(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }

    private sealed class TrickleStream(byte[] content, int step) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
