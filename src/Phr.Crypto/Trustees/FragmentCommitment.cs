namespace Phr.Crypto;

/// <summary>The public side of one key fragment: its id, which binds it to everything approved, and U1 = rk·u.</summary>
/// <param name="Id">The fragment's id, 32 bytes.</param>
/// <param name="Commitment">U1 = rk·u.</param>
public sealed record FragmentCommitment(Digest Id, PublicKey Commitment);
