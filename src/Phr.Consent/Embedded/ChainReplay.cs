using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>The state that the entries of a chain lead to, taken in one after the other. Not thread safe.</summary>
internal sealed class ChainReplay(ChainGenesis genesis, LedgerParameters parameters)
{
    private Exception? _damage;

    public LedgerId Ledger => genesis.Ledger;

    public ConsentState State { get; } = new(genesis.Ledger, parameters);

    /// <summary>The last entry taken in.</summary>
    public ChainHead Head { get; private set; } = genesis.Head;

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
            LedgerBlock block = entry.ToBlock();
            foreach (LedgerEvent ledgerEvent in EventList.FromBytes(entry.Events))
            {
                State.Evolve(ledgerEvent, block);
            }
        }
        catch (PhrDataException e)
        {
            throw Damaged(entry.Number, e.Message, e);
        }

        Head = entry.Head;
    }
}
