using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Gets the blocks of one walk: from one long answer of one endpoint where that serves, else block by block from whoever has them, some ahead. Every block is checked.</summary>
/// <remarks>A block is valid until the next one is asked for. When a long answer turns out bad, the walk goes on at the next endpoint, from the block that is due. Not thread safe.</remarks>
internal sealed class BlockFeed(IpfsRpc rpc, EndpointGroup group, IpfsContentStoreOptions options, Cid root) : IAsyncDisposable
{
    private readonly HashSet<IpfsEndpoint> _spent = [];
    private readonly Dictionary<Cid, Task<(byte[] Block, IpfsEndpoint Endpoint)>> _ahead = [];
    private readonly CancellationTokenSource _stop = new();
    private IpfsEndpoint? _preferred;
    private IpfsEndpoint? _beginning;
    private LongAnswer? _long;

    /// <summary>Gets the block that the walk needs next.</summary>
    /// <param name="walker">The walk.</param>
    /// <param name="end">Behind the last byte that will be wanted.</param>
    /// <param name="scope">Whether a part of the file is wanted, all of its bytes, or every block of it.</param>
    /// <param name="cancellationToken">Cancels the reading; it can be tried again.</param>
    public async ValueTask<ReadOnlyMemory<byte>> GetAsync(DagWalker walker, long end, FeedScope scope, CancellationToken cancellationToken)
    {
        DagWalker.Step step = walker.Next ?? throw new InvalidOperationException("The walk is over.");
        while (_ahead.Count == 0)
        {
            LongAnswer? answer = _long;
            try
            {
                answer ??= _long = await BeginAsync(step, end, scope, cancellationToken).ConfigureAwait(false);
                if (answer is not null && await answer.TryReadAsync(step, cancellationToken).ConfigureAwait(false) is { } block)
                {
                    return block;
                }

                break;
            }
            catch (IpfsFaultException e)
            {
                IpfsEndpoint endpoint = answer?.Endpoint ?? _beginning!;
                group.Note(endpoint, e.Fault);
                _spent.Add(endpoint);
                EndLong();
            }
            catch
            {
                // How far the answer was read is not known any more.
                EndLong();
                throw;
            }
        }

        return await GetOneAsync(walker, step, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        EndLong();
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (Task task in _ahead.Values)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _ahead.Clear();
        _stop.Dispose();
    }

    private void EndLong()
    {
        _long?.Dispose();
        _long = null;
    }

    private async Task<LongAnswer?> BeginAsync(DagWalker.Step step, long end, FeedScope scope, CancellationToken cancellationToken)
    {
        // The root comes by itself: it says how long the file is, and who has it.
        if (step.Depth == 0)
        {
            return null;
        }

        foreach (IpfsEndpoint endpoint in group.Ordered().OrderBy(e => e == _preferred ? 0 : 1))
        {
            if (_spent.Contains(endpoint))
            {
                continue;
            }

            _beginning = endpoint;
            if (endpoint.IsGateway || scope == FeedScope.AllBlocks)
            {
                // A CAR begins with the root, whose first child is due now.
                if (scope != FeedScope.Part && step is { Start: 0, Depth: 1 })
                {
                    return await CarAnswer.BeginAsync(rpc, endpoint, root, cancellationToken).ConfigureAwait(false);
                }
            }
            else
            {
                // Nothing long is begun for a leaf.
                return step.Cid.Codec == ContentCodec.Raw && end - step.Start > step.Size
                    ? new CatAnswer(await rpc.CatAsync(endpoint, root, step.Start, end - step.Start, cancellationToken).ConfigureAwait(false), step.Start, end)
                    : null;
            }
        }

        return null;
    }

    private async Task<ReadOnlyMemory<byte>> GetOneAsync(DagWalker walker, DagWalker.Step step, CancellationToken cancellationToken)
    {
        if (_long is null && group.Endpoints.All(e => e.IsGateway || _spent.Contains(e)))
        {
            foreach (Cid cid in walker.Upcoming(options.ReadAhead).Prepend(step.Cid))
            {
                if (_ahead.Count <= options.ReadAhead && !_ahead.ContainsKey(cid))
                {
                    _ahead.Add(cid, FetchAsync(cid, _stop.Token));
                }
            }
        }

        if (!_ahead.TryGetValue(step.Cid, out Task<(byte[] Block, IpfsEndpoint Endpoint)>? fetch))
        {
            fetch = FetchAsync(step.Cid, cancellationToken);
        }

        try
        {
            (byte[] block, _preferred) = await fetch.WaitAsync(cancellationToken).ConfigureAwait(false);
            _ahead.Remove(step.Cid);
            return block;
        }
        catch (AllFailedException e)
        {
            _ahead.Remove(step.Cid);
            throw e.For(root, step.Cid);
        }
    }

    private Task<(byte[] Block, IpfsEndpoint Endpoint)> FetchAsync(Cid cid, CancellationToken cancellationToken) =>
        group.AskAsync((endpoint, ct) => rpc.GetBlockAsync(endpoint, cid, ct), cancellationToken);

    /// <summary>An answer that has many blocks.</summary>
    private abstract class LongAnswer(IpfsAnswer answer) : IDisposable
    {
        public IpfsEndpoint Endpoint => Answer.Endpoint;

        protected IpfsAnswer Answer { get; } = answer;

        /// <summary>Reads the block that is due, or gives null if this one does not come here.</summary>
        public abstract ValueTask<ReadOnlyMemory<byte>?> TryReadAsync(DagWalker.Step step, CancellationToken cancellationToken);

        public virtual void Dispose() => Answer.Dispose();
    }

    /// <summary>The bytes of a range, which are those of its leaves one after the other: each is cut out where the tree says and checked. Nodes come otherwise.</summary>
    private sealed class CatAnswer(IpfsAnswer answer, long start, long end) : LongAnswer(answer)
    {
        private long _position = start;
        private byte[] _buffer = [];

        public override async ValueTask<ReadOnlyMemory<byte>?> TryReadAsync(DagWalker.Step step, CancellationToken cancellationToken)
        {
            if (step.Cid.Codec != ContentCodec.Raw || step.Start != _position || step.Start + step.Size!.Value > end || step.Size > IpfsLimits.MaxBlockLength)
            {
                return null;
            }

            if (_buffer.Length < step.Size)
            {
                _buffer = new byte[step.Size.Value];
            }

            Memory<byte> block = _buffer.AsMemory(0, (int)step.Size.Value);
            int count = await Answer.FillAsync(block, cancellationToken).ConfigureAwait(false);
            if (count < block.Length)
            {
                throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.Truncated, $"what it gives of a file ends {block.Length - count} bytes before the end of block {step.Cid}.");
            }

            if (!step.Cid.Matches(block.Span))
            {
                throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.WrongBytes, $"the bytes from {step.Start} on that it gives of a file have not the digest of block {step.Cid}.");
            }

            _position += block.Length;
            if (_position == end && await Answer.FillAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0)
            {
                throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.TooLong, "what it gives of a file goes on beyond the range that was asked for.");
            }

            return block;
        }
    }

    /// <summary>A CAR of the whole tree, in the order of the walk. A block that occurred before may be left out of it.</summary>
    private sealed class CarAnswer : LongAnswer
    {
        private readonly CarReader _reader;
        private readonly HashSet<Digest> _seen = [];
        private (Cid Cid, ReadOnlyMemory<byte> Block)? _waiting;
        private bool _ended;

        private CarAnswer(IpfsAnswer answer)
            : base(answer) => _reader = new CarReader(answer.Body);

        public static async Task<CarAnswer> BeginAsync(IpfsRpc rpc, IpfsEndpoint endpoint, Cid root, CancellationToken cancellationToken)
        {
            var car = new CarAnswer(await rpc.ExportAsync(endpoint, root, cancellationToken).ConfigureAwait(false));
            try
            {
                Cid given = await car.Answer.GuardAsync(car.Answer.PieceTimeout, async ct => await car._reader.ReadRootAsync(ct).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                await car.AdvanceAsync(cancellationToken).ConfigureAwait(false);
                if (given != root || car._waiting?.Cid != root)
                {
                    throw IpfsHttp.Fault(endpoint, IpfsFaultKind.WrongDag, $"it gives the tree of {given} where that of {root} was asked for.");
                }

                car.Take();
                return car;
            }
            catch
            {
                car.Dispose();
                throw;
            }
        }

        public override async ValueTask<ReadOnlyMemory<byte>?> TryReadAsync(DagWalker.Step step, CancellationToken cancellationToken)
        {
            if (_waiting is null && !_ended)
            {
                await AdvanceAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_waiting?.Cid == step.Cid)
            {
                return Take();
            }

            return _seen.Contains(step.Cid.Digest) ? null
                : _ended ? throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.Truncated, $"its CAR ends before block {step.Cid}.")
                : throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.WrongDag, $"its CAR has block {_waiting!.Value.Cid} where {step.Cid} is due.");
        }

        public override void Dispose()
        {
            _reader.Dispose();
            base.Dispose();
        }

        private ReadOnlyMemory<byte> Take()
        {
            (Cid cid, ReadOnlyMemory<byte> block) = _waiting!.Value;
            _waiting = null;
            if (_seen.Count < IpfsLimits.MaxRemembered)
            {
                _seen.Add(cid.Digest);
            }

            return block;
        }

        private async Task AdvanceAsync(CancellationToken cancellationToken)
        {
            _waiting = await Answer.GuardAsync(Answer.PieceTimeout, async ct => await _reader.ReadBlockAsync(ct).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (_waiting is null)
            {
                _ended = true;
                await Answer.FillAsync(new byte[1], cancellationToken).ConfigureAwait(false); // for the error that may stand behind
            }
        }
    }
}
