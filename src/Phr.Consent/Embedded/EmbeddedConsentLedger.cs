using System.Runtime.CompilerServices;
using Phr.Consent.Embedded;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>
/// A consent ledger in one SQLite file: signed, hash-chained entries, durable when a command returns, shared by the processes of one machine. The default where no blockchain is
/// wanted, and the reference for every other ledger.
/// </summary>
/// <remarks>
/// <para>Whoever holds the operator's key file beside the database is the ledger's operator: it can add, delay, refuse and order entries, and foresee and so steer the draw of a committee,
/// because the randomness of a block is the hash of the operator's signature of its entry. It cannot sign for an actor, nor change an entry that a client remembers
/// (<see cref="LedgerHeadMemory"/>). Use it where the parties accept one operator; there is no public randomness here.</para>
/// <para>Reading takes the events as the operator wrote and signed them; <see cref="VerifyAsync(IProgress{ulong}, CancellationToken)"/> decides every command again and trusts nobody.</para>
/// <para>Cost: opening reads every entry once and keeps the state in memory; a command costs one signature and one recovery; those that wait at the same time are written together, with one
/// synced write, and have the state in memory a second time. A read costs a look-up. Thread safe. Source: PROTOCOL rules 7, 20 and 22; docs/algorithms/embedded-ledger.md.</para>
/// </remarks>
public sealed class EmbeddedConsentLedger : IConsentLedger
{
    private readonly ChainStore _store;
    private readonly ChainReplay _replay;
    private readonly ChainAuthor _author;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _pollInterval;
    private readonly Lock _stateLock = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly string _path;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private EmbeddedConsentLedger(string path, ChainStore store, LedgerParameters parameters, EmbeddedLedgerOptions options)
    {
        _path = path;
        _store = store;
        _replay = new ChainReplay(store.Genesis, parameters);
        _clock = options.TimeProvider;
        _pollInterval = options.PollInterval;
        Parameters = parameters;
        _author = new ChainAuthor(store, _replay, _stateLock, _clock, parameters, Signal);
    }

    /// <inheritdoc/>
    public LedgerId Id => _store.Genesis.Ledger;

    /// <inheritdoc/>
    public LedgerParameters Parameters { get; }

    /// <summary>The operator's public key, whose address is in the ledger's id.</summary>
    public PublicKey OperatorKey => _store.Genesis.OperatorKey;

    /// <summary>Whether the operator's key is at hand. Without it the ledger can be read, followed and verified, and takes no command.</summary>
    public bool CanSubmit => _store.CanWrite;

    /// <summary>Opens a ledger, or creates it when the file is not there and <see cref="EmbeddedLedgerOptions.CreateWith"/> says how.</summary>
    /// <param name="path">The database file, on a local disk. SQLite keeps two files beside it while it is open; the operator's key is in <c>path.operator</c>.</param>
    /// <param name="options">How; null for the defaults, which create nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The ledger, with every entry taken in. The caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty, or an option makes no sense.</exception>
    /// <exception cref="FileNotFoundException">There is no such file, and none is to be created.</exception>
    /// <exception cref="PhrDataException">The file is no ledger, or is damaged: <see cref="VerifyAsync(string, IProgress{ulong}, CancellationToken)"/> names the first bad entry.</exception>
    /// <exception cref="TimeoutException">Another process kept the file locked.</exception>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public static async Task<EmbeddedConsentLedger> OpenAsync(string path, EmbeddedLedgerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new EmbeddedLedgerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BusyTimeout, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.PollInterval, TimeSpan.Zero, nameof(options));
        if (options.CreateWith?.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        TimeProvider clock = options.TimeProvider;
        Func<(DateTimeOffset, byte[])>? create = options.CreateWith is { } parameters ? () => (clock.GetUtcNow(), parameters.ToBytes()) : null;
        ChainStore store = await ChainStore.OpenAsync(path, options.OperatorKey, create, options.BusyTimeout, cancellationToken).ConfigureAwait(false);
        try
        {
            if (store.Genesis.Fault() is { } genesisFault)
            {
                throw ChainReplay.Damaged(0, genesisFault);
            }

            var ledger = new EmbeddedConsentLedger(path, store, LedgerParameters.FromBytes(store.Genesis.Parameters), options);
            await Task.Run(() => ledger.CatchUp(cancellationToken), cancellationToken).ConfigureAwait(false);
            return ledger;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Verifies the ledger in a file, also one too damaged to open: every hash, link and signature, and that every command, decided again, causes just the events that stand there.
    /// It needs no operator's key.
    /// </summary>
    /// <param name="path">The database file.</param>
    /// <param name="progress">Told the number of the last verified entry, now and then; null for nobody.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>That all entries hold, or the first that does not and why.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="PhrDataException">The file is no ledger.</exception>
    /// <exception cref="IOException">The file cannot be used.</exception>
    /// <remarks>
    /// An end that was cut off cannot be seen in the chain itself; <see cref="LedgerHeadMemory"/> notices it. Cost: two signature recoveries per entry, and a second state in memory.
    /// Entries that are added meanwhile are verified too.
    /// </remarks>
    public static async Task<LedgerVerification> VerifyAsync(string path, IProgress<ulong>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using ChainStore store = await ChainStore.OpenForReadingAsync(path, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
            return await Task.Run(() => ChainVerifier.Verify(store, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException e) when (e.InnerException is ChainRowException { Number: 0 })
        {
            return LedgerVerification.Bad(0, e.Message);
        }
    }

    /// <summary>Verifies this ledger, as <see cref="VerifyAsync(string, IProgress{ulong}, CancellationToken)"/> does, beside whatever else is going on.</summary>
    /// <param name="progress">Told the number of the last verified entry, now and then; null for nobody.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>That all entries hold, or the first that does not and why.</returns>
    /// <exception cref="PhrDataException">The file is no ledger any more.</exception>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<LedgerVerification> VerifyAsync(IProgress<ulong>? progress = null, CancellationToken cancellationToken = default) => VerifyAsync(_path, progress, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="command"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The operator's key is not at hand.</exception>
    /// <exception cref="TimeoutException">Another process kept the ledger locked for longer than <see cref="EmbeddedLedgerOptions.BusyTimeout"/>; nothing was submitted.</exception>
    /// <exception cref="PhrDataException">The ledger is damaged.</exception>
    /// <exception cref="IOException">The disk failed. Whether the command was taken shows in the actor's nonce.</exception>
    public async Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return await _author.SubmitAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Signs a command in its turn, with the nonce that is then the actor's, and submits it: no other command of the actor comes between.</summary>
    internal Task<LedgerReceipt> SubmitAsync(LedgerCommand command, SecretKey ledgerKey, CancellationToken cancellationToken) => _author.SubmitAsync(command, ledgerKey, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The time of the head is the clock's, or the last entry's if that is later: up to now nothing else happened.</remarks>
    public Task<LedgerHead> GetHeadAsync(CancellationToken cancellationToken = default) =>
        ReadAsync((_, now) => new LedgerHead(_replay.Head.Number, _replay.Head.Hash, _replay.Head.Number, now), cancellationToken);

    /// <inheritdoc/>
    public Task<ulong> GetNonceAsync(ActorId actor, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetNonce(actor), cancellationToken);

    /// <inheritdoc/>
    public Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetActor(actor), cancellationToken);

    /// <inheritdoc/>
    public Task<BundleRecord?> GetBundleAsync(BundleId bundle, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetBundle(bundle), cancellationToken);

    /// <inheritdoc/>
    public Task<DealingRecord?> GetDealingAsync(BundleId bundle, Digest dealingDigest, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetDealing(bundle, dealingDigest), cancellationToken);

    /// <inheritdoc/>
    public Task<RequestRecord?> GetRequestAsync(RequestId request, CancellationToken cancellationToken = default) =>
        ReadAsync((state, now) => state.GetRequest(request, now), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public Task<IReadOnlyList<RequestRecord>> ListRequestsAsync(RequestFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return ReadAsync((state, now) => state.ListRequests(filter, now), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OracleRecord>> ListOraclesAsync(CancellationToken cancellationToken = default) =>
        ReadAsync((state, now) => state.ListOracles(now), cancellationToken);

    /// <inheritdoc/>
    public Task<EnvelopeKeyRecord?> GetEnvelopeKeyAsync(ActorId trustee, BundleId bundle, int epoch, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetEnvelopeKey(trustee, bundle, epoch), cancellationToken);

    /// <inheritdoc/>
    public Task<ReshareRecord?> GetReshareAsync(BundleId bundle, Digest planDigest, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetReshare(bundle, planDigest), cancellationToken);

    /// <inheritdoc/>
    public Task<RecoveryRecord?> GetRecoveryAsync(ActorId patient, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetRecovery(patient), cancellationToken);

    /// <inheritdoc/>
    public Task<RegistrySnapshot?> GetSnapshotAsync(int? number = null, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetSnapshot(number), cancellationToken);

    /// <inheritdoc/>
    public Task<TeamRecord?> GetTeamAsync(ActorId team, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetTeam(team), cancellationToken);

    /// <inheritdoc/>
    public Task<ClaimRecord?> GetClaimAsync(Digest claim, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.GetClaim(claim), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public Task<IReadOnlyList<ClaimRecord>> ListClaimsAsync(ClaimFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return ReadAsync((state, _) => state.ListClaims(filter), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="currency"/> is null.</exception>
    public Task<ulong> GetReviewThresholdAsync(ActorId insurer, string currency, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(currency);
        return ReadAsync((state, _) => state.GetReviewThreshold(insurer, currency), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DisputeRecord>> ListDisputesAsync(ActorId oracle, CancellationToken cancellationToken = default) =>
        ReadAsync((state, _) => state.ListDisputes(oracle), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(ulong afterNumber, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ulong last = (await GetHeadAsync(cancellationToken).ConfigureAwait(false)).Number;
        ChainHead? previous = null;
        for (ulong number = afterNumber; number < last;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<LedgerEntry> page = ReadEntries(number, ref previous);
            foreach (LedgerEntry entry in page.Count > 0 ? page : throw ChainReplay.Damaged(number + 1, "it is missing"))
            {
                if (entry.Number > last)
                {
                    yield break;
                }

                number = entry.Number;
                yield return entry;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Entries of this process come at once, those of others within <see cref="EmbeddedLedgerOptions.PollInterval"/>. When the ledger is disposed the reading ends with an <see cref="ObjectDisposedException"/>.</remarks>
    public async IAsyncEnumerable<LedgerEntry> FollowAsync(ulong afterNumber, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChainHead? previous = null;
        for (ulong number = afterNumber; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Taken before looking, so that what comes between the look and the wait is not slept over.
            Task changed = _changed.Task;
            ulong before = number;
            if ((await GetHeadAsync(cancellationToken).ConfigureAwait(false)).Number > number)
            {
                foreach (LedgerEntry entry in ReadEntries(number, ref previous))
                {
                    number = entry.Number;
                    yield return entry;
                }
            }

            if (number == before)
            {
                await WaitForChangeAsync(changed, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes the ledger. A command that is being submitted ends first; followers end.</summary>
    /// <returns>When it is closed.</returns>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _disposing.Cancel();
            _store.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The hash of an entry that this process took in not long ago, with all before it; null for another.</summary>
    internal Digest? FindHash(ulong number)
    {
        lock (_stateLock)
        {
            return _replay.FindHash(number);
        }
    }

    /// <summary>Answers a question from the state, with all that was committed by any process when it was asked.</summary>
    private Task<T> ReadAsync<T>(Func<ConsentState, DateTimeOffset, T> read, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(ct);
        }

        try
        {
            lock (_stateLock)
            {
                CatchUp(ct);
                return Task.FromResult(read(_replay.State, ChainAuthor.Later(_replay.Head.Time, _clock.GetUtcNow())));
            }
        }
        catch (OperationCanceledException e)
        {
            return Task.FromCanceled<T>(e.CancellationToken);
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    private void CatchUp(CancellationToken ct)
    {
        bool changed;
        lock (_stateLock)
        {
            _replay.ThrowIfDamaged();
            changed = _store.ReadLastNumber() != _replay.Head.Number && _replay.TakeIn(_store.ReadPage, ct);
        }

        if (changed)
        {
            Signal();
        }
    }

    private List<LedgerEntry> ReadEntries(ulong after, ref ChainHead? previous)
    {
        try
        {
            ChainHead last = previous ?? (after == 0 ? _store.Genesis.Head : _store.ReadEntry(after)?.Head)
                ?? throw ChainReplay.Damaged(after, "it is missing");
            var entries = new List<LedgerEntry>();
            foreach (ChainEntry entry in _store.ReadPage(after))
            {
                if (entry.LinkFault(Id, last) is { } fault)
                {
                    throw ChainReplay.Damaged(last.Number + 1, fault);
                }

                entries.Add(ChainAuthor.ToLedgerEntry(entry, entry.IsBeat ? null : SignedCommand.FromBytes(entry.Command), EventList.FromBytes(entry.Events)));
                last = entry.Head;
            }

            previous = last;
            return entries;
        }
        catch (ChainRowException e)
        {
            throw ChainReplay.Damaged(e.Number, e.Message, e);
        }
    }

    private void Signal() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task WaitForChangeAsync(Task changed, CancellationToken ct)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct, _disposing.Token);
        await Task.WhenAny(changed, Task.Delay(_pollInterval, _clock, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
    }
}
