using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// A public point as (X, Y, Z) with x = X/Z² and y = Y/Z³; the identity has Z = 0. Additions look at what they add and take the
/// shortest way: for public values only.
/// </summary>
/// <remarks>
/// The formulas hold on every curve with a = 0. Sources: Cohen, Miyaji, Ono, "Efficient elliptic curve exponentiation using mixed
/// coordinates" (1998); the doubling with 3 multiplications and 4 squarings by halving 3x². Magnitudes: X and Y at most 4, Z 1.
/// </remarks>
[DebuggerDisplay("JacobianPoint")]
internal struct JacobianPoint
{
    public FieldElement X;
    public FieldElement Y;
    public FieldElement Z;
    public bool IsIdentity;

    public static JacobianPoint Identity => new() { IsIdentity = true };

    public static void FromAffineVarTime(in AffinePoint p, out JacobianPoint result)
    {
        result.X = p.X;
        result.Y = p.Y;
        result.IsIdentity = p.IsIdentity;
        result.Z = result.IsIdentity ? FieldElement.Zero : FieldElement.One;
    }

    public static void ToAffineVarTime(in JacobianPoint p, out AffinePoint result)
    {
        if (p.IsIdentity)
        {
            result = default;
            return;
        }

        FieldElement.InvertVarTime(p.Z, out FieldElement inverse);
        ToAffine(p, inverse, out result);
    }

    /// <summary>Normalises many points with one inversion.</summary>
    public static void ToAffineVarTime(ReadOnlySpan<JacobianPoint> points, Span<AffinePoint> results)
    {
        var inverses = new FieldElement[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            inverses[i] = points[i].IsIdentity ? FieldElement.One : points[i].Z;
        }

        FieldElement.InvertAllVarTime(inverses, new FieldElement[points.Length]);
        for (int i = 0; i < points.Length; i++)
        {
            if (points[i].IsIdentity)
            {
                results[i] = default;
            }
            else
            {
                ToAffine(points[i], inverses[i], out results[i]);
            }
        }
    }

    /// <summary>2p: 3 multiplications, 4 squarings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DoubleVarTime(in JacobianPoint p, out JacobianPoint twice)
    {
        if (p.IsIdentity)
        {
            twice = p;
            return;
        }

        FieldElement.Multiply(p.Y, p.Z, out FieldElement z);
        FieldElement.Square(p.Y, out FieldElement s);
        FieldElement.Square(p.X, out FieldElement l);
        FieldElement.Scale(l, 3, out l);
        FieldElement.Halve(l, out l);
        FieldElement.Negate(s, 1, out FieldElement t);
        FieldElement.Multiply(t, p.X, out t);
        FieldElement.Square(l, out FieldElement x);
        FieldElement.Add(x, t, out x);
        FieldElement.Add(x, t, out twice.X);
        FieldElement.Square(s, out s);
        FieldElement.Add(t, twice.X, out t);
        FieldElement.Multiply(t, l, out t);
        FieldElement.Add(t, s, out t);
        FieldElement.Negate(t, 2, out twice.Y);
        twice.Z = z;
        twice.IsIdentity = false;
    }

    /// <summary>p + q for a normalised q, or p - q: 8 multiplications, 3 squarings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddVarTime(in JacobianPoint p, in AffinePoint q, bool subtract, out JacobianPoint sum) =>
        AddVarTime(p, q.X, q.Y, subtract, out sum);

    /// <summary>p + (x, y) or p - (x, y); (0, 0) is the identity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddVarTime(in JacobianPoint p, in FieldElement qx, in FieldElement qy, bool subtract, out JacobianPoint sum)
    {
        FieldElement y = qy;
        if (subtract)
        {
            FieldElement.Negate(qy, 1, out y);
        }

        if (p.IsIdentity)
        {
            sum.IsIdentity = (FieldElement.IsZeroMask(qx) & FieldElement.IsZeroMask(qy)) != 0;
            sum.X = qx;
            sum.Y = y;
            sum.Z = FieldElement.One;
            return;
        }

        if ((FieldElement.IsZeroMask(qx) & FieldElement.IsZeroMask(qy)) != 0)
        {
            sum = p;
            return;
        }

        FieldElement.Square(p.Z, out FieldElement zz);
        FieldElement.Multiply(qx, zz, out FieldElement h);
        FieldElement.Subtract(h, p.X, 4, out h);
        FieldElement.Multiply(y, zz, out FieldElement i);
        FieldElement.Multiply(i, p.Z, out i);
        FieldElement.Subtract(p.Y, i, 1, out i);
        if (FieldElement.IsZeroVarTime(h))
        {
            AddEqualAbscissas(p, i, out sum);
            return;
        }

        FieldElement.Multiply(p.Z, h, out FieldElement z);
        FinishAddition(p.X, p.Y, h, i, z, out sum);
    }

    /// <summary>p + q: 12 multiplications, 4 squarings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddVarTime(in JacobianPoint p, in JacobianPoint q, out JacobianPoint sum)
    {
        if (p.IsIdentity)
        {
            sum = q;
            return;
        }

        if (q.IsIdentity)
        {
            sum = p;
            return;
        }

        FieldElement.Square(p.Z, out FieldElement z1z1);
        FieldElement.Square(q.Z, out FieldElement z2z2);
        FieldElement.Multiply(p.X, z2z2, out FieldElement u);
        FieldElement.Multiply(q.X, z1z1, out FieldElement h);
        FieldElement.Subtract(h, u, 1, out h);
        FieldElement.Multiply(p.Y, z2z2, out FieldElement s);
        FieldElement.Multiply(s, q.Z, out s);
        FieldElement.Multiply(q.Y, z1z1, out FieldElement i);
        FieldElement.Multiply(i, p.Z, out i);
        FieldElement.Subtract(s, i, 1, out i);
        if (FieldElement.IsZeroVarTime(h))
        {
            AddEqualAbscissas(p, i, out sum);
            return;
        }

        FieldElement.Multiply(p.Z, q.Z, out FieldElement z);
        FieldElement.Multiply(z, h, out z);
        FinishAddition(u, s, h, i, z, out sum);
    }

    /// <summary>Whether p is q, without an inversion.</summary>
    public static bool EqualVarTime(in JacobianPoint p, in AffinePoint q)
    {
        AddVarTime(p, q, subtract: true, out JacobianPoint difference);
        return difference.IsIdentity;
    }

    public override readonly string ToString() => nameof(JacobianPoint);

    private static void ToAffine(in JacobianPoint p, in FieldElement inverse, out AffinePoint result)
    {
        FieldElement.Square(inverse, out FieldElement t);
        FieldElement.Multiply(p.X, t, out result.X);
        FieldElement.Normalize(result.X, out result.X);
        FieldElement.Multiply(t, inverse, out t);
        FieldElement.Multiply(p.Y, t, out result.Y);
        FieldElement.Normalize(result.Y, out result.Y);
    }

    // Both points have one x: the same point, or opposite ones.
    private static void AddEqualAbscissas(in JacobianPoint p, in FieldElement differenceOfY, out JacobianPoint sum)
    {
        if (FieldElement.IsZeroVarTime(differenceOfY))
        {
            DoubleVarTime(p, out sum);
        }
        else
        {
            sum = Identity;
        }
    }

    // With u, s the first point's coordinates over the common denominator, h = u2 - u and i = s - s2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FinishAddition(in FieldElement u, in FieldElement s, in FieldElement h, in FieldElement i, in FieldElement z, out JacobianPoint sum)
    {
        FieldElement.Square(h, out FieldElement hh);
        FieldElement.Negate(hh, 1, out hh);
        FieldElement.Multiply(hh, h, out FieldElement hhh);
        FieldElement.Multiply(u, hh, out FieldElement t);
        FieldElement.Multiply(hhh, s, out FieldElement shhh);
        FieldElement.Square(i, out FieldElement x);
        FieldElement.Add(x, hhh, out x);
        FieldElement.Add(x, t, out x);
        FieldElement.Add(x, t, out sum.X);
        FieldElement.Add(t, sum.X, out t);
        FieldElement.Multiply(t, i, out t);
        FieldElement.Add(t, shhh, out sum.Y);
        sum.Z = z;
        sum.IsIdentity = false;
    }
}
