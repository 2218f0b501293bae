using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>Replays a chain from its genesis and decides every command again, trusting nobody but the actors' and the operator's signatures.</summary>
internal static class ChainVerifier
{
    public static LedgerVerification Verify(ChainStore store, IProgress<ulong>? progress, CancellationToken ct)
    {
        ChainGenesis genesis = store.Genesis;
        if (genesis.Fault() is { } genesisFault)
        {
            return LedgerVerification.Bad(0, genesisFault);
        }

        ConsentState state;
        try
        {
            state = new ConsentState(genesis.Ledger, LedgerParameters.FromBytes(genesis.Parameters));
        }
        catch (Exception e) when (e is PhrDataException or ArgumentException)
        {
            return LedgerVerification.Bad(0, e.Message);
        }

        ChainHead head = genesis.Head;
        while (true)
        {
            IReadOnlyList<ChainEntry> page;
            try
            {
                page = store.ReadPage(head.Number);
            }
            catch (ChainRowException e)
            {
                return LedgerVerification.Bad(Math.Min(head.Number + 1, e.Number == 0 ? ulong.MaxValue : e.Number), e.Message);
            }
            catch (PhrDataException e)
            {
                return LedgerVerification.Bad(head.Number + 1, e.Message);
            }

            if (page.Count == 0)
            {
                progress?.Report(head.Number);
                return LedgerVerification.Valid(head.Number);
            }

            foreach (ChainEntry entry in page)
            {
                ct.ThrowIfCancellationRequested();
                if (FindFault(store, state, head, entry) is { } fault)
                {
                    return LedgerVerification.Bad(head.Number + 1, fault);
                }

                head = entry.Head;
            }

            progress?.Report(head.Number);
        }
    }

    private static string? FindFault(ChainStore store, ConsentState state, ChainHead previous, ChainEntry entry) =>
        entry.LinkFault(state.Id, previous) ?? entry.SignatureFault(state.Id) ?? FindContentFault(store, state, entry);

    private static string? FindContentFault(ChainStore store, ConsentState state, ChainEntry entry)
    {
        LedgerEvent[] events;
        try
        {
            events = EventList.FromBytes(entry.Events);
            if (entry.IsBeat)
            {
                return events.Length == 0 ? null : "it has events, but no command that caused them";
            }

            SignedCommand command = SignedCommand.FromBytes(entry.Command);
            LedgerDecision decision = state.Decide(command, ChainAuthor.BlockInTheMaking(entry.Number, entry.Time), number => SeedOf(store, number));
            if (!decision.IsAccepted)
            {
                return $"its command should have been refused: {decision.Error}: {decision.Message}";
            }

            if (!EventList.ToBytes(decision.Events).AsSpan().SequenceEqual(entry.Events))
            {
                return "its events are not those that its command causes";
            }

            foreach (LedgerEvent ledgerEvent in events)
            {
                state.Evolve(ledgerEvent, entry.ToBlock());
            }

            return null;
        }
        catch (PhrDataException e)
        {
            return e.Message;
        }
    }

    private static Digest SeedOf(ChainStore store, ulong number) =>
        number == 0 ? ChainFormat.Seed(store.Genesis.OperatorSignature)
        : store.ReadEntry(number) is { } entry ? ChainFormat.Seed(entry.OperatorSignature)
        : throw new PhrDataException("embedded ledger", PhrDataReason.NotFound, $"the block {number}, whose randomness is needed, is missing.");
}
