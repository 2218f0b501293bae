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
    public static void Double(ref LaneScratch scratch, in LanePoint<TCurve> p, out LanePoint<TCurve> twice) => Double(ref scratch, p, 1, out twice);

    /// <summary>2^times·p, times at least 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(ref LaneScratch scratch, in LanePoint<TCurve> p, int times, out LanePoint<TCurve> result)
    {
        unchecked
        {
            ref FieldLanes a = ref scratch.A, b = ref scratch.B, d = ref scratch.D;
            Vector256<ulong> threeB = Vector256.Create((ulong)TCurve.ThreeB);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                BeginDoubling(p.Lanes[i], out Vector256<ulong> left, out Vector256<ulong> right);
                a[i] = left;
                b[i] = right;
            }

            while (true)
            {
                // (yy, yz, zz, xy), then 3b·zz in all lanes.
                FieldLanes.Multiply(a, b, out d);
                Vector256<ulong> z0 = FieldLanes.Multiply(Avx2.Permute4x64(d[0], 0b10_10_10_10), threeB);
                Vector256<ulong> z1 = FieldLanes.Multiply(Avx2.Permute4x64(d[1], 0b10_10_10_10), threeB);
                Vector256<ulong> z2 = FieldLanes.Multiply(Avx2.Permute4x64(d[2], 0b10_10_10_10), threeB);
                Vector256<ulong> z3 = FieldLanes.Multiply(Avx2.Permute4x64(d[3], 0b10_10_10_10), threeB);
                Vector256<ulong> z4 = FieldLanes.Multiply(Avx2.Permute4x64(d[4], 0b10_10_10_10), threeB);
                Vector256<ulong> z5 = FieldLanes.Multiply(Avx2.Permute4x64(d[5], 0b10_10_10_10), threeB);
                Vector256<ulong> z6 = FieldLanes.Multiply(Avx2.Permute4x64(d[6], 0b10_10_10_10), threeB);
                Vector256<ulong> z7 = FieldLanes.Multiply(Avx2.Permute4x64(d[7], 0b10_10_10_10), threeB);
                Vector256<ulong> z8 = FieldLanes.Multiply(Avx2.Permute4x64(d[8], 0b10_10_10_10), threeB);
                Vector256<ulong> z9 = FieldLanes.Multiply(Avx2.Permute4x64(d[9], 0b10_10_10_10), threeB);
                FieldLanes.Carry(ref z0, ref z1, ref z2, ref z3, ref z4, ref z5, ref z6, ref z7, ref z8, ref z9);
                ContinueDoubling(d[0], z0, 0, ref a, ref b);
                ContinueDoubling(d[1], z1, 1, ref a, ref b);
                ContinueDoubling(d[2], z2, 2, ref a, ref b);
                ContinueDoubling(d[3], z3, 3, ref a, ref b);
                ContinueDoubling(d[4], z4, 4, ref a, ref b);
                ContinueDoubling(d[5], z5, 5, ref a, ref b);
                ContinueDoubling(d[6], z6, 6, ref a, ref b);
                ContinueDoubling(d[7], z7, 7, ref a, ref b);
                ContinueDoubling(d[8], z8, 8, ref a, ref b);
                ContinueDoubling(d[9], z9, 9, ref a, ref b);

                // (w·xy, w·(yy + zz), 8yy·yz, 8yy·zz): twice the first, the second and fourth together, the third.
                FieldLanes.Multiply(a, b, out d);
                if (--times == 0)
                {
                    break;
                }

                for (int i = 0; i < FieldLanes.Limbs; i++)
                {
                    BeginDoubling(EndDoubling(d[i]), out Vector256<ulong> left, out Vector256<ulong> right);
                    a[i] = left;
                    b[i] = right;
                }
            }

            Unsafe.SkipInit(out result);
            for (int i = 0; i < FieldLanes.Limbs; i++)
            {
                result.Lanes[i] = EndDoubling(d[i]);
            }
        }
    }

    /// <summary>p + q: two products of four, of which six lanes count, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref LaneScratch scratch, in LanePoint<TCurve> p, in LanePoint<TCurve> q, out LanePoint<TCurve> sum)
    {
        unchecked
        {
            ref FieldLanes a = ref scratch.A, b = ref scratch.B, c = ref scratch.C, d = ref scratch.D, m = ref scratch.M, n = ref scratch.N;
            Vector256<ulong> threeB = Vector256.Create((ulong)TCurve.ThreeB);
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
            Vector256<ulong> t0 = CrossProducts(m[0], n[0], 0);
            Vector256<ulong> t1 = CrossProducts(m[1], n[1], 1);
            Vector256<ulong> t2 = CrossProducts(m[2], n[2], 2);
            Vector256<ulong> t3 = CrossProducts(m[3], n[3], 3);
            Vector256<ulong> t4 = CrossProducts(m[4], n[4], 4);
            Vector256<ulong> t5 = CrossProducts(m[5], n[5], 5);
            Vector256<ulong> t6 = CrossProducts(m[6], n[6], 6);
            Vector256<ulong> t7 = CrossProducts(m[7], n[7], 7);
            Vector256<ulong> t8 = CrossProducts(m[8], n[8], 8);
            Vector256<ulong> t9 = CrossProducts(m[9], n[9], 9);

            // 3b·zz in the lanes 0, 1 and 3, 3b·xz in lane 2.
            Vector256<ulong> s0 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[0], 0b10_10_10_10), t0, 0b00_11_00_00), threeB);
            Vector256<ulong> s1 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[1], 0b10_10_10_10), t1, 0b00_11_00_00), threeB);
            Vector256<ulong> s2 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[2], 0b10_10_10_10), t2, 0b00_11_00_00), threeB);
            Vector256<ulong> s3 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[3], 0b10_10_10_10), t3, 0b00_11_00_00), threeB);
            Vector256<ulong> s4 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[4], 0b10_10_10_10), t4, 0b00_11_00_00), threeB);
            Vector256<ulong> s5 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[5], 0b10_10_10_10), t5, 0b00_11_00_00), threeB);
            Vector256<ulong> s6 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[6], 0b10_10_10_10), t6, 0b00_11_00_00), threeB);
            Vector256<ulong> s7 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[7], 0b10_10_10_10), t7, 0b00_11_00_00), threeB);
            Vector256<ulong> s8 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[8], 0b10_10_10_10), t8, 0b00_11_00_00), threeB);
            Vector256<ulong> s9 = FieldLanes.Multiply(Blend(Avx2.Permute4x64(m[9], 0b10_10_10_10), t9, 0b00_11_00_00), threeB);
            FieldLanes.Carry(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7, ref s8, ref s9);
            ContinueAddition(m[0], t0, s0, 0, ref a, ref b, ref c, ref d);
            ContinueAddition(m[1], t1, s1, 1, ref a, ref b, ref c, ref d);
            ContinueAddition(m[2], t2, s2, 2, ref a, ref b, ref c, ref d);
            ContinueAddition(m[3], t3, s3, 3, ref a, ref b, ref c, ref d);
            ContinueAddition(m[4], t4, s4, 4, ref a, ref b, ref c, ref d);
            ContinueAddition(m[5], t5, s5, 5, ref a, ref b, ref c, ref d);
            ContinueAddition(m[6], t6, s6, 6, ref a, ref b, ref c, ref d);
            ContinueAddition(m[7], t7, s7, 7, ref a, ref b, ref c, ref d);
            ContinueAddition(m[8], t8, s8, 8, ref a, ref b, ref c, ref d);
            ContinueAddition(m[9], t9, s9, 9, ref a, ref b, ref c, ref d);
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

    // (y, y, z, x) and (y, z, z, y).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BeginDoubling(Vector256<ulong> v, out Vector256<ulong> left, out Vector256<ulong> right)
    {
        left = Avx2.Permute4x64(v, 0b00_10_01_01);
        right = Avx2.Permute4x64(v, 0b01_10_10_01);
    }

    // (w, w, yz, zz) with w = yy - 3zz, and (xy, yy + zz, 8yy, 8yy).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ContinueDoubling(Vector256<ulong> v, Vector256<ulong> z, int limb, ref FieldLanes a, ref FieldLanes b)
    {
        unchecked
        {
            Vector256<ulong> plain = Avx2.Permute4x64(v, 0b00_01_00_00);
            Vector256<ulong> w = plain + Vector256.Create(FieldLanes.Prime[limb] << 2) - z - (z << 1);
            a[limb] = Blend(Blend(plain, w, 0b00_00_11_11), z, 0b11_00_00_00);
            b[limb] = Avx2.ShiftLeftLogicalVariable(Avx2.Permute4x64(v, 0b00_00_00_11), Vector256.Create(0UL, 0, 3, 3)) + (z & Vector256.Create(0, ulong.MaxValue, 0, 0));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> EndDoubling(Vector256<ulong> v) =>
        unchecked(v + (Avx2.Permute4x64(v, 0b11_10_11_00) & Vector256.Create(ulong.MaxValue, ulong.MaxValue, 0, 0)));

    // (xy, yz, xz).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> CrossProducts(Vector256<ulong> v, Vector256<ulong> w, int limb) => unchecked(
        Blend(w, Avx2.Permute4x64(v, 0b11_11_11_11), 0b00_00_00_11) + Vector256.Create(FieldLanes.Prime[limb] << 2)
        - Avx2.Permute4x64(v, 0b00_00_01_00) - Avx2.Permute4x64(v, 0b10_10_10_01));

    // (xy, -, +)·(-, +, yz) and (yz, bxz, 3xx)·(bxz, 3xx, xy), where + and - are yy + bzz and yy - bzz.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ContinueAddition(
        Vector256<ulong> v, Vector256<ulong> t, Vector256<ulong> s, int limb, ref FieldLanes a, ref FieldLanes b, ref FieldLanes c, ref FieldLanes d)
    {
        unchecked
        {
            Vector256<ulong> yy = Avx2.Permute4x64(v, 0b01_01_01_01), bzz = Avx2.Permute4x64(s, 0b00_00_00_00), bxz = Avx2.Permute4x64(s, 0b10_10_10_10);
            Vector256<ulong> plus = yy + bzz, minus = yy + Vector256.Create(FieldLanes.Prime[limb] << 1) - bzz;
            Vector256<ulong> xx = Avx2.Permute4x64(v, 0b00_00_00_00), xx3 = xx + (xx << 1);
            Vector256<ulong> xy = Avx2.Permute4x64(t, 0b00_00_00_00), yz = Avx2.Permute4x64(t, 0b01_01_01_01);
            a[limb] = Blend(Blend(xy, minus, 0b00_00_11_00), plus, 0b00_11_00_00);
            b[limb] = Blend(Blend(minus, plus, 0b00_00_11_00), yz, 0b00_11_00_00);
            c[limb] = Blend(Blend(yz, bxz, 0b00_00_11_00), xx3, 0b00_11_00_00);
            d[limb] = Blend(Blend(bxz, xx3, 0b00_00_11_00), xy, 0b00_11_00_00);
        }
    }

    // The 32-bit halves of b where the control has ones, of a elsewhere: two bits for each lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Blend(Vector256<ulong> a, Vector256<ulong> b, [System.Diagnostics.CodeAnalysis.ConstantExpected] byte control) =>
        Avx2.Blend(a.AsUInt32(), b.AsUInt32(), control).AsUInt64();
}
