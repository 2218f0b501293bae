namespace Phr.Crypto;

/// <summary>What a round does with one key of a team.</summary>
/// <param name="Epoch">The key's epoch, from 1.</param>
/// <param name="Carried">The public key that stays and is shared anew; null for a fresh key, which comes out of the round.</param>
public sealed record TeamKeyPlan(int Epoch, PublicKey? Carried)
{
    /// <summary>Whether the round makes the key.</summary>
    public bool IsFresh => Carried is null;
}
