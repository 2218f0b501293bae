using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// A point as <see cref="ProjectivePoint{TCurve}"/> has it, with X, Y and Z in three lanes: the complete formulas, their independent
/// products four at a time. Only where <see cref="FieldLanes.IsSupported"/>.
/// </summary>
/// <remarks>
/// Magnitudes: X at most 3, Y and Z at most 2, and Y at most 4 where it comes from an affine point. The fourth lane holds whatever the last operation left there; entries of tables keep
/// βX in it, so that <see cref="Image"/> is a permutation.
/// </remarks>
[DebuggerDisplay("LanePoint")]
internal struct LanePoint<TCurve>
    where TCurve : struct, ICurve
{
    public FieldLanes Lanes;

    public static LanePoint<TCurve> Identity =>
        new() { Lanes = FieldLanes.FromElements(FieldElement.Zero, FieldElement.One, FieldElement.Zero, FieldElement.Zero) };

    public static LanePoint<TCurve> From(in ProjectivePoint<TCurve> p) => new() { Lanes = FieldLanes.FromElements(p.X, p.Y, p.Z, FieldElement.Zero) };

    /// <summary>The affine point, of magnitude 4 at most, or the identity where the mask has ones.</summary>
    public static void FromAffine(in AffinePoint p, ulong identity, out LanePoint<TCurve> result)
    {
        FieldElement.Select(identity, FieldElement.Zero, p.X, out FieldElement x);
        FieldElement.Select(identity, FieldElement.One, p.Y, out FieldElement y);
        FieldElement.Select(identity, FieldElement.Zero, FieldElement.One, out FieldElement z);
        result.Lanes = FieldLanes.FromElements(x, y, z, FieldElement.Zero);
    }

    public static void To(in LanePoint<TCurve> p, out ProjectivePoint<TCurve> result)
    {
        result.X = FieldLanes.GetElement(p.Lanes, 0);
        result.Y = FieldLanes.GetElement(p.Lanes, 1);
        result.Z = FieldLanes.GetElement(p.Lanes, 2);
    }

    /// <summary>2p: two products of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(ref LaneScratch scratch, in LanePoint<TCurve> p, out LanePoint<TCurve> twice)
    {
        unchecked
        {
            ref FieldLanes a = ref scratch.A, b = ref scratch.B, d = ref scratch.D, zz = ref scratch.M;
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                // (y, y, z, x) and (y, z, z, y).
                Vector256<ulong> v = p.Lanes[i];
                a[i] = Avx2.Permute4x64(v, 0b00_10_01_01);
                b[i] = Avx2.Permute4x64(v, 0b01_10_10_01);
            }

            // (yy, yz, zz, xy), then 3b·zz in all lanes.
            FieldLanes.Multiply(a, b, out d);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                a[i] = Avx2.Permute4x64(d[i], 0b10_10_10_10);
            }

            FieldLanes.ScaleReduced(a, TCurve.ThreeB, out zz);
            Vector256<ulong> shifts = Vector256.Create(0UL, 0, 3, 3), second = Vector256.Create(0, ulong.MaxValue, 0, 0);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                // (w, w, yz, zz) with w = yy - 3zz, and (xy, yy + zz, 8yy, 8yy).
                Vector256<ulong> v = d[i], z = zz[i];
                Vector256<ulong> plain = Avx2.Permute4x64(v, 0b00_01_00_00);
                Vector256<ulong> w = plain + Vector256.Create(FieldLanes.Prime[i] << 2) - z - (z << 1);
                a[i] = Blend(Blend(plain, w, 0b00_00_11_11), z, 0b11_00_00_00);
                b[i] = Avx2.ShiftLeftLogicalVariable(Avx2.Permute4x64(v, 0b00_00_00_11), shifts) + (z & second);
            }

            // (w·xy, w·(yy + zz), 8yy·yz, 8yy·zz): twice the first, the second and fourth together, the third.
            FieldLanes.Multiply(a, b, out d);
            Unsafe.SkipInit(out twice);
            Vector256<ulong> firstTwo = Vector256.Create(ulong.MaxValue, ulong.MaxValue, 0, 0);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                Vector256<ulong> v = d[i];
                twice.Lanes[i] = v + (Avx2.Permute4x64(v, 0b11_10_11_00) & firstTwo);
            }
        }
    }

    /// <summary>p + q: two products of four, of which six lanes count, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref LaneScratch scratch, in LanePoint<TCurve> p, in LanePoint<TCurve> q, out LanePoint<TCurve> sum)
    {
        unchecked
        {
            ref FieldLanes a = ref scratch.A, b = ref scratch.B, c = ref scratch.C, d = ref scratch.D, m = ref scratch.M, n = ref scratch.N, cross = ref scratch.Cross;
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                // (x, y, z, x + y), and (·, y + z, x + z, ·).
                Vector256<ulong> v = p.Lanes[i], w = q.Lanes[i];
                Vector256<ulong> vs = Avx2.Permute4x64(v, 0b00_00_01_00) + Avx2.Permute4x64(v, 0b01_10_10_01);
                Vector256<ulong> ws = Avx2.Permute4x64(w, 0b00_00_01_00) + Avx2.Permute4x64(w, 0b01_10_10_01);
                a[i] = Blend(v, vs, 0b11_00_00_00);
                b[i] = Blend(w, ws, 0b11_00_00_00);
                c[i] = vs;
                d[i] = ws;
            }

            // (xx, yy, zz, p) and (·, q, r, ·), of which xy = p - xx - yy, yz = q - yy - zz, xz = r - xx - zz.
            FieldLanes.Multiply(a, b, out m);
            FieldLanes.Multiply(c, d, out n);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                Vector256<ulong> v = m[i];
                Vector256<ulong> mixed = Blend(n[i], Avx2.Permute4x64(v, 0b11_11_11_11), 0b00_00_00_11);
                Vector256<ulong> t = mixed + Vector256.Create(FieldLanes.Prime[i] << 2) - Avx2.Permute4x64(v, 0b00_00_01_00) - Avx2.Permute4x64(v, 0b10_10_10_01);
                cross[i] = t;
                a[i] = Blend(Avx2.Permute4x64(v, 0b10_10_10_10), t, 0b00_11_00_00);
            }

            // 3b·zz in the lanes 0, 1 and 3, 3b·xz in lane 2.
            FieldLanes.ScaleReduced(a, TCurve.ThreeB, out b);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                Vector256<ulong> v = m[i], t = cross[i], s = b[i];
                Vector256<ulong> yy = Avx2.Permute4x64(v, 0b01_01_01_01), bzz = Avx2.Permute4x64(s, 0b00_00_00_00), bxz = Avx2.Permute4x64(s, 0b10_10_10_10);
                Vector256<ulong> plus = yy + bzz, minus = yy + Vector256.Create(FieldLanes.Prime[i] << 1) - bzz;
                Vector256<ulong> xx = Avx2.Permute4x64(v, 0b00_00_00_00), xx3 = xx + (xx << 1);
                Vector256<ulong> xy = Avx2.Permute4x64(t, 0b00_00_00_00), yz = Avx2.Permute4x64(t, 0b01_01_01_01);

                // (xy, -, +)·(-, +, yz) and (yz, bxz, 3xx)·(bxz, 3xx, xy).
                a[i] = Blend(Blend(xy, minus, 0b00_00_11_00), plus, 0b00_11_00_00);
                b[i] = Blend(Blend(minus, plus, 0b00_00_11_00), yz, 0b00_11_00_00);
                c[i] = Blend(Blend(yz, bxz, 0b00_00_11_00), xx3, 0b00_11_00_00);
                d[i] = Blend(Blend(bxz, xx3, 0b00_00_11_00), xy, 0b00_11_00_00);
            }

            FieldLanes.Multiply(a, b, out m);
            FieldLanes.Multiply(c, d, out n);
            Unsafe.SkipInit(out sum);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                // The first difference, and two sums.
                Vector256<ulong> v = n[i];
                sum.Lanes[i] = m[i] + Blend(v, Vector256.Create(FieldLanes.Prime[i] << 1) - v, 0b00_00_00_11);
            }
        }
    }

    /// <summary>Puts βX into the fourth lane, and brings all magnitudes to 1.</summary>
    public static void WithImage(in LanePoint<TCurve> p, out LanePoint<TCurve> result)
    {
        Unsafe.SkipInit(out result);
        for (int i = 0; i < FieldLanes.Limbs; i++)
        {
            result.Lanes[i] = Avx2.Permute4x64(p.Lanes[i], 0b00_10_01_00);
        }

        var factors = FieldLanes.FromElements(FieldElement.One, FieldElement.One, FieldElement.One, FieldElement.Beta);
        FieldLanes.Multiply(result.Lanes, factors, out result.Lanes);
    }

    /// <summary>±p, or ±λp of a point <see cref="WithImage"/> when asked; the choice of the image is public, the sign a mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image(in LanePoint<TCurve> p, bool image, ulong negative, out LanePoint<TCurve> result)
    {
        unchecked
        {
            Unsafe.SkipInit(out result);
            Vector256<ulong> mask = Vector256.Create(0, negative, 0, 0);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                Vector256<ulong> v = p.Lanes[i];
                if (image)
                {
                    v = Avx2.Permute4x64(v, 0b00_10_01_11);
                }

                Vector256<ulong> minus = Vector256.Create(FieldLanes.Prime[i] << 1) - v;
                result.Lanes[i] = v ^ ((v ^ minus) & mask);
            }
        }
    }

    public override readonly string ToString() => nameof(LanePoint<TCurve>);

    // The 32-bit halves of b where the control has ones, of a elsewhere: two bits for each lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Blend(Vector256<ulong> a, Vector256<ulong> b, [System.Diagnostics.CodeAnalysis.ConstantExpected] byte control) =>
        Avx2.Blend(a.AsUInt32(), b.AsUInt32(), control).AsUInt64();
}
