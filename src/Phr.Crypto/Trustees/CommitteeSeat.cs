namespace Phr.Crypto;

/// <summary>One oracle of a committee, with the keys that it uses for the request.</summary>
/// <param name="Oracle">The oracle on the ledger.</param>
/// <param name="EnvelopeKey">Fragments are sealed to this key.</param>
/// <param name="ObjectKey">Verifies the oracle's delivery.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CommitteeSeat(ActorId Oracle, PublicKey EnvelopeKey, PublicKey ObjectKey);
