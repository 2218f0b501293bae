using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

/// <summary>The curve once more, slowly and obviously: affine coordinates over BigInteger. The identity is null.</summary>
internal static class Reference
{
    public static readonly BigInteger P = (BigInteger.One << 256) - (BigInteger.One << 32) - 977;
    public static readonly BigInteger N = Hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    public static readonly BigInteger Lambda = Hex("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72");

    /// <summary>Scalars at which windows, halves and reductions change.</summary>
    public static BigInteger[] EdgeScalars { get; } =
    [
        0, 1, 2, 3, 15, 16, 17, 31, 32, 33, N - 1, N - 2, N - 16, N - 17, (N - 1) / 2, (N + 1) / 2,
        Lambda, Lambda - 1, Lambda + 1, N - Lambda, (Lambda * Lambda) % N, (Lambda * 16) % N,
        (BigInteger.One << 128) - 1, BigInteger.One << 128, (BigInteger.One << 128) + 1, (BigInteger.One << 127) - 1, BigInteger.One << 255,
        Hex("0842108421084210842108421084210842108421084210842108421084210842"), Hex("1084210842108421084210842108421084210842108421084210842108421084"),
        Hex("7bdef7bdef7bdef7bdef7bdef7bdef7bdef7bdef7bdef7bdef7bdef7bdef7bde"), Hex("fffffffffffffffffffffffffffffffe00000000000000000000000000000000"),
    ];

    public static BigInteger Hex(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static BigInteger Mod(BigInteger x, BigInteger modulus) => ((x % modulus) + modulus) % modulus;

    public static BigInteger Inverse(BigInteger x) => BigInteger.ModPow(Mod(x, P), P - 2, P);

    public static (BigInteger X, BigInteger Y)? Add((BigInteger X, BigInteger Y)? a, (BigInteger X, BigInteger Y)? b)
    {
        if (a is not var (x1, y1))
        {
            return b;
        }

        if (b is not var (x2, y2))
        {
            return a;
        }

        if (x1 == x2 && (y1 + y2) % P == 0)
        {
            return null;
        }

        BigInteger slope = x1 == x2 ? 3 * x1 * x1 * Inverse(2 * y1) : (y2 - y1) * Inverse(x2 - x1);
        BigInteger x = Mod((slope * slope) - x1 - x2, P);
        return (x, Mod((slope * (x1 - x)) - y1, P));
    }

    public static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[32];
        byte[] minimal = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        minimal.CopyTo(bytes, 32 - minimal.Length);
        return bytes;
    }

    public static BigInteger FromBytes(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    public static FieldElement Field(BigInteger value) =>
        FieldElement.TryFromBytes(Bytes(value), out FieldElement element) ? element : throw new ArgumentOutOfRangeException(nameof(value));

    public static BigInteger Value(in FieldElement element)
    {
        FieldElement.Normalize(element, out FieldElement normalized);
        var bytes = new byte[32];
        normalized.WriteBytes(bytes);
        return FromBytes(bytes);
    }

    public static Scalar Scalar(BigInteger value) =>
        Crypto.Secp256k1.Scalar.TryFromBytes(Bytes(value), out Scalar scalar) ? scalar : throw new ArgumentOutOfRangeException(nameof(value));

    public static BigInteger Value(Scalar scalar) => FromBytes(scalar.ToBytes());

    /// <summary>A random number with long runs of zeros and ones half of the time, as carries need them.</summary>
    public static BigInteger RandomBelow(BigInteger bound)
    {
        while (true)
        {
            byte[] bytes = RandomNumberGenerator.GetBytes(32);
            if ((bytes[0] & 1) != 0)
            {
                for (int run = 0; run < 4; run++)
                {
                    int start = RandomNumberGenerator.GetInt32(32), length = RandomNumberGenerator.GetInt32(33 - start);
                    bytes.AsSpan(start, length).Fill((run & 1) != 0 ? (byte)0 : (byte)0xFF);
                }
            }

            if (FromBytes(bytes) is var value && value < bound)
            {
                return value;
            }
        }
    }
}
