using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A ledger on which a command stands in a block for a while, on Ethereum for a quarter of an hour, before it is final.</summary>
/// <remarks>Thread safe.</remarks>
public interface IBlockLedger : IConsentLedger
{
    /// <summary>Signs a command with the actor's next nonce and hands it in.</summary>
    /// <param name="command">The command.</param>
    /// <param name="ledgerKey">The actor's ledger key.</param>
    /// <param name="included">
    /// Told the number of the block that has the command, as soon as one has it: from then on nothing is left to do but to wait. Told again where a re-organisation took the command away and another block has it. It must not
    /// throw, and not take long. May be null.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting; the command may still be accepted.</param>
    /// <returns>The receipt, when the block is final.</returns>
    /// <exception cref="ArgumentNullException">An argument that is needed is null.</exception>
    /// <exception cref="ArgumentException">A field of the command is missing or lies outside its bounds.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused the command, or its nonce.</exception>
    Task<LedgerReceipt> SubmitAndTellAsync(LedgerCommand command, SecretKey ledgerKey, Action<ulong>? included, CancellationToken cancellationToken = default);
}
