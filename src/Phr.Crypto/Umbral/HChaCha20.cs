using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Phr.Crypto;

/// <summary>The subkey of XChaCha20: ChaCha20's rounds over a key and 16 bytes of nonce. Source: draft-irtf-cfrg-xchacha-03, section 2.2.</summary>
/// <remarks>Additions, rotations and exclusive-ors only, so the time does not depend on the key. The state is in locals, which are not wiped.</remarks>
internal static class HChaCha20
{
    public const int KeyLength = 32;
    public const int NonceLength = 16;

    private const int DoubleRounds = 10;

    /// <summary>Derives the subkey.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">16 bytes.</param>
    /// <param name="subkey">32 bytes; may be where the key is.</param>
    public static void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> subkey)
    {
        // "expand 32-byte k"
        uint x0 = 0x61707865, x1 = 0x3320646E, x2 = 0x79622D32, x3 = 0x6B206574;
        uint x4 = Word(key, 0), x5 = Word(key, 1), x6 = Word(key, 2), x7 = Word(key, 3);
        uint x8 = Word(key, 4), x9 = Word(key, 5), x10 = Word(key, 6), x11 = Word(key, 7);
        uint x12 = Word(nonce, 0), x13 = Word(nonce, 1), x14 = Word(nonce, 2), x15 = Word(nonce, 3);
        for (int i = 0; i < DoubleRounds; i++)
        {
            QuarterRound(ref x0, ref x4, ref x8, ref x12);
            QuarterRound(ref x1, ref x5, ref x9, ref x13);
            QuarterRound(ref x2, ref x6, ref x10, ref x14);
            QuarterRound(ref x3, ref x7, ref x11, ref x15);
            QuarterRound(ref x0, ref x5, ref x10, ref x15);
            QuarterRound(ref x1, ref x6, ref x11, ref x12);
            QuarterRound(ref x2, ref x7, ref x8, ref x13);
            QuarterRound(ref x3, ref x4, ref x9, ref x14);
        }

        Write(subkey, 0, x0, x1, x2, x3);
        Write(subkey, 16, x12, x13, x14, x15);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * index)..]);

    private static void Write(Span<byte> destination, int offset, uint a, uint b, uint c, uint d)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination[offset..], a);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[(offset + 4)..], b);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[(offset + 8)..], c);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[(offset + 12)..], d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        unchecked
        {
            a += b;
            d = BitOperations.RotateLeft(d ^ a, 16);
            c += d;
            b = BitOperations.RotateLeft(b ^ c, 12);
            a += b;
            d = BitOperations.RotateLeft(d ^ a, 8);
            c += d;
            b = BitOperations.RotateLeft(b ^ c, 7);
        }
    }
}
