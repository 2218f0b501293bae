using Phr.Crypto.Keys;

namespace Phr.Crypto;

/// <summary>A secret store that lives as long as its process: for tests, and for actors that need nothing to survive.</summary>
/// <remarks>Thread safe. Disposing it wipes every secret.</remarks>
public sealed class InMemorySecretStore : ISecretStore, IDisposable
{
    // Under the lock, so that no secret is wiped while it is copied out.
    private readonly Dictionary<string, SecretValue> _secrets = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private bool _disposed;

    /// <inheritdoc/>
    public Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name, secret);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _secrets.Remove(name, out SecretValue? old);
            old?.Dispose();
            _secrets.Add(name, new SecretValue(secret.Span));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> TryAddAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name, secret);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            bool isNew = !_secrets.ContainsKey(name);
            if (isNew)
            {
                _secrets.Add(name, new SecretValue(secret.Span));
            }

            return Task.FromResult(isNew);
        }
    }

    /// <inheritdoc/>
    public Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Task.FromResult(_secrets.TryGetValue(name, out SecretValue? value) ? new SecretValue(value.Bytes) : null);
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            bool found = _secrets.Remove(name, out SecretValue? value);
            value?.Dispose();
            return Task.FromResult(found);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Task.FromResult<IReadOnlyList<string>>([.. _secrets.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);
        }
    }

    /// <summary>Wipes every secret.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (SecretValue value in _secrets.Values)
            {
                value.Dispose();
            }

            _secrets.Clear();
        }
    }

    /// <summary>The type's name.</summary>
    /// <returns><c>InMemorySecretStore</c>.</returns>
    public override string ToString() => nameof(InMemorySecretStore);
}
