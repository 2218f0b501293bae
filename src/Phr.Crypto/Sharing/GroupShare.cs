using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>The share of one member of one group in a two-level sharing.</summary>
/// <remarks>
/// It names its epoch and the sharing it belongs to, so that shares of different sharings never combine. A share is a
/// secret key itself (never zero), and so a delegating key for proxy re-encryption. It owns its bytes, which are wiped when
/// it is disposed. Thread safe until disposed.
/// </remarks>
[DebuggerDisplay("GroupShare {Group}.{Member} of epoch {Epoch}")]
public sealed class GroupShare : IDisposable
{
    /// <summary>Length in bytes of the written form: 70.</summary>
    public const int Length = ValueOffset + Scalar.Length;

    private const string Stage = "group share";
    private const int SharingOffset = sizeof(uint) + 2;
    private const int ValueOffset = SharingOffset + Digest.Length;

    private readonly SecretBytes _value;

    internal GroupShare(uint epoch, int group, int member, Digest sharingId, Scalar value)
    {
        SecretSharing.CheckIndex(group, nameof(group));
        SecretSharing.CheckIndex(member, nameof(member));
        Epoch = epoch;
        Group = group;
        Member = member;
        SharingId = sharingId;
        _value = new SecretBytes(Scalar.Length);
        value.WriteBytes(_value.Reveal());
    }

    /// <summary>The epoch of the sharing.</summary>
    public uint Epoch { get; }

    /// <summary>The group, from 1.</summary>
    public int Group { get; }

    /// <summary>The member within the group, from 1.</summary>
    public int Member { get; }

    /// <summary>Which sharing the share belongs to: the digest of its commitments (<see cref="GroupCommitments.Digest"/>).</summary>
    public Digest SharingId { get; }

    internal Scalar Scalar
    {
        get
        {
            _ = Scalar.TryFromBytes(_value.Reveal(), out Scalar scalar);
            return scalar;
        }
    }

    /// <summary>Reads a share. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">70 bytes, as <see cref="ToBytes"/> writes them.</param>
    /// <returns>The share, not yet compared with any commitments. The caller disposes it.</returns>
    /// <exception cref="PhrDataException">The length is not 70, a number is 0, or the value is not between 1 and the group order minus 1.</exception>
    public static GroupShare FromBytes(ReadOnlySpan<byte> bytes)
    {
        PhrDataReason? fault = Read(bytes, out GroupShare? share);
        return share ?? throw new PhrDataException(Stage, fault!.Value, "the bytes are not an epoch, a group and a member from 1 to 255, a digest, and a scalar between 1 and the group order.");
    }

    /// <summary>Reads a share, without an exception. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">70 bytes, as <see cref="ToBytes"/> writes them.</param>
    /// <param name="share">The share, or null. The caller disposes it.</param>
    /// <returns>Whether the bytes were a share.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out GroupShare? share)
    {
        Read(bytes, out share);
        return share is not null;
    }

    /// <summary>The share as a secret key, which may delegate or sign on its own.</summary>
    /// <returns>A new key. The caller disposes it; the share lives on.</returns>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public SecretKey ToSecretKey() => new(Scalar);

    /// <summary>Writes the share. <b>The bytes are secret</b>: the caller keeps them sealed and wipes them after use.</summary>
    /// <returns>A new array of 70 bytes: epoch (4, big endian), group (1), member (1), sharing id (32), value (32, big endian).</returns>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        ExportTo(bytes);
        return bytes;
    }

    /// <summary>Writes what <see cref="ToBytes"/> returns into memory of the caller, who wipes it after use.</summary>
    /// <param name="destination">At least 70 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public void ExportTo(Span<byte> destination)
    {
        if (destination.Length < Length)
        {
            throw new ArgumentException("A group share needs 70 bytes.", nameof(destination));
        }

        _value.Reveal().CopyTo(destination[ValueOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination, Epoch);
        destination[sizeof(uint)] = (byte)Group;
        destination[sizeof(uint) + 1] = (byte)Member;
        SharingId.CopyTo(destination[SharingOffset..]);
    }

    /// <summary>Wipes the share.</summary>
    public void Dispose() => _value.Dispose();

    /// <summary>The type's name; never the share.</summary>
    /// <returns><c>GroupShare</c>.</returns>
    public override string ToString() => nameof(GroupShare);

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, out GroupShare? share)
    {
        share = null;
        if (bytes.Length != Length)
        {
            return PhrDataReason.WrongLength;
        }

        byte group = bytes[sizeof(uint)], member = bytes[sizeof(uint) + 1];
        if (group == 0 || member == 0)
        {
            return PhrDataReason.OutOfRange;
        }

        if (!Scalar.TryFromBytes(bytes[ValueOffset..], out Scalar value) || value.IsZero)
        {
            return PhrDataReason.InvalidScalar;
        }

        share = new GroupShare(
            BinaryPrimitives.ReadUInt32BigEndian(bytes), group, member, Digest.FromBytes(bytes[SharingOffset..ValueOffset]), value);
        return null;
    }
}
