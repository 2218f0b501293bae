using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Phr.Crypto.Secp256k1;

/// <summary>Four integers modulo p, one in each lane of ten vectors of 26-bit limbs: four products for the time of one and a quarter.</summary>
/// <remarks>
/// <para>Only where <see cref="IsSupported"/>. Lane k has the value Σ limb_i[k]·2^(26i).</para>
/// <para>
/// An element of magnitude m has limbs at most m(2^26 + 2^23), the highest m(2^22 + 2^19). A product has magnitude 1; its
/// factors have magnitudes of at most 32 each, since 32 bits are multiplied, and of 64 when these are multiplied with each other. Multiplication writes through an <c>out</c> parameter, which may be the storage of a factor.
/// </para>
/// </remarks>
[InlineArray(Limbs)]
[DebuggerDisplay("FieldLanes")]
internal struct FieldLanes
{
    public const int Limbs = 10;

    private const ulong Mask26 = (1UL << 26) - 1;
    private const ulong Mask22 = (1UL << 22) - 1;

    // 2^260 mod p = 2^36 + 15632 = 2^10·2^26 + 15632, and 2^256 mod p = 2^6·2^26 + 977.
    private const ulong Fold260 = 15632;
    private const ulong Fold256 = 977;

    private Vector256<ulong> _first;

    /// <summary>Whether the processor has 32 vector registers. With 16 the limbs spill, and one product after the other is as fast.</summary>
    public static bool IsSupported => Avx512F.VL.IsSupported;

    /// <summary>The limbs of p.</summary>
    public static ReadOnlySpan<ulong> Prime => [0x3FFFC2F, 0x3FFFFBF, Mask26, Mask26, Mask26, Mask26, Mask26, Mask26, Mask26, Mask22];

    /// <summary>Puts four elements, of magnitude 8 at most, side by side.</summary>
    public static FieldLanes FromElements(in FieldElement lane0, in FieldElement lane1, in FieldElement lane2, in FieldElement lane3)
    {
        Span<ulong> limbs = stackalloc ulong[4 * 5];
        lane0.Store(limbs);
        lane1.Store(limbs[5..]);
        lane2.Store(limbs[10..]);
        lane3.Store(limbs[15..]);
        Unsafe.SkipInit(out FieldLanes result);
        for (int i = 0; i < Limbs / 2; i++)
        {
            var both = Vector256.Create(limbs[i], limbs[5 + i], limbs[10 + i], limbs[15 + i]);
            result[2 * i] = both & Vector256.Create(Mask26);
            result[(2 * i) + 1] = both >>> 26;
        }

        return result;
    }

    /// <summary>Takes one lane out; the magnitude stays.</summary>
    public static FieldElement GetElement(in FieldLanes lanes, int lane)
    {
        unchecked
        {
            Span<ulong> limbs = stackalloc ulong[5];
            for (int i = 0; i < limbs.Length; i++)
            {
                limbs[i] = lanes[2 * i].GetElement(lane) + (lanes[(2 * i) + 1].GetElement(lane) << 26);
            }

            return FieldElement.Load(limbs);
        }
    }

    /// <summary>a · b in each lane, of magnitude 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in FieldLanes a, in FieldLanes b, out FieldLanes product)
    {
        unchecked
        {
            Vector256<ulong> a0 = a[0], b0 = b[0];
            Vector256<ulong> a1 = a[1], b1 = b[1];
            Vector256<ulong> a2 = a[2], b2 = b[2];
            Vector256<ulong> a3 = a[3], b3 = b[3];
            Vector256<ulong> a4 = a[4], b4 = b[4];
            Vector256<ulong> a5 = a[5], b5 = b[5];
            Vector256<ulong> a6 = a[6], b6 = b[6];
            Vector256<ulong> a7 = a[7], b7 = b[7];
            Vector256<ulong> a8 = a[8], b8 = b[8];
            Vector256<ulong> a9 = a[9], b9 = b[9];
            Vector256<ulong> c0 = Multiply(a0, b0);
            Vector256<ulong> c1 = Multiply(a0, b1) + Multiply(a1, b0);
            Vector256<ulong> c2 = Multiply(a0, b2) + Multiply(a1, b1) + Multiply(a2, b0);
            Vector256<ulong> c3 = Multiply(a0, b3) + Multiply(a1, b2) + Multiply(a2, b1) + Multiply(a3, b0);
            Vector256<ulong> c4 = Multiply(a0, b4) + Multiply(a1, b3) + Multiply(a2, b2) + Multiply(a3, b1) + Multiply(a4, b0);
            Vector256<ulong> c5 = Multiply(a0, b5) + Multiply(a1, b4) + Multiply(a2, b3) + Multiply(a3, b2) + Multiply(a4, b1) + Multiply(a5, b0);
            Vector256<ulong> c6 = Multiply(a0, b6) + Multiply(a1, b5) + Multiply(a2, b4) + Multiply(a3, b3) + Multiply(a4, b2) + Multiply(a5, b1) + Multiply(a6, b0);
            Vector256<ulong> c7 = Multiply(a0, b7) + Multiply(a1, b6) + Multiply(a2, b5) + Multiply(a3, b4) + Multiply(a4, b3) + Multiply(a5, b2) + Multiply(a6, b1) + Multiply(a7, b0);
            Vector256<ulong> c8 = Multiply(a0, b8) + Multiply(a1, b7) + Multiply(a2, b6) + Multiply(a3, b5) + Multiply(a4, b4) + Multiply(a5, b3) + Multiply(a6, b2) + Multiply(a7, b1) + Multiply(a8, b0);
            Vector256<ulong> c9 = Multiply(a0, b9) + Multiply(a1, b8) + Multiply(a2, b7) + Multiply(a3, b6) + Multiply(a4, b5) + Multiply(a5, b4) + Multiply(a6, b3) + Multiply(a7, b2) + Multiply(a8, b1) + Multiply(a9, b0);
            Vector256<ulong> c10 = Multiply(a1, b9) + Multiply(a2, b8) + Multiply(a3, b7) + Multiply(a4, b6) + Multiply(a5, b5) + Multiply(a6, b4) + Multiply(a7, b3) + Multiply(a8, b2) + Multiply(a9, b1);
            Vector256<ulong> c11 = Multiply(a2, b9) + Multiply(a3, b8) + Multiply(a4, b7) + Multiply(a5, b6) + Multiply(a6, b5) + Multiply(a7, b4) + Multiply(a8, b3) + Multiply(a9, b2);
            Vector256<ulong> c12 = Multiply(a3, b9) + Multiply(a4, b8) + Multiply(a5, b7) + Multiply(a6, b6) + Multiply(a7, b5) + Multiply(a8, b4) + Multiply(a9, b3);
            Vector256<ulong> c13 = Multiply(a4, b9) + Multiply(a5, b8) + Multiply(a6, b7) + Multiply(a7, b6) + Multiply(a8, b5) + Multiply(a9, b4);
            Vector256<ulong> c14 = Multiply(a5, b9) + Multiply(a6, b8) + Multiply(a7, b7) + Multiply(a8, b6) + Multiply(a9, b5);
            Vector256<ulong> c15 = Multiply(a6, b9) + Multiply(a7, b8) + Multiply(a8, b7) + Multiply(a9, b6);
            Vector256<ulong> c16 = Multiply(a7, b9) + Multiply(a8, b8) + Multiply(a9, b7);
            Vector256<ulong> c17 = Multiply(a8, b9) + Multiply(a9, b8);
            Vector256<ulong> c18 = Multiply(a9, b9);

            // Carries, in both halves at a time: the upper limbs have to fit 32 bits.
            Vector256<ulong> mask = Vector256.Create(Mask26);
            c1 += c0 >>> 26;
            c0 &= mask;
            c11 += c10 >>> 26;
            c10 &= mask;
            c2 += c1 >>> 26;
            c1 &= mask;
            c12 += c11 >>> 26;
            c11 &= mask;
            c3 += c2 >>> 26;
            c2 &= mask;
            c13 += c12 >>> 26;
            c12 &= mask;
            c4 += c3 >>> 26;
            c3 &= mask;
            c14 += c13 >>> 26;
            c13 &= mask;
            c5 += c4 >>> 26;
            c4 &= mask;
            c15 += c14 >>> 26;
            c14 &= mask;
            c6 += c5 >>> 26;
            c5 &= mask;
            c16 += c15 >>> 26;
            c15 &= mask;
            c7 += c6 >>> 26;
            c6 &= mask;
            c17 += c16 >>> 26;
            c16 &= mask;
            c8 += c7 >>> 26;
            c7 &= mask;
            c18 += c17 >>> 26;
            c17 &= mask;
            c9 += c8 >>> 26;
            c8 &= mask;
            Vector256<ulong> c19 = c18 >>> 26;
            c18 &= mask;
            c10 += c9 >>> 26;
            c9 &= mask;
            c11 += c10 >>> 26;
            c10 &= mask;

            // The upper half comes down.
            Vector256<ulong> fold = Vector256.Create(Fold260);
            c0 += Multiply(c10, fold) + Multiply(c19, Vector256.Create(Fold260 << 10));
            c1 += Multiply(c11, fold) + (c10 << 10);
            c2 += Multiply(c12, fold) + (c11 << 10);
            c3 += Multiply(c13, fold) + (c12 << 10);
            c4 += Multiply(c14, fold) + (c13 << 10);
            c5 += Multiply(c15, fold) + (c14 << 10);
            c6 += Multiply(c16, fold) + (c15 << 10);
            c7 += Multiply(c17, fold) + (c16 << 10);
            c8 += Multiply(c18, fold) + (c17 << 10);
            c9 += Multiply(c19, fold) + (c18 << 10);
            c1 += c19 << 20;

            Carry(ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, ref c8, ref c9);
            Unsafe.SkipInit(out product);
            product[0] = c0;
            product[1] = c1;
            product[2] = c2;
            product[3] = c3;
            product[4] = c4;
            product[5] = c5;
            product[6] = c6;
            product[7] = c7;
            product[8] = c8;
            product[9] = c9;
        }
    }

    /// <summary>a^((p+1)/4) in each lane, by the chain of <see cref="FieldElement.TrySquareRoot"/>: a square root where there is one.</summary>
    public static void SquareRoot(in FieldLanes a, out FieldLanes root)
    {
        Multiply(a, a, out FieldLanes t);
        Multiply(t, a, out FieldLanes x2);
        Multiply(x2, x2, out t);
        Multiply(t, a, out FieldLanes x3);
        SquareTimes(x3, 3, out t);
        Multiply(t, x3, out FieldLanes x6);
        SquareTimes(x6, 3, out t);
        Multiply(t, x3, out FieldLanes x9);
        SquareTimes(x9, 2, out t);
        Multiply(t, x2, out FieldLanes x11);
        SquareTimes(x11, 11, out t);
        Multiply(t, x11, out FieldLanes x22);
        SquareTimes(x22, 22, out t);
        Multiply(t, x22, out FieldLanes x44);
        SquareTimes(x44, 44, out t);
        Multiply(t, x44, out FieldLanes x88);
        SquareTimes(x88, 88, out t);
        Multiply(t, x88, out FieldLanes x176);
        SquareTimes(x176, 44, out t);
        Multiply(t, x44, out FieldLanes x220);
        SquareTimes(x220, 3, out t);
        Multiply(t, x3, out FieldLanes x223);
        SquareTimes(x223, 23, out t);
        Multiply(t, x22, out t);
        SquareTimes(t, 6, out t);
        Multiply(t, x2, out t);
        SquareTimes(t, 2, out root);
    }

    private static void SquareTimes(in FieldLanes a, int times, out FieldLanes square)
    {
        Multiply(a, a, out square);
        for (int i = 1; i < times; i++)
        {
            Multiply(square, square, out square);
        }
    }

    /// <summary>The product of the lower 32 bits of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Multiply(Vector256<ulong> a, Vector256<ulong> b) => Avx2.Multiply(a.AsUInt32(), b.AsUInt32());

    /// <summary>Brings limbs below 2^41 to magnitude 1: what lies above bit 256 comes down, and every limb hands its upper part to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Carry(
        ref Vector256<ulong> c0, ref Vector256<ulong> c1, ref Vector256<ulong> c2, ref Vector256<ulong> c3, ref Vector256<ulong> c4,
        ref Vector256<ulong> c5, ref Vector256<ulong> c6, ref Vector256<ulong> c7, ref Vector256<ulong> c8, ref Vector256<ulong> c9)
    {
        unchecked
        {
            Vector256<ulong> mask = Vector256.Create(Mask26), top = c9 >>> 22;
            c0 += Multiply(top, Vector256.Create(Fold256));
            c1 += top << 6;
            c9 = (c9 & Vector256.Create(Mask22)) + (c8 >>> 26);
            c8 = (c8 & mask) + (c7 >>> 26);
            c7 = (c7 & mask) + (c6 >>> 26);
            c6 = (c6 & mask) + (c5 >>> 26);
            c5 = (c5 & mask) + (c4 >>> 26);
            c4 = (c4 & mask) + (c3 >>> 26);
            c3 = (c3 & mask) + (c2 >>> 26);
            c2 = (c2 & mask) + (c1 >>> 26);
            c1 = (c1 & mask) + (c0 >>> 26);
            c0 &= mask;
        }
    }
}
