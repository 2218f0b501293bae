using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Phr.Consent.Embedded;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>
/// The ledger of consent on Ethereum: follows the contract's events, computes the same state as every other ledger from them, and carries signed commands to the contract.
/// </summary>
/// <remarks>
/// <para>Records are those of the last final block, with what takes something away applied as soon as it is in any block: a revocation, a veto, a suspension, a withdrawn licence, a closed
/// bundle. So a re-organisation can take back a permission that nobody acted on, and never one that somebody did. Entries are those of final blocks.</para>
/// <para>Nodes are not trusted with the contract's rules: every log is taken through the model, every command's signature is verified, and blocks are linked by their hashes. A node can still
/// withhold; name a second one as a witness, and keep <see cref="EthereumLedgerOptions.MaxHeadAge"/>.</para>
/// <para>Cost: opening reads every entry of the cache once and follows the chain from there; a question costs at most one call of a node; a command costs its gas. Thread safe.
/// Source: PROTOCOL rules 7, 10 and 11; docs/algorithms/ethereum-ledger.md, docs/operations/ethereum.md.</para>
/// </remarks>
public sealed class EthereumConsentLedger : IBlockLedger
{
    private const string StaleWitness = "BadWitness";

    /// <summary>How often commands are put together and sent in a transaction of their own, where each one before failed for good by no fault of theirs.</summary>
    private const int MaxCarries = 3;

    private readonly EthereumLedgerOptions _options;
    private readonly EthereumRpc _rpc;
    private readonly List<EthereumRpc> _witnesses;
    private readonly FollowerStore _store;
    private readonly LedgerProjection _projection;
    private readonly LogFollower _follower;
    private readonly LedgerCallWriter _calls = new(LedgerAbi.Shipped);
    private readonly CallCarrier? _sender;
    private readonly Dictionary<ActorId, OwnAccount> _accounts = [];
    private readonly Dictionary<ActorId, SigningTurn> _turns = [];
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _disposing = new();
    private FollowedBlock? _head;
    private FollowedBlock? _final;
    private long _lookedAt = long.MinValue;
    private int _disposed;

    private EthereumConsentLedger(EthereumLedgerOptions options, FollowerStore store)
    {
        _options = options;
        _store = store;
        _rpc = new EthereumRpc(options.Nodes, options.TimeProvider);
        _witnesses = [.. options.Witnesses.Select(witness => new EthereumRpc(witness, options.TimeProvider))];
        _projection = new LedgerProjection(Id, Parameters, LedgerAbi.Shipped);
        _follower = new LogFollower(
            new EthereumNodeSource(_rpc, Id.Contract, NameOf(options.Nodes)),
            [.. _witnesses.Select((rpc, i) => new EthereumNodeSource(rpc, Id.Contract, NameOf(options.Witnesses[i])))],
            store,
            _projection,
            new FollowerOptions
            {
                StartBlock = options.Deployment.StartBlock,
                Finality = options.Finality,
                RetainedBlocks = options.RetainedBlocks,
                WalkedBlocks = Math.Min(256, options.RetainedBlocks),
                Pause = TimeSpan.FromMilliseconds(25),
                Clock = options.TimeProvider,
            });
        _sender = options.Relayer is { } relayer ? NewSender(relayer) : null;
    }

    /// <inheritdoc/>
    public LedgerId Id => _options.Deployment.Ledger;

    /// <inheritdoc/>
    public LedgerParameters Parameters => _options.Deployment.Parameters;

    /// <summary>Whether a relayer's key is at hand, without which only an actor's own transactions can be sent.</summary>
    public bool CanSubmit => _sender is not null;

    /// <summary>Connects to a ledger: checks that the nodes serve its chain and that the contract there was made by the rules of the address file, and catches up.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The ledger. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    /// <exception cref="PhrDataException">The nodes serve another chain, the contract is not what the address file says, the cache or the journal is damaged or of another ledger or account, or the nodes contradict each other.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    /// <exception cref="IOException">The cache or the journal cannot be used.</exception>
    public static async Task<EthereumConsentLedger> ConnectAsync(EthereumLedgerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var store = FollowerStore.Open(options.CachePath, options.Deployment.Ledger, options.Deployment.StartBlock);
        EthereumConsentLedger ledger;
        try
        {
            ledger = await Task.Run(() => new EthereumConsentLedger(options, store), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            store.Dispose();
            throw;
        }

        try
        {
            await ledger.CheckContractAsync(cancellationToken).ConfigureAwait(false);
            await ledger.ReadAsync((_, _) => true, cancellationToken).ConfigureAwait(false);
            if (options.JournalPath is not null && ledger._sender is { } sender)
            {
                await sender.ResumeAsync(cancellationToken).ConfigureAwait(false);
            }

            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The model decides first, on the state of the last block that was seen; what it accepts is sent in a transaction of the relayer, and the receipt comes when the block is final. A draw waits
    /// for its seed block. Until the block is final the transaction is sent again wherever a re-organisation or a node's end dropped it, with higher fees where it waits too long. Where the ledger moved on between the look and
    /// the block, what goes with the command is put together once more. However often it is sent, it takes effect once: the command's nonce sees to that.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="command"/> is null.</exception>
    /// <exception cref="InvalidOperationException">No relayer's key is at hand.</exception>
    /// <exception cref="PhrDataException">The nodes contradict each other, the chain's head is too old, or a re-organisation took back what was final by this client's settings.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers. Whether the command was taken shows in the actor's nonce.</exception>
    /// <exception cref="EthereumRevertException">The contract refused for a reason that the model does not know: the ledger moved on several times while the command was on its way.</exception>
    /// <exception cref="EthereumTransactionException">No node takes the transaction, or another program uses the relayer's key.</exception>
    public async Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        CallCarrier sender = Relayer();
        SignedCommand canonical = ToCanonical(command);
        var parcel = new Parcel(canonical.Command.Kind.ToString(), LedgerCallWriter.ValueOf(canonical.Command), [canonical], _ => WriteAsync(canonical, cancellationToken));
        return (await CarryAsync(sender, parcel, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// It is signed when those of its actor that were handed in here before are in blocks. Signed at the same time they would have one nonce: all but one would fail in their blocks, and be known to have failed for good only
    /// when those are final.
    /// </remarks>
    /// <exception cref="InvalidOperationException">No relayer's key is at hand.</exception>
    /// <exception cref="PhrDataException">As with <see cref="SubmitAsync"/>.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    /// <exception cref="EthereumRevertException">As with <see cref="SubmitAsync"/>.</exception>
    /// <exception cref="EthereumTransactionException">No node takes the transaction, or another program uses the relayer's key.</exception>
    public async Task<LedgerReceipt> SubmitAndTellAsync(LedgerCommand command, SecretKey ledgerKey, Action<ulong>? included, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(ledgerKey);
        CallCarrier sender = Relayer();
        LedgerCommand whole = SignedCommand.Sign(command, 0, Id, ledgerKey).Command;
        var signed = new List<SignedCommand>(1);
        var parcel = new Parcel(whole.Kind.ToString(), LedgerCallWriter.ValueOf(whole), signed, async _ =>
        {
            if (signed.Count == 0)
            {
                ulong nonce = await ReadAsync((_, seen) => seen.State.GetNonce(whole.Actor), cancellationToken, always: true).ConfigureAwait(false);
                signed.Add(ToCanonical(SignedCommand.Sign(command, nonce, Id, ledgerKey)));
            }

            return await WriteAsync(signed[0], cancellationToken).ConfigureAwait(false);
        });
        if (whole is DrawCommittee)
        {
            // It waits for its seed block, and others are not to wait for that.
            return (await CarryAsync(sender, parcel, cancellationToken, included: included).ConfigureAwait(false))[0];
        }

        SigningTurn turn = EnterTurn(whole.Actor);
        try
        {
            return (await CarryAsync(sender, parcel, cancellationToken, turn.Gate, included).ConfigureAwait(false))[0];
        }
        finally
        {
            LeaveTurn(whole.Actor, turn);
        }
    }

    /// <summary>Carries several signed commands in one transaction, which is cheaper and sooner than one each.</summary>
    /// <param name="commands">The commands, in the order in which they are to take effect; each is prepared for the state before the first. 1 to 256.</param>
    /// <param name="mode">Whether one refusal undoes all.</param>
    /// <param name="cancellationToken">Gives up waiting; the commands may still be accepted.</param>
    /// <returns>The receipts of the commands that were accepted, in their order: all of them when <paramref name="mode"/> is <see cref="LedgerBatchMode.AllOrNothing"/>.</returns>
    /// <remarks>As with <see cref="SubmitAsync"/>, the transaction is followed until its block is final and sent again where it was dropped. Where others carried some of the commands meanwhile, theirs are the receipts.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="commands"/> is null.</exception>
    /// <exception cref="ArgumentException">There is none, or there are too many, or one of them is a draw or carries ether.</exception>
    /// <exception cref="InvalidOperationException">No relayer's key is at hand.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused one, and so all.</exception>
    /// <exception cref="PhrDataException">The nodes contradict each other, the chain's head is too old, or a re-organisation took back what was final by this client's settings.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    /// <exception cref="EthereumTransactionException">No node takes the transaction, or another program uses the relayer's key.</exception>
    public async Task<IReadOnlyList<LedgerReceipt>> SubmitBatchAsync(IReadOnlyList<SignedCommand> commands, LedgerBatchMode mode, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Count is < 1 or > 256 || commands.Any(command => command is null || command.Command is DrawCommittee || !LedgerCallWriter.ValueOf(command.Command).IsZero))
        {
            throw new ArgumentException("A batch has 1 to 256 commands, none of them a draw or with ether.", nameof(commands));
        }

        CallCarrier sender = Relayer();
        SignedCommand[] canonical = [.. commands.Select(ToCanonical)];
        var parcel = new Parcel("batch", BigInteger.Zero, canonical, isRepeated => WriteBatchAsync(canonical, mode, isRepeated, cancellationToken)) { MayBeRefused = mode == LedgerBatchMode.EachForItself };
        return await CarryAsync(sender, parcel, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a command in a transaction of the actor's own, without a relayer: it costs less gas, and the actor pays it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="ledgerKey">The actor's ledger key; its address must hold ether.</param>
    /// <param name="cancellationToken">Gives up waiting; the command may still be accepted.</param>
    /// <returns>The receipt. Its entry has no signed command: the transaction's own signature stands for it.</returns>
    /// <remarks>
    /// The transaction is followed until its block is final, and the same one is sent again where it was dropped, so that its account's nonce lets it take effect once. A refusal in a block is told when that block is final:
    /// before, a re-organisation could still make it a success.
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A field of the command is missing or lies outside its bounds.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused the command.</exception>
    /// <exception cref="PhrDataException">The nodes contradict each other, the chain's head is too old, or a re-organisation took back what was final by this client's settings.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    /// <exception cref="EthereumTransactionException">No node takes the transaction, or another program uses the key.</exception>
    public async Task<LedgerReceipt> SendOwnAsync(LedgerCommand command, SecretKey ledgerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(ledgerKey);
        LedgerCommand whole = SignedCommand.Sign(command, 0, Id, ledgerKey).Command;
        var parcel = new Parcel(whole.Kind.ToString(), LedgerCallWriter.ValueOf(whole), [], _ => WriteOwnAsync(whole, cancellationToken)) { IsOwn = true };
        OwnAccount account = Enter(ledgerKey);
        try
        {
            return (await CarryAsync(account.Carrier, parcel, cancellationToken, account.Turn).ConfigureAwait(false))[0];
        }
        finally
        {
            await LeaveAsync(account).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets what was read and begins with the ledger's first block again: after a re-organisation deeper than <see cref="EthereumLedgerOptions.RetainedBlocks"/>, when the chain as it is now is the right one.</summary>
    /// <param name="cancellationToken">Cancels; what was read by then stays.</param>
    /// <returns>When the ledger has caught up.</returns>
    /// <exception cref="PhrDataException">The nodes contradict each other.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    public async Task RebuildAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _follower.Rebuild();
            (_head, _final, _lookedAt) = (null, null, long.MinValue);
        }
        finally
        {
            _gate.Release();
        }

        await ReadAsync((_, _) => true, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>The last final entry, block and time.</remarks>
    public Task<LedgerHead> GetHeadAsync(CancellationToken cancellationToken = default) =>
        ReadAsync((_, _) => new LedgerHead(_projection.FinalHead.Number, _projection.FinalHead.Hash, _final?.Number ?? 0, _final?.Time ?? DateTimeOffset.UnixEpoch), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Of the last block that was seen, final or not: the next command follows on it.</remarks>
    public Task<ulong> GetNonceAsync(ActorId actor, CancellationToken cancellationToken = default) => ReadAsync((_, seen) => seen.State.GetNonce(actor), cancellationToken);

    /// <inheritdoc/>
    public Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetActor(actor), seen.State.GetActor(actor)), cancellationToken);

    /// <inheritdoc/>
    public Task<BundleRecord?> GetBundleAsync(BundleId bundle, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetBundle(bundle), seen.State.GetBundle(bundle)), cancellationToken);

    /// <inheritdoc/>
    public Task<DealingRecord?> GetDealingAsync(BundleId bundle, Digest dealingDigest, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetDealing(bundle, dealingDigest), seen.State.GetDealing(bundle, dealingDigest)), cancellationToken);

    /// <inheritdoc/>
    public Task<ReshareRecord?> GetReshareAsync(BundleId bundle, Digest planDigest, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetReshare(bundle, planDigest), seen.State.GetReshare(bundle, planDigest)), cancellationToken);

    /// <inheritdoc/>
    public Task<RequestRecord?> GetRequestAsync(RequestId request, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetRequest(request, final.Time), seen.State.GetRequest(request, seen.Time)), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public Task<IReadOnlyList<RequestRecord>> ListRequestsAsync(RequestFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return ReadAsync<IReadOnlyList<RequestRecord>>(
            (final, seen) => [.. final.State.ListRequests(filter with { Status = null }, final.Time)
                .Select(request => WithDenials.Of(request, seen.State.GetRequest(request.Id, seen.Time))!)
                .Where(filter.Includes)],
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OracleRecord>> ListOraclesAsync(CancellationToken cancellationToken = default) =>
        ReadAsync((final, _) => final.State.ListOracles(final.Time), cancellationToken);

    /// <inheritdoc/>
    public Task<RegistrySnapshot?> GetSnapshotAsync(int? number = null, CancellationToken cancellationToken = default) =>
        ReadAsync((final, _) => final.State.GetSnapshot(number), cancellationToken);

    /// <inheritdoc/>
    public Task<EnvelopeKeyRecord?> GetEnvelopeKeyAsync(ActorId trustee, BundleId bundle, int epoch, CancellationToken cancellationToken = default) =>
        ReadAsync((final, _) => final.State.GetEnvelopeKey(trustee, bundle, epoch), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>As soon as it is seen, so that the patient can cancel it.</remarks>
    public Task<RecoveryRecord?> GetRecoveryAsync(ActorId patient, CancellationToken cancellationToken = default) =>
        ReadAsync((_, seen) => seen.State.GetRecovery(patient), cancellationToken);

    /// <inheritdoc/>
    public Task<TeamRecord?> GetTeamAsync(ActorId team, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetTeam(team), seen.State.GetTeam(team)), cancellationToken);

    /// <inheritdoc/>
    public Task<ClaimRecord?> GetClaimAsync(Digest claim, CancellationToken cancellationToken = default) =>
        ReadAsync((final, seen) => WithDenials.Of(final.State.GetClaim(claim), seen.State.GetClaim(claim)), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DisputeRecord>> ListDisputesAsync(ActorId oracle, CancellationToken cancellationToken = default) =>
        ReadAsync((final, _) => final.State.ListDisputes(oracle), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public Task<IReadOnlyList<ClaimRecord>> ListClaimsAsync(ClaimFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return ReadAsync<IReadOnlyList<ClaimRecord>>(
            (final, seen) => [.. final.State.ListClaims(filter with { Status = null }).Select(claim => WithDenials.Of(claim, seen.State.GetClaim(claim.Id))!).Where(filter.Includes)], cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="currency"/> is null.</exception>
    public Task<ulong> GetReviewThresholdAsync(ActorId insurer, string currency, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(currency);
        return ReadAsync((final, _) => final.State.GetReviewThreshold(insurer, currency), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(ulong afterNumber, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ulong last = (await GetHeadAsync(cancellationToken).ConfigureAwait(false)).Number;
        Digest? previous = null;
        for (ulong number = afterNumber; number < last;)
        {
            IReadOnlyList<FollowedEntry> page = await ReadPageAsync(number, previous, cancellationToken).ConfigureAwait(false);
            foreach (FollowedEntry entry in page.Count > 0 ? page : throw TakenBack(number))
            {
                if (entry.Number > last)
                {
                    yield break;
                }

                (number, previous) = (entry.Number, entry.Hash);
                yield return LedgerProjection.ToLedgerEntry(entry);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="PhrDataException">A re-organisation took back an entry that was given: finality was set too low for this chain.</exception>
    public async IAsyncEnumerable<LedgerEntry> FollowAsync(ulong afterNumber, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Digest? previous = null;
        for (ulong number = afterNumber; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ulong before = number;
            if ((await GetHeadAsync(cancellationToken).ConfigureAwait(false)).Number > number)
            {
                foreach (FollowedEntry entry in await ReadPageAsync(number, previous, cancellationToken).ConfigureAwait(false))
                {
                    (number, previous) = (entry.Number, entry.Hash);
                    yield return LedgerProjection.ToLedgerEntry(entry);
                }
            }

            if (number == before)
            {
                await PauseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes the ledger; questions that wait end with an <see cref="ObjectDisposedException"/>. What was sent stays sent.</summary>
    /// <returns>When it is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _disposing.CancelAsync().ConfigureAwait(false);
        if (_sender is not null)
        {
            await _sender.DisposeAsync().ConfigureAwait(false);
        }

        OwnAccount[] accounts;
        lock (_accounts)
        {
            accounts = [.. _accounts.Values];
            _accounts.Clear();
        }

        foreach (OwnAccount account in accounts)
        {
            await account.DisposeAsync().ConfigureAwait(false);
        }

        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _store.Dispose();
        _rpc.Dispose();
        foreach (EthereumRpc witness in _witnesses)
        {
            witness.Dispose();
        }

        _gate.Release();
    }

    /// <summary>The value of a slot of the contract's storage, at the last block that was seen: for tests and auditors.</summary>
    internal Task<Digest> GetStorageAsync(Digest slot, CancellationToken ct) => _rpc.GetStorageAsync(Id.Contract, slot, BlockTag.Latest, ct);

    /// <summary>What the ledger was connected with.</summary>
    internal EthereumDeployment Deployment => _options.Deployment;

    /// <summary>The state at the last block that was seen. Only while nothing else uses the ledger.</summary>
    internal ConsentState SeenState => _projection.Seen;

    /// <summary>How often a re-organisation took entries back, and once for the beginning.</summary>
    internal int Reloads => _projection.Reloads;

    /// <summary>The state at the last block that was seen, made anew from the entries: it may be changed.</summary>
    internal ConsentState RebuildState()
    {
        var anew = new LedgerProjection(Id, Parameters, LedgerAbi.Shipped);
        anew.Reload(_store);
        return anew.Seen;
    }

    /// <summary>The randomness of a block, as the chain gives it.</summary>
    internal async Task<Digest?> FindRandomnessAsync(ulong block, CancellationToken ct) => (await _rpc.GetBlockAsync(BlockTag.Number(block), ct).ConfigureAwait(false))?.MixHash;

    private static string NameOf(EthereumRpcOptions nodes) => nodes.Endpoints[0].Authority;

    private static SignedCommand ToCanonical(SignedCommand command)
    {
        try
        {
            return SignedCommand.FromBytes(command.ToBytes());
        }
        catch (Exception e) when (e is ArgumentException or PhrDataException)
        {
            throw new LedgerRejectedException(LedgerError.Malformed, e.Message, failingLeaf: null, e);
        }
    }

    private static PhrDataException TakenBack(ulong number) =>
        new("chain follower", PhrDataReason.Mismatched, $"a re-organisation took back entry {number}, which was final by this client's settings: begin anew, with more confirmations.");

    private CallCarrier NewSender(SecretKey key) => new(
        _rpc, key, Id.ChainId, LedgerAbi.Shipped.Errors, _options.Sending with { Finality = _options.Finality, PollInterval = _options.PollInterval }, _options.JournalPath, _options.TimeProvider);

    private CallCarrier Relayer() => _sender ?? throw new InvalidOperationException("No relayer's key is at hand to send transactions with.");

    /// <summary>Begins to use an account; each use ends with <see cref="LeaveAsync"/>. An account has one carrier at a time, for that counts its nonces.</summary>
    private OwnAccount Enter(SecretKey key)
    {
        var id = ActorId.FromPublicKey(key.PublicKey);
        lock (_accounts)
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if (!_accounts.TryGetValue(id, out OwnAccount? account))
            {
                // The caller's key may be gone before another caller's transaction is final.
                _accounts[id] = account = _sender?.Account == id ? new OwnAccount(_sender, null) : OwnAccount.Of(key, NewSender);
            }

            account.Uses++;
            return account;
        }
    }

    private SigningTurn EnterTurn(ActorId actor)
    {
        lock (_turns)
        {
            if (!_turns.TryGetValue(actor, out SigningTurn? turn))
            {
                _turns[actor] = turn = new SigningTurn();
            }

            turn.Uses++;
            return turn;
        }
    }

    private void LeaveTurn(ActorId actor, SigningTurn turn)
    {
        lock (_turns)
        {
            if (--turn.Uses == 0)
            {
                _turns.Remove(actor);
            }
        }
    }

    private async ValueTask LeaveAsync(OwnAccount account)
    {
        lock (_accounts)
        {
            if (--account.Uses > 0 || !_accounts.Remove(account.Carrier.Account))
            {
                return;
            }
        }

        await account.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whether the nodes serve the ledger's chain, and the contract was made by the rules that the address file says.</summary>
    private async Task CheckContractAsync(CancellationToken ct)
    {
        foreach (EthereumRpc rpc in _witnesses.Prepend(_rpc))
        {
            if (await rpc.GetChainIdAsync(ct).ConfigureAwait(false) is var chain && chain != Id.ChainId)
            {
                throw new PhrDataException("ethereum ledger", PhrDataReason.Mismatched, $"the node serves chain {chain}, where the ledger is on {Id.ChainId}.");
            }
        }

        AbiFunction parametersHash = LedgerAbi.Shipped.FindFunction("parametersHash")!.Function;
        Digest stored;
        try
        {
            AbiBytes answer = await _rpc.CallAsync(new CallRequest { To = Id.Contract, Data = new AbiBytes(parametersHash.EncodeCall(AbiValue.List())) }, BlockTag.Latest, LedgerAbi.Shipped.Errors, ct).ConfigureAwait(false);
            stored = parametersHash.DecodeResult(answer.Span)[0].Bytes32;
        }
        catch (Exception e) when (e is PhrDataException or EthereumRevertException)
        {
            throw new PhrDataException("ethereum ledger", PhrDataReason.NotFound, $"there is no ledger at 0x{Id.Contract}.", e);
        }

        if (stored != LedgerConstructor.HashOf(Parameters))
        {
            throw new PhrDataException("ethereum ledger", PhrDataReason.Mismatched, "the contract was made by other rules than the address file says.");
        }
    }

    /// <summary>What a command needs from the chain before it can be decided on: the block in which it may stand, and for a draw the seed block.</summary>
    private async Task<Preparation> PrepareAsync(LedgerCommand command, CancellationToken ct)
    {
        await ReadAsync((_, _) => true, ct, always: true).ConfigureAwait(false);
        BlockHeader? seedBlock = null;
        if (command is DrawCommittee draw && await ReadAsync((_, seen) => seen.State.GetRequest(draw.RequestId, seen.Time), ct, look: false).ConfigureAwait(false) is { Status: RequestStatus.AwaitingDraw } request)
        {
            // A draw by the model's rules is possible from the block after the seed block on.
            await WaitForHeadAsync(request.SeedBlock, ct).ConfigureAwait(false);
            seedBlock = await _rpc.GetBlockAsync(BlockTag.Number(request.SeedBlock), ct).ConfigureAwait(false);
        }

        FollowedBlock head = _head ?? throw new PhrDataException("ethereum ledger", PhrDataReason.NotFound, "the chain has not reached the block in which the ledger was made.");
        DateTimeOffset pending = await PendingTimeAsync(ct).ConfigureAwait(false);
        DateTimeOffset time = pending > head.Time ? pending : head.Time.AddSeconds(1);
        return new Preparation(
            new LedgerBlock(head.Number + 1, time, default),
            seedBlock is null ? default : seedBlock.ToRlp(),
            number => seedBlock is not null && number == seedBlock.Number ? seedBlock.MixHash : default);
    }

    /// <summary>The time of the block that the node would make now: a command meets it, or a later one. Not every node tells it.</summary>
    private async Task<DateTimeOffset> PendingTimeAsync(CancellationToken ct)
    {
        var call = new RpcCall<DateTimeOffset>("eth_getBlockByNumber", ["pending", false], block =>
            block.ValueKind == JsonValueKind.Object && block.TryGetProperty("timestamp", out JsonElement time) && QuantityConverter.TryRead(time.GetString(), out BigInteger seconds) && seconds <= uint.MaxValue
                ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
                : DateTimeOffset.MinValue);
        try
        {
            return await _rpc.SendAsync(call, ct).ConfigureAwait(false);
        }
        catch (JsonRpcException)
        {
            return DateTimeOffset.MinValue;
        }
    }

    /// <summary>
    /// The one way of all transactions with commands: they are put together on the state as it is, sent, and followed until their block is final; the sender sends again what was dropped before. Where the transaction came to
    /// nothing by no fault of theirs (the ledger moved on, so that what goes with them did not fit; another transaction of the account took its place), they are put together once more.
    /// </summary>
    /// <param name="sender">Whose transaction it is.</param>
    /// <param name="parcel">What it carries.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <param name="turn">Where the account's transactions go into blocks one after the other; null where their order is the callers' affair.</param>
    /// <param name="included">Told in which block it stands; null for nobody.</param>
    /// <returns>The receipts of the commands that were accepted, in their order.</returns>
    private async Task<List<LedgerReceipt>> CarryAsync(CallCarrier sender, Parcel parcel, CancellationToken ct, SemaphoreSlim? turn = null, Action<ulong>? included = null)
    {
        (ulong Number, Digest Hash)? after = null;
        for (int carries = 1; ; carries++)
        {
            Collected? collected = null;
            try
            {
                SignedCommand? displaced = carries == 1 || parcel.MayBeRefused || parcel.IsOwn ? null : await FindDisplacedAsync(parcel, after ?? default, ct).ConfigureAwait(false);
                PendingTransaction? pending = null;
                if (displaced is null && (carries == 1 || !await IsCarriedAsync(parcel, ct).ConfigureAwait(false)))
                {
                    pending = await InTurnAsync(turn, () => StartAsync(sender, parcel, carries > 1, from => after ??= from, ct), ct).ConfigureAwait(false);
                }

                if (displaced is null && included is not null)
                {
                    // Where others carried it, it stands in the last block that was seen or in one before.
                    included(pending is null ? _head?.Number ?? 0 : (await pending.Inclusion.ConfigureAwait(false)).BlockNumber);
                }

                collected = displaced is null ? await CollectAsync(parcel, pending, after ?? default, ct).ConfigureAwait(false) : new Collected([], displaced);
            }
            catch (EthereumRevertException e) when (e.TransactionHash is null ? e.ErrorName == StaleWitness && carries == 1 : carries < MaxCarries)
            {
                // What goes with a command is as the ledger was when it was looked at, and a re-organisation may put others before it. The model decides anew on what is there now.
            }
            catch (EthereumTransactionException e) when (e.Fault == EthereumTransactionFault.ReplacedByAnother && carries < MaxCarries)
            {
                // It can never get in any more, so another one may.
            }
            catch (LedgerRejectedException e) when (e.Error == LedgerError.WrongNonce && carries is > 1 and < MaxCarries)
            {
                // Others carried it between the two looks.
            }
            catch (EthereumRevertException e) when (Enum.TryParse(e.ErrorName, out LedgerError error) && error != LedgerError.None)
            {
                throw new LedgerRejectedException(error, e.Message, failingLeaf: null, e);
            }

            if (collected is { } end)
            {
                return end.Displaced is null
                    ? end.Receipts
                    : throw new LedgerRejectedException(LedgerError.WrongNonce, string.Create(CultureInfo.InvariantCulture, $"Another command of {end.Displaced.Command.Actor} was accepted with nonce {end.Displaced.Nonce}."));
            }
        }
    }

    /// <summary>Sends a parcel and waits until it is in a block for the first time.</summary>
    private async Task<PendingTransaction> StartAsync(CallCarrier sender, Parcel parcel, bool isRepeated, Action<(ulong Number, Digest Hash)> begins, CancellationToken ct)
    {
        if (parcel.IsOwn && _options.JournalPath is not null)
        {
            // It is put together on what the account's last one did, and an earlier client may have sent that.
            await sender.CatchUpAsync(ct).ConfigureAwait(false);
        }

        (byte[] data, (ulong Number, Digest Hash) final) = await parcel.WriteAsync(isRepeated).ConfigureAwait(false);
        begins(final);
        PendingTransaction pending = await sender.StartAsync(Id.Contract, data, parcel.Value, ct).ConfigureAwait(false);
        try
        {
            TransactionReceipt receipt = await pending.Inclusion.WaitAsync(ct).ConfigureAwait(false);
            _options.Costs?.Report(new EthereumTransactionCost(receipt.TransactionHash, parcel.What, receipt.GasUsed, receipt.EffectiveGasPrice));
        }
        catch (EthereumRevertException) when (parcel.IsOwn)
        {
            // Nothing but the account's nonce keeps it from taking effect in another block, after the command was sent once more. So it must fail for good first.
            while (!pending.Completion.IsCompleted)
            {
                await NextBlockAsync(ct).ConfigureAwait(false);
            }

            await pending.Completion.ConfigureAwait(false);
        }

        return pending;
    }

    private static async Task<T> InTurnAsync<T>(SemaphoreSlim? turn, Func<Task<T>> work, CancellationToken ct)
    {
        if (turn is null)
        {
            return await work().ConfigureAwait(false);
        }

        await turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Whether every command's nonce is used: others carried them.</summary>
    private Task<bool> IsCarriedAsync(Parcel parcel, CancellationToken ct) =>
        ReadAsync((_, seen) => parcel.Commands.Count > 0 && parcel.Commands.All(command => seen.State.GetNonce(command.Command.Actor) > command.Nonce), ct, always: true);

    /// <summary>Which of the commands can never be accepted, since another one of its actor was with the same nonce. Waits until that is final: before, a re-organisation could still turn it round.</summary>
    private async Task<SignedCommand?> FindDisplacedAsync(Parcel parcel, (ulong Number, Digest Hash) after, CancellationToken ct)
    {
        while (true)
        {
            (SignedCommand? displaced, bool isFinal) = await ReadAsync<(SignedCommand?, bool)>(
                (_, _) =>
                {
                    for (ulong number = after.Number; _store.ReadEntries(number) is { Count: > 0 } page; number = page[^1].Number)
                    {
                        foreach (FollowedEntry entry in page)
                        {
                            if (!parcel.Brought(entry, null, out SignedCommand? other) && other is not null)
                            {
                                return (other, entry.Number <= _projection.FinalHead.Number);
                            }
                        }
                    }

                    return (null, true);
                },
                ct,
                always: true).ConfigureAwait(false);
            if (isFinal)
            {
                return displaced;
            }

            await NextBlockAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until what was sent stands in final entries, or others with the same nonces do.</summary>
    /// <returns>What stands there; null when others had carried the commands, and a re-organisation took that back.</returns>
    private async Task<Collected?> CollectAsync(Parcel parcel, PendingTransaction? pending, (ulong Number, Digest Hash) after, CancellationToken ct)
    {
        var receipts = new List<LedgerReceipt>();
        int displaced = 0;
        bool isOurs = false;
        while (true)
        {
            // Before the look, which then knows the block.
            bool isSettled = pending?.Completion.IsCompleted == true;
            (IReadOnlyList<FollowedEntry> page, ulong? final) = await ReadAsync((_, _) => (PageAfter(after.Number, after.Hash), _final?.Number), ct, always: true).ConfigureAwait(false);
            foreach (FollowedEntry entry in page)
            {
                if (parcel.Brought(entry, pending, out SignedCommand? other))
                {
                    receipts.Add(new LedgerReceipt(LedgerProjection.ToLedgerEntry(entry)));
                    isOurs |= pending?.Has(entry.Transaction) == true;
                }
                else if (other is not null && !parcel.MayBeRefused)
                {
                    return new Collected(receipts, other);
                }
                else if (other is not null)
                {
                    displaced++;
                }
            }

            if (receipts.Count + displaced == parcel.Most)
            {
                // Nothing of it is on its way any more when the caller goes on.
                await (isOurs ? (Task)pending!.Completion : Task.CompletedTask).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ct.ThrowIfCancellationRequested();
                return new Collected(receipts, null);
            }

            if (page.Count > 0)
            {
                after = (page[^1].Number, page[^1].Hash);
                continue;
            }

            if (isSettled && await pending!.Completion.ConfigureAwait(false) is var receipt && final >= receipt.BlockNumber)
            {
                return parcel.MayBeRefused ? new Collected(receipts, null) : throw new PhrDataException("chain follower", PhrDataReason.NotFound, $"the transaction {receipt.TransactionHash} changed nothing.");
            }

            if (pending is null && !await IsCarriedAsync(parcel, ct).ConfigureAwait(false))
            {
                return null;
            }

            await NextBlockAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Puts a command together, if the model accepts it on the state that was seen last.</summary>
    private async Task<(byte[] Data, (ulong Number, Digest Hash) Final)> WriteAsync(SignedCommand command, CancellationToken ct)
    {
        Preparation prepared = await PrepareAsync(command.Command, ct).ConfigureAwait(false);
        return await ReadAsync(
            (_, _) =>
            {
                LedgerDecision decision = _projection.Seen.Decide(command, prepared.Block, prepared.RandomnessOf);
                return decision.IsAccepted || !_options.DecidesFirst ? (_calls.Write(command, _projection.Seen, prepared.Header), _projection.FinalHead) : throw decision.ToException();
            },
            ct,
            look: false).ConfigureAwait(false);
    }

    /// <summary>Puts a batch together; when it is sent once more, without the commands that others carried meanwhile.</summary>
    private Task<(byte[] Data, (ulong Number, Digest Hash) Final)> WriteBatchAsync(SignedCommand[] commands, LedgerBatchMode mode, bool isRepeated, CancellationToken ct) => ReadAsync(
        (_, _) =>
        {
            IEnumerable<SignedCommand> left = commands.Where(command => !isRepeated || _projection.Seen.GetNonce(command.Command.Actor) <= command.Nonce);
            return (_calls.WriteBatch(left.Select(command => _calls.Write(command, _projection.Seen)), mode == LedgerBatchMode.AllOrNothing), _projection.FinalHead);
        },
        ct,
        always: true);

    private async Task<(byte[] Data, (ulong Number, Digest Hash) Final)> WriteOwnAsync(LedgerCommand command, CancellationToken ct)
    {
        Preparation prepared = await PrepareAsync(command, ct).ConfigureAwait(false);
        return await ReadAsync(
            (_, _) =>
            {
                LedgerDecision decision = _projection.Seen.DecideVerified(command, _projection.Seen.GetNonce(command.Actor), prepared.Block, prepared.RandomnessOf);
                return decision.IsAccepted ? (_calls.WriteOwn(command, _projection.Seen, prepared.Header), _projection.FinalHead) : throw decision.ToException();
            },
            ct,
            look: false).ConfigureAwait(false);
    }

    private async Task WaitForHeadAsync(ulong block, CancellationToken ct)
    {
        while (_head is null || _head.Number < block)
        {
            await NextBlockAsync(ct).ConfigureAwait(false);
            await ReadAsync((_, _) => true, ct, always: true).ConfigureAwait(false);
        }
    }

    private async Task NextBlockAsync(CancellationToken ct)
    {
        if (_options.MinesOnDemand)
        {
            await _rpc.SendAsync(new RpcCall<JsonElement>("evm_mine", [], element => element.Clone()), ct).ConfigureAwait(false);
        }
        else
        {
            await PauseAsync(ct).ConfigureAwait(false);
        }
    }

    private Task<IReadOnlyList<FollowedEntry>> ReadPageAsync(ulong after, Digest? previous, CancellationToken ct) => ReadAsync((_, _) => PageAfter(after, previous), ct);

    /// <summary>The next final entries; inside the gate only.</summary>
    private IReadOnlyList<FollowedEntry> PageAfter(ulong after, Digest? previous) =>
        after > 0 && previous is { } hash && _store.FindEntry(after)?.Hash != hash
            ? throw TakenBack(after)
            : [.. _store.ReadEntries(after).TakeWhile(entry => entry.Number <= _projection.FinalHead.Number)];

    private async Task PauseAsync(CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _disposing.Token);
        try
        {
            await Task.Delay(_options.PollInterval, _options.TimeProvider, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(EthereumConsentLedger));
        }
    }

    /// <summary>Answers a question from the state, after a look at the chain when the last one is too old.</summary>
    private async Task<T> ReadAsync<T>(Func<View, View, T> read, CancellationToken ct, bool look = true, bool always = false)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _disposing.Token);
        bool entered = false;
        try
        {
            await _gate.WaitAsync(either.Token).ConfigureAwait(false);
            entered = true;
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if (look && (always || _lookedAt == long.MinValue || _options.TimeProvider.GetElapsedTime(_lookedAt) >= _options.MaxStaleness))
            {
                await LookAsync(either.Token).ConfigureAwait(false);
            }

            return read(new View(_projection.Final, _final?.Time ?? DateTimeOffset.UnixEpoch), new View(_projection.Seen, _head?.Time ?? DateTimeOffset.UnixEpoch));
        }
        catch (OperationCanceledException) when (_disposing.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(EthereumConsentLedger));
        }
        finally
        {
            if (entered)
            {
                _gate.Release();
            }
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        long now = _options.TimeProvider.GetTimestamp();
        await _follower.SyncAsync(ct).ConfigureAwait(false);
        _projection.AdvanceFinal(_store);
        _head = _store.LastBlock;
        ulong final = _store.FinalBlock;
        _final = final == _head?.Number ? _head
            : _store.FindBlock(final)
            ?? (_final?.Number == final ? _final : null)
            ?? await FindBlockAsync(final, ct).ConfigureAwait(false)
            ?? (_final?.Number <= final ? _final : null);
        if (_options.MaxHeadAge is { } age && _head is { } head && _options.TimeProvider.GetUtcNow() - head.Time is var old && old > age)
        {
            throw new PhrDataException("ethereum ledger", PhrDataReason.Expired, $"the chain's head is {(long)old.TotalSeconds} seconds old: the nodes stand still, or hide what happened since.");
        }

        _lookedAt = now;
    }

    /// <summary>A final block that is not remembered: one without logs, so far below the head that only ranges were read there.</summary>
    private async Task<FollowedBlock?> FindBlockAsync(ulong number, CancellationToken ct) =>
        number >= _options.Deployment.StartBlock && await _rpc.GetBlockAsync(BlockTag.Number(number), ct).ConfigureAwait(false) is { } block ? EthereumNodeSource.ToBlock(block) : null;

    /// <summary>A state, and the time up to which it is known.</summary>
    private readonly record struct View(ConsentState State, DateTimeOffset Time);

    private sealed record Preparation(LedgerBlock Block, ReadOnlyMemory<byte> Header, Func<ulong, Digest> RandomnessOf);

    /// <summary>What one transaction carries.</summary>
    /// <param name="What">What its cost is reported as.</param>
    /// <param name="Value">The ether that goes with it, in wei.</param>
    /// <param name="Commands">The signed commands, once the call was put together; none where the transaction's own signature stands for its one command.</param>
    /// <param name="WriteAsync">Puts the call together on the state as it is, and says what the last final entry is then; told whether it was sent before, and may have been carried by others since.</param>
    private sealed record Parcel(string What, BigInteger Value, IReadOnlyList<SignedCommand> Commands, Func<bool, Task<(byte[] Data, (ulong Number, Digest Hash) Final)>> WriteAsync)
    {
        /// <summary>Whether single commands may be refused and the transaction stand.</summary>
        public bool MayBeRefused { get; init; }

        /// <summary>Whether the transaction's own signature stands for its one command.</summary>
        public bool IsOwn { get; init; }

        /// <summary>How many entries it makes when nothing is refused.</summary>
        public int Most => Math.Max(1, Commands.Count);

        /// <summary>Whether an entry is of one of the commands, whoever carried it.</summary>
        /// <param name="entry">The entry.</param>
        /// <param name="pending">The transaction that carries the commands; null where others did.</param>
        /// <param name="displaced">Of the commands, the one whose nonce the entry gave to another command of the actor; null for none.</param>
        public bool Brought(FollowedEntry entry, PendingTransaction? pending, out SignedCommand? displaced)
        {
            displaced = null;
            if (IsOwn)
            {
                return pending!.Has(entry.Transaction);
            }

            SignedCommand? ours = EventList.FromBytes(entry.Events).OfType<NonceUsed>().Select(used => Commands.FirstOrDefault(command => command.Command.Actor == used.Actor && command.Nonce == used.Nonce)).FirstOrDefault();
            if (ours is null)
            {
                return false;
            }

            // Two commands can be signed with one nonce, and only one is accepted. One that could not be read went through a contract that is not ours.
            bool isIt = entry.Command.Length > 0 ? SignedCommand.FromBytes(entry.Command).Command == ours.Command : pending?.Has(entry.Transaction) == true;
            displaced = isIt ? null : ours;
            return isIt;
        }
    }

    /// <summary>The receipts of the commands that stand in the ledger, and a command instead of which another one of its actor does.</summary>
    private sealed record Collected(List<LedgerReceipt> Receipts, SignedCommand? Displaced);

    /// <summary>Whose turn it is to sign among an actor's commands, as long as any of them is on its way.</summary>
    private sealed class SigningTurn
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public int Uses { get; set; }
    }

    /// <summary>An account that sends its own transactions, as long as any of them is on its way.</summary>
    private sealed class OwnAccount(CallCarrier carrier, SecretKey? copy) : IAsyncDisposable
    {
        public CallCarrier Carrier => carrier;

        /// <summary>Its transactions go into blocks one after the other, so that each is put together on what the one before did.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        public int Uses { get; set; }

        public static OwnAccount Of(SecretKey key, Func<SecretKey, CallCarrier> newCarrier)
        {
            Span<byte> bytes = stackalloc byte[SecretKey.Length];
            try
            {
                key.ExportTo(bytes);
                var copy = SecretKey.FromBytes(bytes);
                return new OwnAccount(newCarrier(copy), copy);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        }

        public async ValueTask DisposeAsync()
        {
            // The relayer's account is the ledger's to end.
            if (copy is not null)
            {
                await carrier.DisposeAsync().ConfigureAwait(false);
                copy.Dispose();
            }
        }
    }
}
