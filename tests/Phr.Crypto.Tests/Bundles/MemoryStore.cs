namespace Phr.Crypto.Tests.Bundles;

/// <summary>A content store in memory that gives back what it has, verified or not: a test may put wrong bytes under an id.</summary>
internal sealed class MemoryStore : IContentSink, IContentSource
{
    public Dictionary<Cid, byte[]> Objects { get; } = [];

    /// <summary>Ranges that were opened.</summary>
    public List<(Cid Cid, long Offset)> Opened { get; } = [];

    public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<ContentWriter>(new Writer(this));

    public ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default)
    {
        var cid = Cid.ForRawBlock(Digest.Of(block.Span));
        Objects[cid] = block.ToArray();
        return ValueTask.FromResult(cid);
    }

    public ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        if (!Objects.TryGetValue(cid, out byte[]? bytes))
        {
            throw new PhrDataException("store", PhrDataReason.NotFound, "there is no such object.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + (length ?? 0), bytes.Length);
        Opened.Add((cid, offset));
        return ValueTask.FromResult<Stream>(new MemoryStream(bytes, (int)offset, (int)(length ?? bytes.Length - offset), writable: false));
    }

    private sealed class Writer(MemoryStore store) : ContentWriter
    {
        private readonly MemoryStream _bytes = new();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public override ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default)
        {
            byte[] bytes = _bytes.ToArray();
            Cid cid = UnixFsHasher.HashData(bytes);
            store.Objects[cid] = bytes;
            return ValueTask.FromResult(cid);
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
