using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Embedded;

/// <summary>
/// Decides commands and writes them into the chain: those that wait at the same time in one transaction, synced once. Within a group each is decided on the state that those before it lead
/// to, as if it had come alone; one that is refused leaves no trace, and the others stand. Nobody is told anything before the group is on the disk.
/// </summary>
/// <remarks>
/// What a group is decided on runs ahead of the state that is read: it is a copy, made when commands first meet, since what is not committed must neither be seen nor stay. A draw goes
/// alone, because the blocks that are made for it vanish with it when it is refused.
/// </remarks>
internal sealed class ChainAuthor
{
    private const int LargestGroup = 128;

    private readonly ChainStore _store;
    private readonly ChainReplay _read;
    private readonly Lock _readLock;
    private readonly TimeProvider _clock;
    private readonly LedgerParameters _parameters;
    private readonly Action _added;
    private readonly WorkGroups<ICommandSource, LedgerReceipt> _groups;

    // As far as the last group, or behind; null until there was one, and after one that failed.
    private ChainReplay? _ahead;

    /// <summary>An author over a store.</summary>
    /// <param name="store">The chain.</param>
    /// <param name="read">The state that is read; changed under <paramref name="readLock"/> alone.</param>
    /// <param name="readLock">Its lock.</param>
    /// <param name="clock">Where entries have their time from.</param>
    /// <param name="parameters">The ledger's rules.</param>
    /// <param name="added">Called when there are new entries.</param>
    public ChainAuthor(ChainStore store, ChainReplay read, Lock readLock, TimeProvider clock, LedgerParameters parameters, Action added)
    {
        (_store, _read, _readLock, _clock, _parameters, _added) = (store, read, readLock, clock, parameters, added);
        _groups = new WorkGroups<ICommandSource, LedgerReceipt>(WriteAsync, LargestGroup, source => source.Command is DrawCommittee);
    }

    /// <summary>A command for which the actor has to be asked when its turn comes, or that is signed already.</summary>
    internal interface ICommandSource
    {
        /// <summary>What is asked for.</summary>
        LedgerCommand Command { get; }

        /// <summary>The signed command in its canonical form, and as bytes.</summary>
        /// <param name="state">What it will be decided on.</param>
        /// <param name="isVerified">Whether the signature is known to be that of the actor's ledger key.</param>
        (SignedCommand Command, byte[] Bytes) Sign(ConsentState state, out bool isVerified);
    }

    /// <summary>Writes a command that its actor has signed.</summary>
    public Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken ct) => _groups.DoAsync(new Signed(command), ct);

    /// <summary>Signs a command with the nonce that is its actor's when its turn comes, and writes it.</summary>
    public Task<LedgerReceipt> SubmitAsync(LedgerCommand command, SecretKey ledgerKey, CancellationToken ct) => _groups.DoAsync(new Unsigned(command, ledgerKey), ct);

    /// <summary>The block of an entry that is being decided. Its randomness comes from the signature of the entry, and so does not exist yet: zero stands in, and no rule asks for it.</summary>
    public static LedgerBlock BlockInTheMaking(ulong number, DateTimeOffset time) => new(number, time, default);

    /// <summary>The time of an entry or of the head: the clock's, or that of the last entry where it is later.</summary>
    public static DateTimeOffset Later(DateTimeOffset last, DateTimeOffset now)
    {
        now = ChainFormat.ToWholeSeconds(now);
        return now > last ? now : last;
    }

    public static LedgerEntry ToLedgerEntry(ChainEntry entry, SignedCommand? command, IReadOnlyList<LedgerEvent> events) => new()
    {
        Number = entry.Number,
        Block = entry.ToBlock(),
        Hash = entry.Hash,
        Command = command,
        Events = events,
    };

    private async Task WriteAsync(Func<IReadOnlyList<WorkGroups<ICommandSource, LedgerReceipt>.Member>> take)
    {
        var told = new List<Action>();
        try
        {
            var added = new List<ChainEntry>();
            using (ChainWriter writer = await _store.BeginWriteAsync(CancellationToken.None).ConfigureAwait(false))
            {
                lock (_readLock)
                {
                    _read.TakeIn(writer.ReadPage, CancellationToken.None);
                }

                // Until this transaction ends nobody else adds an entry, so nothing changes the state that is read: it is looked at here without its lock.
                IReadOnlyList<WorkGroups<ICommandSource, LedgerReceipt>.Member> group = take();
                ChainReplay basis = group.Count > 1 ? TakeAhead(writer) : _read;
                foreach (WorkGroups<ICommandSource, LedgerReceipt>.Member member in group)
                {
                    told.Add(Decide(member, basis, isAlone: group.Count == 1, writer, added));
                }

                if (added.Count > 0)
                {
                    writer.Commit();
                }
            }

            // Another thread may have taken the entries in already: it could read them as soon as they were committed.
            if (added.Count > 0)
            {
                lock (_readLock)
                {
                    _read.Apply(added);
                }

                _added();
            }
        }
        catch
        {
            // It may have what was never written.
            _ahead = null;
            throw;
        }

        told.ForEach(tell => tell());
    }

    private ChainReplay TakeAhead(ChainWriter writer)
    {
        if (_ahead is null)
        {
            return _ahead = _read.Copy();
        }

        _ahead.TakeIn(writer.ReadPage, CancellationToken.None);
        return _ahead;
    }

    // Decides one command, and adds its entry if it is accepted. What its caller is to be told is told when all of the group is on the disk.
    private Action Decide(WorkGroups<ICommandSource, LedgerReceipt>.Member member, ChainReplay basis, bool isAlone, ChainWriter writer, List<ChainEntry> added)
    {
        ICommandSource source = member.Work;
        SignedCommand command;
        byte[] eventBytes;
        IReadOnlyList<LedgerEvent> events;
        byte[] bytes;
        ChainHead previous = basis.Head;
        DateTimeOffset time = Later(previous.Time, _clock.GetUtcNow());
        try
        {
            (command, bytes) = source.Sign(basis.State, out bool isVerified);
            if (isAlone)
            {
                for (int missing = CountMissingBlocks(basis.State, command.Command, previous.Number); missing > 0; missing--)
                {
                    added.Add(writer.Append(previous, time, [], EventList.ToBytes([])));
                    previous = added[^1].Head;
                }
            }

            LedgerBlock block = BlockInTheMaking(previous.Number + 1, time);
            LedgerDecision decision = isVerified
                ? basis.State.DecideVerified(command.Command, command.Nonce, block, number => SeedOf(writer, number))
                : basis.State.Decide(command, block, number => SeedOf(writer, number));
            if (!decision.IsAccepted)
            {
                throw decision.ToException();
            }

            eventBytes = EventList.ToBytes(decision.Events);
            events = ReadBack(eventBytes);
        }
        catch (Exception e)
        {
            // A refusal, a key that is gone, or a command that cannot even be looked at: nothing of it is written, and it is nobody else's affair.
            if (isAlone)
            {
                // With the blocks that were made for it.
                added.Clear();
            }

            return () => member.Fail(e);
        }

        ChainEntry entry = writer.Append(previous, time, bytes, eventBytes);
        added.Add(entry);
        if (!isAlone)
        {
            basis.Advance(entry, events);
        }

        return () => member.Complete(new LedgerReceipt(ToLedgerEntry(entry, command, events)));
    }

    private static LedgerEvent[] ReadBack(byte[] events)
    {
        try
        {
            return EventList.FromBytes(events);
        }
        catch (PhrDataException e)
        {
            throw new LedgerRejectedException(LedgerError.TooMany, $"The command changes more than one entry can hold: {e.Message}", failingLeaf: null, e);
        }
    }

    /// <summary>How many blocks must come before a draw may: none but the operator makes them, so they are made when they are needed.</summary>
    private int CountMissingBlocks(ConsentState state, LedgerCommand command, ulong head) =>
        command is DrawCommittee draw
        && state.GetRequest(draw.RequestId, DateTimeOffset.MinValue) is { Committee.Count: 0, Ended: null } request
        && request.SeedBlock > head
            ? (int)Math.Min(request.SeedBlock - head, (ulong)_parameters.DrawDelay)
            : 0;

    private Digest SeedOf(ChainWriter writer, ulong number)
    {
        if (number == 0)
        {
            return ChainFormat.Seed(_store.Genesis.OperatorSignature);
        }

        ChainEntry entry = writer.ReadEntry(number) ?? throw ChainReplay.Damaged(number, "it is missing");
        return entry.SignatureFault(_store.Genesis.Ledger) is { } fault ? throw ChainReplay.Damaged(number, fault) : ChainFormat.Seed(entry.OperatorSignature);
    }

    private static (SignedCommand Command, byte[] Bytes) ToCanonical(SignedCommand command)
    {
        try
        {
            byte[] bytes = command.ToBytes();
            return (SignedCommand.FromBytes(bytes), bytes);
        }
        catch (Exception e) when (e is ArgumentException or PhrDataException)
        {
            throw new LedgerRejectedException(LedgerError.Malformed, e.Message, failingLeaf: null, e);
        }
    }

    private sealed class Signed(SignedCommand command) : ICommandSource
    {
        // In the caller's time, not in the turn.
        private readonly (SignedCommand Command, byte[] Bytes) _canonical = ToCanonical(command);

        public LedgerCommand Command => _canonical.Command.Command;

        public (SignedCommand Command, byte[] Bytes) Sign(ConsentState state, out bool isVerified)
        {
            isVerified = false;
            return _canonical;
        }
    }

    private sealed class Unsigned(LedgerCommand command, SecretKey ledgerKey) : ICommandSource
    {
        // In the caller's time too.
        private readonly ActorId _address = ActorId.FromPublicKey(ledgerKey.PublicKey);

        public LedgerCommand Command => command;

        public (SignedCommand Command, byte[] Bytes) Sign(ConsentState state, out bool isVerified)
        {
            // The signature that this key makes here need not be recovered to know whose it is.
            isVerified = _address == (state.GetActor(command.Actor)?.LedgerAddress ?? command.Actor);
            return ToCanonical(SignedCommand.Sign(command, state.GetNonce(command.Actor), state.Id, ledgerKey));
        }
    }
}
