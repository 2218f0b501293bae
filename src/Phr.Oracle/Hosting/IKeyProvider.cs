using Phr.Crypto;

namespace Phr.Oracle;

/// <summary>Gives a service the oracle's keys when it starts: from a key file, or from wherever the operator keeps them.</summary>
public interface IKeyProvider
{
    /// <summary>Loads the keys. Called once, before anything else.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The keys, which the service disposes when it stops.</returns>
    /// <exception cref="PhrDataException">The keys cannot be read, or the passphrase is wrong. The service does not start.</exception>
    /// <exception cref="IOException">A file cannot be read. The service does not start.</exception>
    Task<IdentityKeys> LoadAsync(CancellationToken cancellationToken = default);
}
