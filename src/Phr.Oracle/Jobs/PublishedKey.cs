using System.Buffers.Binary;
using Phr.Crypto;

namespace Phr.Oracle.Jobs;

/// <summary>What an oracle notes of an envelope key that it published: the key (33 bytes), then when, as Unix milliseconds (8 bytes, big endian).</summary>
/// <param name="Key">The key.</param>
/// <param name="At">When it was published; the beginning of time where that was not noted.</param>
internal sealed record PublishedKey(PublicKey Key, DateTimeOffset At)
{
    private const string Stage = "published envelope key";

    public static byte[] ToBytes(PublicKey key, DateTimeOffset at)
    {
        byte[] bytes = new byte[PublicKey.Length + sizeof(long)];
        key.CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(PublicKey.Length), at.ToUnixTimeMilliseconds());
        return bytes;
    }

    /// <summary>Reads a note, also one of a former version, which has the key alone.</summary>
    /// <exception cref="PhrDataException">It is none.</exception>
    public static PublishedKey FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == PublicKey.Length)
        {
            return new PublishedKey(PublicKey.FromBytes(bytes), DateTimeOffset.UnixEpoch);
        }

        long milliseconds = bytes.Length == PublicKey.Length + sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(bytes[PublicKey.Length..]) : -1;
        return milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new PublishedKey(PublicKey.FromBytes(bytes[..PublicKey.Length]), DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))
            : throw new PhrDataException(Stage, PhrDataReason.WrongLength, "it is neither a key nor a key with a time.");
    }
}
