using System.Numerics;

namespace Phr.Crypto.Envelopes;

/// <summary>
/// Padmé lengths: a length keeps only so many significant bits that O(log log M) bits of it remain to be learnt, for at most 12 % more bytes.
/// Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019, §4.
/// </summary>
internal static class Padme
{
    /// <summary>The first byte of the padding; zeros follow up to the Padmé length.</summary>
    private const byte Marker = 0x80;

    /// <summary>The smallest Padmé length that is at least <paramref name="length"/>.</summary>
    public static int PaddedLength(int length) => checked((int)PaddedLength((long)length));

    /// <inheritdoc cref="PaddedLength(int)"/>
    public static long PaddedLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length < 2)
        {
            return length;
        }

        int exponent = BitOperations.Log2((ulong)length);
        int bitsOfExponent = BitOperations.Log2((uint)exponent) + 1;
        long mask = (1L << (exponent - bitsOfExponent)) - 1;
        return (length + mask) & ~mask;
    }

    /// <summary>How many bytes a plaintext has when padded: the marker always has its place.</summary>
    public static int PaddedPlaintextLength(int plaintextLength) => PaddedLength(plaintextLength + 1);

    /// <summary>Fills <paramref name="padded"/> with the plaintext, the marker and zeros.</summary>
    public static void Pad(ReadOnlySpan<byte> plaintext, Span<byte> padded)
    {
        plaintext.CopyTo(padded);
        padded[plaintext.Length] = Marker;
        padded[(plaintext.Length + 1)..].Clear();
    }

    /// <summary>Finds the plaintext's length; false when the padding is not the one that <see cref="Pad"/> makes.</summary>
    public static bool TryUnpad(ReadOnlySpan<byte> padded, out int plaintextLength)
    {
        plaintextLength = padded.LastIndexOfAnyExcept((byte)0);
        return plaintextLength >= 0 && padded[plaintextLength] == Marker && PaddedPlaintextLength(plaintextLength) == padded.Length;
    }
}
