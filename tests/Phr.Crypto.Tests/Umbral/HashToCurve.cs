using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Phr.Crypto.Tests.Reencryption;

/// <summary>
/// The RFC 9380 suite <c>secp256k1_XMD:SHA-256_SSWU_RO_</c> in plain integers: slow, variable in time, and sharing nothing with the library.
/// It derives the constant u again.
/// </summary>
internal static class HashToCurve
{
    private static readonly BigInteger P = (BigInteger.One << 256) - (BigInteger.One << 32) - 977;

    // The curve y² = x³ + A'x + B' that has a 3-isogeny to secp256k1, and Z of the simplified SWU map (RFC 9380 §8.7).
    private static readonly BigInteger A = Hex("3f8731abdd661adca08a5558f0f5d272e953d363cb6f0e5d405447c01a444533");
    private static readonly BigInteger B = 1771;
    private static readonly BigInteger Z = P - 11;

    // The isogeny's four polynomials, lowest power first (RFC 9380, appendix E.1); both denominators are monic.
    private static readonly BigInteger[] XNumerator =
    [
        Hex("8e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38daaaaa8c7"), Hex("07d3d4c80bc321d5b9f315cea7fd44c5d595d2fc0bf63b92dfff1044f17c6581"),
        Hex("534c328d23f234e6e2a413deca25caece4506144037c40314ecbd0b53d9dd262"), Hex("8e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38daaaaa88c"),
    ];

    private static readonly BigInteger[] XDenominator =
    [
        Hex("d35771193d94918a9ca34ccbb7b640dd86cd409542f8487d9fe6b745781eb49b"), Hex("edadc6f64383dc1df7c4b2d51b54225406d36b641f5e41bbc52a56612a8c6d14"), 1,
    ];

    private static readonly BigInteger[] YNumerator =
    [
        Hex("4bda12f684bda12f684bda12f684bda12f684bda12f684bda12f684b8e38e23c"), Hex("c75e0c32d5cb7c0fa9d0a54b12a0a6d5647ab046d686da6fdffc90fc201d71a3"),
        Hex("29a6194691f91a73715209ef6512e576722830a201be2018a765e85a9ecee931"), Hex("2f684bda12f684bda12f684bda12f684bda12f684bda12f684bda12f38e38d84"),
    ];

    private static readonly BigInteger[] YDenominator =
    [
        Hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffff93b"), Hex("7a06534bb8bdb49fd5e9e6632722c2989467c1bfc8e8d978dfb425d2685c2573"),
        Hex("6484aa716545ca2cf3a70c3fa8fe337e0a3d21162f0d6299a7bf8192bfd2a76f"), 1,
    ];

    /// <summary>expand_message_xmd of RFC 9380 §5.3.1 with SHA-256, for 96 bytes.</summary>
    public static byte[] Expand(byte[] message, byte[] tag)
    {
        byte[] suffix = [.. tag, (byte)tag.Length];
        byte[] first = SHA256.HashData([.. new byte[64], .. message, 0, 96, 0, .. suffix]);
        byte[] block = SHA256.HashData([.. first, 1, .. suffix]);
        var output = new List<byte>(block);
        for (byte i = 2; i <= 3; i++)
        {
            block = SHA256.HashData([.. first.Zip(block, (x, y) => (byte)(x ^ y)), i, .. suffix]);
            output.AddRange(block);
        }

        return [.. output];
    }

    public static BigInteger FieldElement(byte[] uniform, int index) =>
        new BigInteger(uniform.AsSpan(index * 48, 48), isUnsigned: true, isBigEndian: true) % P;

    /// <summary>The point that one field element maps to.</summary>
    public static (BigInteger X, BigInteger Y) Map(BigInteger u)
    {
        BigInteger t = Mod(Z * u * u);
        BigInteger denominator = Mod((t * t) + t);
        BigInteger x = denominator.IsZero ? Mod(B * Invert(Z * A)) : Mod(-B * Invert(A) * (1 + Invert(denominator)));
        if (Root(Curve(x)) is not { } y)
        {
            x = Mod(t * x);
            y = Root(Curve(x))!.Value;
        }

        if (y.IsEven != u.IsEven)
        {
            y = P - y;
        }

        return (Mod(Evaluate(XNumerator, x) * Invert(Evaluate(XDenominator, x))), Mod(y * Evaluate(YNumerator, x) * Invert(Evaluate(YDenominator, x))));
    }

    /// <summary>The sum of two points with different x.</summary>
    public static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q)
    {
        BigInteger slope = Mod((q.Y - p.Y) * Invert(q.X - p.X));
        BigInteger x = Mod((slope * slope) - p.X - q.X);
        return (x, Mod((slope * (p.X - x)) - p.Y));
    }

    public static byte[] Compress((BigInteger X, BigInteger Y) point) => [(byte)(point.Y.IsEven ? 2 : 3), .. Encode(point.X)];

    public static byte[] Encode(BigInteger value)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    private static BigInteger Curve(BigInteger x) => Mod((x * x * x) + (A * x) + B);

    private static BigInteger Evaluate(BigInteger[] polynomial, BigInteger x) => polynomial.Reverse().Aggregate(BigInteger.Zero, (sum, c) => Mod((sum * x) + c));

    private static BigInteger Invert(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private static BigInteger? Root(BigInteger value)
    {
        BigInteger root = BigInteger.ModPow(value, (P + 1) / 4, P);
        return Mod(root * root) == value ? root : null;
    }

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;

    private static BigInteger Hex(string text) => BigInteger.Parse("0" + text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
