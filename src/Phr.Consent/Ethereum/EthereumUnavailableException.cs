namespace Phr.Consent;

/// <summary>No Ethereum node gave a usable answer, although all were tried. What was asked may be asked again.</summary>
public sealed class EthereumUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence for a person: which node failed last, and how.</param>
    /// <param name="retryAfter">When it may be worth to try again, if a node said so.</param>
    /// <param name="innerException">The last node's failure.</param>
    public EthereumUnavailableException(string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException) => RetryAfter = retryAfter;

    /// <summary>When it may be worth to try again, from when the exception was thrown; null when no node said.</summary>
    public TimeSpan? RetryAfter { get; }
}
