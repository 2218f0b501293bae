using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>One share of a secret key: the value at <see cref="Index"/> of a polynomial whose value at zero is the key.</summary>
/// <remarks>
/// A share is a secret key itself (never zero), so it is also a delegating key for proxy re-encryption. It owns its bytes,
/// which are wiped when it is disposed. Source: Shamir, "How to share a secret" (1979). Thread safe until disposed.
/// </remarks>
[DebuggerDisplay("Share {Index}")]
public sealed class Share : IDisposable
{
    /// <summary>Length in bytes of the written form: 33.</summary>
    public const int Length = 1 + Scalar.Length;

    private readonly SecretBytes _value;

    internal Share(int index, Scalar value)
    {
        SecretSharing.CheckIndex(index, nameof(index));
        Index = index;
        _value = new SecretBytes(Scalar.Length);
        value.WriteBytes(_value.Reveal());
    }

    /// <summary>Which share this is: 1 to 255.</summary>
    public int Index { get; }

    internal Scalar Scalar
    {
        get
        {
            _ = Scalar.TryFromBytes(_value.Reveal(), out Scalar scalar);
            return scalar;
        }
    }

    /// <summary>Reads a share. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">33 bytes, as <see cref="ToBytes"/> writes them.</param>
    /// <returns>The share, not yet compared with any commitments. The caller disposes it.</returns>
    /// <exception cref="PhrDataException">The length is not 33, the index is 0, or the value is not between 1 and the group order minus 1.</exception>
    public static Share FromBytes(ReadOnlySpan<byte> bytes)
    {
        PhrDataReason? fault = Read(bytes, out Share? share);
        return share ?? throw new PhrDataException("share", fault!.Value, "the bytes are not an index from 1 to 255 and a scalar between 1 and the group order.");
    }

    /// <summary>Reads a share, without an exception. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">33 bytes, as <see cref="ToBytes"/> writes them.</param>
    /// <param name="share">The share, or null. The caller disposes it.</param>
    /// <returns>Whether the bytes were a share.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Share? share)
    {
        Read(bytes, out share);
        return share is not null;
    }

    /// <summary>The share as a secret key, which may delegate or sign on its own.</summary>
    /// <returns>A new key. The caller disposes it; the share lives on.</returns>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public SecretKey ToSecretKey() => new(Scalar);

    /// <summary>Writes the share. <b>The bytes are secret</b>: the caller keeps them sealed and wipes them after use.</summary>
    /// <returns>A new array of 33 bytes: the index, then the value as 32 bytes, big endian.</returns>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        ExportTo(bytes);
        return bytes;
    }

    /// <summary>Writes what <see cref="ToBytes"/> returns into memory of the caller, who wipes it after use.</summary>
    /// <param name="destination">At least 33 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public void ExportTo(Span<byte> destination)
    {
        if (destination.Length < Length)
        {
            throw new ArgumentException("A share needs 33 bytes.", nameof(destination));
        }

        _value.Reveal().CopyTo(destination[1..]);
        destination[0] = (byte)Index;
    }

    /// <summary>Wipes the share.</summary>
    public void Dispose() => _value.Dispose();

    /// <summary>The type's name; never the share.</summary>
    /// <returns><c>Share</c>.</returns>
    public override string ToString() => nameof(Share);

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, out Share? share)
    {
        share = null;
        if (bytes.Length != Length)
        {
            return PhrDataReason.WrongLength;
        }

        if (bytes[0] == 0)
        {
            return PhrDataReason.OutOfRange;
        }

        if (!Scalar.TryFromBytes(bytes[1..], out Scalar value) || value.IsZero)
        {
            return PhrDataReason.InvalidScalar;
        }

        share = new Share(bytes[0], value);
        return null;
    }
}
