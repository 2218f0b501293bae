using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>What a new key signs to show that whoever names it also holds it.</summary>
/// <remarks>Thread safe.</remarks>
public static class LedgerPossession
{
    /// <summary>What a new ledger key signs: SHA-256 of the canonical CBOR <c>["phr/ledger-key/v1", ledger id, actor, new address]</c>.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="actor">Whose key it becomes.</param>
    /// <param name="newAddress">The new key's address.</param>
    /// <returns>The digest.</returns>
    public static Digest KeyDigest(LedgerId ledger, ActorId actor, ActorId newAddress) =>
        Digest.Of(new CanonicalCborWriter().Array(4).Text("phr/ledger-key/v1").Id(ledger).Id(actor).Id(newAddress).EndArray().ToBytes());
}
