namespace Phr.Consent.Ethereum;

/// <summary>One node gave no usable answer: it could not be reached, took too long, was busy, or answered with something else than JSON-RPC.</summary>
internal sealed class RpcTransportException(string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
