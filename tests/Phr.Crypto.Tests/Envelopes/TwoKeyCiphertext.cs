using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Phr.Crypto.Tests.Envelopes;

/// <summary>
/// Makes one AES-GCM ciphertext that is valid under two keys with the same nonce and associated data ("invisible salamanders": Dodis et al.,
/// CRYPTO 2018). The tag is linear in the ciphertext blocks over GF(2^128), so one free block is enough to make the two tags equal.
/// </summary>
internal static class TwoKeyCiphertext
{
    private static readonly byte[] Nonce = new byte[12];

    /// <summary>Two blocks (one free) and the common tag: 48 bytes.</summary>
    public static byte[] Forge(ReadOnlySpan<byte> firstKey, ReadOnlySpan<byte> secondKey, ReadOnlySpan<byte> context)
    {
        (UInt128 h1, UInt128 mask1) = Secrets(firstKey);
        (UInt128 h2, UInt128 mask2) = Secrets(secondKey);
        UInt128[] aad = Blocks(context);
        UInt128 fixedBlock = (UInt128)0x5A5A5A5A5A5A5A5A;
        UInt128 lengths = ((UInt128)(ulong)(context.Length * 8) << 64) | (32 * 8);

        // tag = mask ^ GHASH(aad, x, fixed, lengths), where x counts times h^3.
        UInt128 rest1 = mask1 ^ Ghash(h1, [.. aad, 0, fixedBlock, lengths]);
        UInt128 rest2 = mask2 ^ Ghash(h2, [.. aad, 0, fixedBlock, lengths]);
        UInt128 factor = Multiply(h1, Multiply(h1, h1)) ^ Multiply(h2, Multiply(h2, h2));
        UInt128 x = Multiply(rest1 ^ rest2, Invert(factor));
        UInt128 tag = mask1 ^ Ghash(h1, [.. aad, x, fixedBlock, lengths]);
        var result = new byte[48];
        BinaryPrimitives.WriteUInt128BigEndian(result, x);
        BinaryPrimitives.WriteUInt128BigEndian(result.AsSpan(16), fixedBlock);
        BinaryPrimitives.WriteUInt128BigEndian(result.AsSpan(32), tag);
        return result;
    }

    public static bool Opens(ReadOnlySpan<byte> key, byte[] body, ReadOnlySpan<byte> context)
    {
        using var aes = new AesGcm(key, 16);
        try
        {
            aes.Decrypt(Nonce, body.AsSpan(0, 32), body.AsSpan(32), new byte[32], context);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static (UInt128 HashKey, UInt128 TagMask) Secrets(ReadOnlySpan<byte> key)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        Span<byte> counter = stackalloc byte[16];
        UInt128 hashKey = BinaryPrimitives.ReadUInt128BigEndian(aes.EncryptEcb(counter, PaddingMode.None));
        counter[15] = 1;
        return (hashKey, BinaryPrimitives.ReadUInt128BigEndian(aes.EncryptEcb(counter, PaddingMode.None)));
    }

    private static UInt128[] Blocks(ReadOnlySpan<byte> data)
    {
        var padded = new byte[(data.Length + 15) / 16 * 16];
        data.CopyTo(padded);
        return [.. padded.Chunk(16).Select(b => BinaryPrimitives.ReadUInt128BigEndian(b))];
    }

    private static UInt128 Ghash(UInt128 h, UInt128[] blocks) => blocks.Aggregate((UInt128)0, (sum, block) => Multiply(sum ^ block, h));

    // GF(2^128) with GCM's reflected bit order (NIST SP 800-38D §6.3).
    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        UInt128 z = 0;
        for (int i = 127; i >= 0; i--)
        {
            if (((x >> i) & 1) != 0)
            {
                z ^= y;
            }

            bool carry = (y & 1) != 0;
            y >>= 1;
            if (carry)
            {
                y ^= (UInt128)0xE1 << 120;
            }
        }

        return z;
    }

    // x^(2^128 - 2): the product of the squares x^(2^i), i = 1..127.
    private static UInt128 Invert(UInt128 x)
    {
        UInt128 result = (UInt128)1 << 127;
        for (int i = 1; i < 128; i++)
        {
            x = Multiply(x, x);
            result = Multiply(result, x);
        }

        return result;
    }
}
