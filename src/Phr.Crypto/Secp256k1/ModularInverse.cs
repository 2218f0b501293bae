using System.Numerics;
using System.Runtime.CompilerServices;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// The inverse modulo an odd number below 2^256, by division steps: Bernstein and Yang, "Fast constant-time gcd computation and
/// modular inversion" (2019), in the variant that starts at δ = 1/2.
/// </summary>
/// <remarks>
/// <para>
/// A division step maps (δ, f, g) with odd f to (1 - δ, g, (g - f)/2) when δ &gt; 0 and g is odd, and to (1 + δ, f, (g + (g mod 2)·f)/2)
/// otherwise. From f = M and g = x the value g reaches 0, and f is then ± gcd(M, x). For 256-bit input 590 steps from δ = 1/2 suffice
/// (the bound that Wuille found by computing the convex hull of what can be reached; the paper's own, from δ = 1, is 741).
/// </para>
/// <para>
/// What N steps do depends on the lowest N bits only, so they are done in batches on single words, and come out as a matrix over
/// 2^62: a batch of <see cref="Invert"/> is 59 steps, times 8 (ten batches make 590), one of <see cref="InvertVarTime"/>
/// is 62. The matrix (u v; q r) then acts on the whole of f and g, and modulo M on d and e, for which d·x ≡ f and e·x ≡ g are kept.
/// </para>
/// <para>
/// Bounds: |u| + |v| and |q| + |r| are at most 2^62. So with d and e in (-2M, M), made nonnegative-leaning by adding M to a negative one
/// (then in (-M, M)), a row gives a value in (-2^62·M, 2^62·M); less a multiple of M in [0, 2^62)·M that makes it divisible by 2^62, and
/// divided, it is in (-2M, M) again.
/// </para>
/// <para><see cref="Invert"/> does the same instructions for every x. Its temporaries are locals and are not wiped.</para>
/// </remarks>
internal static class ModularInverse
{
    private const int LimbBits = 62;
    private const long Mask = (long)(ulong.MaxValue >> 2);

    private const int Batches = 10;
    private const int StepsPerBatch = 59;
    private const int FirstSteps = 30;
    private const int Scale = LimbBits - StepsPerBatch;

    /// <summary>Replaces x &lt; M by its inverse, in time independent of x. 0 stays 0; x must otherwise be coprime to M.</summary>
    public static void Invert<TModulus>(ref ulong x0, ref ulong x1, ref ulong x2, ref ulong x3)
        where TModulus : struct, IOddModulus
    {
        Limbs f = Limbs.From(TModulus.M0, TModulus.M1, TModulus.M2, TModulus.M3);
        Limbs g = Limbs.From(x0, x1, x2, x3);
        Limbs d = default;
        Limbs e = default;
        e.L0 = 1;
        long delta = 0;
        for (int batch = 0; batch < Batches; batch++)
        {
            DivisionSteps(ref delta, (ulong)f.L0, (ulong)g.L0, out Matrix t);
            ApplyModulo<TModulus>(ref d, ref e, t);
            Apply(ref f, ref g, t);
        }

        Normalise<TModulus>(ref d, f.L4 >> 63);
        d.To(out x0, out x1, out x2, out x3);
    }

    /// <summary>As <see cref="Invert"/>, in time that depends on x: for public values.</summary>
    public static void InvertVarTime<TModulus>(ref ulong x0, ref ulong x1, ref ulong x2, ref ulong x3)
        where TModulus : struct, IOddModulus
    {
        Limbs f = Limbs.From(TModulus.M0, TModulus.M1, TModulus.M2, TModulus.M3);
        Limbs g = Limbs.From(x0, x1, x2, x3);
        Limbs d = default;
        Limbs e = default;
        e.L0 = 1;
        long delta = 0;
        while ((g.L0 | g.L1 | g.L2 | g.L3 | g.L4) != 0)
        {
            DivisionStepsVarTime(ref delta, (ulong)f.L0, (ulong)g.L0, out Matrix t);
            ApplyModulo<TModulus>(ref d, ref e, t);
            Apply(ref f, ref g, t);
        }

        Normalise<TModulus>(ref d, f.L4 >> 63);
        d.To(out x0, out x1, out x2, out x3);
    }

    // delta stands for δ - 1/2, so that δ > 0 is delta >= 0, and 1 - δ is -delta. A batch is done in two parts, whose entries fit half words.
    private static void DivisionSteps(ref long delta, ulong f, ulong g, out Matrix t)
    {
        unchecked
        {
            long d = delta;
            HalfBatch(FirstSteps, ref d, ref f, ref g, out long u1, out long v1, out long q1, out long r1);
            HalfBatch(StepsPerBatch - FirstSteps, ref d, ref f, ref g, out long u2, out long v2, out long q2, out long r2);
            delta = d;
            t = new Matrix(
                ((u2 * u1) + (v2 * q1)) << Scale,
                ((u2 * v1) + (v2 * r1)) << Scale,
                ((q2 * u1) + (r2 * q1)) << Scale,
                ((q2 * v1) + (r2 * r1)) << Scale);
        }
    }

    // The rows (u, v) and (q, r) are u + 2^32·v and q + 2^32·r: adding, negating and doubling these numbers does it for both entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void HalfBatch(int steps, ref long delta, ref ulong lowF, ref ulong lowG, out long u, out long v, out long q, out long r)
    {
        unchecked
        {
            ulong upper = 1, lower = 1UL << 32, f = lowF, g = lowG;
            long d = delta;
            for (int step = 0; step < steps; step++)
            {
                ulong odd = 0UL - (g & 1);
                ulong positive = (ulong)~(d >> 63);
                ulong swap = odd & positive;

                // The lower row gets plus the upper one when g is odd, or minus it when δ > 0 as well; then it swaps, and the old lower row is
                // the sum of both.
                g += ((f ^ positive) - positive) & odd;
                lower += ((upper ^ positive) - positive) & odd;
                f += g & swap;
                upper += lower & swap;

                d = (d ^ (long)swap) + 1;
                g >>= 1;
                upper <<= 1;
            }

            (delta, lowF, lowG) = (d, f, g);
            u = (int)upper;
            v = ((long)upper - u) >> 32;
            q = (int)lower;
            r = ((long)lower - q) >> 32;
        }
    }

    private static void DivisionStepsVarTime(ref long delta, ulong f, ulong g, out Matrix t)
    {
        unchecked
        {
            ulong u = 1, v = 0, q = 0, r = 1;
            long d = delta;
            int left = LimbBits;
            while (true)
            {
                // Steps at even g, all at once.
                int zeros = BitOperations.TrailingZeroCount(g | (ulong.MaxValue << left));
                g >>= zeros;
                u <<= zeros;
                v <<= zeros;
                d += zeros;
                left -= zeros;
                if (left == 0)
                {
                    break;
                }

                if (d >= 0)
                {
                    // The swap; the halving that belongs to it follows below, so delta is one less here.
                    d = ~d;
                    (f, g) = (g, 0UL - f);
                    (u, q) = (q, 0UL - u);
                    (v, r) = (r, 0UL - v);
                }

                // The next -d steps do not swap, so they add a multiple of f that clears as many low bits of g; the inverse of f to
                // six bits is f·(2 - f²).
                int bits = (int)Math.Min(Math.Min(-d, left), 6);
                ulong w = g * f * ((f * f) - 2) & ((1UL << bits) - 1);
                g += f * w;
                q += u * w;
                r += v * w;
            }

            delta = d;
            t = new Matrix((long)u, (long)v, (long)q, (long)r);
        }
    }

    // (f, g) becomes t·(f, g)/2^62, which is exact.
    private static void Apply(ref Limbs f, ref Limbs g, in Matrix t)
    {
        unchecked
        {
            long u = t.U, v = t.V, q = t.Q, r = t.R;
            Wide a = default, b = default;
            long x = f.L0, y = g.L0;
            a.Add(u, x);
            a.Add(v, y);
            b.Add(q, x);
            b.Add(r, y);
            a.Shift();
            b.Shift();

            (x, y) = (f.L1, g.L1);
            a.Add(u, x);
            a.Add(v, y);
            b.Add(q, x);
            b.Add(r, y);
            f.L0 = a.Next();
            g.L0 = b.Next();

            (x, y) = (f.L2, g.L2);
            a.Add(u, x);
            a.Add(v, y);
            b.Add(q, x);
            b.Add(r, y);
            f.L1 = a.Next();
            g.L1 = b.Next();

            (x, y) = (f.L3, g.L3);
            a.Add(u, x);
            a.Add(v, y);
            b.Add(q, x);
            b.Add(r, y);
            f.L2 = a.Next();
            g.L2 = b.Next();

            (x, y) = (f.L4, g.L4);
            a.AddSigned(u, x);
            a.AddSigned(v, y);
            b.AddSigned(q, x);
            b.AddSigned(r, y);
            f.L3 = a.Next();
            g.L3 = b.Next();
            f.L4 = a.Rest();
            g.L4 = b.Rest();
        }
    }

    // (d, e) becomes t·(d, e)/2^62 modulo M, within (-2M, M).
    private static void ApplyModulo<TModulus>(ref Limbs d, ref Limbs e, in Matrix t)
        where TModulus : struct, IOddModulus
    {
        unchecked
        {
            Limbs m = Limbs.From(TModulus.M0, TModulus.M1, TModulus.M2, TModulus.M3);
            ulong inverse = Inverse(TModulus.M0);
            long u = t.U, v = t.V, q = t.Q, r = t.R;
            long dSign = d.L4 >> 63, eSign = e.L4 >> 63;

            // Multiples of M: first those that make d and e nonnegative-leaning, then what makes the lowest limb vanish.
            long j = (u & dSign) + (v & eSign);
            long k = (q & dSign) + (r & eSign);
            Wide a = default, b = default;
            long x = d.L0, y = e.L0;
            a.Add(u, x);
            a.Add(v, y);
            b.Add(q, x);
            b.Add(r, y);
            j -= ((long)(inverse * a.Low) + j) & Mask;
            k -= ((long)(inverse * b.Low) + k) & Mask;
            a.Add(j, m.L0);
            b.Add(k, m.L0);
            a.Shift();
            b.Shift();

            (x, y) = (d.L1, e.L1);
            a.Add(u, x);
            a.Add(v, y);
            a.Add(j, m.L1);
            b.Add(q, x);
            b.Add(r, y);
            b.Add(k, m.L1);
            d.L0 = a.Next();
            e.L0 = b.Next();

            (x, y) = (d.L2, e.L2);
            a.Add(u, x);
            a.Add(v, y);
            a.Add(j, m.L2);
            b.Add(q, x);
            b.Add(r, y);
            b.Add(k, m.L2);
            d.L1 = a.Next();
            e.L1 = b.Next();

            (x, y) = (d.L3, e.L3);
            a.Add(u, x);
            a.Add(v, y);
            a.Add(j, m.L3);
            b.Add(q, x);
            b.Add(r, y);
            b.Add(k, m.L3);
            d.L2 = a.Next();
            e.L2 = b.Next();

            (x, y) = (d.L4, e.L4);
            a.AddSigned(u, x);
            a.AddSigned(v, y);
            a.Add(j, m.L4);
            b.AddSigned(q, x);
            b.AddSigned(r, y);
            b.Add(k, m.L4);
            d.L3 = a.Next();
            e.L3 = b.Next();
            d.L4 = a.Rest();
            e.L4 = b.Rest();
        }
    }

    // From (-2M, M), negated when negate is -1, to [0, M).
    private static void Normalise<TModulus>(ref Limbs d, long negate)
        where TModulus : struct, IOddModulus
    {
        unchecked
        {
            Limbs m = Limbs.From(TModulus.M0, TModulus.M1, TModulus.M2, TModulus.M3);
            d.AddMasked(m, d.L4 >> 63);
            d.Negate(negate);
            d.AddMasked(m, d.L4 >> 63);
        }
    }

    // m^-1 modulo 2^64: (3m) xor 2 has five right bits, and each step of Newton's doubles them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Inverse(ulong m)
    {
        unchecked
        {
            ulong x = (3 * m) ^ 2;
            x *= 2 - (m * x);
            x *= 2 - (m * x);
            x *= 2 - (m * x);
            x *= 2 - (m * x);
            return x;
        }
    }

    private readonly struct Matrix(long u, long v, long q, long r)
    {
        public readonly long U = u, V = v, Q = q, R = r;
    }

    /// <summary>A signed sum of products of 62-bit limbs, which stays below 2^126 in magnitude.</summary>
    private struct Wide
    {
        private ulong _low;
        private ulong _high;

        public readonly ulong Low => _low;

        /// <summary>Adds factor·limb for a limb that is not negative.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(long factor, long limb)
        {
            unchecked
            {
                ulong high = Limb.MultiplyWide((ulong)factor, (ulong)limb, out ulong low) - (ulong)((factor >> 63) & limb);
                _low += low;
                _high += high + Limb.Bit(_low < low);
            }
        }

        /// <summary>Adds factor·limb for any limb.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddSigned(long factor, long limb)
        {
            unchecked
            {
                ulong high = Limb.MultiplyWide((ulong)factor, (ulong)limb, out ulong low) - (ulong)((factor >> 63) & limb) - (ulong)((limb >> 63) & factor);
                _low += low;
                _high += high + Limb.Bit(_low < low);
            }
        }

        /// <summary>Drops the lowest 62 bits.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Shift()
        {
            unchecked
            {
                _low = (_low >> LimbBits) | (_high << (64 - LimbBits));
                _high = (ulong)((long)_high >> LimbBits);
            }
        }

        /// <summary>Takes the lowest 62 bits off.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public long Next()
        {
            unchecked
            {
                long limb = (long)_low & Mask;
                Shift();
                return limb;
            }
        }

        /// <summary>What is left, the signed top limb.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly long Rest() => unchecked((long)_low);
    }

    /// <summary>Five limbs of 62 bits; the top one is signed.</summary>
    private struct Limbs
    {
        public long L0, L1, L2, L3, L4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Limbs From(ulong x0, ulong x1, ulong x2, ulong x3)
        {
            unchecked
            {
                Limbs limbs;
                limbs.L0 = (long)x0 & Mask;
                limbs.L1 = (long)((x0 >> 62) | (x1 << 2)) & Mask;
                limbs.L2 = (long)((x1 >> 60) | (x2 << 4)) & Mask;
                limbs.L3 = (long)((x2 >> 58) | (x3 << 6)) & Mask;
                limbs.L4 = (long)(x3 >> 56);
                return limbs;
            }
        }

        public readonly void To(out ulong x0, out ulong x1, out ulong x2, out ulong x3)
        {
            unchecked
            {
                x0 = (ulong)L0 | ((ulong)L1 << 62);
                x1 = ((ulong)L1 >> 2) | ((ulong)L2 << 60);
                x2 = ((ulong)L2 >> 4) | ((ulong)L3 << 58);
                x3 = ((ulong)L3 >> 6) | ((ulong)L4 << 56);
            }
        }

        public void AddMasked(in Limbs other, long mask)
        {
            unchecked
            {
                L0 += other.L0 & mask;
                L1 += other.L1 & mask;
                L2 += other.L2 & mask;
                L3 += other.L3 & mask;
                L4 += other.L4 & mask;
                Carry();
            }
        }

        public void Negate(long mask)
        {
            unchecked
            {
                L0 = (L0 ^ mask) - mask;
                L1 = (L1 ^ mask) - mask;
                L2 = (L2 ^ mask) - mask;
                L3 = (L3 ^ mask) - mask;
                L4 = (L4 ^ mask) - mask;
                Carry();
            }
        }

        private void Carry()
        {
            unchecked
            {
                L1 += L0 >> LimbBits;
                L2 += L1 >> LimbBits;
                L3 += L2 >> LimbBits;
                L4 += L3 >> LimbBits;
                L0 &= Mask;
                L1 &= Mask;
                L2 &= Mask;
                L3 &= Mask;
            }
        }
    }
}
