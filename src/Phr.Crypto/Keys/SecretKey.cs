using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>A secp256k1 secret key. It owns its bytes, which are wiped when it is disposed.</summary>
/// <remarks>Thread safe until disposed. Equality compares in fixed time.</remarks>
[DebuggerDisplay("SecretKey")]
public sealed class SecretKey : IDisposable, IReceiver
{
    /// <summary>Length in bytes: 32.</summary>
    public const int Length = Scalar.Length;

    private readonly SecretBytes _bytes;
    private PublicKey? _publicKey;

    internal SecretKey(Scalar scalar)
    {
        _bytes = new SecretBytes(Length);
        scalar.WriteBytes(_bytes.Reveal());
    }

    /// <summary>The public key that belongs to this key.</summary>
    public PublicKey PublicKey => _publicKey ??= new PublicKey(Point.MultiplyBase(Scalar));

    internal Scalar Scalar
    {
        get
        {
            _ = Scalar.TryFromBytes(_bytes.Reveal(), out Scalar scalar);
            return scalar;
        }
    }

    /// <summary>Draws a new key from the system generator.</summary>
    /// <returns>The key. The caller disposes it.</returns>
    public static SecretKey Generate() => Generate(RandomSource.System);

    internal static SecretKey Generate(RandomSource random) => new(Scalar.Random(random));

    /// <summary>Reads a secret key. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">32 bytes, big endian, between 1 and the group order minus 1.</param>
    /// <returns>The key. The caller disposes it.</returns>
    /// <exception cref="PhrDataException">The bytes are not a secret key.</exception>
    public static SecretKey FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out SecretKey? key)
            ? key
            : throw new PhrDataException("secret key", PhrDataReason.InvalidScalar, "the bytes are not a scalar between 1 and the group order.");

    /// <summary>Reads a secret key, without an exception.</summary>
    /// <param name="bytes">32 bytes, big endian.</param>
    /// <param name="key">The key, or null. The caller disposes it.</param>
    /// <returns>Whether the bytes were a key.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SecretKey? key)
    {
        key = Scalar.TryFromBytes(bytes, out Scalar scalar) && !scalar.IsZero ? new SecretKey(scalar) : null;
        return key is not null;
    }

    /// <summary>Copies the secret out, for storage under protection. The caller wipes the copy.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void ExportTo(Span<byte> destination) => _bytes.Reveal().CopyTo(destination);

    /// <summary>Signs a 32-byte digest deterministically (RFC 6979), with low s and a recovery id, as Ethereum wants it.</summary>
    /// <param name="digest">32 bytes; hashing is the caller's choice.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is not 32 bytes.</exception>
    public RecoverableSignature SignDigest(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != 32)
        {
            throw new ArgumentException("A digest has 32 bytes.", nameof(digest));
        }

        Span<byte> signature = stackalloc byte[Ecdsa.SignatureLength];
        byte recoveryId = Ecdsa.Sign(Scalar, digest, [], signature);
        return new RecoverableSignature(new Signature(signature), recoveryId);
    }

    /// <summary>Compares two keys in fixed time.</summary>
    /// <param name="other">The other key.</param>
    /// <returns>Whether they are the same key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    public bool FixedTimeEquals(SecretKey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _bytes.FixedTimeEquals(other._bytes);
    }

    Point IReceiver.Multiply(Point point) => point * Scalar;

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _bytes.Dispose();

    /// <summary>The type's name; never the key.</summary>
    /// <returns><c>SecretKey</c>.</returns>
    public override string ToString() => nameof(SecretKey);
}
