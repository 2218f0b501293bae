namespace Phr.Crypto.Tests.Bundles;

public class BundleWriterTests
{
    [Fact]
    public async Task AddAsync_ContentThatFails_LeavesNothing()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        await Assert.ThrowsAsync<IOException>(() => writer.AddAsync(new FailingStream(200_000), new DocumentInfo("", "a/b")));
        Assert.Empty(scene.Store.Objects);

        DocumentId id = await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        BundleHeader header = await writer.CompleteAsync();

        Assert.Equal(id, Assert.Single(header.Documents).Id);
        Assert.Equal(2, scene.Store.Objects.Count);
    }

    [Fact]
    public async Task AddAsync_Cancelled_LeavesNothing()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => writer.AddAsync(new MemoryStream(BundleScene.Content(200_000)), new DocumentInfo("", "a/b"), null, cancellation.Token));

        Assert.Empty(scene.Store.Objects);
    }

    [Fact]
    public async Task AddAsync_FailureInASeekableFile_IsCutOff()
    {
        using var scene = new BundleScene();
        using var file = new MemoryStream();
        await using BundleWriter writer = scene.CreateWriter(file);
        await writer.AddAsync(new MemoryStream(BundleScene.Content(70_000)), new DocumentInfo("", "a/b"));
        long length = file.Length;
        await Assert.ThrowsAsync<IOException>(() => writer.AddAsync(new FailingStream(200_000), new DocumentInfo("", "a/b")));
        Assert.Equal(length, file.Length);
        await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        await writer.CompleteAsync();

        await using BundleReader reader = await scene.OpenFileAsync(file.ToArray());
        Assert.Equal(2, reader.Header.Documents.Count);
        await reader.DecryptAsync(reader.Header.Documents[1].Id, scene.Patient, Stream.Null);
    }

    [Fact]
    public async Task AddAsync_FailureInAForwardOnlyFile_EndsTheFile()
    {
        using var scene = new BundleScene();
        using var file = new ForwardOnlyStream();
        await using BundleWriter writer = scene.CreateWriter(file);
        await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        await Assert.ThrowsAsync<IOException>(() => writer.AddAsync(new FailingStream(200_000), new DocumentInfo("", "a/b")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync());
    }

    [Fact]
    public async Task CompleteAsync_ForwardOnlyFile_IsReadable()
    {
        using var scene = new BundleScene();
        using var file = new ForwardOnlyStream();
        await using BundleWriter writer = scene.CreateWriter(file);
        await writer.AddAsync(new MemoryStream(BundleScene.Content(70_000)), new DocumentInfo("", "a/b"));
        await writer.CompleteAsync();

        await using BundleReader reader = await scene.OpenFileAsync(file.Written.ToArray());
        await reader.DecryptAsync(reader.Header.Documents[0].Id, scene.Patient, Stream.Null);
    }

    [Fact]
    public async Task CompleteAsync_NoDocumentsOrTwice_IsRefused()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync());
        await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        await writer.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b")));
    }

    [Fact]
    public async Task AddAsync_SourceSignatureOverOtherContent_IsRefusedAndLeavesNothing()
    {
        using var scene = new BundleScene();
        using PatientKeys hospital = PatientKeys.Generate();
        byte[] content = BundleScene.Content(1000);
        SourceSignature wrongContent = Sign(hospital, Digest.Of([1]), scene.Patient.Identity.Id);
        SourceSignature wrongPatient = Sign(hospital, Digest.Of(content), hospital.Identity.Id);
        await using BundleWriter writer = scene.CreateWriter();
        foreach (SourceSignature signature in (SourceSignature[])[wrongContent, wrongPatient])
        {
            await Assert.ThrowsAsync<ArgumentException>(
                () => writer.AddAsync(new MemoryStream(content), new DocumentInfo("", "a/b") { SourceSignatures = [signature] }));
        }

        Assert.Empty(scene.Store.Objects);
    }

    [Fact]
    public async Task AddAsync_SourceSignatures_ComeBackVerified()
    {
        using var scene = new BundleScene();
        using PatientKeys hospital = PatientKeys.Generate(), doctor = PatientKeys.Generate();
        byte[] content = BundleScene.Content(1000);
        SourceSignature[] signatures = [Sign(hospital, Digest.Of(content), scene.Patient.Identity.Id), Sign(doctor, Digest.Of(content), scene.Patient.Identity.Id)];
        await using BundleWriter writer = scene.CreateWriter();
        DocumentId id = await writer.AddAsync(new MemoryStream(content), new DocumentInfo("", "a/b") { SourceSignatures = signatures });
        BundleHeader header = await writer.CompleteAsync();
        await using BundleReader reader = await scene.OpenAsync(header);

        OpenedDocument opened = await reader.DecryptAsync(id, scene.Patient, Stream.Null);

        Assert.Equal(signatures, opened.SourceSignatures);
        Assert.All(opened.SourceSignatures, s => Assert.Equal(opened.Digest, s.PlaintextDigest));
        Assert.Equal(
            [hospital.Identity.Id, doctor.Identity.Id], opened.SourceSignatures.Select(s => s.SignerId));
        Assert.Equal(hospital.PublicKeys.ObjectKey, opened.SourceSignatures[0].SignerKey);
        Assert.Equal(BundleScene.Time, opened.SourceSignatures[0].Time);
    }

    [Fact]
    public async Task SealedInfo_ShortTitles_HaveOneLength()
    {
        using var scene = new BundleScene();
        using PatientKeys hospital = PatientKeys.Generate();
        await using BundleWriter writer = scene.CreateWriter();
        await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("A rather longer title than the other one", "application/fhir+json"));
        await writer.AddAsync(
            new MemoryStream([1]),
            new DocumentInfo("Signed", "image/png") { SourceSignatures = [Sign(hospital, Digest.Of([1]), scene.Patient.Identity.Id)] });
        BundleHeader header = await writer.CompleteAsync();

        Assert.Equal([528, 528, 528], header.Documents.Select(d => d.SealedInfo.Length));
    }

    [Fact]
    public async Task AddAsync_HeaderWouldBeTooLong_IsRefusedBeforeSealing()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        var info = new DocumentInfo(new string('t', 1024), "a/b") { VisibleLabels = [.. Enumerable.Range(0, 16).Select(i => new string('l', 62) + i.ToString("00"))] };
        int count = 0;
        InvalidOperationException? full = null;
        while (full is null && count < BundleHeader.MaxDocuments)
        {
            try
            {
                await writer.AddAsync(new MemoryStream([1]), info);
                count++;
            }
            catch (InvalidOperationException e)
            {
                full = e;
            }
        }

        Assert.NotNull(full);
        Assert.Equal(count, scene.Store.Objects.Count);
        BundleHeader header = await writer.CompleteAsync();
        Assert.InRange(header.ToBytes().Length, BundleHeader.MaxLength - 10_000, BundleHeader.MaxLength);
    }

    [Fact]
    public async Task CompleteAsync_MostDocuments_FitInAHeader()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        for (int i = 0; i < BundleHeader.MaxDocuments; i++)
        {
            await writer.AddAsync(Stream.Null, new DocumentInfo("Title", "text/plain") { VisibleLabels = ["laboratory"] });
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.AddAsync(Stream.Null, new DocumentInfo("", "a/b")));
        BundleHeader header = await writer.CompleteAsync();
        Assert.Equal(BundleHeader.MaxDocuments, header.Documents.Count);
        DocumentProof proof = header.ProveDocument(header.Documents[777].Id);
        Assert.Equal(10, proof.Path.Count);
        Assert.True(proof.Verify(header.DocumentsRoot));
    }

    [Fact]
    public async Task Calls_AtOnce_AreRefused()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        var gate = new TaskCompletionSource();
        Task<DocumentId> first = writer.AddAsync(new WaitingStream(gate.Task), new DocumentInfo("", "a/b"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.AddAsync(Stream.Null, new DocumentInfo("", "a/b")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync());
        gate.SetResult();
        await first;
        await writer.CompleteAsync();
    }

    [Fact]
    public void DocumentInfo_WrongText_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new DocumentInfo(new string('é', 513), "a/b"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("a\nb", "a/b"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("\ud800", "a/b"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "text"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "text/"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "/plain"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "text/pläin"));
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "a/b") { VisibleLabels = [""] });
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "a/b") { VisibleLabels = ["x", "x"] });
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "a/b") { VisibleLabels = [new string('é', 33)] });
        Assert.Throws<ArgumentException>(() => new DocumentInfo("", "a/b") { VisibleLabels = [.. Enumerable.Range(0, 17).Select(i => $"{i}")] });
        Assert.Equal(nameof(DocumentInfo), new DocumentInfo("Secret", "a/b").ToString());
    }

    private static SourceSignature Sign(PatientKeys signer, Digest digest, ActorId patient) =>
        SourceSignature.Create(signer.Identity.ObjectSigner, signer.Identity.Id, digest, patient, BundleScene.Time);

    private sealed class FailingStream(int after) : MemoryStream(new byte[after])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw new IOException("The disk went away.");
        }
    }

    private sealed class WaitingStream(Task gate) : MemoryStream([1])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await gate;
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    private sealed class ForwardOnlyStream : Stream
    {
        public MemoryStream Written { get; } = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Written.Write(buffer, offset, count);
    }
}
