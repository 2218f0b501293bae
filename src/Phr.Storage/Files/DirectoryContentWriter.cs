using System.Buffers;
using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>Writes one object into temporary files, hashing it on the way, and publishes them at the end.</summary>
internal sealed class DirectoryContentWriter : ContentWriter
{
    private const int SpillLength = 65_536;

    private readonly DirectoryContentStore _store;
    private readonly UnixFsLayout _layout;
    private readonly UnixFsHasher _hasher;
    private readonly TemporaryFile _data;
    private readonly ArrayBufferWriter<byte> _digests = new();
    private TemporaryFile? _leaves;
    private string? _over;

    public DirectoryContentWriter(DirectoryContentStore store, UnixFsLayout layout)
    {
        _store = store;
        _layout = layout;
        _data = store.NewTemporary();
        _hasher = new UnixFsHasher(layout, KeepLeaf);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        ThrowIfOver();
        cancellationToken.ThrowIfCancellationRequested();

        // Hash and file would no longer agree if one of the next lines failed half-way.
        _over = "an earlier write failed or was cancelled";
        _hasher.Append(bytes.Span);
        await _data.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        if (_digests.WrittenCount >= SpillLength)
        {
            Spill();
        }

        _over = null;
    }

    public override async ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfOver();
        cancellationToken.ThrowIfCancellationRequested();
        _over = "it was completed";
        Cid cid = _hasher.Complete();
        await Task.Run(() => Seal(cid), cancellationToken).ConfigureAwait(false);
        await _store.PublishAsync(cid, _data, cid.Codec == ContentCodec.DagPb ? _leaves : null, cancellationToken).ConfigureAwait(false);
        return cid;
    }

    public override ValueTask DisposeAsync()
    {
        _over = "it was disposed";
        _hasher.Dispose();
        _leaves?.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    private void KeepLeaf(Cid cid, ReadOnlySpan<byte> block)
    {
        if (cid.Codec == ContentCodec.Raw)
        {
            cid.Digest.CopyTo(_digests.GetSpan(Digest.Length));
            _digests.Advance(Digest.Length);
        }
    }

    private void Seal(Cid cid)
    {
        if (cid.Codec == ContentCodec.DagPb)
        {
            Spill();
            Span<byte> header = stackalloc byte[LeafList.HeaderLength];
            LeafList.WriteHeader(header, _layout, _hasher.Length);
            _leaves!.WriteAt(0, header);
            _leaves.Seal();
        }

        _data.Seal();
    }

    private void Spill()
    {
        if (_leaves is null)
        {
            _leaves = _store.NewTemporary();
            Span<byte> header = stackalloc byte[LeafList.HeaderLength];
            header.Clear();
            _leaves.Write(header);
        }

        _leaves.Write(_digests.WrittenSpan);
        _digests.ResetWrittenCount();
    }

    private void ThrowIfOver()
    {
        if (_over is not null)
        {
            throw Error.WriterOver(_over);
        }
    }
}
