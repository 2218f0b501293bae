namespace Phr.Storage;

/// <summary>No IPFS node did what was asked, or too few. It says what each of them answered.</summary>
/// <remarks>The world failing, not the input: trying again later can help. Damaged content is a <see cref="Phr.Crypto.PhrDataException"/> instead, with one of these inside.</remarks>
public sealed class IpfsUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="faults">What each node did, in the order in which they were asked.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    /// <exception cref="ArgumentNullException"><paramref name="faults"/> is null.</exception>
    public IpfsUnavailableException(string message, IReadOnlyList<IpfsFault> faults, Exception? innerException = null)
        : base(faults is { Count: > 0 } ? $"{message} {string.Join(' ', faults)}" : message, innerException)
    {
        ArgumentNullException.ThrowIfNull(faults);
        Faults = [.. faults];
    }

    /// <summary>What each node did, in the order in which they were asked. A node that was asked twice can occur twice.</summary>
    public IReadOnlyList<IpfsFault> Faults { get; }
}
