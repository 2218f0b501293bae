namespace Phr.Crypto.Recovery;

/// <summary>The field of 256 elements modulo x^8 + x^4 + x^3 + x + 1, without a table and without a branch on an element.</summary>
internal static class Gf256
{
    public static byte Multiply(byte a, byte b)
    {
        unchecked
        {
            uint x = a, y = b, product = 0;
            for (int i = 0; i < 8; i++)
            {
                product ^= x & (0 - (y & 1));
                y >>= 1;
                x = ((x << 1) ^ (0x11b & (0 - (x >> 7)))) & 0xff;
            }

            return (byte)product;
        }
    }

    /// <summary>a^254, which is 1/a; zero for zero.</summary>
    public static byte Invert(byte a)
    {
        byte square = Multiply(a, a), result = square;
        for (int i = 0; i < 6; i++)
        {
            square = Multiply(square, square);
            result = Multiply(result, square);
        }

        return result;
    }

    /// <summary>The value at <paramref name="at"/> of the polynomial of least degree through the points, for each byte place. Places are public and distinct; values are secret.</summary>
    /// <param name="places">Where each value lies.</param>
    /// <param name="values">The values one after another, each as long as <paramref name="result"/>.</param>
    /// <param name="at">The place that is asked for.</param>
    /// <param name="result">The value.</param>
    public static void Interpolate(ReadOnlySpan<byte> places, ReadOnlySpan<byte> values, byte at, Span<byte> result)
    {
        result.Clear();
        for (int i = 0; i < places.Length; i++)
        {
            byte above = 1, below = 1;
            for (int j = 0; j < places.Length; j++)
            {
                if (j != i)
                {
                    above = Multiply(above, (byte)(at ^ places[j]));
                    below = Multiply(below, (byte)(places[i] ^ places[j]));
                }
            }

            byte weight = Multiply(above, Invert(below));
            ReadOnlySpan<byte> value = values.Slice(i * result.Length, result.Length);
            for (int k = 0; k < result.Length; k++)
            {
                result[k] ^= Multiply(value[k], weight);
            }
        }
    }
}
