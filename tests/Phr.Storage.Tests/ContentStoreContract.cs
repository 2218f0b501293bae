using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>What every <see cref="IContentStore"/> does. Each implementation derives this once for each of its configurations.</summary>
public abstract class ContentStoreContract : IAsyncLifetime
{
    /// <summary>The store under test.</summary>
    protected IContentStore Store { get; private set; } = null!;

    /// <summary>The layout that the store cuts objects with: the default one, or one that the published vectors have.</summary>
    protected virtual UnixFsLayout Layout => UnixFsLayout.Default;

    /// <summary>Whether a node of a tree is also found as a block of its digest, as where blocks are kept one by one.</summary>
    protected virtual bool FindsNodesAsBlocks => false;

    /// <summary>Opens one more instance on the same place; the first call makes the place.</summary>
    protected abstract ValueTask<IContentStore> OpenStoreAsync();

    /// <summary>Changes one stored byte of an object's content, behind the store's back.</summary>
    protected abstract Task DamageAsync(Cid cid, long position);

    /// <summary>Cuts what is stored of an object, behind the store's back.</summary>
    protected abstract Task TruncateAsync(Cid cid, long length);

    /// <summary>Number of things that unfinished writers have left in the place.</summary>
    protected abstract Task<int> CountLeftoversAsync();

    public virtual async ValueTask InitializeAsync() => Store = await OpenStoreAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task Put_LengthsAroundTheChunk_GivesTheSameIdAndBytesBack()
    {
        int chunk = Layout.ChunkSize;
        foreach (int length in new[] { 0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, (2 * chunk) + 1, (5 * chunk) - 1 })
        {
            byte[] content = Content(length);
            Cid cid = await PutAsync(content);
            Assert.Equal(UnixFsHasher.HashData(content, Layout), cid);
            Assert.True(await Store.ExistsAsync(cid));
            Assert.Equal(length, await Store.GetLengthAsync(cid));
            Assert.Equal(content, await ReadAsync(cid));
            await Store.VerifyAsync(cid);
        }
    }

    [Fact]
    public async Task Put_PublishedVectors_GivesTheirIds()
    {
        using var vectors = JsonDocument.Parse(await File.ReadAllBytesAsync(RepositoryRoot.Combine("tests", "vectors", "ipfs", "ipfs-cids.json")));
        JsonElement[] rows = Layout == UnixFsLayout.Default
            ? [.. vectors.RootElement.GetProperty("vectors").EnumerateArray().Where(r => r.GetProperty("size").GetInt32() <= 5_000_000)]
            : [.. vectors.RootElement.GetProperty("layout").EnumerateArray().Where(r => r.GetProperty("chunkSize").GetInt32() == Layout.ChunkSize && r.GetProperty("maxLinks").GetInt32() == Layout.MaxLinks)];
        Assert.NotEmpty(rows);
        foreach (JsonElement row in rows)
        {
            Assert.Equal(row.GetProperty("cidv1").GetString(), (await PutAsync(Content(row.GetProperty("size").GetInt32()))).ToString());
        }
    }

    [Fact]
    public async Task Create_PiecesOfAnySize_GivesTheIdOfTheWhole()
    {
        byte[] content = Content((3 * Layout.ChunkSize) + 5);
        await using ContentWriter writer = await Store.CreateAsync();
        for (int at = 0, size = 1; at < content.Length; at += size, size = (size * 2) + 1)
        {
            size = Math.Min(size, content.Length - at);
            await writer.WriteAsync(content.AsMemory(at, size));
        }

        Cid cid = await writer.CompleteAsync();
        Assert.Equal(UnixFsHasher.HashData(content, Layout), cid);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteAsync(content));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CompleteAsync());
        Assert.Equal(content, await ReadAsync(cid));
    }

    [Fact]
    public async Task Open_RangesAtChunkBorders_GivesThoseBytes()
    {
        int chunk = Layout.ChunkSize;
        byte[] content = Content((4 * chunk) + (chunk / 2));
        Cid cid = await PutAsync(content);
        int[] borders = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, (4 * chunk) - 1, 4 * chunk, content.Length - 1, content.Length];
        foreach (int start in borders)
        {
            foreach (int end in borders.Where(b => b >= start))
            {
                await AssertRangeAsync(content, cid, start, end);
            }

            Assert.Equal(content.Length - start, (await ReadAsync(cid, start)).Length);
        }
    }

    [Fact]
    public async Task Open_AnyRange_GivesThoseBytes()
    {
        byte[] content = Content((7 * Layout.ChunkSize) + 3);
        Cid cid = await PutAsync(content);
        Prop.ForAll<NonNegativeInt, NonNegativeInt>((first, second) =>
        {
            // The generator's numbers are small: spread them over the object.
            long a = first.Get * 7919L * 131 % (content.Length + 1);
            long b = second.Get * 104_729L * 17 % (content.Length + 1);
            (int start, int end) = ((int)Math.Min(a, b), (int)Math.Max(a, b));
            return RangeIsRight(content, cid, start, end);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Open_RangeOutside_Throws()
    {
        foreach (int length in new[] { 0, 10, (2 * Layout.ChunkSize) + 1 })
        {
            Cid cid = await PutAsync(Content(length));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(cid, -1));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(cid, 0, -1));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(cid, length + 1));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(cid, 0, length + 1));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(cid, 1, long.MaxValue));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(cid, long.MaxValue, long.MaxValue));
        }
    }

    [Fact]
    public async Task Open_Stream_ReadsForwardOnly()
    {
        byte[] content = Content((2 * Layout.ChunkSize) + 1);
        Cid cid = await PutAsync(content);
        await using Stream stream = await Store.OpenAsync(cid);
        byte[] read = new byte[content.Length + 10];
        Assert.Equal(0, stream.Read(read, 0, 0));
        Assert.Equal(content.Length, stream.ReadAtLeast(read, read.Length, throwOnEndOfStream: false));
        Assert.True(content.AsSpan().SequenceEqual(read.AsSpan(0, content.Length)));
        Assert.Equal(0, await stream.ReadAsync(read));
        Assert.False(stream.CanWrite);
    }

    [Fact]
    public async Task AnyReader_UnknownId_SaysNotFound()
    {
        Cid[] unknown = [Cid.ForRawBlock(Digest.Of("nowhere"u8)), Cid.ForDagPbNode(Digest.Of("nowhere"u8)), Cid.ForVersion0(Digest.Of("nowhere"u8)), default];
        foreach (Cid cid in unknown)
        {
            Assert.False(await Store.ExistsAsync(cid));
            Assert.False(await Store.IsPinnedAsync(cid));
            await Store.UnpinAsync(cid);
            await AssertFailsAsync(PhrDataReason.NotFound, cid, async () => await Store.OpenAsync(cid));
            await AssertFailsAsync(PhrDataReason.NotFound, cid, () => Store.GetLengthAsync(cid));
            await AssertFailsAsync(PhrDataReason.NotFound, cid, () => Store.VerifyAsync(cid));
            await AssertFailsAsync(PhrDataReason.NotFound, cid, () => Store.PinAsync(cid));
        }

        await AssertFailsAsync(PhrDataReason.NotFound, unknown[0], () => Store.GetBlockAsync(unknown[0].Digest));
    }

    [Fact]
    public async Task PutBlock_UpToOneMebibyte_IsOneRawBlock()
    {
        foreach (int length in new[] { 0, 1, 262_145, 1 << 20 })
        {
            byte[] block = Content(length);
            Cid cid = await Store.PutBlockAsync(block);
            Assert.Equal(Cid.ForRawBlock(Digest.Of(block)), cid);
            Assert.Equal(block, await Store.GetBlockAsync(Digest.Of(block)));
            Assert.Equal(length, await Store.GetLengthAsync(cid));
            Assert.Equal(block, await ReadAsync(cid));
            await AssertRangeAsync(block, cid, length / 2, length);
            Assert.True(await Store.IsPinnedAsync(cid));
        }

        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.PutBlockAsync(new byte[(1 << 20) + 1]));
        Cid tree = await PutAsync(Content(2 * Layout.ChunkSize));
        if (FindsNodesAsBlocks)
        {
            Assert.Equal(tree.Digest, Digest.Of(await Store.GetBlockAsync(tree.Digest)));
        }
        else
        {
            await AssertFailsAsync(PhrDataReason.NotFound, Cid.ForRawBlock(tree.Digest), () => Store.GetBlockAsync(tree.Digest));
        }

        Assert.Equal(0, await CountLeftoversAsync());
    }

    [Fact]
    public async Task Read_DamagedByte_NamesTheObjectAndSparesTheRest()
    {
        int chunk = Layout.ChunkSize;
        byte[] content = Content((4 * chunk) + 1);
        Cid cid = await PutAsync(content);
        await DamageAsync(cid, (2 * chunk) + 1);
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => Store.VerifyAsync(cid));
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => ReadAsync(cid, 2 * chunk, 1));
        await AssertRangeAsync(content, cid, 0, 2 * chunk);
        await AssertRangeAsync(content, cid, 3 * chunk, content.Length);

        // Every byte before the damaged chunk comes out, none of it does.
        await using Stream stream = await Store.OpenAsync(cid);
        byte[] read = new byte[content.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 2 * chunk));
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, async () => _ = await stream.ReadAsync(read));
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, async () => _ = await stream.ReadAsync(read));
    }

    [Fact]
    public async Task Read_DamagedBlock_NamesTheObject()
    {
        Cid cid = await Store.PutBlockAsync("a header"u8.ToArray());
        await DamageAsync(cid, 3);
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => Store.GetBlockAsync(cid.Digest));
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => ReadAsync(cid, 0, 1));
        await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => Store.VerifyAsync(cid));
    }

    [Fact]
    public async Task Read_TruncatedObject_NamesTheObject()
    {
        foreach (int length in new[] { 10, (3 * Layout.ChunkSize) + 1 })
        {
            Cid cid = await PutAsync(Content(length));
            await TruncateAsync(cid, length - 2);
            await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => Store.VerifyAsync(cid));
            await AssertFailsAsync(PhrDataReason.DigestMismatch, cid, () => ReadAsync(cid, length - 2));
        }
    }

    [Fact]
    public async Task Put_DamagedObjectAgain_RepairsIt()
    {
        byte[] content = Content((2 * Layout.ChunkSize) + 1);
        Cid cid = await PutAsync(content);
        await DamageAsync(cid, 0);
        Assert.Equal(cid, await PutAsync(content));
        Assert.Equal(content, await ReadAsync(cid));
    }

    [Fact]
    public async Task Put_SameContentAtOnce_GivesOneWholeObject()
    {
        byte[] content = Content((3 * Layout.ChunkSize) + 1);
        IContentStore other = await OpenStoreAsync();
        Cid[] cids = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? Store : other).PutAsync(new MemoryStream(content)))));
        Assert.Single(cids.Distinct());
        Assert.Equal(content, await ReadAsync(cids[0]));
        Assert.Equal(cids[..1], await PinsAsync());
        Assert.Equal(0, await CountLeftoversAsync());
    }

    [Fact]
    public async Task Put_TwoInstancesOnOnePlace_SeeEachOther()
    {
        IContentStore other = await OpenStoreAsync();
        byte[] content = Content((2 * Layout.ChunkSize) + 1);
        Cid cid = await other.PutAsync(new MemoryStream(content));
        Assert.Equal(content, await ReadAsync(cid));
        Assert.True(await Store.IsPinnedAsync(cid));
        await Store.UnpinAsync(cid);
        Assert.False(await other.IsPinnedAsync(cid));
        await other.CollectAsync();
        Assert.False(await Store.ExistsAsync(cid));
    }

    [Fact]
    public async Task Put_Cancelled_LeavesNothing()
    {
        byte[] content = Content((4 * Layout.ChunkSize) + 1);
        using var cancel = new CancellationTokenSource();
        var progress = new CallbackProgress(_ => cancel.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(new DribblingStream(content, 1000), progress, cancel.Token));
        Assert.False(await Store.ExistsAsync(UnixFsHasher.HashData(content, Layout)));
        Assert.Equal(0, await CountLeftoversAsync());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.CreateAsync(cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PutBlockAsync(content.AsMemory(0, 1), cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.CollectAsync(cancel.Token));
        Assert.Equal(0, await CountLeftoversAsync());
        Assert.Empty(await PinsAsync());
    }

    [Fact]
    public async Task Put_SourceFails_LeavesNothing()
    {
        var content = new DribblingStream(Content(Layout.ChunkSize * 3), 1000) { FailsAt = Layout.ChunkSize * 2 };
        await Assert.ThrowsAsync<IOException>(() => Store.PutAsync(content));
        Assert.Equal(0, await CountLeftoversAsync());
        Assert.Empty(await PinsAsync());
    }

    [Fact]
    public async Task Create_GivenUp_LeavesNothing()
    {
        ContentWriter writer = await Store.CreateAsync();
        await writer.WriteAsync(Content((2 * Layout.ChunkSize) + 1));
        await writer.DisposeAsync();
        await writer.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CompleteAsync());
        Assert.Equal(0, await CountLeftoversAsync());
        Assert.Empty(await PinsAsync());
    }

    [Fact]
    public async Task Create_WriteCancelled_TakesNoMore()
    {
        await using ContentWriter writer = await Store.CreateAsync();
        await writer.WriteAsync(new byte[] { 1 });
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.WriteAsync(new byte[] { 2 }, cancel.Token));

        // The write did not begin, so the object is whole without it.
        await writer.WriteAsync(new byte[] { 3 });
        Assert.Equal(new byte[] { 1, 3 }, await ReadAsync(await writer.CompleteAsync()));
    }

    [Fact]
    public async Task Open_Cancelled_Throws()
    {
        Cid cid = await PutAsync(Content((2 * Layout.ChunkSize) + 1));
        using var cancel = new CancellationTokenSource();
        await using Stream stream = await Store.OpenAsync(cid, cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => _ = await stream.ReadAsync(new byte[1], cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.OpenAsync(cid, cancellationToken: cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.VerifyAsync(cid, null, cancel.Token));
    }

    [Fact]
    public async Task Put_AndVerify_ReportProgress()
    {
        byte[] content = Content((2 * Layout.ChunkSize) + 7);
        var put = new List<long>();
        Cid cid = await Store.PutAsync(new MemoryStream(content), new CallbackProgress(put.Add));
        var verified = new List<long>();
        await Store.VerifyAsync(cid, new CallbackProgress(verified.Add));
        foreach (List<long> reported in new[] { put, verified })
        {
            Assert.Equal(content.Length, reported[^1]);
            Assert.Equal(reported.Order(), reported);
        }
    }

    [Fact]
    public async Task Collect_PinnedAndUnpinned_RemovesTheUnpinnedAlone()
    {
        byte[][] contents = [.. new[] { 1, Layout.ChunkSize + 1, (3 * Layout.ChunkSize) + 1, 2 * Layout.ChunkSize }.Select(Content)];
        Cid[] cids = new Cid[contents.Length];
        for (int i = 0; i < contents.Length; i++)
        {
            cids[i] = await PutAsync(contents[i]);
        }

        Assert.Equal(cids.Order(), (await PinsAsync()).Order());
        Assert.Equal(default, await Store.CollectAsync());

        await Store.UnpinAsync(cids[0]);
        await Store.UnpinAsync(cids[1]);
        await Store.UnpinAsync(cids[1]);
        await Store.UnpinAsync(cids[3]);
        await Store.PinAsync(cids[3]);
        await Store.PinAsync(cids[3]);
        Assert.True(await Store.ExistsAsync(cids[0]));
        Assert.Equal(new CollectReport(2, contents[0].Length + contents[1].Length), await Store.CollectAsync());
        Assert.False(await Store.ExistsAsync(cids[0]));
        Assert.False(await Store.ExistsAsync(cids[1]));
        Assert.Equal(contents[2], await ReadAsync(cids[2]));
        Assert.Equal(contents[3], await ReadAsync(cids[3]));

        Assert.Equal(cids[1], await PutAsync(contents[1]));
        Assert.Equal(default, await Store.CollectAsync());
        Assert.Equal(contents[1], await ReadAsync(cids[1]));
    }

    [Fact]
    public async Task Collect_WhilePutting_NeverTakesWhatWasPut()
    {
        using var done = new CancellationTokenSource();
        IContentStore other = await OpenStoreAsync();
        Task collector = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await other.CollectAsync();
            }
        });
        byte[][] contents = [.. Enumerable.Range(1, 4).Select(i => Content(Layout.ChunkSize + i))];
        for (int round = 0; round < 5; round++)
        {
            Cid[] cids = await Task.WhenAll(contents.Select(c => Task.Run(() => PutAsync(c))));
            foreach ((Cid cid, byte[] content) in cids.Zip(contents))
            {
                Assert.Equal(content, await ReadAsync(cid));
                await Store.UnpinAsync(cid);
            }
        }

        await done.CancelAsync();
        await collector;
    }

    /// <summary>The bytes that the vectors are made of.</summary>
    protected static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++)
        {
            content[i] = (byte)(((i * 31L) + 7) % 251);
        }

        return content;
    }

    protected Task<Cid> PutAsync(byte[] content) => Store.PutAsync(new MemoryStream(content));

    protected async Task<byte[]> ReadAsync(Cid cid, long offset = 0, long? length = null)
    {
        await using Stream stream = await Store.OpenAsync(cid, offset, length);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task AssertRangeAsync(byte[] content, Cid cid, int start, int end)
    {
        byte[] read = await ReadAsync(cid, start, end - start);
        Assert.True(content.AsSpan(start..end).SequenceEqual(read), $"{start}..{end}");
    }

    /// <summary>Waits, because a property is not a task.</summary>
    private bool RangeIsRight(byte[] content, Cid cid, int start, int end) =>
        content.AsSpan(start..end).SequenceEqual(ReadAsync(cid, start, end - start).GetAwaiter().GetResult());

    protected async Task<Cid[]> PinsAsync()
    {
        var pins = new List<Cid>();
        await foreach (Cid cid in Store.ListPinsAsync())
        {
            pins.Add(cid);
        }

        return [.. pins];
    }

    protected static async Task AssertFailsAsync(PhrDataReason reason, Cid cid, Func<Task> action)
    {
        PhrDataException e = await Assert.ThrowsAsync<PhrDataException>(action);
        Assert.Equal(reason, e.Reason);
        Assert.Contains(cid.ToString(), e.Message);
    }

    private sealed class CallbackProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }

    /// <summary>Gives few bytes at a time, and fails where told.</summary>
    private sealed class DribblingStream(byte[] content, int piece) : MemoryStream(content)
    {
        public int FailsAt { get; init; } = int.MaxValue;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Position >= FailsAt ? throw new IOException("the source broke") : base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
        }
    }
}
