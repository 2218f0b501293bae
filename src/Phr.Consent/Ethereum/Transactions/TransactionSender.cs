using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Sends transactions of one account, for many callers at once, and sees to it that each gets into the chain.</summary>
/// <remarks>
/// A nonce is used up only when a node has taken the transaction, or may have; so a transaction that is refused leaves no gap. What is on its way is watched by one loop: a transaction that a node no longer knows (it was
/// restarted, another node is asked, a re-organisation threw it out) is sent again; the oldest one, when it waits too long, is sent anew with both fees raised; a gap that others left is filled with a transfer of nothing to
/// the account itself. A receipt counts when its block is final; until then a transaction that a re-organisation takes out of its block is sent again, the same one, so that it takes effect once. With a journal a sender that starts again goes on where the one before it stopped. Only one sender uses an account's key at a
/// time. Cancelling a wait does not call a transaction back. Thread safe.
/// </remarks>
internal sealed class TransactionSender : IAsyncDisposable
{
    /// <summary>The most gas that a transaction may have. Source: EIP-7825.</summary>
    public const ulong MaxGas = 1 << 24;

    private const int MaxNonceTries = 5;
    private const int MaxTimesMissing = 3;
    private const ulong TransferGas = 21_000;

    private static readonly string[] _known = ["already known", "already imported", "known transaction", "already in mempool", "already in the mempool"];
    private static readonly string[] _nonceUsed = ["nonce too low", "nonce is too low", "nonce has already been used", "replacement transaction underpriced", "replacement fee too low", "transaction underpriced to replace"];

    private readonly EthereumRpc _rpc;
    private readonly SecretKey _key;
    private readonly ulong _chainId;
    private readonly EthereumSenderOptions _options;
    private readonly TimeProvider _clock;
    private readonly TransactionJournal? _journal;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, PendingTransaction> _pending = [];
    private TaskCompletionSource _wake = NewSignal();
    private Task? _loop;
    private ulong? _nextNonce;
    private TransactionReceipt? _last;
    private long? _gapSince;
    private bool _isDisposed;

    /// <param name="rpc">The nodes; the caller disposes it.</param>
    /// <param name="key">The account's key; the caller disposes it, after the sender.</param>
    /// <param name="chainId">The chain that transactions are signed for.</param>
    /// <param name="options">Fees and waits.</param>
    /// <param name="journal">Where transactions that are on their way are kept over a restart; null to forget them.</param>
    /// <param name="clock">The clock of the waits.</param>
    public TransactionSender(EthereumRpc rpc, SecretKey key, ulong chainId, EthereumSenderOptions? options = null, TransactionJournal? journal = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(key);
        _options = options ?? new EthereumSenderOptions();
        _options.Check();
        _rpc = rpc;
        _key = key;
        _chainId = chainId;
        _journal = journal;
        _clock = clock ?? TimeProvider.System;
        Account = ActorId.FromPublicKey(key.PublicKey);
    }

    /// <summary>The account that pays.</summary>
    public ActorId Account { get; }

    /// <summary>What is on its way, by nonce.</summary>
    public IReadOnlyList<PendingTransaction> Pending
    {
        get
        {
            lock (_lock)
            {
                return [.. _pending.Values];
            }
        }
    }

    /// <summary>What went wrong in the loop's last round, or null; the loop goes on either way.</summary>
    public Exception? LastFault { get; private set; }

    /// <summary>Sends a transaction and waits until its block is final.</summary>
    /// <returns>The receipt of whichever version got into the chain.</returns>
    /// <exception cref="EthereumRevertException">The contract refuses: before anything was sent, or, if the transaction has a hash, when it was carried out.</exception>
    /// <exception cref="EthereumTransactionException">It did not get into the chain.</exception>
    /// <exception cref="EthereumUnavailableException">No node could be asked; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; what was sent stays on its way.</exception>
    public async Task<TransactionReceipt> SendAsync(TransactionRequest request, CancellationToken cancellationToken)
    {
        PendingTransaction pending = await StartAsync(request, cancellationToken);
        return await pending.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Sends a transaction.</summary>
    /// <returns>The transaction on its way.</returns>
    public async Task<PendingTransaction> StartAsync(TransactionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ulong gas = request.GasLimit ?? await EstimateGasAsync(request, cancellationToken);
        FeeOffer fees = await OfferAsync(cancellationToken);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await ResumeAsync(cancellationToken);
            for (int attempt = 1; ; attempt++)
            {
                ulong nonce = await NextNonceAsync(cancellationToken);
                SignedTransaction signed = Sign(nonce, gas, fees, request);
                _journal?.Save(signed);
                try
                {
                    // Once a node may have it there is no way back, so this step is not cancelled half way.
                    await BroadcastAsync(signed, _stop.Token);
                }
                catch (JsonRpcException e) when (IsNonceUsed(e) && attempt < MaxNonceTries)
                {
                    // It may be this very transaction that used it: it went in, and the answer to that was lost.
                    if (await IsKnownAsync(signed.Hash, _stop.Token))
                    {
                        _nextNonce = nonce + 1;
                        return Watch(signed, request.Errors);
                    }

                    // Someone else used the nonce: a sender before this one without a journal, or another program.
                    _journal?.Remove(nonce);
                    _nextNonce = Math.Max(nonce + 1, await _rpc.GetTransactionCountAsync(Account, BlockTag.Pending, cancellationToken));
                    continue;
                }
                catch (JsonRpcException e)
                {
                    _journal?.Remove(nonce);
                    throw EthereumRpc.RevertOf(e, request.Errors, signed.Hash) as Exception
                        ?? new EthereumTransactionException(EthereumTransactionFault.RefusedByNode, $"The node does not take the transaction: {e.NodeMessage}", signed.Hash, e);
                }
                catch (OperationCanceledException e)
                {
                    throw new EthereumTransactionException(EthereumTransactionFault.SenderStopped, "The sender was stopped while the transaction was being sent.", signed.Hash, e);
                }
                catch (EthereumUnavailableException e)
                {
                    // It may have arrived or not. The loop sends it until one is certain.
                    LastFault = e;
                }

                _nextNonce = nonce + 1;
                return Watch(signed, request.Errors);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Starts to watch what the journal holds, without sending anything new.</summary>
    public async Task ResumeJournalAsync(CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await ResumeAsync(cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Stops watching. What is on its way may still get into the chain; with a journal the next sender goes on with it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync();

        // Whoever is sending comes to its end first; whoever waits to send finds the sender disposed.
        await _sending.WaitAsync();
        _sending.Release();
        if (_loop is { } loop)
        {
            await loop;
        }

        foreach (PendingTransaction pending in Pending)
        {
            pending.Fail(new EthereumTransactionException(EthereumTransactionFault.SenderStopped, "The sender was stopped while the transaction was on its way.", pending.Newest.Hash));
        }

        _stop.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // ---- before sending ----

    private async Task<ulong> EstimateGasAsync(TransactionRequest request, CancellationToken cancellationToken)
    {
        ulong estimate = await _rpc.EstimateGasAsync(new CallRequest { From = Account, To = request.To, Data = request.Data, Value = request.Value }, request.Errors, cancellationToken);
        return estimate > MaxGas
            ? throw new EthereumTransactionException(EthereumTransactionFault.RefusedByNode, string.Create(CultureInfo.InvariantCulture, $"The transaction needs {estimate} gas; a transaction may have {MaxGas}."))
            : Math.Min(estimate + (estimate * (ulong)_options.GasMarginPercent / 100), MaxGas);
    }

    private async Task<FeeOffer> OfferAsync(CancellationToken cancellationToken) =>
        FeeOffer.From(await _rpc.GetFeeHistoryAsync(_options.FeeHistoryBlocks, _options.PriorityFeePercentile, cancellationToken), _options);

    private SignedTransaction Sign(ulong nonce, ulong gas, FeeOffer fees, TransactionRequest request) => new Eip1559Transaction
    {
        ChainId = _chainId,
        Nonce = nonce,
        MaxPriorityFeePerGas = fees.MaxPriorityFeePerGas,
        MaxFeePerGas = fees.MaxFeePerGas,
        GasLimit = gas,
        To = request.To,
        Value = request.Value,
        Data = request.Data,
    }.Sign(_key);

    private async Task<ulong> NextNonceAsync(CancellationToken cancellationToken)
    {
        ulong pending = await _rpc.GetTransactionCountAsync(Account, BlockTag.Pending, cancellationToken);
        if (_nextNonce is not { } next || next <= pending)
        {
            return pending;
        }

        TransactionReceipt? last;
        lock (_lock)
        {
            last = _pending.Count == 0 ? _last : null;
        }

        return last is not null && await FindNonceAfterThrowOutAsync(last, cancellationToken) is { } free && free < next ? free : next;
    }

    /// <summary>
    /// The account's next nonce, where a re-organisation threw out what was done already: the node has blocks beyond the last transaction's, and not that transaction. Null where it is there, or the node lags behind.
    /// </summary>
    private async Task<ulong?> FindNonceAfterThrowOutAsync(TransactionReceipt last, CancellationToken cancellationToken)
    {
        // Together, so that one node says all three.
        RpcCall<ulong> head = EthereumCalls.BlockNumber(), count = EthereumCalls.TransactionCount(Account, BlockTag.Pending);
        RpcCall<MinedTransaction?> transaction = EthereumCalls.Transaction(last.TransactionHash);
        IReadOnlyList<RpcResult<object?>> answers = await _rpc.SendBatchAsync<object?>(
            [
                new RpcCall<object?>(head.Method, head.Parameters, e => head.Read(e)),
                new RpcCall<object?>(transaction.Method, transaction.Parameters, transaction.Read),
                new RpcCall<object?>(count.Method, count.Parameters, e => count.Read(e)),
            ],
            cancellationToken);
        return (ulong)answers[0].Value! >= last.BlockNumber && answers[1].Value is null ? (ulong)answers[2].Value! : null;
    }

    private async Task BroadcastAsync(SignedTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            await _rpc.SendAsync(EthereumCalls.SendRawTransaction(transaction), cancellationToken);
        }
        catch (JsonRpcException e) when (Contains(e, _known))
        {
            // Sent twice: by a retry, or by the loop after a restart.
        }
    }

    /// <summary>Whether a node has the transaction; yes where none can be asked, since then it may have.</summary>
    private async Task<bool> IsKnownAsync(Digest hash, CancellationToken cancellationToken)
    {
        try
        {
            return await _rpc.GetTransactionAsync(hash, cancellationToken) is not null;
        }
        catch (EthereumUnavailableException e)
        {
            LastFault = e;
            return true;
        }
    }

    private static bool IsNonceUsed(JsonRpcException error) => Contains(error, _nonceUsed);

    private static bool Contains(JsonRpcException error, string[] texts) => texts.Any(t => error.NodeMessage.Contains(t, StringComparison.OrdinalIgnoreCase));

    // ---- the journal ----

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (_nextNonce is not null)
        {
            return;
        }

        ulong next = 0;
        ulong used = await _rpc.GetTransactionCountAsync(Account, BlockTag.Latest, cancellationToken);
        foreach (SignedTransaction saved in _journal?.Load() ?? [])
        {
            if (saved.Sender != Account || saved.Transaction.ChainId != _chainId)
            {
                throw new PhrDataException("transaction journal", PhrDataReason.Mismatched, "a transaction is of another account or another chain.");
            }

            // One whose nonce is used may still be thrown out again, so it is watched like the others until it has its confirmations.
            next = saved.Transaction.Nonce + 1;
            Watch(saved, AbiErrorRegistry.Language);
        }

        _nextNonce = Math.Max(next, used);
    }

    // ---- the loop ----

    private PendingTransaction Watch(SignedTransaction signed, AbiErrorRegistry errors)
    {
        var pending = new PendingTransaction(signed, errors);
        lock (_lock)
        {
            _pending[pending.Nonce] = pending;
            _loop ??= Task.Run(LoopAsync, CancellationToken.None);
            _wake.TrySetResult();
        }

        return pending;
    }

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                Task wake;
                bool isIdle;
                lock (_lock)
                {
                    isIdle = _pending.Count == 0;
                    wake = _wake.Task;
                }

                using (var round = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
                {
                    await Task.WhenAny(wake, Task.Delay(isIdle ? Timeout.InfiniteTimeSpan : _options.PollInterval, _clock, round.Token));
                    await round.CancelAsync();
                }

                _stop.Token.ThrowIfCancellationRequested();
                lock (_lock)
                {
                    if (_wake.Task.IsCompleted)
                    {
                        _wake = NewSignal();
                    }
                }

                try
                {
                    LastFault = null;
                    await RoundAsync(_stop.Token);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LastFault = e;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<PendingTransaction> all = Pending;
        if (all.Count == 0)
        {
            return;
        }

        ulong head = await _rpc.GetBlockNumberAsync(cancellationToken);
        ulong used = await _rpc.GetTransactionCountAsync(Account, BlockTag.Latest, cancellationToken);
        ulong? final = await FindFinalBlockAsync(head, cancellationToken);

        // What is in a block need not be asked about again before that is final, unless its nonce is free again: then a re-organisation took it out.
        all = [.. all.Where(p => p.Block is not { } block || block <= final || p.Nonce >= used)];
        (PendingTransaction Pending, SignedTransaction Version)[] versions = [.. all.SelectMany(p => p.Versions.Select(v => (p, v)))];
        if (versions.Length == 0)
        {
            return;
        }

        IReadOnlyList<RpcResult<TransactionReceipt?>> receipts = await _rpc.SendBatchAsync([.. versions.Select(v => EthereumCalls.Receipt(v.Version.Hash))], cancellationToken);
        var found = new Dictionary<PendingTransaction, TransactionReceipt>();
        var unknown = new HashSet<PendingTransaction>();
        for (int i = 0; i < versions.Length; i++)
        {
            if (receipts[i].Error is { } error)
            {
                unknown.Add(versions[i].Pending);
                LastFault = error;
            }
            else if (receipts[i].Value is { } receipt)
            {
                found[versions[i].Pending] = receipt;
            }
        }

        var missing = new List<PendingTransaction>();
        foreach (PendingTransaction pending in all)
        {
            if (found.TryGetValue(pending, out TransactionReceipt? receipt))
            {
                await TakeAsync(pending, receipt, final, cancellationToken);
            }
            else if (!unknown.Contains(pending))
            {
                pending.Block = null;
                missing.Add(pending);
            }
        }

        await RepeatAsync(missing, (head, final, used), cancellationToken);
        await FillGapAsync(missing, used, cancellationToken);
        await RaiseAsync(missing, used, cancellationToken);
    }

    private async Task<ulong?> FindFinalBlockAsync(ulong head, CancellationToken cancellationToken) => _options.Finality.Kind switch
    {
        FinalityKind.Safe => (await _rpc.GetBlockAsync(BlockTag.Safe, cancellationToken))?.Number,
        FinalityKind.Finalized => (await _rpc.GetBlockAsync(BlockTag.Finalized, cancellationToken))?.Number,
        _ => _options.Finality.LastUnder(head),
    };

    private async Task TakeAsync(PendingTransaction pending, TransactionReceipt receipt, ulong? final, CancellationToken cancellationToken)
    {
        (pending.TimesMissing, pending.DisplacedSince, pending.WaitingSince) = (0, null, null);
        if (!pending.Inclusion.IsCompleted)
        {
            pending.Include(receipt, receipt.Succeeded ? null : await ReasonAsync(pending, receipt, cancellationToken));
        }

        pending.Block = receipt.BlockNumber;
        if (final is null || receipt.BlockNumber > final)
        {
            return;
        }

        BlockHeader? block = await _rpc.GetBlockAsync(BlockTag.Number(receipt.BlockNumber), cancellationToken);
        if (block is null || block.Hash != receipt.BlockHash)
        {
            return;
        }

        EthereumRevertException? reason = receipt.Succeeded ? null : await ReasonAsync(pending, receipt, cancellationToken);

        // Whoever waits for it may send the next one at once, which looks at what is on its way.
        lock (_lock)
        {
            _last = receipt;
        }

        Forget(pending);
        if (reason is null)
        {
            pending.Complete(receipt);
        }
        else
        {
            pending.Fail(reason);
        }
    }

    // A receipt does not say why a contract refused. Carried out again on the state before or after its block the call says so, unless other transactions of the block mattered.
    private async Task<EthereumRevertException> ReasonAsync(PendingTransaction pending, TransactionReceipt receipt, CancellationToken cancellationToken)
    {
        Eip1559Transaction transaction = pending.Newest.Transaction;
        var request = new CallRequest { From = Account, To = transaction.To, Data = transaction.Data, Value = transaction.Value, Gas = transaction.GasLimit };
        BlockTag[] states = [BlockTag.Number(receipt.BlockNumber == 0 ? 0 : receipt.BlockNumber - 1), BlockTag.Number(receipt.BlockNumber)];
        foreach (BlockTag state in states)
        {
            try
            {
                await _rpc.SendAsync(EthereumCalls.Call(request, state), cancellationToken);
            }
            catch (JsonRpcException e) when (EthereumRpc.RevertOf(e, pending.Errors, receipt.TransactionHash) is { } revert)
            {
                return revert;
            }
            catch (JsonRpcException)
            {
                // The node no longer has that state, or the gas ran out.
            }
        }

        return pending.Errors.Explain([], receipt.TransactionHash);
    }

    // What a node does not know is sent to it again; what can no longer get in, because its nonce is used for good by another, is given up.
    private async Task RepeatAsync(List<PendingTransaction> missing, (ulong Head, ulong? Final, ulong Used) chain, CancellationToken cancellationToken)
    {
        if (missing.Count == 0)
        {
            return;
        }

        IReadOnlyList<RpcResult<MinedTransaction?>> known = await _rpc.SendBatchAsync([.. missing.Select(p => EthereumCalls.Transaction(p.Newest.Hash))], cancellationToken);
        for (int i = missing.Count - 1; i >= 0; i--)
        {
            PendingTransaction pending = missing[i];
            if (pending.Nonce < chain.Used)
            {
                // Another one stands in its place. It is for good when the block that was the head then is final; not every node knows what the count was in a block long ago.
                pending.DisplacedSince ??= chain.Head;

                // Nodes behind one address may differ for a moment, so one look is not enough.
                pending.TimesMissing = pending.DisplacedSince <= chain.Final ? pending.TimesMissing + 1 : 0;
                if (pending.TimesMissing >= MaxTimesMissing)
                {
                    Forget(pending);
                    pending.Fail(new EthereumTransactionException(EthereumTransactionFault.ReplacedByAnother, "Another transaction of the account took the transaction's place.", pending.Newest.Hash));
                }

                missing.RemoveAt(i);
                continue;
            }

            (pending.TimesMissing, pending.DisplacedSince) = (0, null);
            if (known[i].Error is null && known[i].Value is null)
            {
                await TryBroadcastAsync(pending.Newest, cancellationToken);
            }
        }
    }

    private async Task TryBroadcastAsync(SignedTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            await BroadcastAsync(transaction, cancellationToken);
        }
        catch (JsonRpcException e)
        {
            // A fee that is too low now is raised later; a nonce that is used shows in the next round.
            LastFault = e;
        }
    }

    private async Task FillGapAsync(List<PendingTransaction> missing, ulong used, CancellationToken cancellationToken)
    {
        if (missing.Count == 0 || missing[0].Nonce <= used || await _rpc.GetTransactionCountAsync(Account, BlockTag.Pending, cancellationToken) > used)
        {
            _gapSince = null;
            return;
        }

        _gapSince ??= _clock.GetTimestamp();
        if (_clock.GetElapsedTime(_gapSince.Value) < _options.StuckAfter)
        {
            return;
        }

        FeeOffer fees = await OfferAsync(cancellationToken);
        HashSet<ulong> taken = [.. Pending.Select(p => p.Nonce)];
        for (ulong nonce = used; nonce < missing[0].Nonce; nonce++)
        {
            // What a node gave no answer about is on its way all the same.
            if (taken.Contains(nonce))
            {
                continue;
            }

            SignedTransaction filler = Sign(nonce, TransferGas, fees, new TransactionRequest { To = Account });
            _journal?.Save(filler);
            await TryBroadcastAsync(filler, cancellationToken);
            Watch(filler, AbiErrorRegistry.Language);
        }

        _gapSince = null;
    }

    private async Task RaiseAsync(List<PendingTransaction> missing, ulong used, CancellationToken cancellationToken)
    {
        PendingTransaction? oldest = missing.Find(p => p.Nonce == used);
        foreach (PendingTransaction other in missing.Where(p => p != oldest))
        {
            other.WaitingSince = null;
        }

        if (oldest is null)
        {
            return;
        }

        oldest.WaitingSince ??= _clock.GetTimestamp();
        if (_clock.GetElapsedTime(oldest.WaitingSince.Value) < _options.StuckAfter || oldest.Versions.Count > _options.MaxReplacements)
        {
            return;
        }

        Eip1559Transaction last = oldest.Newest.Transaction;
        if (new FeeOffer(last.MaxPriorityFeePerGas, last.MaxFeePerGas).Raise(await OfferNowAsync(cancellationToken), _options) is not { } raised)
        {
            return;
        }

        SignedTransaction version = (last with { MaxPriorityFeePerGas = raised.MaxPriorityFeePerGas, MaxFeePerGas = raised.MaxFeePerGas }).Sign(_key);
        _journal?.Save(version);
        oldest.Add(version);
        oldest.WaitingSince = null;
        await TryBroadcastAsync(version, cancellationToken);
    }

    private async Task<FeeOffer?> OfferNowAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OfferAsync(cancellationToken);
        }
        catch (EthereumTransactionException e)
        {
            LastFault = e;
            return null;
        }
    }

    private void Forget(PendingTransaction pending)
    {
        lock (_lock)
        {
            _pending.Remove(pending.Nonce);
        }

        _journal?.Remove(pending.Nonce);
    }
}
