namespace Phr.Crypto;

/// <summary>What a dealer published for one key of a team.</summary>
/// <param name="Epoch">The key's epoch.</param>
/// <param name="Commitments">The commitments to the dealer's polynomial. For a key that is carried over the first is the public key of the dealer's own share.</param>
/// <param name="Proof">For a fresh key, 64 bytes: the proof that the dealer knows the constant term; else empty.</param>
public sealed record DealtTeamKey(int Epoch, FeldmanCommitments Commitments, ReadOnlyMemory<byte> Proof);
