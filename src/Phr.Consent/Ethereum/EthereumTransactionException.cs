using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A transaction did not get into the chain.</summary>
public sealed class EthereumTransactionException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="transactionHash">The transaction, if it was made.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public EthereumTransactionException(EthereumTransactionFault fault, string message, Digest? transactionHash = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
        TransactionHash = transactionHash;
    }

    /// <summary>Why the transaction did not get into the chain.</summary>
    public EthereumTransactionFault Fault { get; }

    /// <summary>The transaction's hash; null when none was made.</summary>
    public Digest? TransactionHash { get; }
}
