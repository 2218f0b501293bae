using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>A secp256k1 public key: delegating, receiving, verifying, envelope or ledger key. Never the identity point.</summary>
/// <remarks>Source: SEC 1 §2.3. Immutable and thread safe.</remarks>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>Length in bytes of the compressed form: 33.</summary>
    public const int Length = Point.Length;

    private readonly byte[] _encoded;

    internal PublicKey(Point point)
    {
        Point = point;
        _encoded = point.ToBytes();
    }

    internal Point Point { get; }

    internal ReadOnlySpan<byte> Span => _encoded;

    /// <summary>Reads a public key.</summary>
    /// <param name="bytes">33 bytes, SEC1 compressed.</param>
    /// <returns>The key.</returns>
    /// <exception cref="PhrDataException">The bytes are not a point of the curve in canonical compressed form.</exception>
    public static PublicKey FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out PublicKey? key)
            ? key
            : throw new PhrDataException("public key", PhrDataReason.InvalidPoint, "the bytes are not a point of secp256k1 in 33-byte compressed form.");

    /// <summary>Reads a public key, without an exception.</summary>
    /// <param name="bytes">33 bytes, SEC1 compressed.</param>
    /// <param name="key">The key, or null.</param>
    /// <returns>Whether the bytes were a key.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out PublicKey? key)
    {
        key = Point.TryFromBytes(bytes, out Point? point) ? new PublicKey(point) : null;
        return key is not null;
    }

    /// <summary>Reads many keys, faster than one by one.</summary>
    /// <param name="encoded">The keys, 33 bytes each.</param>
    /// <returns>The keys, or null when one of them is none.</returns>
    internal static PublicKey[]? TryFromBytesMany(IReadOnlyList<byte[]> encoded) =>
        Point.TryFromBytesMany(encoded, FieldLanes.IsSupported) is { } points ? Array.ConvertAll(points, point => new PublicKey(point)) : null;

    /// <summary>Reads a key that a person supplied, in compressed (33 bytes) or uncompressed (65 bytes) form.</summary>
    /// <param name="bytes">33 or 65 bytes, SEC1.</param>
    /// <param name="key">The key, or null.</param>
    /// <returns>Whether the bytes were a key.</returns>
    public static bool TryImport(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out PublicKey? key)
    {
        key = Point.TryFromUncompressedBytes(bytes, out Point? point) ? new PublicKey(point) : null;
        return key is not null || TryFromBytes(bytes, out key);
    }

    /// <summary>Writes the compressed form.</summary>
    /// <returns>A new array of 33 bytes.</returns>
    public byte[] ToBytes() => (byte[])_encoded.Clone();

    /// <summary>Writes the compressed form to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least 33 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination) => _encoded.CopyTo(destination);

    /// <summary>Verifies a signature over SHA-256 of a message, as Umbral signs.</summary>
    /// <param name="message">The message, of any length.</param>
    /// <param name="signature">The signature.</param>
    /// <returns>Whether this key's owner signed the message. A signature with high s is refused.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="signature"/> is null.</exception>
    public bool Verify(ReadOnlySpan<byte> message, Signature signature)
    {
        Span<byte> digest = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(message, digest);
        return VerifyDigest(digest, signature);
    }

    /// <summary>Verifies a signature over a 32-byte digest.</summary>
    /// <param name="digest">32 bytes.</param>
    /// <param name="signature">The signature.</param>
    /// <returns>Whether this key's owner signed the digest. A signature with high s is refused.</returns>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is not 32 bytes.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="signature"/> is null.</exception>
    public bool VerifyDigest(ReadOnlySpan<byte> digest, Signature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (digest.Length != 32)
        {
            throw new ArgumentException("A digest has 32 bytes.", nameof(digest));
        }

        return Ecdsa.Verify(Point, digest, signature.Span);
    }

    /// <inheritdoc/>
    public bool Equals(PublicKey? other) => other is not null && _encoded.AsSpan().SequenceEqual(other._encoded);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_encoded, 1);

    /// <summary>Writes the compressed form as text.</summary>
    /// <returns>66 lower-case hexadecimal digits.</returns>
    public override string ToString() => Convert.ToHexStringLower(_encoded);

    /// <summary>Compares for equality.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other key.</param>
    /// <returns>Whether both are the same point.</returns>
    public static bool operator ==(PublicKey? left, PublicKey? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other key.</param>
    /// <returns>Whether the points differ.</returns>
    public static bool operator !=(PublicKey? left, PublicKey? right) => !(left == right);
}
