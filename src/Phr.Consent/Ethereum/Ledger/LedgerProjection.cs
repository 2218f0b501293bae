using Phr.Consent.Embedded;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Ethereum;

/// <summary>
/// Makes entries and the state of the logs that a follower finds. The seen state is that of the last block that was taken in, the final one that of the last final block; both are functions of
/// the entries in the store.
/// </summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class LedgerProjection : ILogSink
{
    private const string EntryTag = "phr/ethereum-entry/v1";

    private readonly LedgerId _id;
    private readonly LedgerParameters _parameters;
    private readonly LedgerLogReader _logs;
    private readonly LedgerCallReader _calls;

    public LedgerProjection(LedgerId id, LedgerParameters parameters, LedgerAbi abi)
    {
        _id = id;
        _parameters = parameters;
        _logs = new LedgerLogReader(abi);
        _calls = new LedgerCallReader(abi, id);
        Seen = Final = new ConsentState(id, parameters);
    }

    /// <summary>The state after the last block that was taken in.</summary>
    public ConsentState Seen { get; private set; }

    /// <summary>The state after the last final block.</summary>
    public ConsentState Final { get; private set; }

    /// <summary>The last entry that was taken in, and its hash.</summary>
    public (ulong Number, Digest Hash) SeenHead { get; private set; }

    /// <summary>The last entry in a final block.</summary>
    public (ulong Number, Digest Hash) FinalHead { get; private set; }

    /// <summary>How often the state was made again from the entries: a re-organisation took some back.</summary>
    public int Reloads { get; private set; }

    public void Apply(FollowedBlock block, IReadOnlyList<FollowedLog> logs, IReadOnlyDictionary<Digest, FollowedTransaction> transactions, FollowerStore store)
    {
        LedgerBlock at = block.ToLedgerBlock();
        int i = 0;
        while (i < logs.Count)
        {
            // A transaction's logs stand together. Each signed command begins with its nonce.
            Digest hash = logs[i].Transaction;
            FollowedTransaction transaction = transactions[hash];
            Dictionary<(ActorId, ulong), List<SignedCommand>>? carried = null;
            SignedCommand? command = null;
            var events = new List<LedgerEvent>();
            for (; i < logs.Count && logs[i].Transaction == hash; i++)
            {
                LedgerEvent? ledgerEvent = _logs.Read(logs[i], Seen);
                if (ledgerEvent is NonceUsed used)
                {
                    CheckNonce(used, block);
                    if (events.Count > 0)
                    {
                        Add(block, hash, command, events, store);
                        events.Clear();
                    }

                    carried ??= _calls.Read(transaction.Recipient == _id.Contract ? transaction.Input : ReadOnlyMemory<byte>.Empty)
                        .GroupBy(c => (c.Command.Actor, c.Nonce)).ToDictionary(group => group.Key, group => group.ToList());
                    ActorId address = Seen.GetActor(used.Actor)?.LedgerAddress ?? used.Actor;
                    command = carried.GetValueOrDefault((used.Actor, used.Nonce))?.Find(c => c.RecoverSigner(_id) == address);
                }

                if (ledgerEvent is not null)
                {
                    Seen.Evolve(ledgerEvent, at);
                    events.Add(ledgerEvent);
                }
            }

            if (events.Count > 0)
            {
                Add(block, hash, command, events, store);
            }
        }
    }

    public void Reload(FollowerStore store)
    {
        Reloads++;
        Seen = new ConsentState(_id, _parameters);
        Final = new ConsentState(_id, _parameters);
        SeenHead = FinalHead = default;
        while (store.ReadEntries(SeenHead.Number) is { Count: > 0 } page)
        {
            foreach (FollowedEntry entry in page)
            {
                Evolve(Seen, entry);
                SeenHead = (entry.Number, entry.Hash);
            }
        }
    }

    /// <summary>Moves the final state on to the last entry of a block that became final.</summary>
    /// <returns>Whether it moved.</returns>
    public bool AdvanceFinal(FollowerStore store)
    {
        ulong last = store.LastEntryUpTo(store.FinalBlock);
        if (last <= FinalHead.Number)
        {
            return false;
        }

        while (FinalHead.Number < last)
        {
            foreach (FollowedEntry entry in store.ReadEntries(FinalHead.Number).TakeWhile(entry => entry.Number <= last))
            {
                Evolve(Final, entry);
                FinalHead = (entry.Number, entry.Hash);
            }
        }

        return true;
    }

    public static LedgerEntry ToLedgerEntry(FollowedEntry entry) => new()
    {
        Number = entry.Number,
        Block = entry.Block.ToLedgerBlock(),
        Hash = entry.Hash,
        Command = entry.Command.Length == 0 ? null : SignedCommand.FromBytes(entry.Command),
        Events = EventList.FromBytes(entry.Events),
    };

    private static void Evolve(ConsentState state, FollowedEntry entry)
    {
        LedgerBlock block = entry.Block.ToLedgerBlock();
        foreach (LedgerEvent ledgerEvent in EventList.FromBytes(entry.Events))
        {
            state.Evolve(ledgerEvent, block);
        }
    }

    private void CheckNonce(NonceUsed used, FollowedBlock block)
    {
        if (used.Nonce != Seen.GetNonce(used.Actor))
        {
            throw new PhrDataException(
                "contract log", PhrDataReason.Mismatched, $"block {block.Number} has command {used.Nonce} of {used.Actor}, where {Seen.GetNonce(used.Actor)} is the next: the node left a log out, or gave one twice.");
        }
    }

    private void Add(FollowedBlock block, Digest transaction, SignedCommand? command, IReadOnlyList<LedgerEvent> events, FollowerStore store)
    {
        ulong number = SeenHead.Number + 1;
        byte[] bytes = EventList.ToBytes(events);
        Digest hash = Digest.Of(new CanonicalCborWriter().Array(7).Text(EntryTag).Id(_id).UInt64(number).Id(SeenHead.Hash).Id(block.Hash).Id(transaction).Bytes(bytes).EndArray().ToBytes());
        store.AddEntry(new FollowedEntry(number, block, transaction, hash, command?.ToBytes() ?? [], bytes));
        SeenHead = (number, hash);
    }
}
