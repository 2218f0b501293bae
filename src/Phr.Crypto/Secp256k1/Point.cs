using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using BcInteger = Org.BouncyCastle.Math.BigInteger;

namespace Phr.Crypto.Secp256k1;

/// <summary>A point of secp256k1, possibly the identity. Immutable and thread safe.</summary>
/// <remarks>Multiplication is BouncyCastle's and therefore not constant in time; SECURITY.md says so.</remarks>
[DebuggerDisplay("Point")]
internal sealed class Point : IEquatable<Point>
{
    public const int Length = 33;

    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    private static readonly FixedPointCombMultiplier BaseMultiplier = new();

    private readonly ECPoint _point;

    private Point(ECPoint point) => _point = point;

    public static Point Identity { get; } = new(Curve.Curve.Infinity);

    public static Point Generator { get; } = new(Curve.G);

    /// <summary>Umbral's second base, of unknown discrete logarithm: hash-to-curve of <c>POINT_U</c> under <c>PARAMETERS</c>.</summary>
    public static Point U { get; } = FromBytes(Convert.FromHexString("03079390d0fbe220fc34aab8ecbf49098098036820fadb98c03143e55db8ec73cd"));

    public bool IsIdentity => _point.IsInfinity;

    /// <summary>Reads the 33-byte SEC1 compressed form and nothing else; the identity has no such form.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Point? point)
    {
        point = null;
        if (bytes.Length != Length || bytes[0] is not (2 or 3) || !FieldElementInRange(bytes[1..]))
        {
            return false;
        }

        try
        {
            point = new Point(Curve.Curve.DecodePoint(bytes.ToArray()));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Reads the 65-byte uncompressed form (accepted for public keys that a user supplies).</summary>
    public static bool TryFromUncompressedBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Point? point)
    {
        point = null;
        if (bytes.Length != 65 || bytes[0] != 4 || !FieldElementInRange(bytes.Slice(1, 32)) || !FieldElementInRange(bytes[33..]))
        {
            return false;
        }

        try
        {
            point = new Point(Curve.Curve.DecodePoint(bytes.ToArray()));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Reads a constant of this program.</summary>
    public static Point FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out Point? point) ? point : throw new ArgumentException("Not a compressed point.", nameof(bytes));

    public static Point MultiplyBase(Scalar scalar) => new(BaseMultiplier.Multiply(Curve.G, ToInteger(scalar)).Normalize());

    public static Point operator *(Point point, Scalar scalar) => new(point._point.Multiply(ToInteger(scalar)).Normalize());

    public static Point operator +(Point left, Point right) => new(left._point.Add(right._point).Normalize());

    public static Point operator -(Point left, Point right) => new(left._point.Subtract(right._point).Normalize());

    public static Point operator -(Point value) => new(value._point.Negate());

    /// <summary>a·P + b·Q for public values.</summary>
    public static Point LinearCombinationVarTime(Scalar a, Point p, Scalar b, Point q) =>
        new(ECAlgorithms.SumOfTwoMultiplies(p._point, ToInteger(a), q._point, ToInteger(b)).Normalize());

    /// <summary>Σ x^k · coefficients[k] for public values: a committed polynomial at a small index, by Horner's rule.</summary>
    public static Point EvaluateVarTime(ReadOnlySpan<Point> coefficients, byte x)
    {
        ECPoint value = coefficients[^1]._point;
        for (int k = coefficients.Length - 2; k >= 0; k--)
        {
            // value * x by doubling and adding, in projective coordinates: no inversion before the end.
            ECPoint multiple = Curve.Curve.Infinity;
            for (int bit = 7; bit >= 0; bit--)
            {
                multiple = (x >> bit & 1) != 0 ? multiple.TwicePlus(value) : multiple.Twice();
            }

            value = multiple.Add(coefficients[k]._point);
        }

        return new Point(value.Normalize());
    }

    /// <summary>Writes the 33-byte compressed form. The identity has none.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        if (_point.IsInfinity)
        {
            throw new InvalidOperationException("The identity point has no encoding.");
        }

        _point.EncodeTo(true, destination[..Length]);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        WriteBytes(bytes);
        return bytes;
    }

    /// <summary>Writes x || y, 64 bytes: what Ethereum hashes into an address.</summary>
    public void WriteCoordinates(Span<byte> destination)
    {
        Span<byte> encoded = stackalloc byte[65];
        _point.EncodeTo(false, encoded);
        encoded[1..].CopyTo(destination);
    }

    public bool Equals(Point? other) => other is not null && _point.Equals(other._point);

    public override bool Equals(object? obj) => Equals(obj as Point);

    public override int GetHashCode() => _point.GetHashCode();

    public override string ToString() => nameof(Point);

    public static bool operator ==(Point? left, Point? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Point? left, Point? right) => !(left == right);

    private static BcInteger ToInteger(Scalar scalar)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Length];
        scalar.WriteBytes(bytes);
        var integer = new BcInteger(1, bytes);
        bytes.Clear();
        return integer;
    }

    // p = 2^256 - 2^32 - 977, big endian.
    private static bool FieldElementInRange(ReadOnlySpan<byte> x)
    {
        ReadOnlySpan<byte> p =
        [
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFC, 0x2F,
        ];
        return x.SequenceCompareTo(p) < 0;
    }
}
