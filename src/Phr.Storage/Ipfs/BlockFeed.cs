using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Gets the blocks of one walk: from one long answer of one endpoint where that serves, else block by block from whoever has them, some ahead. Every block is checked.</summary>
/// <remarks>
/// A block is valid until the next one is asked for. When a long answer turns out bad, the walk goes on at the next endpoint, from the block that is due. When it is silent, the block that is due is asked for
/// elsewhere as well; the answer is kept, and goes on where it can. Not thread safe.
/// </remarks>
internal sealed class BlockFeed(IpfsRpc rpc, EndpointGroup group, IpfsContentStoreOptions options, Cid root) : IAsyncDisposable
{
    /// <summary>How many blocks in a row others may give while a long answer is silent, before another one is begun.</summary>
    private const int MostOvertaken = 2;

    private readonly HashSet<IpfsEndpoint> _spent = [];
    private readonly Dictionary<Cid, Task<(byte[] Block, IpfsEndpoint Endpoint)>> _ahead = [];
    private readonly List<(LongRead Read, Task Watch)> _left = [];
    private readonly CancellationTokenSource _stop = new();
    private IpfsEndpoint? _preferred;
    private LongRead? _long;

    /// <summary>Gets the block that the walk needs next.</summary>
    /// <param name="walker">The walk.</param>
    /// <param name="end">Behind the last byte that will be wanted.</param>
    /// <param name="scope">Whether a part of the file is wanted, all of its bytes, or every block of it.</param>
    /// <param name="cancellationToken">Cancels the reading; it can be tried again.</param>
    public async ValueTask<ReadOnlyMemory<byte>> GetAsync(DagWalker walker, long end, FeedScope scope, CancellationToken cancellationToken)
    {
        DagWalker.Step step = walker.Next ?? throw new InvalidOperationException("The walk is over.");
        while (_ahead.Count == 0 && (_long ??= Choose(step, end, scope)) is { } answer)
        {
            try
            {
                if (await RaceAsync(answer, step, cancellationToken).ConfigureAwait(false) is { } block)
                {
                    return block;
                }

                break;
            }
            catch (IpfsFaultException e)
            {
                group.Note(answer.Endpoint, e.Fault);
                _spent.Add(answer.Endpoint);
                await EndLongAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // How far the answer was read is not known any more.
                await EndLongAsync().ConfigureAwait(false);
                throw;
            }
        }

        return await GetOneAsync(walker, step, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndLongAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach ((LongRead read, Task watch) in _left)
        {
            await read.DisposeAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }

        foreach (Task task in _ahead.Values)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _left.Clear();
        _ahead.Clear();
        _stop.Dispose();
    }

    private async ValueTask EndLongAsync()
    {
        if (_long is { } answer)
        {
            _long = null;
            await answer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private LongRead? Choose(DagWalker.Step step, long end, FeedScope scope)
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

            if (endpoint.IsGateway || scope == FeedScope.AllBlocks)
            {
                // A CAR begins with the root, whose first child is due now.
                if (scope != FeedScope.Part && step is { Start: 0, Depth: 1 })
                {
                    return new LongRead(endpoint, async ct => await CarAnswer.BeginAsync(rpc, endpoint, root, ct).ConfigureAwait(false));
                }
            }
            else
            {
                // Nothing long is begun for a leaf.
                return step.Cid.Codec == ContentCodec.Raw && end - step.Start > step.Size
                    ? new LongRead(endpoint, async ct => new CatAnswer(await rpc.CatAsync(endpoint, root, step.Start, end - step.Start, ct).ConfigureAwait(false), step.Start, end))
                    : null;
            }
        }

        return null;
    }

    // Reads the block that is due from the long answer; where that is silent, from whoever is first. Null where the answer does not have it.
    private async Task<ReadOnlyMemory<byte>?> RaceAsync(LongRead answer, DagWalker.Step step, CancellationToken cancellationToken)
    {
        bool isBehind = answer.IsBehind(step);
        Task<ReadOnlyMemory<byte>?> reading = answer.ReadAsync(step);
        if (group.Endpoints.Count > 1 && (isBehind || !await ComesInTimeAsync(reading, cancellationToken).ConfigureAwait(false))
            && await OvertakeAsync(answer, reading, step, cancellationToken).ConfigureAwait(false) is { } block)
        {
            return block;
        }

        ReadOnlyMemory<byte>? own = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        answer.Overtaken = 0;
        return own;
    }

    private async Task<bool> ComesInTimeAsync(Task reading, CancellationToken cancellationToken)
    {
        if (!reading.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(reading, Task.Delay(options.HedgeDelay, options.TimeProvider, over.Token)).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return reading.IsCompleted;
    }

    // Null where the long answer was faster after all, or failed, or nobody else has the block.
    private async Task<ReadOnlyMemory<byte>?> OvertakeAsync(LongRead answer, Task reading, DagWalker.Step step, CancellationToken cancellationToken)
    {
        if (reading.IsCompleted)
        {
            return null;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<(byte[] Block, IpfsEndpoint Endpoint)> rival = FetchAsync(step.Cid, answer.Endpoint, over.Token);
        await Task.WhenAny(reading, rival).ConfigureAwait(false);
        if (reading.IsCompleted || !rival.IsCompletedSuccessfully)
        {
            await over.CancelAsync().ConfigureAwait(false);
            await ((Task)rival).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }

        (byte[] block, _preferred) = await rival.ConfigureAwait(false);
        if (++answer.Overtaken == MostOvertaken)
        {
            // It stays open until its own time is over, so that whoever listens learns what became of it.
            _spent.Add(answer.Endpoint);
            _left.Add((answer, WatchAsync(answer.Endpoint, reading)));
            _long = null;
        }

        return block;
    }

    private async Task WatchAsync(IpfsEndpoint endpoint, Task reading)
    {
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (reading.Exception?.InnerException is IpfsFaultException e)
        {
            group.Note(endpoint, e.Fault);
        }
    }

    private async Task<ReadOnlyMemory<byte>> GetOneAsync(DagWalker walker, DagWalker.Step step, CancellationToken cancellationToken)
    {
        if (_long is null && group.Endpoints.All(e => e.IsGateway || _spent.Contains(e)))
        {
            foreach (Cid cid in walker.Upcoming(options.ReadAhead).Prepend(step.Cid))
            {
                if (_ahead.Count <= options.ReadAhead && !_ahead.ContainsKey(cid))
                {
                    _ahead.Add(cid, FetchAsync(cid, null, _stop.Token));
                }
            }
        }

        if (!_ahead.TryGetValue(step.Cid, out Task<(byte[] Block, IpfsEndpoint Endpoint)>? fetch))
        {
            fetch = FetchAsync(step.Cid, null, cancellationToken);
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

    private Task<(byte[] Block, IpfsEndpoint Endpoint)> FetchAsync(Cid cid, IpfsEndpoint? silent, CancellationToken cancellationToken) =>
        group.AskAsync((endpoint, ct) => rpc.GetBlockAsync(endpoint, cid, ct), cancellationToken, endpoint => endpoint == silent || _spent.Contains(endpoint));

    /// <summary>A long answer that is begun with the first block that is read from it. What was overtaken is read before what is due, and dropped.</summary>
    private sealed class LongRead(IpfsEndpoint endpoint, Func<CancellationToken, Task<LongAnswer>> begin) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private DagWalker.Step? _step;
        private Task<ReadOnlyMemory<byte>?>? _reading;
        private LongAnswer? _answer;

        public IpfsEndpoint Endpoint => endpoint;

        /// <summary>How many blocks in a row others gave first.</summary>
        public int Overtaken { get; set; }

        /// <summary>Whether it still owes a block before this one.</summary>
        public bool IsBehind(DagWalker.Step step) => _reading is { IsCompleted: false } && !ReferenceEquals(step, _step);

        /// <summary>Reads a block; asked again for the same one, goes on with it.</summary>
        public Task<ReadOnlyMemory<byte>?> ReadAsync(DagWalker.Step step)
        {
            if (_reading is null || !ReferenceEquals(step, _step))
            {
                _reading = ReadAsync(step, _reading is { IsCompletedSuccessfully: false } ? _reading : null);
                _step = step;
            }

            return _reading;
        }

        public async ValueTask DisposeAsync()
        {
            // A reading that is under way writes into the answer's buffer.
            await _stop.CancelAsync().ConfigureAwait(false);
            if (_reading is not null)
            {
                await ((Task)_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _answer?.Dispose();
            _stop.Dispose();
        }

        private async Task<ReadOnlyMemory<byte>?> ReadAsync(DagWalker.Step step, Task? owed)
        {
            if (owed is not null)
            {
                await owed.ConfigureAwait(false);
            }

            _answer ??= await begin(_stop.Token).ConfigureAwait(false);
            return await _answer.TryReadAsync(step, _stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>An answer that has many blocks.</summary>
    private abstract class LongAnswer(IpfsAnswer answer) : IDisposable
    {
        protected IpfsEndpoint Endpoint => Answer.Endpoint;

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
