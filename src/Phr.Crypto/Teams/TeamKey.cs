namespace Phr.Crypto;

/// <summary>A receiving key of a team, known by the commitments to its sharing among the present members.</summary>
/// <param name="Epoch">The key's epoch, from 1. A team makes a new key when a member leaves.</param>
/// <param name="Commitments">The commitments to the present sharing; their shared key is the team's public receiving key and stays when the sharing changes.</param>
public sealed record TeamKey(int Epoch, FeldmanCommitments Commitments)
{
    /// <summary>The team's public receiving key of this epoch. Its secret exists nowhere.</summary>
    public PublicKey PublicKey => Commitments.SharedKey;
}
