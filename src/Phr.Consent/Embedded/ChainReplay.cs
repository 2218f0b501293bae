using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>The state that the entries of a chain lead to, taken in one after the other. Not thread safe.</summary>
internal sealed class ChainReplay
{
    private const int Remembered = 1024;

    // The hashes of the last entries, each at its number modulo their number.
    private readonly Digest[] _hashes = new Digest[Remembered];
    private readonly ulong _first;
    private Exception? _damage;

    public ChainReplay(ChainGenesis genesis, LedgerParameters parameters)
        : this(new ConsentState(genesis.Ledger, parameters), genesis.Head)
    {
    }

    private ChainReplay(ConsentState state, ChainHead head) => (State, Head, _first) = (state, head, head.Number);

    public LedgerId Ledger => State.Id;

    public ConsentState State { get; }

    /// <summary>The last entry taken in.</summary>
    public ChainHead Head { get; private set; }

    /// <summary>The hash of an entry that was taken in not long ago; null when it was long ago, or never.</summary>
    public Digest? FindHash(ulong number) =>
        number > _first && number <= Head.Number && Head.Number - number < Remembered ? _hashes[number % Remembered] : null;

    /// <summary>A replay that has come as far and goes its own way.</summary>
    public ChainReplay Copy() => new(State.Copy(), Head);

    /// <summary>
    /// Takes entries in, skipping those it has: checks each one's hash and link, and the operator's signature of the last, which by the links answers for all before it.
    /// </summary>
    /// <exception cref="PhrDataException">An entry does not hold. Nothing more is taken in, then or later.</exception>
    public void Apply(IReadOnlyList<ChainEntry> entries)
    {
        ThrowIfDamaged();
        try
        {
            ChainHead before = Head;
            foreach (ChainEntry entry in entries)
            {
                if (entry.Number > Head.Number)
                {
                    Apply(entry);
                }
            }

            if (Head != before && entries[^1].SignatureFault(Ledger) is { } fault)
            {
                throw Damaged(Head.Number, fault);
            }
        }
        catch (Exception e)
        {
            _damage = e;
            throw;
        }
    }

    /// <summary>Takes in what is written after <see cref="Head"/>.</summary>
    /// <param name="readPage">Reads the next entries after a number; empty at the end.</param>
    /// <param name="ct">Cancels between two pages.</param>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="PhrDataException">An entry does not hold.</exception>
    public bool TakeIn(Func<ulong, IReadOnlyList<ChainEntry>> readPage, CancellationToken ct)
    {
        bool any = false;
        try
        {
            while (readPage(Head.Number) is { Count: > 0 } page)
            {
                ct.ThrowIfCancellationRequested();
                Apply(page);
                any = true;
            }
        }
        catch (ChainRowException e)
        {
            throw Damaged(e.Number, e.Message, e);
        }

        return any;
    }

    /// <summary>Takes in an entry that this process has just made after <see cref="Head"/>, without reading it again.</summary>
    public void Advance(ChainEntry entry, IReadOnlyList<LedgerEvent> events)
    {
        LedgerBlock block = entry.ToBlock();
        foreach (LedgerEvent ledgerEvent in events)
        {
            State.Evolve(ledgerEvent, block);
        }

        Head = entry.Head;
        _hashes[entry.Number % Remembered] = entry.Hash;
    }

    public void ThrowIfDamaged()
    {
        if (_damage is not null)
        {
            throw _damage is PhrDataException known ? new PhrDataException(known.Stage, known.Reason, known.Message, known) : new InvalidOperationException(_damage.Message, _damage);
        }
    }

    public static PhrDataException Damaged(ulong number, string what, Exception? cause = null) => new(
        "embedded ledger", (cause as PhrDataException)?.Reason ?? PhrDataReason.Mismatched, $"entry {number}: {what}. Verify the ledger and restore it from a copy.", cause);

    private void Apply(ChainEntry entry)
    {
        if (entry.LinkFault(Ledger, Head) is { } fault)
        {
            throw Damaged(entry.Number, fault);
        }

        try
        {
            Advance(entry, EventList.FromBytes(entry.Events));
        }
        catch (PhrDataException e)
        {
            throw Damaged(entry.Number, e.Message, e);
        }
    }
}
