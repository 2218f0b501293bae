using System.Runtime.CompilerServices;

namespace Phr.Crypto.Secp256k1;

/// <summary>Digits of a scalar, as the multiplications use them.</summary>
internal static class SignedWindow
{
    /// <summary>The width in bits of the windows of constant-time multiplication: digits -16..16.</summary>
    public const int Width = 5;

    /// <summary>2^(Width-1): the number of entries of a table for one window, the multiples 1..16.</summary>
    public const int Entries = 1 << (Width - 1);

    /// <summary>The longest width-w NAF of 128 bits.</summary>
    public const int MaxNafLength = 129;

    /// <summary>The bits 5·window - 1 .. 5·window + 4 of a half scalar.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(UInt128 half, int window)
    {
        unchecked
        {
            int shift = window * Width;
            return shift == 0 ? ((ulong)half << 1) & 63 : (ulong)(half >> (shift - 1)) & 63;
        }
    }

    /// <summary>
    /// Booth's digit of the six bits 5i-1 .. 5i+4 of a number: magnitude 0..16, and all ones for a negative one.
    /// Without a branch on the bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Booth(ulong sixBits, out ulong negative)
    {
        unchecked
        {
            negative = 0UL - (sixBits >> Width);
            ulong value = sixBits ^ (negative & 63);
            return (value >> 1) + (value & 1);
        }
    }

    /// <summary>
    /// The width-w non-adjacent form: odd digits with absolute value below 2^(width-1), at least width-1 zeros after each.
    /// </summary>
    /// <param name="k">The number.</param>
    /// <param name="width">2 to 8.</param>
    /// <param name="digits"><see cref="MaxNafLength"/> digits, the lowest first, overwritten.</param>
    /// <returns>One more than the index of the highest digit that is not zero; 0 for zero.</returns>
    public static int NafVarTime(UInt128 k, int width, Span<sbyte> digits)
    {
        unchecked
        {
            digits.Clear();
            int length = 0, bit = 0;
            ulong carry = 0, mask = (1UL << width) - 1, half = 1UL << (width - 1);
            while (bit < MaxNafLength)
            {
                ulong window = bit < 128 ? (ulong)(k >> bit) & mask : 0;
                if ((window & 1) == carry)
                {
                    bit++;
                    continue;
                }

                window += carry;
                carry = (window & half) != 0 ? 1UL : 0;
                digits[bit] = (sbyte)((long)window - (long)(carry << width));
                length = bit + 1;
                bit += width;
            }

            return length;
        }
    }
}
