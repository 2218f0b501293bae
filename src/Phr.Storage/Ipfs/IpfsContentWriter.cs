using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Streams one object to several nodes at once and compares what they made of it with the id that it has. Not thread safe.</summary>
internal sealed class IpfsContentWriter(IpfsContentStore store, List<NodeUpload> uploads) : ContentWriter
{
    private readonly UnixFsHasher _hasher = new();
    private readonly List<IpfsFault> _faults = [];
    private string? _over;

    /// <summary>Puts the blocks of the object that a node has wrong once more; null when the content cannot be read again.</summary>
    public Func<IpfsEndpoint, Cid, CancellationToken, Task>? Mend { get; init; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        ThrowIfOver();
        cancellationToken.ThrowIfCancellationRequested();

        // Hash and nodes would no longer agree if one of the next lines failed half-way.
        _over = "an earlier write failed or was cancelled";
        _hasher.Append(bytes.Span);
        await EachAsync(upload => upload.WriteAsync(bytes, cancellationToken)).ConfigureAwait(false);
        _over = null;
    }

    public override async ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfOver();
        cancellationToken.ThrowIfCancellationRequested();
        _over = "it was completed";
        Cid cid = _hasher.Complete();
        await EachAsync(async upload =>
        {
            // js-ipfs leaves blocks as they are that it has already, and Kubo can be told to: what was there before must be looked at.
            bool wasThere = await store.WasKeptAsync(upload.Endpoint, cid, cancellationToken).ConfigureAwait(false);
            await upload.CompleteAsync(cid, cancellationToken).ConfigureAwait(false);
            if (wasThere)
            {
                await store.MendAsync(upload.Endpoint, cid, Mend, cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        await store.SpreadAsync(cid, [.. uploads.Select(u => u.Endpoint)], _faults, cancellationToken).ConfigureAwait(false);
        return cid;
    }

    public override async ValueTask DisposeAsync()
    {
        _over = "it was disposed";
        _hasher.Dispose();
        foreach (NodeUpload upload in uploads)
        {
            await upload.DisposeAsync().ConfigureAwait(false);
        }

        uploads.Clear();
    }

    // Does a step with each node, and goes on without those that fail while enough are left.
    private async Task EachAsync(Func<NodeUpload, Task> step)
    {
        Task[] steps = [.. uploads.Select(step)];
        NodeUpload[] all = [.. uploads];
        await Task.WhenAll(steps).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (int i = 0; i < all.Length; i++)
        {
            try
            {
                await steps[i].ConfigureAwait(false);
            }
            catch (IpfsFaultException e)
            {
                store.Nodes.Note(all[i].Endpoint, e.Fault);
                _faults.Add(e.Fault);
                uploads.Remove(all[i]);
                await all[i].DisposeAsync().ConfigureAwait(false);
            }
        }

        if (uploads.Count < store.Options.RequiredReplicas)
        {
            throw Error.TooFewReplicas(uploads.Count, store.Options.RequiredReplicas, _faults);
        }
    }

    private void ThrowIfOver()
    {
        if (_over is not null)
        {
            throw Error.WriterOver(_over);
        }
    }
}
