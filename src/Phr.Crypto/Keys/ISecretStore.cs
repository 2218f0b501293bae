namespace Phr.Crypto;

/// <summary>
/// Keeps small named secrets that live for a while and are then erased: envelope keys of an epoch, receiving keys of a request.
/// A platform's key store can stand behind it.
/// </summary>
/// <remarks>
/// Names are 1 to 200 characters of <c>a-z</c>, <c>0-9</c>, <c>-</c>, <c>_</c>, <c>.</c> and <c>/</c>; neither first nor last a <c>/</c> or <c>.</c>, and no part
/// between two <c>/</c> empty or only dots. A secret has at most <see cref="MaxSecretLength"/> bytes. Implementations are thread safe.
/// </remarks>
public interface ISecretStore
{
    /// <summary>The most bytes that a secret has: 2,097,152, enough for the largest approval or delivery that waits in an outbox.</summary>
    const int MaxSecretLength = 2 << 20;

    /// <summary>The most characters that a name has: 200.</summary>
    const int MaxNameLength = 200;

    /// <summary>Keeps a secret; one that is kept under the same name is replaced. When the task ends, the secret is durable.</summary>
    /// <param name="name">The name.</param>
    /// <param name="secret">The secret. The caller wipes it afterwards.</param>
    /// <param name="cancellationToken">Cancels; the old secret then stays, or the new one is there in full.</param>
    /// <returns>A task that ends when the secret is kept.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, or the secret is too long.</exception>
    Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default);

    /// <summary>Keeps a secret unless one is kept under that name already. Of several that try at once, in every process that the store serves, one succeeds.</summary>
    /// <param name="name">The name.</param>
    /// <param name="secret">The secret. The caller wipes it afterwards.</param>
    /// <param name="cancellationToken">Cancels; nothing, or the new secret, is there then.</param>
    /// <returns>Whether it was kept; false when there was one, which stays as it is. What is kept under the name is durable in both cases.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, or the secret is too long.</exception>
    Task<bool> TryAddAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default);

    /// <summary>Gets a secret.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The secret, which the caller disposes, or null when there is none of that name.</returns>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="PhrDataException">What is stored was altered, or belongs to another owner.</exception>
    Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Erases a secret.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Lists the names that begin with a prefix, in ordinal order.</summary>
    /// <param name="prefix">The prefix; empty for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The names.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prefix"/> is null.</exception>
    Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default);
}
