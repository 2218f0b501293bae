using Phr.Crypto;

namespace Phr.Benchmarks.Scenes;

/// <summary>A sink that works out content ids and keeps nothing.</summary>
internal sealed class HashingSink : IContentSink
{
    public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<ContentWriter>(new Writer());

    public ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Cid.ForRawBlock(Digest.Of(block.Span)));

    private sealed class Writer : ContentWriter
    {
        private readonly UnixFsHasher _hasher = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        {
            _hasher.Append(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public override ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(_hasher.Complete());

        public override ValueTask DisposeAsync()
        {
            _hasher.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
