using Phr.Crypto;

namespace Phr.Consent;

/// <summary>
/// Roots an actor's present ledger key in its id, which is the address of its first key: every replacement must be a command on the
/// ledger that the key before it signed. So the ledger's operator cannot put its own key in an actor's place.
/// </summary>
internal static class LedgerKeyChain
{
    public static async Task RequireAsync(IConsentLedger ledger, ActorId actor, ActorId address, CancellationToken cancellationToken)
    {
        ActorId current = actor;
        if (address == current)
        {
            return;
        }

        await foreach (LedgerEntry entry in ledger.ReadAsync(0, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Command is { Command: ReplaceKey replacement } signed && replacement.Actor == actor && signed.RecoverSigner(ledger.Id) == current)
            {
                current = replacement.NewLedgerAddress;
                if (current == address)
                {
                    return;
                }
            }
        }

        throw new PhrDataException(
            "key record",
            PhrDataReason.InvalidSignature,
            $"the present key of {actor} is not one that its earlier keys signed over to; after a recovery it must be made known anew.");
    }
}
