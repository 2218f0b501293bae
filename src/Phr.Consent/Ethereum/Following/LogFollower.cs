using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>
/// Follows the logs of one contract, block by block and by hash: every block is the child of the one before, what a re-organisation took back is taken back here, and what was taken in is on
/// disk together with the place where to go on. So no log is lost and none comes twice, wherever the process or the node stops.
/// </summary>
/// <remarks>
/// Near the head each block is read by its hash. What lies deeper is read by ranges, whose ends and whose logs' blocks are compared with the chain before and after. Not thread safe.
/// Source: Ethereum's execution API; docs/algorithms/ethereum-ledger.md.
/// </remarks>
internal sealed class LogFollower
{
    private const string Stage = "chain follower";
    private const int AtOnce = 16;
    private const int FewLogs = 1000;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    private readonly IChainSource _source;
    private readonly IReadOnlyList<IChainSource> _witnesses;
    private readonly FollowerStore _store;
    private readonly ILogSink _sink;
    private readonly FollowerOptions _options;
    private int _range;

    public LogFollower(IChainSource source, IReadOnlyList<IChainSource> witnesses, FollowerStore store, ILogSink sink, FollowerOptions options)
    {
        _source = source;
        _witnesses = witnesses;
        _store = store;
        _sink = sink;
        _options = options;
        _range = Math.Max(1, options.MaxRange / 8);
        _sink.Reload(store);
    }

    private enum Step
    {
        Done,
        Progress,
        Changed,
    }

    /// <summary>Takes in everything up to the node's head, and moves the final block on.</summary>
    /// <exception cref="PhrDataException">The node contradicts itself or another node, or replaced more than is remembered.</exception>
    public async Task SyncAsync(CancellationToken ct)
    {
        for (int changes = 0; ;)
        {
            ct.ThrowIfCancellationRequested();
            switch (await StepAsync(ct))
            {
                case Step.Done:
                    return;
                case Step.Progress:
                    changes = 0;
                    break;
                case Step.Changed when ++changes >= _options.Attempts:
                    throw Fault(PhrDataReason.Mismatched, $"{_source.Name} changed its chain {changes} times while it was read.");
                case Step.Changed when _options.Pause > TimeSpan.Zero:
                    TimeSpan pause = _options.Pause * Math.Pow(2, changes - 1);
                    await Task.Delay(pause < _longestPause ? pause : _longestPause, _options.Clock, ct);
                    break;
            }
        }
    }

    /// <summary>Forgets everything and begins with the first block again.</summary>
    public void Rebuild()
    {
        _store.Clear();
        _sink.Reload(_store);
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);

    private static string Describe(FollowedBlock block) => string.Create(CultureInfo.InvariantCulture, $"block {block.Number} ({block.Hash})");

    private async Task<Step> StepAsync(CancellationToken ct)
    {
        FollowedBlock head = await _source.GetHeadAsync(ct);
        FollowedBlock? last = _store.LastBlock;
        if (head.Number < _options.StartBlock)
        {
            return Step.Done;
        }

        if (last is not null)
        {
            if (head.Hash == last.Hash)
            {
                return await AdvanceFinalAsync(last, ct);
            }

            // A node that only lags behind takes nothing back.
            if (head.Number <= last.Number
                && (_store.FindBlock(head.Number) is { } known ? known.Hash == head.Hash : head.Number < _store.FloorBlock && await _source.FindBlockAsync(last.Number, ct) is null))
            {
                return Step.Done;
            }
        }

        ulong next = last is null ? _options.StartBlock : last.Number + 1;
        return head.Number >= next + (ulong)_options.WalkedBlocks ? await CatchUpAsync(last, head, next, ct) : await WalkAsync(last, head, ct);
    }

    /// <summary>Reads the next range of blocks that lie well below the head.</summary>
    private async Task<Step> CatchUpAsync(FollowedBlock? last, FollowedBlock head, ulong first, CancellationToken ct)
    {
        if (last is not null && !await StandsAsync(last, ct))
        {
            return await FindForkAsync(last, ct);
        }

        ulong end = Math.Min(first + (ulong)_range - 1, head.Number - (ulong)_options.WalkedBlocks);
        if (await _source.FindBlockAsync(end, ct) is not { } endBlock)
        {
            return Step.Changed;
        }

        IReadOnlyList<FollowedLog>? logs = await _source.FindLogsAsync(first, endBlock, ct);
        if (logs is null && first < end)
        {
            _range = (int)Math.Max(1, (end - first + 1) / 2);
            return Step.Progress;
        }

        logs ??= await _source.FindLogsAsync(endBlock.Hash, ct);
        if (logs is null)
        {
            return Step.Changed;
        }

        CheckOrder(logs, first, end);
        var blocks = new List<(FollowedBlock Block, IReadOnlyList<FollowedLog> Logs)>();
        foreach (FollowedLog[][] chunk in logs.GroupBy(log => log.Block).Select(group => group.ToArray()).Chunk(AtOnce))
        {
            FollowedBlock?[] headers = await Task.WhenAll(chunk.Select(group => _source.FindBlockAsync(group[0].Block, ct)));
            for (int i = 0; i < chunk.Length; i++)
            {
                if (headers[i] is not { } header || chunk[i].Any(log => log.BlockHash != header.Hash))
                {
                    return Step.Changed;
                }

                blocks.Add((header, chunk[i]));
            }
        }

        if (await TransactionsOfAsync(logs, ct) is not { } transactions || !await StandsAsync(endBlock, ct) || (last is not null && !await StandsAsync(last, ct)))
        {
            return Step.Changed;
        }

        TakeIn(forkAt: null, blocks, transactions, () =>
        {
            _store.AddBlock(endBlock);
            _store.SetFloor(end);
        });
        if (logs.Count < FewLogs)
        {
            _range = Math.Min(_options.MaxRange, _range * 2);
        }

        return Step.Progress;
    }

    /// <summary>Goes from the head down to a block that is known, and takes in what is between, after taking back what the chain took back.</summary>
    private async Task<Step> WalkAsync(FollowedBlock? last, FollowedBlock head, CancellationToken ct)
    {
        var chain = new List<FollowedBlock> { head };
        ulong? fork = null;
        while (true)
        {
            FollowedBlock lowest = chain[^1];
            if (lowest.Number == _options.StartBlock)
            {
                fork = last is null ? null : lowest.Number;
                break;
            }

            if (_store.FindBlock(lowest.Number - 1) is { } below && below.Hash == lowest.ParentHash)
            {
                fork = below.Number < last!.Number ? lowest.Number : null;
                break;
            }

            if (last is not null && lowest.Number - 1 <= _store.FloorBlock)
            {
                throw TooDeep(last);
            }

            if (await _source.FindBlockAsync(lowest.ParentHash, ct) is not { } parent)
            {
                return Step.Changed;
            }

            if (parent.Number != lowest.Number - 1 || parent.Hash != lowest.ParentHash)
            {
                throw Fault(PhrDataReason.Mismatched, $"{_source.Name} gave {Describe(parent)} as the parent of {Describe(lowest)}.");
            }

            chain.Add(parent);
        }

        chain.Reverse();
        var blocks = new List<(FollowedBlock Block, IReadOnlyList<FollowedLog> Logs)>(chain.Count);
        foreach (FollowedBlock[] chunk in chain.Chunk(AtOnce))
        {
            IReadOnlyList<FollowedLog>?[] answers = await Task.WhenAll(chunk.Select(block => _source.FindLogsAsync(block.Hash, ct)));
            for (int i = 0; i < chunk.Length; i++)
            {
                if (answers[i] is not { } logs)
                {
                    return Step.Changed;
                }

                CheckOrder(logs, chunk[i].Number, chunk[i].Number);
                if (logs.Any(log => log.BlockHash != chunk[i].Hash))
                {
                    throw Fault(PhrDataReason.Mismatched, $"{_source.Name} gave logs of another block for {Describe(chunk[i])}.");
                }

                blocks.Add((chunk[i], logs));
            }
        }

        if (await TransactionsOfAsync(blocks.SelectMany(block => block.Logs), ct) is not { } transactions)
        {
            return Step.Changed;
        }

        TakeIn(fork, blocks, transactions, () =>
        {
            if (head.Number > (ulong)_options.RetainedBlocks && head.Number - (ulong)_options.RetainedBlocks > _store.FloorBlock)
            {
                _store.SetFloor(head.Number - (ulong)_options.RetainedBlocks);
            }
        });
        return Step.Progress;
    }

    /// <summary>Takes back what the chain took back, when it is longer by so much now that nothing is walked yet.</summary>
    private async Task<Step> FindForkAsync(FollowedBlock last, CancellationToken ct)
    {
        ulong floor = _store.FloorBlock;
        for (ulong number = last.Number; number > _options.StartBlock; number--)
        {
            if (number - 1 < floor)
            {
                throw TooDeep(last);
            }

            if (_store.FindBlock(number - 1) is { } block && await StandsAsync(block, ct))
            {
                RollBack(number);
                return Step.Progress;
            }
        }

        RollBack(_options.StartBlock);
        return Step.Progress;
    }

    private void RollBack(ulong from) => TakeIn(from, [], new Dictionary<Digest, FollowedTransaction>(), () => { });

    private PhrDataException TooDeep(FollowedBlock last) => Fault(
        PhrDataReason.Mismatched,
        $"{_source.Name} replaced the chain below block {_store.FloorBlock}, further back than is remembered; {Describe(last)} was the last one. If this is the right chain, rebuild the ledger from its first block.");

    private async Task<bool> StandsAsync(FollowedBlock block, CancellationToken ct) => (await _source.FindBlockAsync(block.Number, ct))?.Hash == block.Hash;

    /// <summary>Writes everything of one step together; whatever fails, store and sink say the same afterwards.</summary>
    private void TakeIn(
        ulong? forkAt, IReadOnlyList<(FollowedBlock Block, IReadOnlyList<FollowedLog> Logs)> blocks, IReadOnlyDictionary<Digest, FollowedTransaction> transactions, Action last)
    {
        try
        {
            _store.InTransaction(() =>
            {
                if (forkAt is { } number)
                {
                    _store.RollBackTo(number == 0 ? 0 : number - 1);
                    _sink.Reload(_store);
                }

                foreach ((FollowedBlock block, IReadOnlyList<FollowedLog> logs) in blocks)
                {
                    _store.AddBlock(block);
                    foreach (FollowedLog log in logs)
                    {
                        _store.AddLog(log);
                    }

                    foreach (Digest hash in logs.Select(log => log.Transaction).Distinct())
                    {
                        _store.AddTransaction(transactions[hash], block.Number);
                    }

                    if (logs.Count > 0)
                    {
                        _sink.Apply(block, logs, transactions, _store);
                    }
                }

                last();
            });
        }
        catch
        {
            _sink.Reload(_store);
            throw;
        }
    }

    private async Task<Step> AdvanceFinalAsync(FollowedBlock last, CancellationToken ct)
    {
        ulong? final = _options.Finality.LastUnder(last.Number);
        if (_options.Finality.Kind is FinalityKind.Safe or FinalityKind.Finalized)
        {
            FollowedBlock? tagged = await _source.FindFinalBlockAsync(_options.Finality.Kind, ct);
            if (tagged is not null && _store.FindBlock(tagged.Number) is { } stored && stored.Hash != tagged.Hash)
            {
                return Step.Changed;
            }

            final = tagged is null ? null : Math.Min(tagged.Number, last.Number);
        }

        if (final is not { } number || number < _options.StartBlock || number <= _store.FinalBlock)
        {
            return Step.Done;
        }

        if (_witnesses.Count > 0)
        {
            FollowedBlock? block = _store.FindBlock(number) ?? await _source.FindBlockAsync(number, ct);
            foreach (IChainSource witness in _witnesses)
            {
                FollowedBlock? seen = await witness.FindBlockAsync(number, ct);
                if (block is null || seen is null)
                {
                    return Step.Done;
                }

                if (seen.Hash != block.Hash)
                {
                    throw Fault(PhrDataReason.Mismatched, $"{_source.Name} and {witness.Name} disagree about a final block: {Describe(block)}, {Describe(seen)}.");
                }

                if (!await HasSameLogsAsync(witness, Math.Max(_options.StartBlock, _store.FinalBlock + 1), block, ct))
                {
                    return Step.Done;
                }
            }
        }

        _store.InTransaction(() => _store.SetFinalBlock(number));
        return Step.Done;
    }

    /// <summary>Compares the logs of the blocks that are to be final with a witness's: blocks' hashes alone do not show what a node leaves out.</summary>
    /// <returns>Whether they are the same; false while the witness cannot say.</returns>
    private async Task<bool> HasSameLogsAsync(IChainSource witness, ulong first, FollowedBlock last, CancellationToken ct)
    {
        ulong range = (ulong)Math.Max(1, _options.MaxRange / 8);
        while (first <= last.Number)
        {
            ulong end = Math.Min(first + range - 1, last.Number);
            FollowedBlock? endBlock = end == last.Number ? last : await witness.FindBlockAsync(end, ct);
            IReadOnlyList<FollowedLog>? logs = endBlock is null ? null : await witness.FindLogsAsync(first, endBlock, ct);
            if (logs is null && endBlock is not null && first < end)
            {
                range = (end - first + 1) / 2;
                continue;
            }

            logs ??= endBlock is null ? null : await witness.FindLogsAsync(endBlock.Hash, ct);
            if (logs is null)
            {
                return false;
            }

            if (!logs.Select(Identify).SequenceEqual(_store.ReadLogs(first, end).Select(Identify)))
            {
                throw Fault(
                    PhrDataReason.Mismatched, string.Create(CultureInfo.InvariantCulture, $"{_source.Name} and {witness.Name} give different logs of the contract in the blocks {first} to {end}: one of them leaves something out."));
            }

            first = end + 1;
        }

        return true;
    }

    private static (ulong Block, Digest Hash, int Index, Digest Transaction, string Topics, Digest Data) Identify(FollowedLog log) =>
        (log.Block, log.BlockHash, log.Index, log.Transaction, string.Join(',', log.Topics), Digest.Of(log.Data.Span));

    /// <summary>The transactions of logs; null when the node does not have one any more.</summary>
    private async Task<IReadOnlyDictionary<Digest, FollowedTransaction>?> TransactionsOfAsync(IEnumerable<FollowedLog> logs, CancellationToken ct)
    {
        var found = new Dictionary<Digest, FollowedTransaction>();
        foreach (Digest[] hashes in logs.Select(log => log.Transaction).Distinct().Chunk(AtOnce * 4))
        {
            IReadOnlyList<FollowedTransaction?> answers = await _source.FindTransactionsAsync(hashes, ct);
            for (int i = 0; i < hashes.Length; i++)
            {
                if (answers[i] is not { } transaction)
                {
                    return null;
                }

                found.Add(hashes[i], transaction);
            }
        }

        return found;
    }

    private void CheckOrder(IReadOnlyList<FollowedLog> logs, ulong first, ulong last)
    {
        (ulong Block, int Index) previous = (first, -1);
        foreach (FollowedLog log in logs)
        {
            if (log.Block < first || log.Block > last || log.Index < 0 || (log.Block, log.Index).CompareTo(previous) <= 0)
            {
                throw Fault(PhrDataReason.Malformed, $"{_source.Name} gave logs that are out of order or of other blocks than {first} to {last}.");
            }

            previous = (log.Block, log.Index);
        }
    }
}
