using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// An integer modulo p = 2^256 - 2^32 - 977, kept loosely reduced in five limbs of 52 bits. Every operation takes a time
/// independent of the values, except those that end in <c>VarTime</c>.
/// </summary>
/// <remarks>
/// <para>
/// Limbs may be larger than 52 bits until the next multiplication. An element of <em>magnitude</em> m has its lower four limbs at
/// most 2m(2^52 - 1) and the top one at most 2m(2^48 - 1). Products and squares have magnitude 1, a sum has the sum of the
/// magnitudes, and a negation one more than its operand. Factors may have magnitude 8. Comparing and writing want
/// <see cref="Normalize"/> first. <c>docs/algorithms/secp256k1.md</c> has the bounds.
/// </para>
/// <para>
/// Operations write through an <c>out</c> parameter, which may be the storage of an operand, because returned structs of this
/// size are copied once more.
/// </para>
/// </remarks>
[DebuggerDisplay("FieldElement")]
internal readonly struct FieldElement
{
    public const int Length = 32;

    /// <summary>The largest magnitude of a factor.</summary>
    public const int MaxFactorMagnitude = 8;

    private const ulong Mask52 = (1UL << 52) - 1;
    private const ulong Mask48 = (1UL << 48) - 1;

    // p in limbs, 2^256 mod p, and 2^260 mod p moved up by the twelve bits that Accumulate moves down again.
    private const ulong P0 = 0xFFFFEFFFFFC2F, P1 = Mask52, P2 = Mask52, P3 = Mask52, P4 = Mask48;
    private const ulong Fold256 = 0x1000003D1;
    private const ulong Fold260 = (Fold256 << 4) << 12;

    private readonly ulong _l0, _l1, _l2, _l3, _l4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => (_l0, _l1, _l2, _l3, _l4) = (l0, l1, l2, l3, l4);

    public static FieldElement Zero => default;

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>A primitive cube root of one: (x, y) → (βx, y) is multiplication by λ.</summary>
    public static FieldElement Beta => FromWords(0xC1396C28719501EE, 0x9CF0497512F58995, 0x6E64479EAC3434E9, 0x7AE96A2B657C0710);

    /// <summary>1 where the value is odd, 0 where it is even. Normalised values only.</summary>
    public uint Parity => (uint)(_l0 & 1);

    public static FieldElement FromUInt32(uint value) => new(value, 0, 0, 0, 0);

    /// <summary>From four little-endian words of 64 bits, below p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement FromWords(ulong w0, ulong w1, ulong w2, ulong w3) => new(
        w0 & Mask52,
        ((w0 >> 52) | (w1 << 12)) & Mask52,
        ((w1 >> 40) | (w2 << 24)) & Mask52,
        ((w2 >> 28) | (w3 << 36)) & Mask52,
        w3 >> 16);

    /// <summary>Reads 32 bytes, big endian; false when the value is p or above.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out FieldElement value)
    {
        value = default;
        if (bytes.Length != Length)
        {
            return false;
        }

        FieldElement read = FromWords(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes));
        if (read._l4 == P4 && (read._l3 & read._l2 & read._l1) == Mask52 && read._l0 >= P0)
        {
            return false;
        }

        value = read;
        return true;
    }

    /// <summary>The four little-endian words of 64 bits. Normalised values only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ToWords(out ulong w0, out ulong w1, out ulong w2, out ulong w3)
    {
        w0 = _l0 | (_l1 << 52);
        w1 = (_l1 >> 12) | (_l2 << 40);
        w2 = (_l2 >> 24) | (_l3 << 28);
        w3 = (_l3 >> 36) | (_l4 << 16);
    }

    /// <summary>Writes 32 bytes, big endian. Normalised values only.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        ToWords(out ulong w0, out ulong w1, out ulong w2, out ulong w3);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], w0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], w1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], w2);
        BinaryPrimitives.WriteUInt64BigEndian(destination, w3);
    }

    /// <summary>Stores the limbs as they are, for a table of elements of any magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<ulong> limbs) => (limbs[4], limbs[3], limbs[2], limbs[1], limbs[0]) = (_l4, _l3, _l2, _l1, _l0);

    /// <summary>Reads what <see cref="Store"/> wrote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement Load(ReadOnlySpan<ulong> limbs)
    {
        ulong l4 = limbs[4];
        return new FieldElement(limbs[0], limbs[1], limbs[2], limbs[3], l4);
    }

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in FieldElement a, in FieldElement b, out FieldElement sum)
    {
        unchecked
        {
            sum = new FieldElement(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4);
        }
    }

    /// <summary>-a, where a has at most the magnitude given; the result's is one more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Negate(in FieldElement a, uint magnitude, out FieldElement negative)
    {
        unchecked
        {
            ulong k = 2UL * (magnitude + 1UL);
            negative = new FieldElement((P0 * k) - a._l0, (P1 * k) - a._l1, (P2 * k) - a._l2, (P3 * k) - a._l3, (P4 * k) - a._l4);
        }
    }

    /// <summary>a - b, where b has at most the magnitude given; the result has that of a plus that of b plus one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in FieldElement a, in FieldElement b, uint magnitudeOfB, out FieldElement difference)
    {
        unchecked
        {
            ulong k = 2UL * (magnitudeOfB + 1UL);
            difference = new FieldElement(
                (P0 * k) + a._l0 - b._l0, (P1 * k) + a._l1 - b._l1, (P2 * k) + a._l2 - b._l2, (P3 * k) + a._l3 - b._l3, (P4 * k) + a._l4 - b._l4);
        }
    }

    /// <summary>a times a small factor, which multiplies the magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(in FieldElement a, uint factor, out FieldElement product)
    {
        unchecked
        {
            product = new FieldElement(a._l0 * factor, a._l1 * factor, a._l2 * factor, a._l3 * factor, a._l4 * factor);
        }
    }

    /// <summary>a times a small factor, with magnitude 1 whatever that of a, as long as limbs stay below 2^63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScaleReduced(in FieldElement a, uint factor, out FieldElement product)
    {
        unchecked
        {
            product = Carry(a._l0 * factor, a._l1 * factor, a._l2 * factor, a._l3 * factor, a._l4 * factor);
        }
    }

    /// <summary>a / 2; a magnitude m becomes m/2 + 1, rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Halve(in FieldElement a, out FieldElement half)
    {
        unchecked
        {
            // An odd value becomes even when the odd p is added.
            ulong odd = 0UL - (a._l0 & 1);
            ulong l0 = a._l0 + (P0 & odd), l1 = a._l1 + (P1 & odd), l2 = a._l2 + (P2 & odd), l3 = a._l3 + (P3 & odd), l4 = a._l4 + (P4 & odd);
            half = new FieldElement(
                (l0 >> 1) + ((l1 & 1) << 51), (l1 >> 1) + ((l2 & 1) << 51), (l2 >> 1) + ((l3 & 1) << 51), (l3 >> 1) + ((l4 & 1) << 51), l4 >> 1);
        }
    }

    /// <summary>a · b, of magnitude 1; factors of magnitude 8 at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in FieldElement a, in FieldElement b, out FieldElement product)
    {
        unchecked
        {
            // Both factors six bits up: the upper word of a partial product then holds what lies above bit 52, and its lower
            // word, twelve bits up, what lies below. No sum of a column overflows, so there are no carries between words.
            ulong a0 = a._l0 << 6, a1 = a._l1 << 6, a2 = a._l2 << 6, a3 = a._l3 << 6, a4 = a._l4 << 6;
            ulong b0 = b._l0 << 6, b1 = b._l1 << 6, b2 = b._l2 << 6, b3 = b._l3 << 6, b4 = b._l4 << 6;
            ulong c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0, c8 = 0, c9 = 0;
            Accumulate(a0, b0, ref c0, ref c1);
            Accumulate(a0, b1, ref c1, ref c2);
            Accumulate(a1, b0, ref c1, ref c2);
            Accumulate(a0, b2, ref c2, ref c3);
            Accumulate(a1, b1, ref c2, ref c3);
            Accumulate(a2, b0, ref c2, ref c3);
            Accumulate(a0, b3, ref c3, ref c4);
            Accumulate(a1, b2, ref c3, ref c4);
            Accumulate(a2, b1, ref c3, ref c4);
            Accumulate(a3, b0, ref c3, ref c4);
            Accumulate(a0, b4, ref c4, ref c5);
            Accumulate(a1, b3, ref c4, ref c5);
            Accumulate(a2, b2, ref c4, ref c5);
            Accumulate(a3, b1, ref c4, ref c5);
            Accumulate(a4, b0, ref c4, ref c5);
            Accumulate(a1, b4, ref c5, ref c6);
            Accumulate(a2, b3, ref c5, ref c6);
            Accumulate(a3, b2, ref c5, ref c6);
            Accumulate(a4, b1, ref c5, ref c6);
            Accumulate(a2, b4, ref c6, ref c7);
            Accumulate(a3, b3, ref c6, ref c7);
            Accumulate(a4, b2, ref c6, ref c7);
            Accumulate(a3, b4, ref c7, ref c8);
            Accumulate(a4, b3, ref c7, ref c8);
            Accumulate(a4, b4, ref c8, ref c9);
            Accumulate(c9, Fold260, ref c4, ref c5);
            Accumulate(c5, Fold260, ref c0, ref c1);
            Accumulate(c6, Fold260, ref c1, ref c2);
            Accumulate(c7, Fold260, ref c2, ref c3);
            Accumulate(c8, Fold260, ref c3, ref c4);
            product = Carry(c0, c1, c2, c3, c4);
        }
    }

    /// <summary>a², of magnitude 1; a of magnitude 8 at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(in FieldElement a, out FieldElement square)
    {
        unchecked
        {
            ulong a0 = a._l0 << 6, a1 = a._l1 << 6, a2 = a._l2 << 6, a3 = a._l3 << 6, a4 = a._l4 << 6;
            ulong d0 = a0 << 1, d1 = a1 << 1, d2 = a2 << 1, d3 = a3 << 1;
            ulong c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0, c8 = 0, c9 = 0;
            Accumulate(a0, a0, ref c0, ref c1);
            Accumulate(d0, a1, ref c1, ref c2);
            Accumulate(d0, a2, ref c2, ref c3);
            Accumulate(a1, a1, ref c2, ref c3);
            Accumulate(d0, a3, ref c3, ref c4);
            Accumulate(d1, a2, ref c3, ref c4);
            Accumulate(d0, a4, ref c4, ref c5);
            Accumulate(d1, a3, ref c4, ref c5);
            Accumulate(a2, a2, ref c4, ref c5);
            Accumulate(d1, a4, ref c5, ref c6);
            Accumulate(d2, a3, ref c5, ref c6);
            Accumulate(d2, a4, ref c6, ref c7);
            Accumulate(a3, a3, ref c6, ref c7);
            Accumulate(d3, a4, ref c7, ref c8);
            Accumulate(a4, a4, ref c8, ref c9);
            Accumulate(c9, Fold260, ref c4, ref c5);
            Accumulate(c5, Fold260, ref c0, ref c1);
            Accumulate(c6, Fold260, ref c1, ref c2);
            Accumulate(c7, Fold260, ref c2, ref c3);
            Accumulate(c8, Fold260, ref c3, ref c4);
            square = Carry(c0, c1, c2, c3, c4);
        }
    }

    /// <summary>1/a, normalised, and 0 for 0.</summary>
    public static void Invert(in FieldElement a, out FieldElement inverse)
    {
        Normalize(a, out inverse);
        inverse.ToWords(out ulong w0, out ulong w1, out ulong w2, out ulong w3);
        ModularInverse.Invert<FieldPrime>(ref w0, ref w1, ref w2, ref w3);
        inverse = FromWords(w0, w1, w2, w3);
    }

    /// <summary>As <see cref="Invert"/>, in a time that depends on a: for public values.</summary>
    public static void InvertVarTime(in FieldElement a, out FieldElement inverse)
    {
        Normalize(a, out inverse);
        inverse.ToWords(out ulong w0, out ulong w1, out ulong w2, out ulong w3);
        ModularInverse.InvertVarTime<FieldPrime>(ref w0, ref w1, ref w2, ref w3);
        inverse = FromWords(w0, w1, w2, w3);
    }

    /// <summary>A square root of a: a^((p+1)/4) by a chain of 253 squarings and 13 multiplications. False when a is not a square.</summary>
    public static bool TrySquareRoot(in FieldElement a, out FieldElement root)
    {
        // a^(2^k - 1) for growing k; the exponent is 223 ones, a zero, 22 ones, four zeros, two ones, two zeros.
        Square(a, out FieldElement t);
        Multiply(t, a, out FieldElement x2);
        Square(x2, out t);
        Multiply(t, a, out FieldElement x3);
        SquareTimes(x3, 3, out t);
        Multiply(t, x3, out FieldElement x6);
        SquareTimes(x6, 3, out t);
        Multiply(t, x3, out FieldElement x9);
        SquareTimes(x9, 2, out t);
        Multiply(t, x2, out FieldElement x11);
        SquareTimes(x11, 11, out t);
        Multiply(t, x11, out FieldElement x22);
        SquareTimes(x22, 22, out t);
        Multiply(t, x22, out FieldElement x44);
        SquareTimes(x44, 44, out t);
        Multiply(t, x44, out FieldElement x88);
        SquareTimes(x88, 88, out t);
        Multiply(t, x88, out FieldElement x176);
        SquareTimes(x176, 44, out t);
        Multiply(t, x44, out FieldElement x220);
        SquareTimes(x220, 3, out t);
        Multiply(t, x3, out FieldElement x223);
        SquareTimes(x223, 23, out t);
        Multiply(t, x22, out t);
        SquareTimes(t, 6, out t);
        Multiply(t, x2, out t);
        SquareTimes(t, 2, out root);
        Square(root, out FieldElement square);
        return EqualsNormalizing(square, a);
    }

    /// <summary>Inverts public elements with one inversion and three multiplications each (Montgomery). No element may be zero: one zero makes all zero.</summary>
    /// <param name="values">The elements, each replaced by its inverse.</param>
    /// <param name="scratch">As many elements, overwritten.</param>
    public static void InvertAllVarTime(Span<FieldElement> values, Span<FieldElement> scratch)
    {
        if (values.IsEmpty)
        {
            return;
        }

        FieldElement product = values[0];
        for (int i = 1; i < values.Length; i++)
        {
            scratch[i] = product;
            Multiply(product, values[i], out product);
        }

        InvertVarTime(product, out FieldElement inverse);
        for (int i = values.Length - 1; i > 0; i--)
        {
            Multiply(inverse, scratch[i], out FieldElement own);
            Multiply(inverse, values[i], out inverse);
            values[i] = own;
        }

        values[0] = inverse;
    }

    /// <summary>The one representation with a value below p.</summary>
    public static void Normalize(in FieldElement a, out FieldElement normalized)
    {
        unchecked
        {
            FieldElement t = Carry(a._l0, a._l1, a._l2, a._l3, a._l4);
            ulong l0 = t._l0, l1 = t._l1, l2 = t._l2, l3 = t._l3, l4 = t._l4;
            l1 += l0 >> 52;
            l0 &= Mask52;
            l2 += l1 >> 52;
            l1 &= Mask52;
            l3 += l2 >> 52;
            l2 &= Mask52;
            l4 += l3 >> 52;
            l3 &= Mask52;

            // Below 2p now: adding 2^256 - p carries out of bit 256 exactly when the value is p or above.
            ulong s0 = l0 + Fold256, s1 = l1 + (s0 >> 52), s2 = l2 + (s1 >> 52), s3 = l3 + (s2 >> 52), s4 = l4 + (s3 >> 52);
            ulong take = 0UL - (s4 >> 48);
            normalized = new FieldElement(
                Choose(take, s0 & Mask52, l0), Choose(take, s1 & Mask52, l1), Choose(take, s2 & Mask52, l2), Choose(take, s3 & Mask52, l3), Choose(take, s4 & Mask48, l4));
        }
    }

    /// <summary>All ones when the normalised value is zero, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong IsZeroMask(in FieldElement normalized)
    {
        unchecked
        {
            ulong any = normalized._l0 | normalized._l1 | normalized._l2 | normalized._l3 | normalized._l4;
            return ((any | (0UL - any)) >> 63) - 1;
        }
    }

    /// <summary>Whether a value of any magnitude is zero. Most values are told apart by their lowest limb.</summary>
    public static bool IsZeroVarTime(in FieldElement a)
    {
        FieldElement t = Carry(a._l0, a._l1, a._l2, a._l3, a._l4);

        // Representations of zero below 2^257: 0 and p, whose lowest limbs are 0 and P0 with or without a carry above.
        ulong low = t._l0 & Mask52;
        if (low != 0 && low != P0)
        {
            return false;
        }

        Normalize(t, out t);
        return IsZeroMask(t) != 0;
    }

    /// <summary>Whether two values of any magnitude up to 30 are equal modulo p.</summary>
    public static bool EqualsNormalizing(in FieldElement a, in FieldElement b)
    {
        Normalize(a, out FieldElement x);
        Normalize(b, out FieldElement y);
        return EqualsNormalized(x, y);
    }

    public static bool EqualsNormalized(in FieldElement a, in FieldElement b) =>
        ((a._l0 ^ b._l0) | (a._l1 ^ b._l1) | (a._l2 ^ b._l2) | (a._l3 ^ b._l3) | (a._l4 ^ b._l4)) == 0;

    /// <summary><paramref name="a"/> where the mask has ones, <paramref name="b"/> where it has zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Select(ulong mask, in FieldElement a, in FieldElement b, out FieldElement selected) => selected = new FieldElement(
        Choose(mask, a._l0, b._l0), Choose(mask, a._l1, b._l1), Choose(mask, a._l2, b._l2), Choose(mask, a._l3, b._l3), Choose(mask, a._l4, b._l4));

    public override string ToString() => nameof(FieldElement);

    private static void SquareTimes(in FieldElement a, int times, out FieldElement result)
    {
        Square(a, out result);
        for (int i = 1; i < times; i++)
        {
            Square(result, out result);
        }
    }

    // low + 2^52·high += a·b, where a·b is 2^12 times the product meant.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ulong a, ulong b, ref ulong low, ref ulong high)
    {
        unchecked
        {
            low += (a * b) >> 12;
            high += HighWord(a, b);
        }
    }

    // Two multiplications beat one whose lower word comes back through memory, which is how the JIT compiles Math.BigMul.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HighWord(ulong a, ulong b) => Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Choose(ulong mask, ulong a, ulong b) => b ^ (mask & (a ^ b));

    // Brings columns below 2^63 to magnitude 1: upwards once, and what lies above bit 256 back to the lowest limb.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Carry(ulong c0, ulong c1, ulong c2, ulong c3, ulong c4)
    {
        unchecked
        {
            c1 += c0 >> 52;
            c2 += c1 >> 52;
            c3 += c2 >> 52;
            c4 += c3 >> 52;
            return new FieldElement((c0 & Mask52) + ((c4 >> 48) * Fold256), c1 & Mask52, c2 & Mask52, c3 & Mask52, c4 & Mask48);
        }
    }
}
