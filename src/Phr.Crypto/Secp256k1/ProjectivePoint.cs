using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// A point as (X : Y : Z) with x = X/Z and y = Y/Z; the identity is (0 : 1 : 0). The formulas are complete: one sequence of
/// field operations for all pairs of points of odd order, equal, opposite or identity, so nothing depends on the values.
/// </summary>
/// <remarks>
/// Source: Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves" (2016), algorithms 7, 8 and 9
/// (a = 0). Magnitudes: what these methods return has X at most 3, Y and Z at most 2, and they take that.
/// </remarks>
[DebuggerDisplay("ProjectivePoint")]
internal struct ProjectivePoint<TCurve>
    where TCurve : struct, ICurve
{
    public FieldElement X;
    public FieldElement Y;
    public FieldElement Z;

    public static ProjectivePoint<TCurve> Identity => new() { X = FieldElement.Zero, Y = FieldElement.One, Z = FieldElement.Zero };

    public static void FromAffine(in AffinePoint p, out ProjectivePoint<TCurve> result)
    {
        ulong identity = p.IdentityMask;
        result.X = p.X;
        FieldElement.Select(identity, FieldElement.One, p.Y, out result.Y);
        FieldElement.Select(identity, FieldElement.Zero, FieldElement.One, out result.Z);
    }

    /// <summary>Divides by Z. An identity becomes (0, 0), by the same operations: the inverse of zero is zero.</summary>
    public static void ToAffine(in ProjectivePoint<TCurve> p, out AffinePoint result)
    {
        FieldElement.Invert(p.Z, out FieldElement inverse);
        FieldElement.Multiply(p.X, inverse, out result.X);
        FieldElement.Normalize(result.X, out result.X);
        FieldElement.Multiply(p.Y, inverse, out result.Y);
        FieldElement.Normalize(result.Y, out result.Y);
    }

    /// <summary>The same point as (XZ, YZ², Z).</summary>
    public static void ToJacobianVarTime(in ProjectivePoint<TCurve> p, out JacobianPoint result)
    {
        result.IsIdentity = FieldElement.IsZeroVarTime(p.Z);
        FieldElement.Multiply(p.X, p.Z, out result.X);
        FieldElement.Square(p.Z, out FieldElement zz);
        FieldElement.Multiply(p.Y, zz, out result.Y);
        FieldElement.Multiply(p.Z, FieldElement.One, out result.Z);
    }

    /// <summary>p + q: 12 multiplications, 2 by 3b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(in ProjectivePoint<TCurve> p, in ProjectivePoint<TCurve> q, out ProjectivePoint<TCurve> sum)
    {
        FieldElement.Multiply(p.X, q.X, out FieldElement xx);
        FieldElement.Multiply(p.Y, q.Y, out FieldElement yy);
        FieldElement.Multiply(p.Z, q.Z, out FieldElement zz);

        // x1y2 + x2y1, y1z2 + y2z1 and x1z2 + x2z1, each by one product less: magnitude 4.
        FieldElement.Add(p.X, p.Y, out FieldElement s);
        FieldElement.Add(q.X, q.Y, out FieldElement t);
        FieldElement.Multiply(s, t, out FieldElement xy);
        FieldElement.Add(xx, yy, out t);
        FieldElement.Subtract(xy, t, 2, out xy);
        FieldElement.Add(p.Y, p.Z, out s);
        FieldElement.Add(q.Y, q.Z, out t);
        FieldElement.Multiply(s, t, out FieldElement yz);
        FieldElement.Add(yy, zz, out t);
        FieldElement.Subtract(yz, t, 2, out yz);
        FieldElement.Add(p.X, p.Z, out s);
        FieldElement.Add(q.X, q.Z, out t);
        FieldElement.Multiply(s, t, out FieldElement xz);
        FieldElement.Add(xx, zz, out t);
        FieldElement.Subtract(xz, t, 2, out xz);
        FieldElement.ScaleReduced(zz, TCurve.ThreeB, out zz);
        Finish(xx, yy, zz, xy, yz, xz, out sum);
    }

    /// <summary>p + q for an affine q that is not the identity: 11 multiplications, 2 by 3b. For the identity the result is meaningless.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddAffine(in ProjectivePoint<TCurve> p, in AffinePoint q, out ProjectivePoint<TCurve> sum)
    {
        FieldElement.Multiply(p.X, q.X, out FieldElement xx);
        FieldElement.Multiply(p.Y, q.Y, out FieldElement yy);
        FieldElement.Add(p.X, p.Y, out FieldElement s);
        FieldElement.Add(q.X, q.Y, out FieldElement t);
        FieldElement.Multiply(s, t, out FieldElement xy);
        FieldElement.Add(xx, yy, out t);
        FieldElement.Subtract(xy, t, 2, out xy);
        FieldElement.Multiply(q.Y, p.Z, out FieldElement yz);
        FieldElement.Add(yz, p.Y, out yz);
        FieldElement.Multiply(q.X, p.Z, out FieldElement xz);
        FieldElement.Add(xz, p.X, out xz);
        FieldElement.ScaleReduced(p.Z, TCurve.ThreeB, out FieldElement zz);
        Finish(xx, yy, zz, xy, yz, xz, out sum);
    }

    /// <summary>2p: 6 multiplications, 2 squarings, 1 multiplication by 3b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(in ProjectivePoint<TCurve> p, out ProjectivePoint<TCurve> twice)
    {
        FieldElement.Square(p.Y, out FieldElement yy);
        FieldElement.Multiply(p.Y, p.Z, out FieldElement yz);
        FieldElement.Square(p.Z, out FieldElement zz);
        FieldElement.Multiply(p.X, p.Y, out FieldElement xy);
        FieldElement.ScaleReduced(zz, TCurve.ThreeB, out zz);
        FieldElement.Scale(yy, 8, out FieldElement yy8);
        FieldElement.Multiply(zz, yy8, out FieldElement u);
        FieldElement.Add(yy, zz, out FieldElement v);
        FieldElement.Multiply(yz, yy8, out twice.Z);
        FieldElement.Scale(zz, 3, out zz);
        FieldElement.Subtract(yy, zz, 3, out yy);
        FieldElement.Multiply(yy, v, out v);
        FieldElement.Add(u, v, out twice.Y);
        FieldElement.Multiply(yy, xy, out u);
        FieldElement.Add(u, u, out twice.X);
    }

    /// <summary><paramref name="p"/> where the mask has ones, <paramref name="q"/> where it has zeros.</summary>
    public static void Select(ulong mask, in ProjectivePoint<TCurve> p, in ProjectivePoint<TCurve> q, out ProjectivePoint<TCurve> selected)
    {
        FieldElement.Select(mask, p.X, q.X, out selected.X);
        FieldElement.Select(mask, p.Y, q.Y, out selected.Y);
        FieldElement.Select(mask, p.Z, q.Z, out selected.Z);
    }

    public override readonly string ToString() => nameof(ProjectivePoint<TCurve>);

    // The common second half, with bz = 3b·z1z2. Every parameter is a local copy of the caller's; none is part of the result.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        in FieldElement xx, in FieldElement yy, in FieldElement bz, in FieldElement xy, in FieldElement yz, in FieldElement xz, out ProjectivePoint<TCurve> sum)
    {
        FieldElement.ScaleReduced(xz, TCurve.ThreeB, out FieldElement bxz);
        FieldElement.Scale(xx, 3, out FieldElement xx3);
        FieldElement.Add(yy, bz, out FieldElement plus);
        FieldElement.Subtract(yy, bz, 1, out FieldElement minus);
        FieldElement.Multiply(yz, bxz, out FieldElement s);
        FieldElement.Multiply(xy, minus, out FieldElement t);
        FieldElement.Subtract(t, s, 1, out sum.X);
        FieldElement.Multiply(bxz, xx3, out s);
        FieldElement.Multiply(minus, plus, out t);
        FieldElement.Add(s, t, out sum.Y);
        FieldElement.Multiply(xx3, xy, out s);
        FieldElement.Multiply(plus, yz, out t);
        FieldElement.Add(s, t, out sum.Z);
    }
}
