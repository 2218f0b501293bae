using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>The 32-byte key that a capsule encapsulates. It owns its bytes, which are wiped when it is disposed.</summary>
/// <remarks>HKDF-SHA256 of the 33-byte compressed shared point, without salt or info, as umbral-pre derives it. Thread safe until disposed.</remarks>
[DebuggerDisplay("CapsuleKey")]
public sealed class CapsuleKey : IDisposable
{
    /// <summary>Length in bytes: 32.</summary>
    public const int Length = 32;

    private readonly SecretBytes _bytes = new(Length);

    /// <summary>Derives the key; the caller keeps and wipes <paramref name="sharedPoint"/>.</summary>
    internal CapsuleKey(SecretBytes sharedPoint) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedPoint.Reveal(), _bytes.Reveal(), salt: [], info: []);

    /// <summary>Copies the key out, for use with a cipher of the caller's choice. The caller wipes the copy.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportTo(Span<byte> destination) => _bytes.Reveal().CopyTo(destination);

    /// <summary>Compares two keys in fixed time.</summary>
    /// <param name="other">The other key.</param>
    /// <returns>Whether they are the same key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">One of the keys was disposed.</exception>
    public bool FixedTimeEquals(CapsuleKey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _bytes.FixedTimeEquals(other._bytes);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _bytes.Dispose();

    /// <summary>The type's name; never the key.</summary>
    /// <returns><c>CapsuleKey</c>.</returns>
    public override string ToString() => nameof(CapsuleKey);

    /// <summary>The bytes themselves; the name makes each use of a secret visible in review.</summary>
    internal ReadOnlySpan<byte> Reveal() => _bytes.Reveal();
}
