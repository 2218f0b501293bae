using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Phr.Crypto.Secp256k1;

/// <summary>A point of secp256k1, possibly the identity. Immutable and thread safe.</summary>
/// <remarks>
/// Operations take a time that depends on neither points nor scalars, except those that end in <c>VarTime</c>, reading, and
/// comparing. <c>docs/algorithms/secp256k1.md</c> says what they cost and where the promise ends.
/// </remarks>
[DebuggerDisplay("Point")]
internal sealed class Point : IEquatable<Point>
{
    public const int Length = 33;

    private readonly AffinePoint _point;

    // For a public point that many sums contain; see WithTableVarTime.
    private readonly VarTimeTable<Secp256k1Curve>? _table;

    private Point(in AffinePoint point, VarTimeTable<Secp256k1Curve>? table = null) => (_point, _table) = (point, table);

    public static Point Identity { get; } = new(default(AffinePoint));

    public static Point Generator { get; } = FromBytes(Convert.FromHexString("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"));

    /// <summary>Umbral's second base, of unknown discrete logarithm: hash-to-curve of <c>POINT_U</c> under <c>PARAMETERS</c>.</summary>
    public static Point U { get; } = FromBytes(Convert.FromHexString("03079390d0fbe220fc34aab8ecbf49098098036820fadb98c03143e55db8ec73cd"));

    public bool IsIdentity => _point.IsIdentity;

    /// <summary>Reads the 33-byte SEC1 compressed form and nothing else; the identity has no such form.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Point? point)
    {
        point = null;
        if (bytes.Length != Length || bytes[0] is not (2 or 3) || !FieldElement.TryFromBytes(bytes[1..], out FieldElement x))
        {
            return false;
        }

        RightSide(x, out FieldElement square);
        if (!FieldElement.TrySquareRoot(square, out FieldElement y))
        {
            return false;
        }

        point = FromRoot(x, y, bytes[0] & 1u);
        return true;
    }

    /// <summary>Reads many points in the form of <see cref="TryFromBytes"/>: where the processor can, four of them at a time.</summary>
    /// <param name="encoded">The points, each as bytes.</param>
    /// <param name="lanes">Whether four at a time. A test chooses.</param>
    /// <returns>The points, or null when one of them is none.</returns>
    public static Point[]? TryFromBytesMany(IReadOnlyList<byte[]> encoded, bool lanes)
    {
        const int Lanes = 4;
        var points = new Point[encoded.Count];
        Span<FieldElement> x = stackalloc FieldElement[Lanes], square = stackalloc FieldElement[Lanes];
        for (int first = 0; first < points.Length; first += Lanes)
        {
            int count = Math.Min(Lanes, points.Length - first);
            if (!lanes || count == 1)
            {
                for (int i = first; i < first + count; i++)
                {
                    if (!TryFromBytes(encoded[i], out Point? point))
                    {
                        return null;
                    }

                    points[i] = point;
                }

                continue;
            }

            for (int i = 0; i < Lanes; i++)
            {
                byte[] bytes = encoded[first + Math.Min(i, count - 1)];
                if (bytes.Length != Length || bytes[0] is not (2 or 3) || !FieldElement.TryFromBytes(bytes.AsSpan(1), out x[i]))
                {
                    return null;
                }

                RightSide(x[i], out square[i]);
            }

            FieldLanes.SquareRoot(FieldLanes.FromElements(square[0], square[1], square[2], square[3]), out FieldLanes roots);
            for (int i = 0; i < count; i++)
            {
                FieldElement y = FieldLanes.GetElement(roots, i);
                FieldElement.Square(y, out FieldElement check);
                if (!FieldElement.EqualsNormalizing(check, square[i]))
                {
                    return null;
                }

                points[first + i] = FromRoot(x[i], y, encoded[first + i][0] & 1u);
            }
        }

        return points;
    }

    /// <summary>Reads the 65-byte uncompressed form (accepted for public keys that a user supplies).</summary>
    public static bool TryFromUncompressedBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Point? point)
    {
        point = null;
        if (bytes.Length != 65 || bytes[0] != 4
            || !FieldElement.TryFromBytes(bytes.Slice(1, 32), out FieldElement x) || !FieldElement.TryFromBytes(bytes[33..], out FieldElement y))
        {
            return false;
        }

        RightSide(x, out FieldElement right);
        FieldElement.Square(y, out FieldElement left);
        if (!FieldElement.EqualsNormalizing(left, right))
        {
            return false;
        }

        point = new Point(new AffinePoint(x, y));
        return true;
    }

    /// <summary>Reads a constant of this program.</summary>
    public static Point FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out Point? point) ? point : throw new ArgumentException("Not a compressed point.", nameof(bytes));

    public static Point MultiplyBase(Scalar scalar) => MultiplyFixed(BaseTables.Generator, scalar);

    public static Point operator *(Point point, Scalar scalar)
    {
        if (ReferenceEquals(point, Generator))
        {
            return MultiplyFixed(BaseTables.Generator, scalar);
        }

        if (ReferenceEquals(point, U))
        {
            return MultiplyFixed(BaseTables.U, scalar);
        }

        ProjectivePoint<Secp256k1Curve>.FromAffine(point._point, out ProjectivePoint<Secp256k1Curve> p);
        Multiplier<Secp256k1Curve>.Multiply(p, GlvScalar.Split(scalar), out p);
        return Normalized(p);
    }

    /// <summary>Σ scalars[i]·points[i] for secret values; their number is public. The doublings are shared, and there is one inversion.</summary>
    public static Point MultiScalar(ReadOnlySpan<Scalar> scalars, ReadOnlySpan<Point> points)
    {
        if (scalars.Length != points.Length)
        {
            throw new ArgumentException("There must be one scalar for each point.", nameof(scalars));
        }

        var split = new GlvScalar[scalars.Length];
        var projective = new ProjectivePoint<Secp256k1Curve>[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            split[i] = GlvScalar.Split(scalars[i]);
            ProjectivePoint<Secp256k1Curve>.FromAffine(points[i]._point, out projective[i]);
        }

        Multiplier<Secp256k1Curve>.Multiply(projective, split, out ProjectivePoint<Secp256k1Curve> sum);
        split.AsSpan().Clear();
        return Normalized(sum);
    }

    public static Point operator +(Point left, Point right)
    {
        ProjectivePoint<Secp256k1Curve>.FromAffine(left._point, out ProjectivePoint<Secp256k1Curve> p);
        ProjectivePoint<Secp256k1Curve>.FromAffine(right._point, out ProjectivePoint<Secp256k1Curve> q);
        ProjectivePoint<Secp256k1Curve>.Add(p, q, out p);
        return Normalized(p);
    }

    public static Point operator -(Point left, Point right) => left + -right;

    public static Point operator -(Point value)
    {
        AffinePoint.Negate(value._point, out AffinePoint negative);
        return new Point(negative);
    }

    /// <summary>a·P + b·Q for public values.</summary>
    public static Point LinearCombinationVarTime(Scalar a, Point p, Scalar b, Point q)
    {
        SumVarTime([a, b], [p, q], out JacobianPoint sum);
        return Normalized(sum);
    }

    /// <summary>Whether a·P + b·Q is the expected point, for public values: the sum without its normalisation.</summary>
    public static bool LinearCombinationEqualsVarTime(Scalar a, Point p, Scalar b, Point q, Point expected)
    {
        SumVarTime([a, b], [p, q], out JacobianPoint sum);
        return JacobianPoint.EqualVarTime(sum, expected._point);
    }

    /// <summary>Whether Σ scalars[i]·points[i] is the expected point, for public values: the sum without its normalisation.</summary>
    public static bool MultiScalarEqualsVarTime(ReadOnlySpan<Scalar> scalars, ReadOnlySpan<Point> points, Point expected)
    {
        SumVarTime(scalars, points, out JacobianPoint sum);
        return JacobianPoint.EqualVarTime(sum, expected._point);
    }

    /// <summary>Σ scalars[i]·points[i] for public values.</summary>
    public static Point MultiScalarVarTime(ReadOnlySpan<Scalar> scalars, ReadOnlySpan<Point> points)
    {
        SumVarTime(scalars, points, out JacobianPoint sum);
        return Normalized(sum);
    }

    /// <summary>Σ x^k · coefficients[k] for public values: a committed polynomial at a small index, by Horner's rule.</summary>
    public static Point EvaluateVarTime(ReadOnlySpan<Point> coefficients, byte x)
    {
        JacobianPoint.FromAffineVarTime(coefficients[^1]._point, out JacobianPoint value);
        for (int k = coefficients.Length - 2; k >= 0; k--)
        {
            JacobianPoint multiple = JacobianPoint.Identity;
            for (int bit = 7; bit >= 0; bit--)
            {
                JacobianPoint.DoubleVarTime(multiple, out multiple);
                if ((x >> bit & 1) != 0)
                {
                    JacobianPoint.AddVarTime(multiple, value, out multiple);
                }
            }

            JacobianPoint.AddVarTime(multiple, coefficients[k]._point, subtract: false, out value);
        }

        return Normalized(value);
    }

    /// <summary>The same point with a table of 32 multiples, 10 KiB, that sums of public values use: it pays from three sums on.</summary>
    public Point WithTableVarTime() => new(_point, VarTimeTable<Secp256k1Curve>.ForBase(_point, width: 6, FieldLanes.IsSupported));

    /// <summary>Writes the 33-byte compressed form. The identity has none.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        if (IsIdentity)
        {
            throw new InvalidOperationException("The identity point has no encoding.");
        }

        destination[0] = (byte)(2 + _point.Y.Parity);
        _point.X.WriteBytes(destination[1..Length]);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        WriteBytes(bytes);
        return bytes;
    }

    /// <summary>Writes x || y, 64 bytes: what Ethereum hashes into an address. The identity has none.</summary>
    public void WriteCoordinates(Span<byte> destination)
    {
        if (IsIdentity)
        {
            throw new InvalidOperationException("The identity point has no encoding.");
        }

        _point.X.WriteBytes(destination);
        _point.Y.WriteBytes(destination[32..]);
    }

    public bool Equals(Point? other) => other is not null && AffinePoint.Equal(_point, other._point);

    public override bool Equals(object? obj) => Equals(obj as Point);

    public override int GetHashCode()
    {
        _point.X.ToWords(out ulong low, out _, out _, out _);
        return low.GetHashCode();
    }

    public override string ToString() => nameof(Point);

    public static bool operator ==(Point? left, Point? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Point? left, Point? right) => !(left == right);

    private static Point MultiplyFixed(FixedBaseTable<Secp256k1Curve> table, in Scalar scalar)
    {
        table.Multiply(scalar.GetLimb(0), scalar.GetLimb(1), scalar.GetLimb(2), scalar.GetLimb(3), out ProjectivePoint<Secp256k1Curve> product);
        return Normalized(product);
    }

    private static Point Normalized(in ProjectivePoint<Secp256k1Curve> point)
    {
        ProjectivePoint<Secp256k1Curve>.ToAffine(point, out AffinePoint affine);
        return new Point(affine);
    }

    private static Point Normalized(in JacobianPoint point)
    {
        JacobianPoint.ToAffineVarTime(point, out AffinePoint affine);
        return new Point(affine);
    }

    // Few points go the way that makes use of tables.
    private static void SumVarTime(ReadOnlySpan<Scalar> scalars, ReadOnlySpan<Point> points, out JacobianPoint sum)
    {
        if (scalars.Length != points.Length)
        {
            throw new ArgumentException("There must be one scalar for each point.", nameof(scalars));
        }

        var split = new GlvScalar[points.Length];
        var affine = new AffinePoint[points.Length];
        if (points.Length >= VarTimeMultiplier<Secp256k1Curve>.PippengerThreshold)
        {
            for (int i = 0; i < points.Length; i++)
            {
                split[i] = GlvScalar.Split(scalars[i]);
                affine[i] = points[i]._point;
            }

            VarTimeMultiplier<Secp256k1Curve>.Sum(affine, split, out sum);
            return;
        }

        int plain = 0, fixedCount = 0;
        var bases = new VarTimeTable<Secp256k1Curve>[points.Length];
        var baseScalars = new GlvScalar[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            GlvScalar scalar = GlvScalar.Split(scalars[i]);
            if (TableOf(points[i]) is { } table)
            {
                bases[fixedCount] = table;
                baseScalars[fixedCount++] = scalar;
            }
            else
            {
                affine[plain] = points[i]._point;
                split[plain++] = scalar;
            }
        }

        VarTimeMultiplier<Secp256k1Curve>.Strauss(affine.AsSpan(0, plain), split.AsSpan(0, plain), bases.AsSpan(0, fixedCount), baseScalars.AsSpan(0, fixedCount), FieldLanes.IsSupported, out sum);
    }

    private static VarTimeTable<Secp256k1Curve>? TableOf(Point point) =>
        ReferenceEquals(point, Generator) ? BaseTables.GeneratorVarTime : ReferenceEquals(point, U) ? BaseTables.UVarTime : point._table;

    // A point that oracles gave shares of is a secret as well: the root is chosen by a mask.
    private static Point FromRoot(in FieldElement x, FieldElement y, uint parity)
    {
        FieldElement.Normalize(y, out y);
        FieldElement.Negate(y, 1, out FieldElement negative);
        FieldElement.Normalize(negative, out negative);
        FieldElement.Select(unchecked(0 - (ulong)(y.Parity ^ parity)), negative, y, out y);
        return new Point(new AffinePoint(x, y));
    }

    // x³ + 7.
    private static void RightSide(in FieldElement x, out FieldElement value)
    {
        FieldElement.Square(x, out value);
        FieldElement.Multiply(value, x, out value);
        FieldElement.Add(value, FieldElement.FromUInt32(7), out value);
    }

    // Each table is made when it is first used.
    private static class BaseTables
    {
        public static FixedBaseTable<Secp256k1Curve> Generator => ForGenerator.Table;

        public static FixedBaseTable<Secp256k1Curve> U => ForU.Table;

        public static VarTimeTable<Secp256k1Curve> GeneratorVarTime => ForGeneratorVarTime.Table;

        public static VarTimeTable<Secp256k1Curve> UVarTime => ForUVarTime.Table;

        private static class ForGenerator
        {
            internal static readonly FixedBaseTable<Secp256k1Curve> Table = new(Point.Generator._point);
        }

        private static class ForU
        {
            internal static readonly FixedBaseTable<Secp256k1Curve> Table = new(Point.U._point);
        }

        private static class ForGeneratorVarTime
        {
            internal static readonly VarTimeTable<Secp256k1Curve> Table = VarTimeTable<Secp256k1Curve>.ForBase(Point.Generator._point, width: 8, FieldLanes.IsSupported);
        }

        private static class ForUVarTime
        {
            internal static readonly VarTimeTable<Secp256k1Curve> Table = VarTimeTable<Secp256k1Curve>.ForBase(Point.U._point, width: 8, FieldLanes.IsSupported);
        }
    }
}
