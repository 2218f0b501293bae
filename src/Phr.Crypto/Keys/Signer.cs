using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>Signs messages as Umbral does: ECDSA over SHA-256 of the message, RFC 6979 nonce with fresh additional entropy, low s.</summary>
/// <remarks>Source: Umbral specification §6. Thread safe until disposed.</remarks>
[DebuggerDisplay("Signer")]
public sealed class Signer : IDisposable
{
    private readonly SecretKey _key;

    /// <summary>Takes over a secret key; disposing the signer wipes it.</summary>
    /// <param name="key">The signing key, owned by the signer from now on.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public Signer(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
    }

    /// <summary>The key under which signatures verify.</summary>
    public PublicKey VerifyingKey => _key.PublicKey;

    /// <summary>Signs a message. Two signatures of one message differ.</summary>
    /// <param name="message">Bytes of any length.</param>
    /// <returns>The signature.</returns>
    public Signature Sign(ReadOnlySpan<byte> message) => Sign(message, RandomSource.System);

    internal Signature Sign(ReadOnlySpan<byte> message, RandomSource random)
    {
        Span<byte> entropy = stackalloc byte[32];
        Span<byte> digest = stackalloc byte[32];
        Span<byte> signature = stackalloc byte[Signature.Length];
        random.Fill(entropy);
        SHA256.HashData(message, digest);
        Ecdsa.Sign(_key.Scalar, digest, entropy, signature);
        CryptographicOperations.ZeroMemory(entropy);
        return new Signature(signature);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The type's name; never the key.</summary>
    /// <returns><c>Signer</c>.</returns>
    public override string ToString() => nameof(Signer);
}
