using System.Diagnostics;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>A secret taken from an <see cref="ISecretStore"/>. It owns its bytes and wipes them when disposed.</summary>
/// <remarks>Thread safe until disposed.</remarks>
[DebuggerDisplay("{Length} secret bytes")]
public sealed class SecretValue : IDisposable
{
    private readonly SecretBytes _bytes;

    /// <summary>Copies a secret in, for implementations of <see cref="ISecretStore"/>. The caller wipes <paramref name="secret"/>.</summary>
    /// <param name="secret">The secret.</param>
    public SecretValue(ReadOnlySpan<byte> secret) => _bytes = new SecretBytes(secret);

    internal SecretValue(SecretBytes owned) => _bytes = owned;

    /// <summary>How many bytes it has.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes; valid until this object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The value was disposed.</exception>
    public ReadOnlySpan<byte> Bytes => _bytes.Reveal();

    /// <summary>Wipes the bytes.</summary>
    public void Dispose() => _bytes.Dispose();

    /// <summary>The type's name; never the secret.</summary>
    /// <returns><c>SecretValue</c>.</returns>
    public override string ToString() => nameof(SecretValue);
}
