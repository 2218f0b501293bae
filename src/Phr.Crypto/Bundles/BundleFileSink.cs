namespace Phr.Crypto.Bundles;

/// <summary>Writes the single-file packaging: one object at a time, then the header and the trailer.</summary>
internal sealed class BundleFileSink : IContentSink
{
    private readonly Stream _output;
    private long _length;
    private bool _begun;
    private bool _broken;

    public BundleFileSink(Stream output)
    {
        if (!output.CanWrite || (output.CanSeek && (output.Position != 0 || output.Length != 0)))
        {
            throw new ArgumentException("A bundle is written to an empty, writable stream.", nameof(output));
        }

        _output = output;
    }

    public async ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfBroken();
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        return new ObjectWriter(this);
    }

    /// <summary>Takes the header, which is the only block of a bundle, and ends the file.</summary>
    public async ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default)
    {
        ThrowIfBroken();
        var digest = Digest.Of(block.Span);
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        _broken = true; // whatever happens from here on, nothing may follow
        await _output.WriteAsync(block, cancellationToken).ConfigureAwait(false);
        await _output.WriteAsync(BundleFile.Trailer(_length, block.Length, digest), cancellationToken).ConfigureAwait(false);
        await _output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return Cid.ForRawBlock(digest);
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            _begun = true;
            await _output.WriteAsync(BundleFile.Magic.ToArray(), cancellationToken).ConfigureAwait(false);
            _length = BundleFile.Magic.Length;
        }
    }

    private void ThrowIfBroken()
    {
        if (_broken)
        {
            throw new InvalidOperationException(
                "Nothing can follow in this bundle's file: it is complete, or a document failed and the stream cannot go back. Begin a new file.");
        }
    }

    private sealed class ObjectWriter(BundleFileSink sink) : ContentWriter
    {
        private readonly UnixFsHasher _hasher = new();
        private bool _over;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
        {
            _hasher.Append(bytes.Span);
            await sink._output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        public override ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default)
        {
            Cid cid = _hasher.Complete();
            sink._length += _hasher.Length;
            _over = true;
            return ValueTask.FromResult(cid);
        }

        public override ValueTask DisposeAsync()
        {
            if (!_over)
            {
                _over = true;
                if (sink._output.CanSeek)
                {
                    sink._output.SetLength(sink._length);
                    sink._output.Position = sink._length;
                }
                else
                {
                    sink._broken = true;
                }
            }

            _hasher.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
