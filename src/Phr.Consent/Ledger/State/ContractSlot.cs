using System.Buffers.Binary;
using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>One word of a contract's storage: where it lies, and what it holds as this library's state says.</summary>
/// <param name="Key">The word's place.</param>
/// <param name="Value">Its value.</param>
/// <param name="What">What it is about, for whoever looks for a difference.</param>
internal readonly record struct ContractSlot(Digest Key, Digest Value, string What = "")
{
    /// <summary>The word of a variable.</summary>
    public static BigInteger Of(int variable) => variable;

    /// <summary>Where a mapping's value for a key begins: keccak256(key || slot).</summary>
    public static BigInteger Of(ReadOnlySpan<byte> key, BigInteger slot)
    {
        byte[] place = new byte[64];
        key.CopyTo(place.AsSpan(32 - key.Length));
        Word(slot).CopyTo(place, 32);
        return Number(Keccak256.HashData(place));
    }

    /// <summary>The same for a number as key.</summary>
    public static BigInteger Of(int key, BigInteger slot)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        return Of(bytes, slot);
    }

    public static ContractSlot Holding(BigInteger place, BigInteger value) => new(Digest.FromBytes(Word(place)), Digest.FromBytes(Word(value)));

    public static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    public static BigInteger Number(ActorId id) => Number(id.ToBytes());

    public static BigInteger Number(Digest digest) => Number(digest.ToBytes());

    public static BigInteger Number(DateTimeOffset time) => time == DateTimeOffset.MaxValue ? (BigInteger.One << 40) - 1 : time == default ? 0 : time.ToUnixTimeSeconds();

    /// <summary>The low 160 bits of a hash, as facts are stored.</summary>
    public static BigInteger Tag(ReadOnlySpan<byte> hash) => Number(hash[12..]);

    /// <summary>keccak256 of words as abi.encode writes them.</summary>
    public static byte[] HashOf(params ReadOnlySpan<BigInteger> words)
    {
        byte[] bytes = new byte[32 * words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            Word(words[i]).CopyTo(bytes, 32 * i);
        }

        return Keccak256.HashData(bytes);
    }

    private static byte[] Word(BigInteger value)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }
}
