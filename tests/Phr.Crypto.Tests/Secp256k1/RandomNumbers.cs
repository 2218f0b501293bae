using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Phr.Crypto.Tests.Secp256k1;

/// <summary>Numbers for differential tests: half of them uniform, half made of long runs of equal bits, on which carries travel far.</summary>
internal static class RandomNumbers
{
    /// <summary>20,000, or 1,000,000 with <c>PHR_TEST_LONG=1</c>.</summary>
    public static int Cases { get; } = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 1_000_000 : 20_000;

    public static BigInteger Below(BigInteger modulus)
    {
        Span<byte> bytes = stackalloc byte[32];
        RandomNumberGenerator.Fill(bytes);
        if ((bytes[0] & 1) == 0)
        {
            return new BigInteger(bytes, isUnsigned: true) % modulus;
        }

        BigInteger value = BigInteger.Zero;
        int at = 0, next = 1;
        while (at < 256)
        {
            int run = 1 + (bytes[next] % (next % 3 == 0 ? 7 : 100));
            if ((bytes[next] & 0x80) != 0)
            {
                value |= ((BigInteger.One << run) - 1) << at;
            }

            at += run;
            next = next == 31 ? 1 : next + 1;
        }

        return (value & ((BigInteger.One << 256) - 1)) % modulus;
    }

    public static BigInteger Hex(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static BigInteger Read(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);

    public static byte[] ToBytes(BigInteger value)
    {
        byte[] bytes = new byte[32];
        byte[] minimal = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        minimal.CopyTo(bytes, 32 - minimal.Length);
        return bytes;
    }

    public static ulong[] Limbs(BigInteger value)
    {
        byte[] bytes = ToBytes(value);
        return [.. Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(24 - (8 * i))))];
    }

    public static BigInteger FromLimbs(params ReadOnlySpan<ulong> limbs)
    {
        BigInteger value = BigInteger.Zero;
        for (int i = limbs.Length - 1; i >= 0; i--)
        {
            value = (value << 64) + limbs[i];
        }

        return value;
    }
}
