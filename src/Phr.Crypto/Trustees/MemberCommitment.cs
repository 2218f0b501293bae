namespace Phr.Crypto;

/// <summary>
/// What the dealer commits to for one trustee and document besides A_i = a_i·G: the point C_i = a_i·u, with a proof that both
/// hide the same share. With it a receiver finds a bad trustee before any oracle has served.
/// </summary>
/// <param name="Commitment">C_i = a_i·u.</param>
/// <param name="Proof">
/// Proof that log_u C_i = log_G A_i; null in a reshared dealing, where the dealers' confirmations stand for it, because each of them has
/// worked it out from contributions that are proved.
/// </param>
public sealed record MemberCommitment(PublicKey Commitment, DleqProof? Proof);
