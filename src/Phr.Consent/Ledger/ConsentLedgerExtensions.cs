using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What every ledger can do by the means of its seam.</summary>
public static class ConsentLedgerExtensions
{
    private const int Attempts = 5;

    /// <summary>Signs a command with the actor's next nonce and hands it in; when another command of the same actor came between, it tries again.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="command">The command.</param>
    /// <param name="ledgerKey">The actor's ledger key.</param>
    /// <param name="cancellationToken">Gives up waiting; the command may still be accepted.</param>
    /// <returns>The receipt.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A field of the command is missing or lies outside its bounds.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused the command, or its nonce five times.</exception>
    public static Task<LedgerReceipt> SubmitAsync(this IConsentLedger ledger, LedgerCommand command, SecretKey ledgerKey, CancellationToken cancellationToken = default) =>
        SubmitAndTellAsync(ledger, command, ledgerKey, included: null, cancellationToken);

    /// <summary>Does as <see cref="SubmitAsync"/>, and tells when nothing is left to do but to wait until the command's block is final.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="command">The command.</param>
    /// <param name="ledgerKey">The actor's ledger key.</param>
    /// <param name="included">Told the number of the block that has the command: see <see cref="IBlockLedger"/>. A ledger whose entries are final at once tells nothing. May be null.</param>
    /// <param name="cancellationToken">Gives up waiting; the command may still be accepted.</param>
    /// <returns>The receipt.</returns>
    /// <exception cref="ArgumentNullException">An argument that is needed is null.</exception>
    /// <exception cref="ArgumentException">A field of the command is missing or lies outside its bounds.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused the command, or its nonce five times.</exception>
    public static async Task<LedgerReceipt> SubmitAndTellAsync(this IConsentLedger ledger, LedgerCommand command, SecretKey ledgerKey, Action<ulong>? included, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(ledgerKey);
        if (ledger is EmbeddedConsentLedger embedded)
        {
            return await embedded.SubmitAsync(command, ledgerKey, cancellationToken).ConfigureAwait(false);
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (ledger is IBlockLedger chain)
                {
                    return await chain.SubmitAndTellAsync(command, ledgerKey, included, cancellationToken).ConfigureAwait(false);
                }

                ulong nonce = await ledger.GetNonceAsync(command.Actor, cancellationToken).ConfigureAwait(false);
                return await ledger.SubmitAsync(SignedCommand.Sign(command, nonce, ledger.Id, ledgerKey), cancellationToken).ConfigureAwait(false);
            }
            catch (LedgerRejectedException e) when (e.Error == LedgerError.WrongNonce && attempt < Attempts)
            {
                // Another command of this actor was accepted between the question and the answer.
            }
        }
    }
}
