using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// An integer modulo the group order n, always below n. Addition, multiplication, inversion and the split run in time independent of
/// the values; what ends in <c>VarTime</c> does not.
/// </summary>
/// <remarks>
/// A scalar is a value: the compiler keeps copies in registers and on the stack that cannot be wiped. What lives longer than a
/// computation is kept in <see cref="SecretBytes"/> and read from there.
/// </remarks>
[DebuggerDisplay("Scalar")]
internal readonly struct Scalar : IPrimeField<Scalar>, IEquatable<Scalar>
{
    public const int Length = 32;

    // n, little-endian limbs, and c = 2^256 - n = 2^128 + C1·2^64 + C0, used to fold the high half of a product.
    private const ulong N0 = 0xBFD25E8CD0364141, N1 = 0xBAAEDCE6AF48A03B, N2 = 0xFFFFFFFFFFFFFFFE, N3 = 0xFFFFFFFFFFFFFFFF;
    private const ulong C0 = 0x402DA1732FC9BEBF, C1 = 0x4551231950B75FC4;

    // The short basis (a1, b1), (a2, b2) of the lattice of all (x, y) with x + λy = 0 (mod n): b2 = a1, and -b1 is written here.
    // a2 = 2^128 + A2.
    private const ulong A1Low = 0xE86C90E49284EB15, A1High = 0x3086D221A7D46BCD;
    private const ulong B1Low = 0x6F547FA90ABFE4C3, B1High = 0xE4437ED6010E8828;
    private const ulong A2Low = 0x57C1108D9D44CFD8, A2High = 0x14CA50F7A8E2F3F6;

    private readonly ulong _l0, _l1, _l2, _l3;

    private Scalar(ulong l0, ulong l1, ulong l2, ulong l3) => (_l0, _l1, _l2, _l3) = (l0, l1, l2, l3);

    public static Scalar Zero => default;

    public static Scalar One => new(1, 0, 0, 0);

    public bool IsZero => (_l0 | _l1 | _l2 | _l3) == 0;

    /// <summary>Whether the value is above n/2: ECDSA signatures with such an s are refused.</summary>
    public bool IsHigh => HighMask != 0;

    /// <summary>All ones when the value is above n/2, else 0.</summary>
    public ulong HighMask
    {
        get
        {
            // n/2 rounded down, minus the value: it borrows when the value is larger.
            ulong borrow = 0;
            _ = Limb.Subtract(0xDFE92F46681B20A0, _l0, ref borrow);
            _ = Limb.Subtract(0x5D576E7357A4501D, _l1, ref borrow);
            _ = Limb.Subtract(0xFFFFFFFFFFFFFFFF, _l2, ref borrow);
            _ = Limb.Subtract(0x7FFFFFFFFFFFFFFF, _l3, ref borrow);
            return unchecked(0UL - borrow);
        }
    }

    /// <summary>λ, a cube root of one modulo n: multiplying a point by it multiplies its x by a cube root of one modulo p.</summary>
    public static Scalar Lambda => new(0xDF02967C1B23BD72, 0x122E22EA20816678, 0xA5261C028812645A, 0x5363AD4CC05C30E0);

    public static Scalar FromUInt32(uint value) => new(value, 0, 0, 0);

    /// <summary>Reads 32 bytes, big endian; false when the value is n or above.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Scalar scalar)
    {
        scalar = default;
        if (bytes.Length != Length)
        {
            return false;
        }

        Scalar raw = ReadRaw(bytes);
        ulong borrow = 0;
        _ = Limb.Subtract(raw._l0, N0, ref borrow);
        _ = Limb.Subtract(raw._l1, N1, ref borrow);
        _ = Limb.Subtract(raw._l2, N2, ref borrow);
        _ = Limb.Subtract(raw._l3, N3, ref borrow);
        if (borrow == 0)
        {
            return false;
        }

        scalar = raw;
        return true;
    }

    /// <summary>Reads 32 bytes, big endian, reduced modulo n.</summary>
    public static Scalar FromBytesReduced(ReadOnlySpan<byte> bytes)
    {
        Scalar raw = ReadRaw(bytes);
        return ReduceOnce(raw._l0, raw._l1, raw._l2, raw._l3, 0);
    }

    /// <summary>Draws 32-byte values until one lies in 1..n-1 (no reduction, as the specification of Umbral wants it).</summary>
    public static Scalar Random(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Length];
        try
        {
            while (true)
            {
                random.Fill(bytes);
                if (TryFromBytes(bytes, out Scalar scalar) && !scalar.IsZero)
                {
                    return scalar;
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void WriteBytes(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _l3);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _l2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _l1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _l0);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        WriteBytes(bytes);
        return bytes;
    }

    /// <summary>The 64-bit limb at <paramref name="index"/>, 0 the least significant. The index is public.</summary>
    public ulong GetLimb(int index) => index switch
    {
        0 => _l0,
        1 => _l1,
        2 => _l2,
        3 => _l3,
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>The <paramref name="count"/> (1..32) bits from bit <paramref name="offset"/> (0..255) on; above bit 255 there are zeros. Offset and count are public.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint GetBits(int offset, int count)
    {
        unchecked
        {
            int limb = offset >> 6, shift = offset & 63;
            ulong bits = GetLimb(limb) >> shift;
            if (shift + count > 64 && limb < 3)
            {
                bits |= GetLimb(limb + 1) << (64 - shift);
            }

            return (uint)(bits & ((1UL << count) - 1));
        }
    }

    public static Scalar operator +(Scalar left, Scalar right)
    {
        ulong carry = 0;
        ulong r0 = Limb.Add(left._l0, right._l0, ref carry);
        ulong r1 = Limb.Add(left._l1, right._l1, ref carry);
        ulong r2 = Limb.Add(left._l2, right._l2, ref carry);
        ulong r3 = Limb.Add(left._l3, right._l3, ref carry);
        return ReduceOnce(r0, r1, r2, r3, carry);
    }

    public static Scalar operator -(Scalar left, Scalar right)
    {
        unchecked
        {
            ulong borrow = 0;
            ulong r0 = Limb.Subtract(left._l0, right._l0, ref borrow);
            ulong r1 = Limb.Subtract(left._l1, right._l1, ref borrow);
            ulong r2 = Limb.Subtract(left._l2, right._l2, ref borrow);
            ulong r3 = Limb.Subtract(left._l3, right._l3, ref borrow);
            ulong mask = 0UL - borrow;
            ulong carry = 0;
            r0 = Limb.Add(r0, N0 & mask, ref carry);
            r1 = Limb.Add(r1, N1 & mask, ref carry);
            r2 = Limb.Add(r2, N2 & mask, ref carry);
            r3 = Limb.Add(r3, N3 & mask, ref carry);
            return new Scalar(r0, r1, r2, r3);
        }
    }

    public static Scalar operator -(Scalar value) => Zero - value;

    /// <summary>The negative when the mask is all ones, the value itself when it is 0. Constant in time.</summary>
    public Scalar NegateIf(ulong mask)
    {
        Scalar negative = -this;
        return new Scalar(
            _l0 ^ ((_l0 ^ negative._l0) & mask),
            _l1 ^ ((_l1 ^ negative._l1) & mask),
            _l2 ^ ((_l2 ^ negative._l2) & mask),
            _l3 ^ ((_l3 ^ negative._l3) & mask));
    }

    public static Scalar operator *(Scalar left, Scalar right)
    {
        MultiplyWide(left, right._l0, right._l1, right._l2, right._l3,
            out ulong w0, out ulong w1, out ulong w2, out ulong w3, out ulong w4, out ulong w5, out ulong w6, out ulong w7);
        return ReduceWide(w0, w1, w2, w3, w4, w5, w6, w7);
    }

    /// <summary>The inverse, in time independent of the value; zero gives zero.</summary>
    public Scalar Invert()
    {
        ulong x0 = _l0, x1 = _l1, x2 = _l2, x3 = _l3;
        ModularInverse.Invert<GroupOrder>(ref x0, ref x1, ref x2, ref x3);
        return new Scalar(x0, x1, x2, x3);
    }

    /// <summary>The inverse of a public value; zero gives zero.</summary>
    public Scalar InvertVarTime()
    {
        ulong x0 = _l0, x1 = _l1, x2 = _l2, x3 = _l3;
        ModularInverse.InvertVarTime<GroupOrder>(ref x0, ref x1, ref x2, ref x3);
        return new Scalar(x0, x1, x2, x3);
    }

    /// <summary>
    /// Writes k as ±k1 + λ·(±k2) modulo n with both magnitudes below 2^128, so that a multiplication needs half as many doublings. Constant in time.
    /// </summary>
    /// <param name="k">Any scalar.</param>
    /// <param name="k1">The magnitude of the first part.</param>
    /// <param name="k2">The magnitude of the second part.</param>
    /// <param name="neg1Mask">All ones when the first part is negative, else 0.</param>
    /// <param name="neg2Mask">All ones when the second part is negative, else 0.</param>
    /// <remarks>
    /// <para>
    /// Source: Gallant, Lambert and Vanstone, "Faster point multiplication on elliptic curves with efficient endomorphisms" (2001), section 4.
    /// With v1 = (a1, b1) and v2 = (a2, b2) of determinant n, (k, 0) = x1·v1 + x2·v2 over the rationals for x1 = k·b2/n and x2 = -k·b1/n;
    /// with c1 and c2 near them, (k1, k2) = (x1 - c1)·v1 + (x2 - c2)·v2, as the difference of the two is in the lattice.
    /// </para>
    /// <para>
    /// c_i is k·g_i/2^384 rounded to the nearest, where g1 = b2·2^384/n and g2 = -b1·2^384/n are rounded to the nearest too. The rounding of
    /// g_i moves k·g_i/2^384 by at most 2^256·2^-1/2^384 = 2^-129, so |x_i - c_i| is at most 1/2 + 2^-129. Hence
    /// |k1| is at most (1/2 + 2^-129)·(a1 + a2), which is below 0.64·2^128, and |k2| at most (1/2 + 2^-129)·(|b1| + b2), below 0.55·2^128.
    /// So 192 bits in two's complement hold both, and only the lowest three limbs of the products are formed.
    /// </para>
    /// </remarks>
    public static void SplitGlv(in Scalar k, out Scalar k1, out Scalar k2, out ulong neg1Mask, out ulong neg2Mask)
    {
        unchecked
        {
            RoundedQuotient(k, 0xE893209A45DBB031, 0x3DAA8A1471E8CA7F, 0xE86C90E49284EB15, 0x3086D221A7D46BCD, out ulong c1Low, out ulong c1High);
            RoundedQuotient(k, 0x1571B4AE8AC47F71, 0x221208AC9DF506C6, 0x6F547FA90ABFE4C4, 0xE4437ED6010E8828, out ulong c2Low, out ulong c2High);

            // k1 = k - c1·a1 - c2·a2
            MultiplyLow(c1Low, c1High, A1Low, A1High, out ulong p0, out ulong p1, out ulong p2);
            MultiplyLow(c2Low, c2High, A2Low, A2High, out ulong q0, out ulong q1, out ulong q2);
            q2 += c2Low;
            ulong borrow = 0;
            ulong r0 = Limb.Subtract(k._l0, p0, ref borrow);
            ulong r1 = Limb.Subtract(k._l1, p1, ref borrow);
            ulong r2 = Limb.Subtract(k._l2, p2, ref borrow);
            borrow = 0;
            r0 = Limb.Subtract(r0, q0, ref borrow);
            r1 = Limb.Subtract(r1, q1, ref borrow);
            r2 = Limb.Subtract(r2, q2, ref borrow);
            k1 = Magnitude(r0, r1, r2, out neg1Mask);

            // k2 = c1·|b1| - c2·b2
            MultiplyLow(c1Low, c1High, B1Low, B1High, out p0, out p1, out p2);
            MultiplyLow(c2Low, c2High, A1Low, A1High, out q0, out q1, out q2);
            borrow = 0;
            r0 = Limb.Subtract(p0, q0, ref borrow);
            r1 = Limb.Subtract(p1, q1, ref borrow);
            r2 = Limb.Subtract(p2, q2, ref borrow);
            k2 = Magnitude(r0, r1, r2, out neg2Mask);
        }
    }

    public bool Equals(Scalar other) =>
        ((_l0 ^ other._l0) | (_l1 ^ other._l1) | (_l2 ^ other._l2) | (_l3 ^ other._l3)) == 0;

    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    public override int GetHashCode() => throw new NotSupportedException("A scalar may be a secret and is not hashed.");

    public override string ToString() => nameof(Scalar);

    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);

    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);

    private static Scalar ReadRaw(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes));

    // The value high * 2^256 + r is below 2n here, so one conditional subtraction is enough.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Scalar ReduceOnce(ulong r0, ulong r1, ulong r2, ulong r3, ulong high)
    {
        unchecked
        {
            ulong borrow = 0;
            ulong d0 = Limb.Subtract(r0, N0, ref borrow);
            ulong d1 = Limb.Subtract(r1, N1, ref borrow);
            ulong d2 = Limb.Subtract(r2, N2, ref borrow);
            ulong d3 = Limb.Subtract(r3, N3, ref borrow);
            ulong keep = 0UL - (borrow & (1 - high));
            return new Scalar(
                (r0 & keep) | (d0 & ~keep),
                (r1 & keep) | (d1 & ~keep),
                (r2 & keep) | (d2 & ~keep),
                (r3 & keep) | (d3 & ~keep));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyWide(
        in Scalar a, ulong b0, ulong b1, ulong b2, ulong b3,
        out ulong w0, out ulong w1, out ulong w2, out ulong w3, out ulong w4, out ulong w5, out ulong w6, out ulong w7)
    {
        ulong carry = 0;
        w0 = Limb.Multiply(a._l0, b0, ref carry);
        ulong t1 = Limb.Multiply(a._l0, b1, ref carry);
        ulong t2 = Limb.Multiply(a._l0, b2, ref carry);
        ulong t3 = Limb.Multiply(a._l0, b3, ref carry);
        ulong t4 = carry;

        carry = 0;
        w1 = Limb.MultiplyAdd(a._l1, b0, t1, ref carry);
        t2 = Limb.MultiplyAdd(a._l1, b1, t2, ref carry);
        t3 = Limb.MultiplyAdd(a._l1, b2, t3, ref carry);
        t4 = Limb.MultiplyAdd(a._l1, b3, t4, ref carry);
        ulong t5 = carry;

        carry = 0;
        w2 = Limb.MultiplyAdd(a._l2, b0, t2, ref carry);
        t3 = Limb.MultiplyAdd(a._l2, b1, t3, ref carry);
        t4 = Limb.MultiplyAdd(a._l2, b2, t4, ref carry);
        t5 = Limb.MultiplyAdd(a._l2, b3, t5, ref carry);
        ulong t6 = carry;

        carry = 0;
        w3 = Limb.MultiplyAdd(a._l3, b0, t3, ref carry);
        w4 = Limb.MultiplyAdd(a._l3, b1, t4, ref carry);
        w5 = Limb.MultiplyAdd(a._l3, b2, t5, ref carry);
        w6 = Limb.MultiplyAdd(a._l3, b3, t6, ref carry);
        w7 = carry;
    }

    // Folds what is above 2^256 with 2^256 = c = 2^128 + C1·2^64 + C0 (mod n).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Scalar ReduceWide(ulong w0, ulong w1, ulong w2, ulong w3, ulong w4, ulong w5, ulong w6, ulong w7)
    {
        unchecked
        {
            // 512 bits: w0..w3 + (w4..w7)·c is below 2^256 + 2^256·c < 2^386; m0..m6.
            ulong carry = 0;
            ulong m0 = Limb.MultiplyAdd(w4, C0, w0, ref carry);
            ulong m1 = Limb.MultiplyAdd(w5, C0, w1, ref carry);
            ulong m2 = Limb.MultiplyAdd(w6, C0, w2, ref carry);
            ulong m3 = Limb.MultiplyAdd(w7, C0, w3, ref carry);
            ulong m4 = carry;
            carry = 0;
            m1 = Limb.MultiplyAdd(w4, C1, m1, ref carry);
            m2 = Limb.MultiplyAdd(w5, C1, m2, ref carry);
            m3 = Limb.MultiplyAdd(w6, C1, m3, ref carry);
            m4 = Limb.MultiplyAdd(w7, C1, m4, ref carry);
            ulong m5 = carry;
            carry = 0;
            m2 = Limb.Add(m2, w4, ref carry);
            m3 = Limb.Add(m3, w5, ref carry);
            m4 = Limb.Add(m4, w6, ref carry);
            m5 = Limb.Add(m5, w7, ref carry);
            ulong m6 = carry;

            // 386 bits: m0..m3 + (m4, m5, m6)·c with (m4, m5, m6) below 2^130 is below 2^256 + 2^260; p0..p4.
            carry = 0;
            ulong p0 = Limb.MultiplyAdd(m4, C0, m0, ref carry);
            ulong p1 = Limb.MultiplyAdd(m5, C0, m1, ref carry);
            ulong p2 = Limb.MultiplyAdd(m6, C0, m2, ref carry);
            ulong p3 = Limb.Propagate(m3, ref carry);
            ulong p4 = carry;
            carry = 0;
            p1 = Limb.MultiplyAdd(m4, C1, p1, ref carry);
            p2 = Limb.MultiplyAdd(m5, C1, p2, ref carry);
            p3 = Limb.MultiplyAdd(m6, C1, p3, ref carry);
            p4 += carry;
            carry = 0;
            p2 = Limb.Add(p2, m4, ref carry);
            p3 = Limb.Add(p3, m5, ref carry);
            p4 += m6 + carry;

            // 261 bits: p0..p3 + p4·c with p4 below 2^5 is below 2^256 + 2^134, so less than 2n.
            carry = 0;
            ulong r0 = Limb.MultiplyAdd(p4, C0, p0, ref carry);
            ulong r1 = Limb.MultiplyAdd(p4, C1, p1, ref carry);
            ulong r2 = Limb.Propagate(p2, ref carry);
            ulong r3 = Limb.Propagate(p3, ref carry);
            ulong r4 = carry;
            carry = 0;
            r2 = Limb.Add(r2, p4, ref carry);
            r3 = Limb.Propagate(r3, ref carry);
            return ReduceOnce(r0, r1, r2, r3, r4 + carry);
        }
    }

    // k·g/2^384 to the nearest integer, which is below 2^128 for both constants.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RoundedQuotient(in Scalar k, ulong g0, ulong g1, ulong g2, ulong g3, out ulong low, out ulong high)
    {
        MultiplyWide(k, g0, g1, g2, g3, out _, out _, out _, out _, out _, out ulong w5, out ulong w6, out ulong w7);
        ulong carry = w5 >> 63;
        low = Limb.Propagate(w6, ref carry);
        high = Limb.Propagate(w7, ref carry);
    }

    // The lowest 192 bits of a product of two 128-bit numbers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyLow(ulong a0, ulong a1, ulong b0, ulong b1, out ulong r0, out ulong r1, out ulong r2)
    {
        unchecked
        {
            ulong carry = 0;
            r0 = Limb.Multiply(a0, b0, ref carry);
            r1 = Limb.Multiply(a0, b1, ref carry);
            r2 = carry;
            carry = 0;
            r1 = Limb.MultiplyAdd(a1, b0, r1, ref carry);
            r2 += carry + (a1 * b1);
        }
    }

    // The magnitude, below 2^128, of a number of 192 bits in two's complement.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Scalar Magnitude(ulong r0, ulong r1, ulong r2, out ulong negativeMask)
    {
        unchecked
        {
            negativeMask = (ulong)((long)r2 >> 63);
            ulong carry = negativeMask & 1;
            r0 = Limb.Propagate(r0 ^ negativeMask, ref carry);
            r1 = Limb.Propagate(r1 ^ negativeMask, ref carry);
            return new Scalar(r0, r1, 0, 0);
        }
    }
}
