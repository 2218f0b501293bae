namespace Phr.Crypto;

/// <summary>A root that the patient accepts: a licence authority, or an operator of oracles, with the key it signs with.</summary>
/// <param name="Identity">Who it is on the ledger.</param>
/// <param name="ObjectKey">Verifies the licences or the oracle endorsements that it signs.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TrustAnchor(ActorId Identity, PublicKey ObjectKey);
