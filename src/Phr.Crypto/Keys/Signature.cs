using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>An ECDSA signature over secp256k1 with low s.</summary>
/// <remarks>Wire form: r || s, 32 bytes each, big endian. Sources: SEC 1 §4.1; BIP 62 for low s. Immutable and thread safe.</remarks>
public sealed class Signature : IEquatable<Signature>
{
    /// <summary>Length in bytes: 64.</summary>
    public const int Length = Ecdsa.SignatureLength;

    private readonly byte[] _bytes;

    internal Signature(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    internal ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Reads a signature.</summary>
    /// <param name="bytes">64 bytes, r || s.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="PhrDataException">The length is wrong, or r or s is zero, not below the group order, or s is high.</exception>
    public static Signature FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out Signature? signature)
            ? signature
            : throw new PhrDataException("signature", PhrDataReason.InvalidScalar, "the bytes are not r || s in 1..n-1 with low s.");

    /// <summary>Reads a signature, without an exception.</summary>
    /// <param name="bytes">64 bytes, r || s.</param>
    /// <param name="signature">The signature, or null.</param>
    /// <returns>Whether the bytes were a signature.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Signature? signature)
    {
        signature = Ecdsa.TryRead(bytes, out _, out Scalar s) && !s.IsHigh ? new Signature(bytes) : null;
        return signature is not null;
    }

    /// <summary>Writes r || s.</summary>
    /// <returns>A new array of 64 bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Writes r || s to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least 64 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <inheritdoc/>
    public bool Equals(Signature? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Signature);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);
}
