using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>A signature over a 32-byte digest from which the signer's public key can be recovered, as Ethereum uses it.</summary>
/// <remarks>Wire form: r || s || v, 65 bytes, v in 0..3. Source: SEC 1 §4.1.6. Immutable and thread safe.</remarks>
public sealed class RecoverableSignature : IEquatable<RecoverableSignature>
{
    /// <summary>Length in bytes: 65.</summary>
    public const int Length = Signature.Length + 1;

    internal RecoverableSignature(Signature signature, byte recoveryId)
    {
        Signature = signature;
        RecoveryId = recoveryId;
    }

    /// <summary>The signature without the recovery id.</summary>
    public Signature Signature { get; }

    /// <summary>The recovery id, 0..3. Ethereum's <c>v</c> in a signed message is this plus 27.</summary>
    public byte RecoveryId { get; }

    /// <summary>Reads a signature.</summary>
    /// <param name="bytes">65 bytes, r || s || v.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="PhrDataException">The bytes are not such a signature.</exception>
    public static RecoverableSignature FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out RecoverableSignature? signature)
            ? signature
            : throw new PhrDataException("recoverable signature", PhrDataReason.InvalidScalar, "the bytes are not r || s || v with low s and v in 0..3.");

    /// <summary>Reads a signature, without an exception.</summary>
    /// <param name="bytes">65 bytes, r || s || v.</param>
    /// <param name="signature">The signature, or null.</param>
    /// <returns>Whether the bytes were a signature.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out RecoverableSignature? signature)
    {
        signature = bytes.Length == Length && bytes[^1] <= 3 && Signature.TryFromBytes(bytes[..^1], out Signature? plain)
            ? new RecoverableSignature(plain, bytes[^1])
            : null;
        return signature is not null;
    }

    /// <summary>Writes r || s || v.</summary>
    /// <returns>A new array of 65 bytes.</returns>
    public byte[] ToBytes() => [.. Signature.Span, RecoveryId];

    /// <summary>Recovers the public key that signed a digest.</summary>
    /// <param name="digest">32 bytes.</param>
    /// <param name="key">The key, or null. Any well-formed signature recovers to some key: compare it with the one expected.</param>
    /// <returns>Whether a key was recovered.</returns>
    /// <exception cref="ArgumentException"><paramref name="digest"/> is not 32 bytes.</exception>
    public bool TryRecover(ReadOnlySpan<byte> digest, [NotNullWhen(true)] out PublicKey? key)
    {
        if (digest.Length != 32)
        {
            throw new ArgumentException("A digest has 32 bytes.", nameof(digest));
        }

        key = Ecdsa.Recover(digest, Signature.Span, RecoveryId) is { } point ? new PublicKey(point) : null;
        return key is not null;
    }

    /// <inheritdoc/>
    public bool Equals(RecoverableSignature? other) =>
        other is not null && RecoveryId == other.RecoveryId && Signature.Equals(other.Signature);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RecoverableSignature);

    /// <inheritdoc/>
    public override int GetHashCode() => Signature.GetHashCode();
}
