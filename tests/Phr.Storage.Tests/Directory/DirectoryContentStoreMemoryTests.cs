using Phr.Crypto;

namespace Phr.Storage.Tests;

/// <summary>Runs alone, because it counts what the whole process allocates.</summary>
[CollectionDefinition(nameof(DirectoryContentStoreMemoryTests), DisableParallelization = true)]
[Collection(nameof(DirectoryContentStoreMemoryTests))]
public sealed class DirectoryContentStoreMemoryTests
{
    [Fact]
    public async Task Put_LargeObject_KeepsMemoryConstant()
    {
        const int length = 64 << 20;
        using var folder = new TemporaryFolder();
        var store = DirectoryContentStore.Open(folder.Path);
        Cid cid = await store.PutAsync(new ZeroStream(length)); // warm up
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal(cid, await store.PutAsync(new ZeroStream(length)));
        await store.VerifyAsync(cid);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, length / 4);
    }

    private sealed class ZeroStream(long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int given = (int)Math.Min(count, length - Position);
            buffer.AsSpan(offset, given).Clear();
            Position += given;
            return given;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int given = (int)Math.Min(buffer.Length, length - Position);
            buffer.Span[..given].Clear();
            Position += given;
            return ValueTask.FromResult(given);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
