using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Phr.Crypto.Secp256k1;

/// <summary>Arithmetic on 64-bit limbs with carries. Nothing here branches on a value.</summary>
/// <remarks>
/// A carry is made from the comparison itself: in IL that is one instruction without a jump, so that even unoptimised
/// code has none, where <c>a &lt; b ? 1 : 0</c> may become a branch.
/// </remarks>
internal static class Limb
{
    /// <summary>1 when <paramref name="condition"/> holds, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bit(bool condition) => Unsafe.BitCast<bool, byte>(condition);

    /// <summary>a + b + carry; the carry in and out is 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong a, ulong b, ref ulong carry)
    {
        unchecked
        {
            ulong t = a + b;
            ulong sum = t + carry;
            carry = Bit(t < a) | Bit(sum < t);
            return sum;
        }
    }

    /// <summary>a + carry for a carry of any size; the carry out is 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Propagate(ulong a, ref ulong carry)
    {
        unchecked
        {
            ulong sum = a + carry;
            carry = Bit(sum < a);
            return sum;
        }
    }

    /// <summary>a - b - borrow; the borrow in and out is 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(ulong a, ulong b, ref ulong borrow)
    {
        unchecked
        {
            ulong t = a - b;
            ulong difference = t - borrow;
            borrow = Bit(a < b) | Bit(t < borrow);
            return difference;
        }
    }

    /// <summary>The two limbs of a·b.</summary>
    /// <remarks>Two multiplications, because the compiler takes the low limb of <see cref="Math.BigMul(ulong, ulong, out ulong)"/> through memory.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyWide(ulong a, ulong b, out ulong low)
    {
        if (!Bmi2.X64.IsSupported)
        {
            return Math.BigMul(a, b, out low);
        }

        low = unchecked(a * b);
        return Bmi2.X64.MultiplyNoFlags(a, b);
    }

    /// <summary>The low limb of a·b + carry; the carry becomes the high limb. It cannot overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Multiply(ulong a, ulong b, ref ulong carry)
    {
        unchecked
        {
            ulong high = MultiplyWide(a, b, out ulong low);
            ulong sum = low + carry;
            carry = high + Bit(sum < low);
            return sum;
        }
    }

    /// <summary>The low limb of a·b + addend + carry; the carry becomes the high limb. It cannot overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong addend, ref ulong carry)
    {
        unchecked
        {
            ulong high = MultiplyWide(a, b, out ulong low);
            ulong t = low + addend;
            high += Bit(t < low);
            ulong sum = t + carry;
            carry = high + Bit(sum < t);
            return sum;
        }
    }
}
