using System.Collections.Concurrent;
using Phr.Crypto.Keys;

namespace Phr.Crypto;

/// <summary>A secret store that lives as long as its process: for tests, and for actors that need nothing to survive.</summary>
/// <remarks>Thread safe. Disposing it wipes every secret.</remarks>
public sealed class InMemorySecretStore : ISecretStore, IDisposable
{
    private readonly ConcurrentDictionary<string, SecretValue> _secrets = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name, secret);
        cancellationToken.ThrowIfCancellationRequested();
        var value = new SecretValue(secret.Span);
        _secrets.AddOrUpdate(name, value, (_, old) =>
        {
            old.Dispose();
            return value;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_secrets.TryGetValue(name, out SecretValue? value) ? new SecretValue(value.Bytes) : null);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        bool found = _secrets.TryRemove(name, out SecretValue? value);
        value?.Dispose();
        return Task.FromResult(found);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Task.FromResult<IReadOnlyList<string>>([.. _secrets.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Wipes every secret.</summary>
    public void Dispose()
    {
        foreach (SecretValue value in _secrets.Values)
        {
            value.Dispose();
        }

        _secrets.Clear();
    }
}
