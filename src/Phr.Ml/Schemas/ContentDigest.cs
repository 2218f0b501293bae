using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Phr.Ml;

/// <summary>The SHA-256 of a file of data or of a schema: which one it was, beyond doubt.</summary>
/// <remarks>32 bytes, printed as 64 lower-case hexadecimal digits. The default value is 32 zero bytes. Immutable.</remarks>
public readonly record struct ContentDigest
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    private ContentDigest(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The digest of these bytes.</summary>
    /// <param name="data">Any number of bytes.</param>
    public static ContentDigest OfData(ReadOnlySpan<byte> data)
    {
        Span<byte> bytes = stackalloc byte[Length];
        SHA256.HashData(data, bytes);
        return new ContentDigest(bytes);
    }

    /// <summary>Reads a digest from its 32 bytes.</summary>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="InvalidDataException">There are more or fewer bytes.</exception>
    public static ContentDigest FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out ContentDigest digest) ? digest : throw new InvalidDataException($"A digest has {Length} bytes, not {bytes.Length}.");

    /// <summary>Reads a digest from its 32 bytes, or says that these are not 32.</summary>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <param name="digest">The digest.</param>
    /// <returns>False when there are more or fewer bytes.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out ContentDigest digest)
    {
        digest = bytes.Length == Length ? new ContentDigest(bytes) : default;
        return bytes.Length == Length;
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Length)
        {
            throw new ArgumentException($"The destination has {destination.Length} bytes; a digest needs {Length}.", nameof(destination));
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());
}
