namespace Phr.Crypto;

/// <summary>Names a ledger: a chain and the contract on it. Everything that is signed or sealed is bound to one ledger.</summary>
/// <param name="ChainId">The EIP-155 chain id; 0 for an embedded ledger.</param>
/// <param name="Contract">The contract's address; for an embedded ledger the address of its operator's key.</param>
/// <remarks>Immutable and thread safe. Text form: <c>chain:contract</c>, decimal and hexadecimal.</remarks>
public readonly record struct LedgerId(ulong ChainId, ActorId Contract)
{
    /// <inheritdoc/>
    public override string ToString() => $"{ChainId}:{Contract}";
}
