using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// An integer modulo the group order n. Addition, multiplication and inversion run in time independent of the values;
/// what ends in <c>VarTime</c> does not.
/// </summary>
[DebuggerDisplay("Scalar")]
internal readonly struct Scalar : IPrimeField<Scalar>, IEquatable<Scalar>
{
    public const int Length = 32;

    // n, little-endian limbs, and c = 2^256 - n (129 bits), used to fold the high half of a product.
    private const ulong N0 = 0xBFD25E8CD0364141, N1 = 0xBAAEDCE6AF48A03B, N2 = 0xFFFFFFFFFFFFFFFE, N3 = 0xFFFFFFFFFFFFFFFF;
    private const ulong C0 = 0x402DA1732FC9BEBF, C1 = 0x4551231950B75FC4, C2 = 1;

    private readonly ulong _l0, _l1, _l2, _l3;

    private Scalar(ulong l0, ulong l1, ulong l2, ulong l3) => (_l0, _l1, _l2, _l3) = (l0, l1, l2, l3);

    public static Scalar Zero => default;

    public static Scalar One => new(1, 0, 0, 0);

    public bool IsZero => (_l0 | _l1 | _l2 | _l3) == 0;

    /// <summary>Whether the value is above n/2: ECDSA signatures with such an s are refused.</summary>
    public bool IsHigh
    {
        get
        {
            // n/2 rounded down.
            Subtract(0xDFE92F46681B20A0, 0x5D576E7357A4501D, 0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFF, this, out _, out ulong borrow);
            return borrow != 0;
        }
    }

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
        Subtract(raw._l0, raw._l1, raw._l2, raw._l3, new Scalar(N0, N1, N2, N3), out _, out ulong borrow);
        if (borrow == 0)
        {
            return false;
        }

        scalar = raw;
        return true;
    }

    /// <summary>Reads 32 bytes, big endian, reduced modulo n.</summary>
    public static Scalar FromBytesReduced(ReadOnlySpan<byte> bytes) => ReduceOnce(ReadRaw(bytes), 0);

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

    public static Scalar operator +(Scalar left, Scalar right)
    {
        unchecked
        {
            UInt128 t = (UInt128)left._l0 + right._l0;
            ulong r0 = (ulong)t;
            t = (t >> 64) + left._l1 + right._l1;
            ulong r1 = (ulong)t;
            t = (t >> 64) + left._l2 + right._l2;
            ulong r2 = (ulong)t;
            t = (t >> 64) + left._l3 + right._l3;
            return ReduceOnce(new Scalar(r0, r1, r2, (ulong)t), (ulong)(t >> 64));
        }
    }

    public static Scalar operator -(Scalar left, Scalar right)
    {
        unchecked
        {
            Subtract(left._l0, left._l1, left._l2, left._l3, right, out Scalar d, out ulong borrow);
            ulong mask = 0UL - borrow;
            UInt128 t = (UInt128)d._l0 + (N0 & mask);
            ulong r0 = (ulong)t;
            t = (t >> 64) + d._l1 + (N1 & mask);
            ulong r1 = (ulong)t;
            t = (t >> 64) + d._l2 + (N2 & mask);
            ulong r2 = (ulong)t;
            t = (t >> 64) + d._l3 + (N3 & mask);
            return new Scalar(r0, r1, r2, (ulong)t);
        }
    }

    public static Scalar operator -(Scalar value) => Zero - value;

    public static Scalar operator *(Scalar left, Scalar right)
    {
        Span<ulong> a = [left._l0, left._l1, left._l2, left._l3];
        Span<ulong> b = [right._l0, right._l1, right._l2, right._l3];
        Span<ulong> wide = stackalloc ulong[8];
        wide.Clear();
        unchecked
        {
            for (int i = 0; i < 4; i++)
            {
                ulong carry = 0;
                for (int j = 0; j < 4; j++)
                {
                    ulong high = Math.BigMul(a[i], b[j], out ulong low);
                    UInt128 t = (UInt128)low + wide[i + j] + carry;
                    wide[i + j] = (ulong)t;
                    carry = high + (ulong)(t >> 64);
                }

                wide[i + 4] = carry;
            }
        }

        Scalar result = ReduceWide(wide);
        wide.Clear();
        a.Clear();
        b.Clear();
        return result;
    }

    /// <summary>x^(n-2); the exponent is public, so the sequence of operations is fixed.</summary>
    public Scalar Invert()
    {
        ReadOnlySpan<ulong> exponent = [N0 - 2, N1, N2, N3];
        Scalar result = One;
        for (int bit = 255; bit >= 0; bit--)
        {
            result *= result;
            if (((exponent[bit >> 6] >> (bit & 63)) & 1) != 0)
            {
                result *= this;
            }
        }

        return result;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Subtract(ulong a0, ulong a1, ulong a2, ulong a3, in Scalar b, out Scalar difference, out ulong borrow)
    {
        unchecked
        {
            UInt128 t = (UInt128)a0 - b._l0;
            ulong r0 = (ulong)t;
            t = (UInt128)a1 - b._l1 - ((ulong)(t >> 64) & 1);
            ulong r1 = (ulong)t;
            t = (UInt128)a2 - b._l2 - ((ulong)(t >> 64) & 1);
            ulong r2 = (ulong)t;
            t = (UInt128)a3 - b._l3 - ((ulong)(t >> 64) & 1);
            difference = new Scalar(r0, r1, r2, (ulong)t);
            borrow = (ulong)(t >> 64) & 1;
        }
    }

    // The value high * 2^256 + x is below 2n here, so one conditional subtraction is enough.
    private static Scalar ReduceOnce(in Scalar x, ulong high)
    {
        unchecked
        {
            Subtract(x._l0, x._l1, x._l2, x._l3, new Scalar(N0, N1, N2, N3), out Scalar d, out ulong borrow);
            ulong keep = 0UL - (borrow & (1 - high));
            return new Scalar(
                (x._l0 & keep) | (d._l0 & ~keep),
                (x._l1 & keep) | (d._l1 & ~keep),
                (x._l2 & keep) | (d._l2 & ~keep),
                (x._l3 & keep) | (d._l3 & ~keep));
        }
    }

    // Folds the upper limbs with 2^256 = c (mod n): 512 -> 386 -> 260 -> 256 bits and a carry.
    private static Scalar ReduceWide(Span<ulong> wide)
    {
        Span<ulong> acc = stackalloc ulong[8];
        acc.Clear();
        for (int round = 0; round < 3; round++)
        {
            wide[..4].CopyTo(acc);
            acc[4..].Clear();
            for (int i = 0; i < 4; i++)
            {
                MultiplyAdd(acc, i, wide[4 + i]);
            }

            acc.CopyTo(wide);
        }

        unchecked
        {
            // At most a few units remain above 2^256 minus one subtraction; fold the carry limb a last time.
            return ReduceOnce(new Scalar(wide[0], wide[1], wide[2], wide[3]), wide[4]);
        }
    }

    private static void MultiplyAdd(Span<ulong> acc, int offset, ulong factor)
    {
        unchecked
        {
            ReadOnlySpan<ulong> c = [C0, C1, C2];
            ulong carry = 0;
            for (int j = 0; j < 3; j++)
            {
                ulong high = Math.BigMul(factor, c[j], out ulong low);
                UInt128 t = (UInt128)low + acc[offset + j] + carry;
                acc[offset + j] = (ulong)t;
                carry = high + (ulong)(t >> 64);
            }

            for (int k = offset + 3; k < 8; k++)
            {
                UInt128 t = (UInt128)acc[k] + carry;
                acc[k] = (ulong)t;
                carry = (ulong)(t >> 64);
            }
        }
    }
}
