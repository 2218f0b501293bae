using System.Buffers;

namespace Phr.Crypto.Bundles;

/// <summary>Gives the ciphertexts of a single-file packaging back. An object is hashed once, before the first byte of it is given.</summary>
/// <remarks>A document's key does not sign: whoever has it can alter the file. The content id in the signed header is what stands against that.</remarks>
internal sealed class BundleFileSource : IContentSource
{
    private readonly Stream _input;
    private readonly Dictionary<Cid, Entry> _entries = [];

    public BundleFileSource(Stream input, BundleHeader header)
    {
        _input = input;
        long offset = BundleFile.Magic.Length;
        foreach (BundleDocument document in header.Documents)
        {
            _entries.TryAdd(document.CiphertextCid, new Entry(offset, document.CiphertextLength));
            offset += document.CiphertextLength;
        }
    }

    public async ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        if (!_entries.TryGetValue(cid, out Entry? entry))
        {
            throw BundleFile.Fault(PhrDataReason.NotFound, $"it has no object {cid}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, entry.Length);
        long count = length ?? entry.Length - offset;
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, entry.Length - offset, nameof(length));
        await VerifyAsync(cid, 1, cancellationToken).ConfigureAwait(false);
        return new SliceStream(_input, entry.Offset + offset, count);
    }

    /// <summary>Hashes an object, if that was not done yet, and compares it with its content id.</summary>
    public async ValueTask VerifyAsync(Cid cid, int parallelism, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(cid, out Entry? entry) || entry.IsVerified)
        {
            return;
        }

        using var hasher = new UnixFsHasher();
        await using var slice = new SliceStream(_input, entry.Offset, entry.Length);
        var steps = new OrderedWork<LeafBatch>.Steps(
            static batch => batch.Hash(),
            static _ => { },
            SecondNeedsWork: false,
            (batch, _) =>
            {
                batch.AppendTo(hasher);
                return ValueTask.CompletedTask;
            });
        await using var work = new OrderedWork<LeafBatch>(parallelism, static () => new LeafBatch(), steps, cancellationToken);
        int read;
        do
        {
            LeafBatch batch = await work.TakeAsync().ConfigureAwait(false);
            read = await slice.ReadAtLeastAsync(batch.Bytes, LeafBatch.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            batch.Filled = read;
            await work.PostAsync(batch).ConfigureAwait(false);
        }
        while (read == LeafBatch.Length);
        await work.CompleteAsync().ConfigureAwait(false);
        if (hasher.Length != entry.Length || hasher.Complete() != cid)
        {
            throw BundleFile.Fault(PhrDataReason.DigestMismatch, $"an object is not the one that its content id {cid} names.");
        }

        entry.IsVerified = true;
    }

    /// <summary>A few leaves of an object's tree.</summary>
    private sealed class LeafBatch : IDisposable
    {
        public const int Length = Leaves * LeafLength;

        private const int Leaves = 2;
        private const int LeafLength = 1 << 18;

        private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(Length);
        private readonly Digest[] _digests = new Digest[Leaves];

        public Memory<byte> Bytes => _bytes.AsMemory(0, Length);

        public int Filled { get; set; }

        public void Hash()
        {
            for (int at = 0; at < Filled; at += LeafLength)
            {
                _digests[at / LeafLength] = Digest.Of(_bytes.AsSpan(at, Math.Min(LeafLength, Filled - at)));
            }
        }

        public void AppendTo(UnixFsHasher hasher)
        {
            for (int at = 0; at < Filled; at += LeafLength)
            {
                hasher.AppendChunk(_digests[at / LeafLength], Math.Min(LeafLength, Filled - at));
            }
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
    }

    private sealed class Entry(long offset, long length)
    {
        public long Offset { get; } = offset;

        public long Length { get; } = length;

        public bool IsVerified { get; set; }
    }

    /// <summary>A forward view of part of a seekable stream, which it does not own and whose position it sets at every read.</summary>
    private sealed class SliceStream(Stream input, long offset, long length) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int read = input.Read(buffer[..Seek(buffer.Length)]);
            _read += read;
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await input.ReadAsync(buffer[..Seek(buffer.Length)], cancellationToken).ConfigureAwait(false);
            _read += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Seek(int wanted)
        {
            if (input.Position != offset + _read)
            {
                input.Position = offset + _read;
            }

            return (int)Math.Min(wanted, length - _read);
        }
    }
}
