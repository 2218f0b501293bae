using System.Buffers;
using System.Runtime.CompilerServices;
using Phr.Crypto;
using Phr.Storage.Ipfs;

namespace Phr.Storage;

/// <summary>A content store on IPFS: several nodes with Kubo's RPC interface, and trustless gateways to read from. No node is trusted with what content is.</summary>
/// <remarks>
/// <para><b>Checking.</b> Every block is checked against its id before a byte of it is handed out, and the tree of a file against its own sizes. Where a node gives something wrong, too
/// slowly or not at all, the next one is asked, from the block that is due; <see cref="IpfsContentStoreOptions.Faults"/> learns of it. Only when all failed does the caller.</para>
/// <para><b>Keeping.</b> A put streams to <see cref="IpfsContentStoreOptions.Replicas"/> nodes at once and succeeds when <see cref="IpfsContentStoreOptions.RequiredReplicas"/> of them
/// have pinned the object and found the same id. Nodes are changed in nothing else than blocks and pins; other users of a node share both. A pin that somebody else set is listed, and a collection is one of the whole node.</para>
/// <para><b>Failing.</b> A put that is cancelled or fails leaves unpinned blocks at most, which the node's next collection removes. When nodes are out of reach and the others cannot make up
/// for it, there is an <see cref="IpfsUnavailableException"/>. A node cannot know that nobody has a block: <see cref="PhrDataReason.NotFound"/> means that none was found within <see cref="IpfsContentStoreOptions.LookupTimeout"/>.</para>
/// <para><b>Cost.</b> Memory is that of a few blocks for objects of any length, both ways. Reading a file of <c>n</c> chunks takes one request a node of its tree (n/174) and one for the rest.</para>
/// <para>Ids of version 0, which other writers make, are found as well. Thread safe, and safe for several processes on the same nodes.</para>
/// <para>Sources: Kubo's RPC documentation, the trustless gateway, CARv1, dag-pb and UnixFS specifications of IPFS.</para>
/// </remarks>
public sealed class IpfsContentStore : IContentStore, IDisposable
{
    private const int CopyLength = 131_072;
    private const int Attempts = 3;

    private readonly IpfsHttp _http;
    private readonly IpfsRpc _rpc;
    private readonly EndpointGroup _everyone;
    private readonly ReplicaKeeper _keeper;

    private IpfsContentStore(IpfsContentStoreOptions options)
    {
        Options = options;
        _http = new IpfsHttp(options);
        _rpc = new IpfsRpc(_http);
        IpfsEndpoint[] nodes = [.. options.Nodes.Select(a => new IpfsEndpoint(a, isGateway: false, options.TimeProvider))];
        Nodes = new EndpointGroup(nodes, options);
        _everyone = new EndpointGroup([.. nodes, .. options.Gateways.Select(a => new IpfsEndpoint(a, isGateway: true, options.TimeProvider))], options);
        _keeper = new ReplicaKeeper(_http, _rpc, Nodes, _everyone);
    }

    internal IpfsContentStoreOptions Options { get; }

    internal EndpointGroup Nodes { get; }

    /// <summary>Makes a store over nodes and gateways. Nothing is asked of them yet.</summary>
    /// <param name="options">Which they are, and how patient the store is.</param>
    /// <returns>The store, to be disposed after what was opened from it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null, or a part of it.</exception>
    /// <exception cref="ArgumentException">There is no address, too many, one twice, or one that is none of http or https.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or time of the options is outside its range.</exception>
    public static IpfsContentStore Connect(IpfsContentStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return new IpfsContentStore(options);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Fewer nodes than are required can be reached.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    public async ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        return await BeginAsync(null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Fewer nodes than are required took the object. Where <paramref name="content"/> can be read again, that was tried.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    public async Task<Cid> PutAsync(Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ThrowIfReadOnly();
        long? start = content.CanSeek ? content.Position : null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyLength);
        long reported = -1;

        using var gate = new SemaphoreSlim(1);

        // Several nodes may need it, and the content has one position.
        async Task MendFromContentAsync(IpfsEndpoint node, Cid cid, CancellationToken ct)
        {
            await gate.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                content.Position = start!.Value;
                await _keeper.MendAsync(node, cid, content, ct).ConfigureAwait(false);
            }
            finally
            {
                gate.Release();
            }
        }

        try
        {
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    await using ContentWriter writer = await BeginAsync(start is null ? null : MendFromContentAsync, cancellationToken).ConfigureAwait(false);
                    long total = 0;
                    for (int count; (count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                    {
                        await writer.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                        total += count;
                        if (total > reported)
                        {
                            progress?.Report(reported = total);
                        }
                    }

                    return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (IpfsUnavailableException) when (start is not null && attempt < Attempts)
                {
                    content.Position = start.Value;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Fewer nodes than are required took the block.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    public async ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default)
    {
        if (block.Length > ContentSourceExtensions.MaxBlockLength)
        {
            throw Error.BlockArgumentTooLong(nameof(block), block.Length);
        }

        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        var cid = Cid.ForRawBlock(Digest.Of(block.Span));
        (List<IpfsEndpoint> took, List<IpfsFault> faults) = await OnSomeAsync(
            Nodes.Ordered(), (node, ct) => PutBlockAsync(node, cid, block, ct), cancellationToken).ConfigureAwait(false);
        return took.Count >= Options.RequiredReplicas ? cid : throw Error.TooFewReplicas(took.Count, Options.RequiredReplicas, faults);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Nodes are out of reach, and none of the others has it.</exception>
    public async ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNothing(cid);
        return await IpfsReadStream.OpenAsync(new BlockFeed(_rpc, _everyone, Options, cid), cid, offset, length, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Nodes are out of reach, and none of the others has it.</exception>
    /// <remarks>A node's word for the first block is taken; <see cref="ProbeAsync"/> looks closer.</remarks>
    public async Task<bool> ExistsAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!CanHold(cid))
        {
            return false;
        }

        try
        {
            await _everyone.AskAsync((endpoint, ct) => _rpc.StatBlockAsync(endpoint, cid, ct), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (AllFailedException e)
        {
            return e.Faults.All(f => f.Kind == IpfsFaultKind.NotFound) ? false : throw e.For(cid, cid);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Nodes are out of reach, and none of the others has it.</exception>
    public async Task<long> GetLengthAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNothing(cid);
        await using IpfsReadStream stream = await IpfsReadStream.OpenAsync(new BlockFeed(_rpc, _everyone, Options, cid), cid, 0, 0, cancellationToken).ConfigureAwait(false);
        return stream.ObjectLength;
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Fewer nodes than are required pinned it.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    /// <remarks>Nodes that have it are asked to pin it. Where they are fewer than <see cref="IpfsContentStoreOptions.Replicas"/>, it is brought to others.</remarks>
    public async Task PinAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNothing(cid);
        (List<IpfsEndpoint> holders, List<IpfsFault> faults) = await OnAllAsync(
            (node, ct) => _rpc.StatBlockAsync(node, cid, ct), cancellationToken).ConfigureAwait(false);
        if (holders.Count == 0)
        {
            throw new AllFailedException(faults).For(cid, cid);
        }

        (List<IpfsEndpoint> pinned, List<IpfsFault> refused) = await OnSomeAsync(
            holders, (node, ct) => _rpc.PinAsync(node, cid, Options.WorkTimeout, ct), cancellationToken).ConfigureAwait(false);
        faults.AddRange(refused);
        await SpreadAsync(cid, pinned, faults, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">A node is out of reach, and may still pin it.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    public async Task UnpinAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        if (!CanHold(cid))
        {
            return;
        }

        (_, List<IpfsFault> faults) = await OnAllAsync((node, ct) => _rpc.UnpinAsync(node, cid, ct), cancellationToken).ConfigureAwait(false);
        if (faults.Count > 0)
        {
            throw Error.NodesFailed("unpin the object", faults);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">A node is out of reach, and none of the others pins it.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    public async Task<bool> IsPinnedAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        if (!CanHold(cid))
        {
            return false;
        }

        int pins = 0;
        (_, List<IpfsFault> faults) = await OnAllAsync(
            async (node, ct) => Interlocked.Add(ref pins, await _rpc.IsPinnedAsync(node, cid, ct).ConfigureAwait(false) ? 1 : 0), cancellationToken).ConfigureAwait(false);
        return pins > 0 || (faults.Count == 0 ? false : throw Error.NodesFailed("say whether they pin the object", faults));
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">A node is out of reach, so that the list would not be complete; thrown after what the others pin was listed.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    /// <remarks>The nodes' pins that others set are listed as well. With several nodes, the ids listed so far are kept in memory.</remarks>
    public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        return ListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">A node is out of reach; thrown after the others collected.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    /// <remarks>
    /// Each node collects all of its garbage, whoever put it. To say which objects that was, the blocks that no pin keeps are looked at before, one request or two for each. An object
    /// that went from several nodes counts once. Nodes collect by themselves as well, when their settings say so.
    /// </remarks>
    public async Task<CollectReport> CollectAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        var collection = new NodeCollection(_rpc);
        var faults = new List<IpfsFault>();
        foreach (IpfsEndpoint node in Nodes.Endpoints)
        {
            try
            {
                await collection.CollectAsync(node, cancellationToken).ConfigureAwait(false);
            }
            catch (IpfsFaultException e)
            {
                Nodes.Note(node, e.Fault);
                faults.Add(e.Fault);
            }
        }

        return faults.Count == 0 ? collection.Report : throw Error.NodesFailed("collect", faults);
    }

    /// <inheritdoc/>
    /// <exception cref="IpfsUnavailableException">Nodes are out of reach, and the others do not have all of it.</exception>
    public async Task VerifyAsync(Cid cid, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        await using Stream stream = await OpenAsync(cid, cancellationToken: cancellationToken).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyLength);
        try
        {
            long total = 0;
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                progress?.Report(total += count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Looks which nodes keep an object.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="depth">How much each node must show.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What was found at each node, in the order of <see cref="IpfsContentStoreOptions.Nodes"/>.</returns>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    /// <remarks>A node that is connected to others may fetch from them what it lacks in order to answer, and then has it for a while without pinning it: <see cref="IpfsReplica.IsKept"/> counts pins as well.</remarks>
    public async Task<IReadOnlyList<IpfsReplica>> ProbeAsync(Cid cid, IpfsProbeDepth depth, CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.WhenAll(Nodes.Endpoints.Select(node => _keeper.ProbeAsync(node, cid, depth, null, cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Checks an object at every node, gives damaged blocks again, and brings it to further nodes until <see cref="IpfsContentStoreOptions.Replicas"/> keep it.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="progress">Receives the number of bytes of the object that were sent so far, anew for each copy; or null.</param>
    /// <param name="cancellationToken">Cancels the operation; what was repaired by then stays so.</param>
    /// <returns>What was found and done. Nodes out of reach, and fewer replicas than wanted, are in it and no exception.</returns>
    /// <exception cref="PhrDataException">Nobody has the object, or a part of it (<see cref="PhrDataReason.NotFound"/>), or nobody has it right (<see cref="PhrDataReason.DigestMismatch"/>).</exception>
    /// <exception cref="IpfsUnavailableException">The parts that are missing may be at nodes that are out of reach.</exception>
    /// <exception cref="InvalidOperationException">The store has gateways alone.</exception>
    /// <remarks>Missing parts are taken from every node and gateway that has them, so that several damaged copies can make one whole. Every node is read once, completely.</remarks>
    public async Task<IpfsRepairReport> RepairAsync(Cid cid, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ThrowIfReadOnly();
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfNothing(cid);
        return await _keeper.RepairAsync(cid, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks every node who it is and how much it keeps.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>One answer for each of <see cref="IpfsContentStoreOptions.Nodes"/>, in their order; for health checks.</returns>
    public async Task<IReadOnlyList<IpfsNodeStatus>> GetNodesAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.WhenAll(Nodes.Endpoints.Select(async node =>
        {
            try
            {
                return await _rpc.GetStatusAsync(node, cancellationToken).ConfigureAwait(false);
            }
            catch (IpfsFaultException e)
            {
                Nodes.Note(node, e.Fault);
                return new IpfsNodeStatus(node.Address, e.Fault);
            }
        })).ConfigureAwait(false);
    }

    /// <summary>Closes the connections. What was opened from the store is of no further use.</summary>
    public void Dispose() => _http.Dispose();

    /// <summary>Brings an object that some nodes keep to further ones, until enough have it. That more than are required do is not needed for success.</summary>
    internal async Task SpreadAsync(Cid cid, List<IpfsEndpoint> holders, List<IpfsFault> faults, CancellationToken cancellationToken)
    {
        int kept = holders.Count;
        foreach (IpfsEndpoint node in Nodes.Ordered().Where(n => n.IsGood && !holders.Contains(n)))
        {
            if (kept >= Options.Replicas)
            {
                break;
            }

            try
            {
                await _keeper.CopyAsync(node, cid, null, cancellationToken).ConfigureAwait(false);
                kept++;
            }
            catch (IpfsFaultException e)
            {
                Nodes.Note(node, e.Fault);
                faults.Add(e.Fault);
            }
            catch (Exception e) when (kept >= Options.RequiredReplicas && e is PhrDataException or IpfsUnavailableException)
            {
                break; // nobody gives it to us at the moment; those who keep it are enough
            }
        }

        if (kept < Options.RequiredReplicas)
        {
            throw Error.TooFewReplicas(kept, Options.RequiredReplicas, faults);
        }
    }

    /// <summary>Whether a node says that it keeps an object already. If it does not answer, what follows will show that.</summary>
    internal async Task<bool> WasKeptAsync(IpfsEndpoint node, Cid cid, CancellationToken cancellationToken)
    {
        try
        {
            return await _rpc.IsPinnedAsync(node, cid, cancellationToken).ConfigureAwait(false);
        }
        catch (IpfsFaultException)
        {
            return false;
        }
    }

    /// <summary>Looks at an object that a node kept before it was put again, and has it mended where it is damaged.</summary>
    /// <exception cref="IpfsFaultException">It is damaged and stays so.</exception>
    internal async Task MendAsync(IpfsEndpoint node, Cid cid, Func<IpfsEndpoint, Cid, CancellationToken, Task>? mend, CancellationToken cancellationToken)
    {
        IpfsReplica replica = await _keeper.ProbeAsync(node, cid, IpfsProbeDepth.Everything, null, cancellationToken).ConfigureAwait(false);
        if (replica.State == IpfsReplicaState.Damaged && mend is not null)
        {
            await mend(node, cid, cancellationToken).ConfigureAwait(false);
        }
        else if (replica.Fault is { } fault)
        {
            throw new IpfsFaultException(fault);
        }
    }

    private static bool CanHold(Cid cid) => cid is { IsZero: false, IsSupported: true };

    private static void ThrowIfNothing(Cid cid)
    {
        if (!CanHold(cid))
        {
            throw Error.NotFound(cid);
        }
    }

    private void ThrowIfReadOnly()
    {
        if (Nodes.Endpoints.Count == 0)
        {
            throw Error.ReadOnlyStore();
        }
    }

    private async IAsyncEnumerable<Cid> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<Cid>? seen = Nodes.Endpoints.Count == 1 ? null : [];
        var faults = new List<IpfsFault>();
        foreach (IpfsEndpoint node in Nodes.Endpoints)
        {
            await using IAsyncEnumerator<Cid> pins = _rpc.ListPinsAsync(node, PinParts.LeftOut, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await pins.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (IpfsFaultException e)
                {
                    Nodes.Note(node, e.Fault);
                    faults.Add(e.Fault);
                    break;
                }

                if (seen is null || seen.Add(pins.Current))
                {
                    yield return pins.Current;
                }
            }
        }

        if (faults.Count > 0)
        {
            throw Error.NodesFailed("list their pins", faults);
        }
    }

    private async Task<IpfsContentWriter> BeginAsync(Func<IpfsEndpoint, Cid, CancellationToken, Task>? mend, CancellationToken cancellationToken)
    {
        var uploads = new List<NodeUpload>();
        foreach (IpfsEndpoint node in await ChooseAsync(cancellationToken).ConfigureAwait(false))
        {
            uploads.Add(new NodeUpload(_http, _rpc, node));
        }

        return new IpfsContentWriter(this, uploads) { Mend = mend };
    }

    private async Task PutBlockAsync(IpfsEndpoint node, Cid cid, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        bool wasThere = await WasKeptAsync(node, cid, cancellationToken).ConfigureAwait(false);
        await _rpc.PutBlockAsync(node, cid, block, BlockPin.Recursive, cancellationToken).ConfigureAwait(false);
        if (wasThere)
        {
            await MendAsync(node, cid, (n, c, ct) => _keeper.MendAsync(n, c, block, ct), cancellationToken).ConfigureAwait(false);
        }
    }

    // The nodes that an object will be streamed to: as many as are wanted of those that answer.
    private async Task<List<IpfsEndpoint>> ChooseAsync(CancellationToken cancellationToken)
    {
        (List<IpfsEndpoint> chosen, List<IpfsFault> faults) = await OnSomeAsync(Nodes.Ordered(), (node, ct) => _rpc.GetIdAsync(node, ct), cancellationToken).ConfigureAwait(false);
        return chosen.Count >= Options.RequiredReplicas ? chosen : throw Error.TooFewReplicas(chosen.Count, Options.RequiredReplicas, faults);
    }

    // Does something with as many nodes as there are to be replicas; the next take the place of those that fail.
    private async Task<(List<IpfsEndpoint> Done, List<IpfsFault> Faults)> OnSomeAsync(IEnumerable<IpfsEndpoint> nodes, Func<IpfsEndpoint, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var done = new List<IpfsEndpoint>();
        var faults = new List<IpfsFault>();
        var waiting = new Queue<IpfsEndpoint>(nodes);
        while (done.Count < Options.Replicas && waiting.Count > 0)
        {
            IpfsEndpoint[] round = [.. Enumerable.Range(0, Math.Min(Options.Replicas - done.Count, waiting.Count)).Select(_ => waiting.Dequeue())];
            (List<IpfsEndpoint> able, List<IpfsFault> failed) = await OnEachAsync(round, work, cancellationToken).ConfigureAwait(false);
            done.AddRange(able);
            faults.AddRange(failed);
        }

        return (done, faults);
    }

    private Task<(List<IpfsEndpoint> Done, List<IpfsFault> Faults)> OnAllAsync(Func<IpfsEndpoint, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        OnEachAsync(Nodes.Endpoints, work, cancellationToken);

    private async Task<(List<IpfsEndpoint> Done, List<IpfsFault> Faults)> OnEachAsync(IReadOnlyList<IpfsEndpoint> nodes, Func<IpfsEndpoint, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var done = new List<IpfsEndpoint>();
        var faults = new List<IpfsFault>();
        Task[] works = [.. nodes.Select(node => work(node, cancellationToken))];
        await Task.WhenAll(works).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (int i = 0; i < works.Length; i++)
        {
            try
            {
                await works[i].ConfigureAwait(false);
                done.Add(nodes[i]);
            }
            catch (IpfsFaultException e)
            {
                Nodes.Note(nodes[i], e.Fault);
                faults.Add(e.Fault);
            }
        }

        return (done, faults);
    }
}
