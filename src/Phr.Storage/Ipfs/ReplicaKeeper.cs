using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Looks whether nodes keep an object, and brings it to those that should. Thread safe.</summary>
internal sealed class ReplicaKeeper(IpfsHttp http, IpfsRpc rpc, EndpointGroup nodes, EndpointGroup everyone)
{
    private const int Samples = 8;

    private IpfsContentStoreOptions Options => http.Options;

    /// <summary>Looks at one node, which must have every block itself.</summary>
    public async Task<IpfsReplica> ProbeAsync(IpfsEndpoint node, Cid cid, IpfsProbeDepth depth, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        bool isPinned = false;
        try
        {
            await rpc.StatBlockAsync(node, cid, cancellationToken).ConfigureAwait(false);
            isPinned = await rpc.IsPinnedAsync(node, cid, cancellationToken).ConfigureAwait(false);
        }
        catch (IpfsFaultException e)
        {
            nodes.Note(node, e.Fault);
            return new IpfsReplica(node.Address, e.Fault.Kind == IpfsFaultKind.NotFound ? IpfsReplicaState.Missing : IpfsReplicaState.Unreachable, e.Fault);
        }

        var alone = new EndpointGroup([node], Options);
        try
        {
            if (depth == IpfsProbeDepth.Everything)
            {
                await WalkAsync(alone, cid, (_, _, _) => Task.CompletedTask, progress, cancellationToken).ConfigureAwait(false);
            }
            else if (depth == IpfsProbeDepth.Samples)
            {
                await SampleAsync(alone, cid, cancellationToken).ConfigureAwait(false);
            }

            return new IpfsReplica(node.Address, IpfsReplicaState.Whole, null) { IsPinned = isPinned };
        }
        catch (PhrDataException e)
        {
            IpfsFault fault = (e.InnerException as IpfsUnavailableException)?.Faults[^1] ?? new IpfsFault(node.Address, IpfsFaultKind.WrongDag, e.Message);
            return new IpfsReplica(node.Address, IpfsReplicaState.Damaged, fault) { IsPinned = isPinned };
        }
        catch (IpfsUnavailableException e)
        {
            return new IpfsReplica(node.Address, IpfsReplicaState.Unreachable, e.Faults[^1]) { IsPinned = isPinned };
        }
    }

    /// <summary>Brings an object to as many nodes as the options say, and gives damaged blocks anew.</summary>
    public async Task<IpfsRepairReport> RepairAsync(Cid cid, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        IpfsReplica[] before = await Task.WhenAll(nodes.Endpoints.Select(n => ProbeAsync(n, cid, IpfsProbeDepth.Everything, null, cancellationToken))).ConfigureAwait(false);
        IpfsReplica[] after = [.. before];
        long mended = 0;
        int copies = 0;

        // What is damaged is mended wherever it is: a node that gives wrong blocks harms its peers as well.
        for (int i = 0; i < after.Length; i++)
        {
            if (after[i].State == IpfsReplicaState.Damaged)
            {
                (after[i], long blocks) = await MendAsync(nodes.Endpoints[i], cid, cancellationToken).ConfigureAwait(false);
                mended += blocks;
            }
        }

        IEnumerable<int> candidates = Enumerable.Range(0, after.Length).OrderBy(i => after[i].State == IpfsReplicaState.Whole ? 0 : 1).ThenBy(i => nodes.Endpoints[i].IsGood ? 0 : 1).ToArray();
        foreach (int i in candidates)
        {
            if (after.Count(r => r.IsKept) >= Options.Replicas)
            {
                break;
            }

            if (after[i] is { IsPinned: false, State: IpfsReplicaState.Whole or IpfsReplicaState.Missing })
            {
                bool isThere = after[i].State == IpfsReplicaState.Whole;
                after[i] = await TryAsync(nodes.Endpoints[i], cid, () => isThere ? rpc.PinAsync(nodes.Endpoints[i], cid, Options.WorkTimeout, cancellationToken) : CopyAsync(nodes.Endpoints[i], cid, progress, cancellationToken)).ConfigureAwait(false);
                copies += after[i].IsKept && !isThere ? 1 : 0;
            }
        }

        return new IpfsRepairReport { Before = before, After = after, BlocksMended = mended, Copies = copies, Wanted = Options.Replicas };
    }

    /// <summary>Brings an object to a node that lacks it: the node may fetch it from its peers, else it is sent.</summary>
    /// <exception cref="IpfsFaultException">The node did not take it.</exception>
    public async Task CopyAsync(IpfsEndpoint node, Cid cid, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await rpc.PinAsync(node, cid, Options.LookupTimeout, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (IpfsFaultException e) when (e.Fault.Kind is IpfsFaultKind.NotFound or IpfsFaultKind.TimedOut)
        {
            // No peer has it, or none that the node knows.
        }

        EndpointGroup sources = new([.. everyone.Endpoints.Where(e => e != node)], Options);
        if (sources.Endpoints.Count == 0)
        {
            throw IpfsHttp.Fault(node, IpfsFaultKind.NotFound, $"nobody else is known who could have {cid}.");
        }

        if (cid.Codec == ContentCodec.Raw)
        {
            try
            {
                (byte[] block, _) = await sources.AskAsync((e, ct) => rpc.GetBlockAsync(e, cid, ct), cancellationToken).ConfigureAwait(false);
                await rpc.PutBlockAsync(node, cid, block, BlockPin.Recursive, cancellationToken).ConfigureAwait(false);
                progress?.Report(block.Length);
            }
            catch (AllFailedException e)
            {
                throw e.For(cid, cid);
            }

            return;
        }

        await ImportAsync(node, sources, cid, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a node the blocks of an object that it has wrong or not at all, from the content itself.</summary>
    /// <param name="node">The node; it pins the object.</param>
    /// <param name="cid">The object.</param>
    /// <param name="content">Its bytes, read from where the stream stands to the end.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="IpfsFaultException">The node did not take them.</exception>
    public Task MendAsync(IpfsEndpoint node, Cid cid, Stream content, CancellationToken cancellationToken) => KeepingThePinAsync(node, cid, async (unpin, ct) =>
    {
        var made = new List<(Cid Cid, byte[] Block)>();
        using var hasher = new UnixFsHasher(null, (part, block) => made.Add((part, block.ToArray())));
        byte[] piece = new byte[UnixFsLayout.Default.ChunkSize];
        bool isOver = false;
        while (!isOver)
        {
            int count = await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            hasher.Append(piece.AsSpan(0, count));
            isOver = count < piece.Length;
            if (isOver && hasher.Complete() != cid)
            {
                throw IpfsHttp.Fault(node, IpfsFaultKind.WrongBytes, $"object {cid} is damaged there, and the content was other bytes when it was read again.");
            }

            foreach ((Cid part, byte[] block) in made)
            {
                await MendBlockAsync(node, part, block, unpin, ct).ConfigureAwait(false);
            }

            made.Clear();
        }
    }, cancellationToken);

    /// <summary>Gives a node a block that it pins and has wrong.</summary>
    public Task MendAsync(IpfsEndpoint node, Cid cid, ReadOnlyMemory<byte> block, CancellationToken cancellationToken) =>
        KeepingThePinAsync(node, cid, (unpin, ct) => MendBlockAsync(node, cid, block, unpin, ct), cancellationToken);

    private async Task ImportAsync(IpfsEndpoint node, EndpointGroup sources, Cid cid, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Exception? source = null;

        Task Send(Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken ct) => http.GuardAsync(
            node,
            Options.TransferTimeout,
            async within =>
            {
                await stream.WriteAsync(bytes, within).ConfigureAwait(false);
                return 0;
            },
            isBody: false,
            ct);

        var upload = new UploadContent(async (stream, ct) =>
        {
            try
            {
                await Send(stream, CarReader.Header(cid), ct).ConfigureAwait(false);
                await WalkAsync(
                    sources,
                    cid,
                    async (part, block, within) =>
                    {
                        await Send(stream, CarReader.Prefix(part, block.Length), within).ConfigureAwait(false);
                        await Send(stream, block, within).ConfigureAwait(false);
                    },
                    progress,
                    ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is PhrDataException or IpfsUnavailableException)
            {
                source = e;
                throw new IOException("The source of a copy failed.", e);
            }

            written.SetResult();
        });
        Task import = rpc.ImportAsync(node, cid, upload, TimeSpan.FromDays(1), stop.Token);
        try
        {
            await Task.WhenAny(import, written.Task).ConfigureAwait(false);
            await http.GuardAsync(
                node,
                Options.WorkTimeout,
                async ct =>
                {
                    await import.WaitAsync(ct).ConfigureAwait(false);
                    return 0;
                },
                isBody: false,
                cancellationToken).ConfigureAwait(false);
        }
        catch (IpfsFaultException) when (source is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(source);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await import.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(IpfsReplica Replica, long Blocks)> MendAsync(IpfsEndpoint node, Cid cid, CancellationToken cancellationToken)
    {
        long blocks = 0;
        IpfsReplica replica = await TryAsync(node, cid, () => KeepingThePinAsync(
            node,
            cid,
            (unpin, within) => WalkAsync(
                everyone,
                cid,
                async (part, block, ct) =>
                {
                    blocks += await MendBlockAsync(node, part, block, unpin, ct).ConfigureAwait(false);
                },
                null,
                within),
            cancellationToken)).ConfigureAwait(false);
        return (replica, blocks);
    }

    // Pins at the end. Kubo removes no block that is pinned, so the pin is taken away when one has to go, and comes back whatever happens then: a copy that is damaged is worth more than none after the next collection.
    // Whoever cancels meanwhile waits until the object is whole again, for a while: a node may refuse to pin what is half mended.
    private async Task KeepingThePinAsync(IpfsEndpoint node, Cid cid, Func<Func<Task>, CancellationToken, Task> mend, CancellationToken cancellationToken)
    {
        bool isUnpinned = false;
        using var stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, Options.TimeProvider);
        await using CancellationTokenRegistration asked = cancellationToken.Register(() =>
        {
            if (Volatile.Read(ref isUnpinned))
            {
                stop.CancelAfter(Options.TransferTimeout);
            }
            else
            {
                stop.Cancel();
            }
        });
        try
        {
            await mend(
                async () =>
                {
                    if (!isUnpinned)
                    {
                        stop.Token.ThrowIfCancellationRequested();
                        Volatile.Write(ref isUnpinned, true);
                        await rpc.UnpinAsync(node, cid, CancellationToken.None).ConfigureAwait(false);
                    }
                },
                stop.Token).ConfigureAwait(false);
            await rpc.PinAsync(node, cid, Options.WorkTimeout, stop.Token).ConfigureAwait(false);
        }
        catch when (isUnpinned)
        {
            try
            {
                await rpc.PinAsync(node, cid, Options.TransferTimeout, CancellationToken.None).ConfigureAwait(false);
            }
            catch (IpfsFaultException e)
            {
                nodes.Note(node, e.Fault);
            }

            throw;
        }
    }

    // Returns how many blocks were put: one or none.
    private async Task<int> MendBlockAsync(IpfsEndpoint node, Cid part, ReadOnlyMemory<byte> block, Func<Task> unpin, CancellationToken cancellationToken)
    {
        if (await FaultOfAsync(node, part, cancellationToken).ConfigureAwait(false) is not { } kind)
        {
            return 0;
        }

        // Nothing is taken away before the node has shown that it takes such a block.
        await rpc.PutBlockAsync(node, part, block, BlockPin.None, cancellationToken).ConfigureAwait(false);

        // What was not there need not be removed. What is there wrong may stay so: neither Kubo, without its WriteThrough, nor js-ipfs writes again what it believes to have.
        if (kind != IpfsFaultKind.NotFound && await FaultOfAsync(node, part, cancellationToken).ConfigureAwait(false) is not null)
        {
            await unpin().ConfigureAwait(false);

            // Nobody stops between these two.
            await TryRemoveAsync(node, part, CancellationToken.None).ConfigureAwait(false);
            await rpc.PutBlockAsync(node, part, block, BlockPin.None, CancellationToken.None).ConfigureAwait(false);
        }

        await rpc.GetBlockAsync(node, part, cancellationToken).ConfigureAwait(false);
        return 1;
    }

    // Null where the node has the block right; what keeps it from answering is thrown.
    private async Task<IpfsFaultKind?> FaultOfAsync(IpfsEndpoint node, Cid part, CancellationToken cancellationToken)
    {
        try
        {
            await rpc.GetBlockAsync(node, part, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (IpfsFaultException e) when (e.Fault.Kind is IpfsFaultKind.NotFound or IpfsFaultKind.WrongBytes or IpfsFaultKind.TooLong)
        {
            return e.Fault.Kind;
        }
    }

    // A block may be part of another pinned object, and then stays; putting it writes over it where the node does that.
    private async Task TryRemoveAsync(IpfsEndpoint node, Cid part, CancellationToken cancellationToken)
    {
        try
        {
            await rpc.RemoveBlockAsync(node, part, cancellationToken).ConfigureAwait(false);
        }
        catch (IpfsFaultException e) when (e.Fault.Kind is IpfsFaultKind.Refused or IpfsFaultKind.NotFound)
        {
        }
    }

    private async Task<IpfsReplica> TryAsync(IpfsEndpoint node, Cid cid, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return new IpfsReplica(node.Address, IpfsReplicaState.Whole, null) { IsPinned = true };
        }
        catch (IpfsFaultException e)
        {
            nodes.Note(node, e.Fault);
            return new IpfsReplica(node.Address, e.Fault.Kind == IpfsFaultKind.NotFound ? IpfsReplicaState.Missing : e.Fault.IsFalse ? IpfsReplicaState.Damaged : IpfsReplicaState.Unreachable, e.Fault);
        }
        catch (AllFailedException e)
        {
            throw e.For(cid, cid);
        }
    }

    private async Task SampleAsync(EndpointGroup alone, Cid cid, CancellationToken cancellationToken)
    {
        long length;
        await using (IpfsReadStream whole = await OpenAsync(alone, cid, 0, 0, cancellationToken).ConfigureAwait(false))
        {
            length = whole.ObjectLength;
        }

        byte[] one = new byte[1];
        for (int i = 0; i < Samples && length > 0 && cid.Codec != ContentCodec.Raw; i++)
        {
            // Evenly drawn up to a part in 2^63 / length.
            long at = (long)((Int128)RandomLong() * length >> 63);
            await using IpfsReadStream place = await OpenAsync(alone, cid, at, 1, cancellationToken).ConfigureAwait(false);
            await place.ReadExactlyAsync(one, cancellationToken).ConfigureAwait(false);
        }
    }

    private static long RandomLong()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes) & long.MaxValue;
    }

    private Task<IpfsReadStream> OpenAsync(EndpointGroup group, Cid cid, long offset, long length, CancellationToken cancellationToken) =>
        IpfsReadStream.OpenAsync(new BlockFeed(rpc, group, Options, cid), cid, offset, length, cancellationToken);

    /// <summary>Gets every block of a tree, checked, the root first.</summary>
    private async Task WalkAsync(EndpointGroup group, Cid cid, Func<Cid, ReadOnlyMemory<byte>, CancellationToken, Task> visit, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var walker = new DagWalker(cid, 0, long.MaxValue);
        await using var feed = new BlockFeed(rpc, group, Options, cid);
        while (walker.Next is { } step)
        {
            ReadOnlyMemory<byte> block = await feed.GetAsync(walker, long.MaxValue, FeedScope.AllBlocks, cancellationToken).ConfigureAwait(false);
            (ReadOnlyMemory<byte> piece, long start) = walker.Accept(block);
            await visit(step.Cid, block, cancellationToken).ConfigureAwait(false);
            if (!piece.IsEmpty)
            {
                progress?.Report(start + piece.Length);
            }
        }
    }
}
