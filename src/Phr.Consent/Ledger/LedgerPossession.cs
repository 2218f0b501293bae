using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a new key signs to show that whoever names it also holds it.</summary>
/// <remarks>Thread safe.</remarks>
public static class LedgerPossession
{
    /// <summary>What a new ledger key signs: the EIP-712 digest of <c>LedgerKey(address actor,address newLedgerAddress)</c> in the ledger's domain, as in <see cref="SignedCommand"/>.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="actor">Whose key it becomes.</param>
    /// <param name="newAddress">The new key's address.</param>
    /// <returns>The digest.</returns>
    public static Digest KeyDigest(LedgerId ledger, ActorId actor, ActorId newAddress) =>
        Digest.FromBytes(TypedDataHasher.Digest(SignedCommand.DomainSeparator(ledger), StructOf(actor, newAddress).HashStruct()));

    /// <summary>The EIP-712 type of what is signed.</summary>
    internal static string TypedDataType => StructOf(default, default).EncodeType();

    private static TypedDataHasher StructOf(ActorId actor, ActorId newAddress)
    {
        var hasher = new TypedDataHasher("LedgerKey");
        hasher.Actor("actor", actor);
        hasher.Actor("newLedgerAddress", newAddress);
        return hasher;
    }
}
