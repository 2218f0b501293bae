namespace Phr.Crypto.Tests.Bundles;

/// <summary>Sealing and opening on several cores: the same bytes in the same order, nothing left behind after a failure, nothing allocated per chunk.</summary>
public class BulkSealingTests
{
    private const int Batch = 8 * 65_536;

    public static TheoryData<int> Sizes =>
    [
        0, 1, 65_535, 65_536, 65_537, 4 * 65_536, (4 * 65_536) + 1, Batch - 1, Batch, Batch + 1, (2 * Batch) + 70_000, 5_000_011,
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65)]
    public async Task Parallelism_OutOfRange_Throws(int parallelism)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BundleWriterOptions { Parallelism = parallelism });
        using var scene = new BundleScene();
        await using BundleReader reader = await scene.OpenAsync(await scene.SealAsync([1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Parallelism = parallelism);
        Assert.Equal((1, 1), (reader.Parallelism, new BundleWriterOptions().Parallelism));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task AddAsync_SeveralCores_WritesTheSameBytesAsOne(int length)
    {
        byte[] content = BundleScene.Content(length);
        byte[] expected = await SealAsync(content, 1, new MemoryStream(content));
        foreach (int parallelism in new[] { 2, 3, 8 })
        {
            Assert.Equal(expected, await SealAsync(content, parallelism, new MemoryStream(content)));
            Assert.Equal(expected, await SealAsync(content, parallelism, new UnevenStream(content)));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task DecryptAsync_SeveralCores_GivesTheContentBack(int length)
    {
        byte[] content = BundleScene.Content(length);
        byte[] file = await SealAsync(content, 1, new MemoryStream(content));
        using var scene = new BundleScene();
        foreach (int parallelism in new[] { 1, 2, 3, 8 })
        {
            await using BundleReader reader = await scene.OpenFileAsync(file);
            reader.Parallelism = parallelism;
            using var opened = new MemoryStream();
            var reports = new Reports();
            OpenedDocument document = await reader.DecryptAsync(reader.Header.Documents[0].Id, scene.Patient, opened, reports);
            Assert.Equal(content, opened.ToArray());
            Assert.Equal(Digest.Of(content), document.Digest);
            Assert.Equal(reports.Values.Order(), reports.Values);
            Assert.Equal(length, reports.Values[^1]);
        }
    }

    /// <summary>Damage at every kind of place: on several cores the same is given out before the same refusal as on one.</summary>
    [Fact]
    public async Task DecryptAsync_DamagedOnSeveralCores_GivesOutAndRefusesTheSameAsOnOne()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content((2 * Batch) + 100_000);
        BundleHeader header = await scene.SealAsync(content);
        BundleDocument document = header.Documents[0];
        byte[] honest = scene.Store.Objects[document.CiphertextCid];
        foreach (int chunk in new[] { 0, 1, 7, 8, 15, 16, 17 })
        {
            int at = chunk * 65_552;
            byte[] altered = [.. honest];
            altered[at] ^= 1;
            foreach ((byte[] damaged, PhrDataReason reason) in new[] { (altered, PhrDataReason.AuthenticationFailed), (honest[..(at + 100)], PhrDataReason.Truncated), (honest[..at], PhrDataReason.Truncated) })
            {
                scene.Store.Objects[document.CiphertextCid] = damaged;
                foreach (int parallelism in new[] { 1, 2, 4 })
                {
                    await using BundleReader reader = await scene.OpenAsync(header);
                    reader.Parallelism = parallelism;
                    using var opened = new MemoryStream();
                    await BundleScene.RefusedAsync("document", reason, () => reader.DecryptAsync(document.Id, scene.Patient, opened));
                    Assert.Equal(content[..(chunk * 65_536)], opened.ToArray());
                }
            }
        }
    }

    [Fact]
    public async Task DecryptAsync_AlteredFileOnSeveralCores_IsRefusedBeforeTheFirstByte()
    {
        byte[] content = BundleScene.Content(5_000_000);
        byte[] file = await SealAsync(content, 1, new MemoryStream(content));
        file[4_900_000] ^= 1;
        using var scene = new BundleScene();
        await using BundleReader reader = await scene.OpenFileAsync(file);
        reader.Parallelism = 3;
        using var opened = new MemoryStream();
        await BundleScene.RefusedAsync("bundle file", PhrDataReason.DigestMismatch, () => reader.DecryptAsync(reader.Header.Documents[0].Id, scene.Patient, opened));
        Assert.Equal(0, opened.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task AddAsync_SinkThatFails_ThrowsItsFailureAndIsNotCalledAgain(int parallelism)
    {
        using var scene = new BundleScene();
        var sink = new StrictSink { FailAt = 3 };
        await using BundleWriter writer = Writer(scene, sink, parallelism);

        IOException failure = await Assert.ThrowsAsync<IOException>(() => writer.AddAsync(new UnevenStream(BundleScene.Content(9_000_000)), new DocumentInfo("", "a/b")));
        Assert.Equal("write 3", failure.Message);
        sink.ExpectOver(completed: false);
        sink.FailAt = int.MaxValue;
        await writer.AddAsync(new MemoryStream(BundleScene.Content(100)), new DocumentInfo("", "a/b"));
        Assert.Single((await writer.CompleteAsync()).Documents);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task AddAsync_ContentThatFails_ThrowsItsFailureAndLeavesNoTask(int parallelism)
    {
        using var scene = new BundleScene();
        var sink = new StrictSink();
        await using BundleWriter writer = Writer(scene, sink, parallelism);

        await Assert.ThrowsAsync<EndOfStreamException>(() => writer.AddAsync(new UnevenStream(BundleScene.Content(9_000_000)) { FailAt = 6_000_000 }, new DocumentInfo("", "a/b")));
        sink.ExpectOver(completed: false);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task AddAsync_ListenerThatFailsAtTheEnd_LeavesNothingOfTheDocumentInTheFile(int parallelism)
    {
        using var scene = new BundleScene();
        using var output = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(
            output, scene.Patient, scene.Ledger, new BundleWriterOptions { Parallelism = parallelism, TimeProvider = BundleScene.Options.TimeProvider }, scene.Random);

        await Assert.ThrowsAsync<IOException>(() => writer.AddAsync(new MemoryStream(BundleScene.Content(5_000)), new DocumentInfo("", "a/b"), new FailingListener()));
        await writer.AddAsync(new MemoryStream(BundleScene.Content(100)), new DocumentInfo("", "a/b"));
        await writer.CompleteAsync();

        await using BundleReader reader = await scene.OpenFileAsync(output.ToArray());
        Assert.Single(reader.Header.Documents);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task AddAsync_CancelledInTheMiddle_EndsAndIsNotCalledAgain(int parallelism)
    {
        using var scene = new BundleScene();
        using var cancel = new CancellationTokenSource();
        var sink = new StrictSink { CancelAt = (2, cancel) };
        await using BundleWriter writer = Writer(scene, sink, parallelism);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => writer.AddAsync(new UnevenStream(BundleScene.Content(9_000_000)), new DocumentInfo("", "a/b"), null, cancel.Token));
        sink.ExpectOver(completed: false);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task DecryptAsync_DestinationThatFails_ThrowsItsFailureAndIsNotCalledAgain(int parallelism)
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(9_000_000));
        await using BundleReader reader = await scene.OpenAsync(header);
        reader.Parallelism = parallelism;
        using var destination = new FailingDestination();

        await Assert.ThrowsAsync<IOException>(() => reader.DecryptAsync(header.Documents[0].Id, scene.Patient, destination));
        Assert.Equal(2, destination.Calls);
    }

    /// <summary>However slow the sink, no more content is read than fits the batches.</summary>
    [Theory]
    [InlineData(1, 3 * 4 * 65_536)]
    [InlineData(2, 5 * Batch)]
    [InlineData(4, 7 * Batch)]
    public async Task AddAsync_SlowSink_ReadsAheadNoMoreThanTheBatches(int parallelism, int most)
    {
        using var scene = new BundleScene();
        var content = new UnevenStream(BundleScene.Content(12_000_000));
        var sink = new StrictSink { Content = content };
        await using BundleWriter writer = Writer(scene, sink, parallelism);
        await writer.AddAsync(content, new DocumentInfo("", "a/b"));

        Assert.InRange(sink.FurthestAhead, 1, most);
        sink.ExpectOver(completed: true);
    }

    [Fact]
    public async Task AddAsync_OneCore_AllocatesNothingBetweenTheFirstChunkAndTheLast()
    {
        using var scene = new BundleScene();
        var sink = new AllocationMeter();
        await using BundleWriter writer = Writer(scene, sink, 1);
        for (int i = 0; i < 2; i++)
        {
            sink.Readings.Clear();
            Assert.True(writer.AddAsync(new MemoryStream(new byte[16 << 20]), new DocumentInfo("", "a/b")).IsCompletedSuccessfully);
        }

        Assert.Equal(64, sink.Readings.Count);
        AssertNoneForEachChunk(sink.Readings);
    }

    [Fact]
    public async Task DecryptAsync_OneCore_AllocatesNothingBetweenTheFirstChunkAndTheLast()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(new byte[16 << 20]);
        await using BundleReader reader = await scene.OpenAsync(header);
        using DocumentKey key = header.OpenDocumentKey(header.Documents[0].Id, scene.Patient);
        var meter = new AllocationMeter.Destination();
        for (int i = 0; i < 2; i++)
        {
            meter.Readings.Clear();
            Assert.True(reader.DecryptAsync(key.DocumentId, key, meter).IsCompletedSuccessfully);
        }

        Assert.Equal(64, meter.Readings.Count);
        AssertNoneForEachChunk(meter.Readings);
    }

    /// <summary>What a content id costs beside its hash: a list of 174 links, which grows a few times and is used again.</summary>
    [Fact]
    public void Append_ManyChunks_AllocatesOnlyItsListOfLinks()
    {
        byte[] chunk = new byte[65_552];
        UnixFsHasher.HashData(chunk);
        using var hasher = new UnixFsHasher();
        hasher.Append(chunk);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 680; i++)
        {
            hasher.Append(chunk);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    // A collection that other threads cause counts the rest of this thread's allocation buffer once; something allocated for every chunk would
    // give a reading of its own each time.
    private static void AssertNoneForEachChunk(List<long> readings) => Assert.InRange(readings.Skip(2).Distinct().Count(), 1, readings.Count / 8);

    private static BundleWriter Writer(BundleScene scene, IContentSink sink, int parallelism) =>
        BundleWriter.Create(sink, scene.Patient, scene.Ledger, new BundleWriterOptions { Parallelism = parallelism, TimeProvider = BundleScene.Options.TimeProvider }, scene.Random);

    private static async Task<byte[]> SealAsync(byte[] content, int parallelism, Stream source)
    {
        using var scene = new BundleScene($"bulk {content.Length}");
        using var output = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(
            output, scene.Patient, scene.Ledger, new BundleWriterOptions { Parallelism = parallelism, TimeProvider = BundleScene.Options.TimeProvider }, scene.Random);
        var reports = new Reports();
        await writer.AddAsync(source, new DocumentInfo("Bulk", "a/b"), reports);
        await writer.CompleteAsync();
        Assert.Equal(reports.Values.Order(), reports.Values);
        Assert.Equal(content.Length, reports.Values[^1]);
        return output.ToArray();
    }

    private sealed class FailingListener : IProgress<long>
    {
        public void Report(long value) => throw new IOException("the listener is gone");
    }

    private sealed class Reports : IProgress<long>
    {
        public List<long> Values { get; } = [];

        public void Report(long value) => Values.Add(value);
    }

    /// <summary>Gives uneven pieces, every other one from another thread.</summary>
    private sealed class UnevenStream(byte[] content) : MemoryStream(content)
    {
        private int _step;

        public long FailAt { get; init; } = long.MaxValue;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= FailAt)
            {
                throw new EndOfStreamException();
            }

            if (_step++ % 2 == 0)
            {
                await Task.Yield();
            }

            return base.Read(buffer.Span[..Math.Min(buffer.Length, 1 + (_step * 7919 % 150_000))]);
        }
    }

    /// <summary>Refuses to be called twice at once, or after its end.</summary>
    private sealed class StrictSink : IContentSink
    {
        private int _inside;
        private int _writes;
        private bool _over = true;
        private bool _completed;

        public int FailAt { get; set; } = int.MaxValue;

        public (int Write, CancellationTokenSource Source)? CancelAt { get; init; }

        public UnevenStream? Content { get; init; }

        public long FurthestAhead { get; private set; }

        public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default)
        {
            Assert.True(_over);
            (_over, _completed, _writes) = (false, false, 0);
            return ValueTask.FromResult<ContentWriter>(new Writer(this));
        }

        public ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Cid.ForRawBlock(Digest.Of(block.Span)));

        public void ExpectOver(bool completed)
        {
            Assert.Equal((0, true, completed), (Volatile.Read(ref _inside), _over, _completed));
        }

        private sealed class Writer(StrictSink sink) : ContentWriter
        {
            private readonly UnixFsHasher _hasher = new();
            private long _written;

            public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
                WriteSlowlyAsync(bytes, cancellationToken);

            public override ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default)
            {
                Assert.False(sink._over);
                sink._completed = true;
                return ValueTask.FromResult(_hasher.Complete());
            }

            public override ValueTask DisposeAsync()
            {
                Assert.Equal(0, Volatile.Read(ref sink._inside));
                sink._over = true;
                _hasher.Dispose();
                return ValueTask.CompletedTask;
            }

            private async ValueTask WriteSlowlyAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
            {
                Assert.False(sink._over);
                Assert.Equal(1, Interlocked.Increment(ref sink._inside));
                try
                {
                    if (++sink._writes == sink.FailAt)
                    {
                        throw new IOException($"write {sink._writes}");
                    }

                    if (sink.CancelAt is { } cancel && sink._writes == cancel.Write)
                    {
                        await cancel.Source.CancelAsync();
                    }

                    for (int i = 0; i < 20; i++)
                    {
                        await Task.Yield();
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                    sink.FurthestAhead = Math.Max(sink.FurthestAhead, (sink.Content?.Position ?? 0) - _written);
                    _written += bytes.Length;
                    _hasher.Append(bytes.Span);
                }
                finally
                {
                    Interlocked.Decrement(ref sink._inside);
                }
            }
        }
    }

    private sealed class FailingDestination : MemoryStream
    {
        public int Calls { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Calls++;
            await Task.Yield();
            if (Calls == 2)
            {
                throw new IOException("full");
            }
        }
    }

    /// <summary>Keeps nothing but how much the thread had allocated at each write.</summary>
    private sealed class AllocationMeter : IContentSink
    {
        public List<long> Readings { get; } = new(256);

        public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<ContentWriter>(new Writer(Readings));

        public ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Cid.ForRawBlock(Digest.Of(block.Span)));

        public sealed class Destination : MemoryStream
        {
            public List<long> Readings { get; } = new(256);

            public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            {
                Readings.Add(GC.GetAllocatedBytesForCurrentThread());
                return ValueTask.CompletedTask;
            }
        }

        private sealed class Writer(List<long> readings) : ContentWriter
        {
            public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
            {
                readings.Add(GC.GetAllocatedBytesForCurrentThread());
                return ValueTask.CompletedTask;
            }

            public override ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(Cid.ForRawBlock(Digest.Random()));

            public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
