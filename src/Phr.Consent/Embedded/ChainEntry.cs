using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>One row of the chain, as stored: nothing in it has been checked but the shape of its fields.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="Time">When it was made, in whole seconds.</param>
/// <param name="PreviousHash">The hash of the entry before it.</param>
/// <param name="Command">The signed command; empty for a beat.</param>
/// <param name="Events">The list of events.</param>
/// <param name="Hash">The hash of all of the above.</param>
/// <param name="OperatorSignature">The operator's signature of the hash.</param>
internal sealed record ChainEntry(
    ulong Number, DateTimeOffset Time, Digest PreviousHash, byte[] Command, byte[] Events, Digest Hash, RecoverableSignature OperatorSignature)
{
    /// <summary>Whether nothing happened in it: the operator made it so that a draw has the later block that it waits for.</summary>
    public bool IsBeat => Command.Length == 0;

    public ChainHead Head => new(Number, Time, Hash);

    /// <summary>The block that the entry is; an embedded ledger has one entry in each.</summary>
    public LedgerBlock ToBlock() => new(Number, Time, ChainFormat.Seed(OperatorSignature));

    public static ChainEntry Create(SecretKey operatorKey, LedgerId ledger, ChainHead previous, DateTimeOffset time, byte[] command, byte[] events)
    {
        ulong number = previous.Number + 1;
        Digest hash = ChainFormat.HashEntry(ledger, number, time, previous.Hash, command, events);
        return new ChainEntry(number, time, previous.Hash, command, events, hash, operatorKey.SignDigest(hash.ToBytes()));
    }

    /// <summary>What is wrong with this entry as the one after <paramref name="previous"/>, signature apart, or null.</summary>
    public string? LinkFault(LedgerId ledger, ChainHead previous) =>
        Number != previous.Number + 1 ? $"entry {previous.Number + 1} is missing: number {Number} follows number {previous.Number}"
        : PreviousHash != previous.Hash ? "its previous hash is not the hash of the entry before it"
        : Time < previous.Time ? "its time is before that of the entry before it"
        : ChainFormat.HashEntry(ledger, Number, Time, PreviousHash, Command, Events) != Hash ? "its hash is not that of its content"
        : null;

    /// <summary>What is wrong with the operator's signature, or null.</summary>
    public string? SignatureFault(LedgerId ledger) =>
        ChainFormat.IsSignedBy(ledger, Hash, OperatorSignature) ? null : "the operator's signature does not hold for its hash";
}
