using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Phr.Crypto.Secp256k1;

/// <summary>What <see cref="Multiplier{TCurve}"/>, <see cref="FixedBaseTable{TCurve}"/> and <see cref="VarTimeMultiplier{TCurve}"/> do, with <see cref="LanePoint{TCurve}"/>.</summary>
/// <remarks>Only where <see cref="FieldLanes.IsSupported"/>. Digits, tables and the order of operations are the same.</remarks>
internal static class LaneMultiplier<TCurve>
    where TCurve : struct, ICurve
{
    private const int Windows = 26;

    // Ten limbs of four 32-bit lanes.
    private const int Stride = FieldLanes.Limbs * 4;

    /// <summary>The length in 32-bit words of the table that <see cref="Multiply"/> makes for each point.</summary>
    public const int TableLength = SignedWindow.Entries * Stride;

    /// <summary>Σ scalars[i]·points[i] for secret values; the number of terms is public.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        ReadOnlySpan<ProjectivePoint<TCurve>> points, ReadOnlySpan<GlvScalar> scalars, Span<uint> tables, out ProjectivePoint<TCurve> result)
    {
        LaneScratch scratch = default;
        for (int i = 0; i < points.Length; i++)
        {
            FillTable(ref scratch, points[i], tables.Slice(i * TableLength, TableLength));
        }

        LanePoint<TCurve> sum = LanePoint<TCurve>.Identity;
        for (int window = Windows - 1; window >= 0; window--)
        {
            if (window != Windows - 1)
            {
                LanePoint<TCurve>.Double(ref scratch, sum, SignedWindow.Width, out sum);
            }

            for (int i = 0; i < points.Length; i++)
            {
                ReadOnlySpan<uint> table = tables.Slice(i * TableLength, TableLength);
                Select(table, SignedWindow.Bits(scalars[i].First, window), scalars[i].FirstNegative, image: false, out LanePoint<TCurve> term);
                LanePoint<TCurve>.Add(ref scratch, sum, term, out sum);
                Select(table, SignedWindow.Bits(scalars[i].Second, window), scalars[i].SecondNegative, image: true, out term);
                LanePoint<TCurve>.Add(ref scratch, sum, term, out sum);
            }
        }

        LanePoint<TCurve>.To(sum, out result);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(tables));
        scratch.Clear();
    }

    // The multiples 1..16 of p with their images.
    private static void FillTable(ref LaneScratch scratch, in ProjectivePoint<TCurve> point, Span<uint> table)
    {
        LanePoint<TCurve> p = LanePoint<TCurve>.From(point), multiple = p;
        for (int i = 0; i < SignedWindow.Entries; i++)
        {
            if (i == 1)
            {
                LanePoint<TCurve>.Double(ref scratch, p, out multiple);
            }
            else if (i > 1)
            {
                LanePoint<TCurve>.Add(ref scratch, multiple, p, out multiple);
            }

            LanePoint<TCurve>.WithImage(multiple, out LanePoint<TCurve> entry);
            for (int j = 0; j < FieldLanes.Limbs; j++)
            {
                Avx512F.VL.ConvertToVector128UInt32(entry.Lanes[j]).CopyTo(table.Slice((i * Stride) + (4 * j), 4));
            }
        }
    }

    // The entry for a digit, or its image, negated if asked; the identity for 0. Reads every entry.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Select(ReadOnlySpan<uint> table, ulong bits, ulong negativeScalar, bool image, out LanePoint<TCurve> selected)
    {
        ulong digit = SignedWindow.Booth(bits, out ulong negative);
        Vector256<uint> wanted = Vector256.Create((uint)digit), index = Vector256<uint>.One;
        Vector256<uint> v0 = default, v1 = default, v2 = default, v3 = default, v4 = default;
        ref uint start = ref MemoryMarshal.GetReference(table);
        for (nuint offset = 0; offset < TableLength; offset += Stride)
        {
            Vector256<uint> mask = Vector256.Equals(index, wanted);
            index += Vector256<uint>.One;
            v0 |= mask & Vector256.LoadUnsafe(ref start, offset);
            v1 |= mask & Vector256.LoadUnsafe(ref start, offset + 8);
            v2 |= mask & Vector256.LoadUnsafe(ref start, offset + 16);
            v3 |= mask & Vector256.LoadUnsafe(ref start, offset + 24);
            v4 |= mask & Vector256.LoadUnsafe(ref start, offset + 32);
        }

        // Digit 0 gave zeros: with y = 1 that is the identity.
        Unsafe.SkipInit(out LanePoint<TCurve> entry);
        entry.Lanes[0] = Lower(v0) | Vector256.Create(0, unchecked((digit - 1) >> 63), 0, 0);
        entry.Lanes[1] = Upper(v0);
        entry.Lanes[2] = Lower(v1);
        entry.Lanes[3] = Upper(v1);
        entry.Lanes[4] = Lower(v2);
        entry.Lanes[5] = Upper(v2);
        entry.Lanes[6] = Lower(v3);
        entry.Lanes[7] = Upper(v3);
        entry.Lanes[8] = Lower(v4);
        entry.Lanes[9] = Upper(v4);
        LanePoint<TCurve>.Image(entry, image, negative ^ negativeScalar, out selected);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Lower(Vector256<uint> limbs) => Avx2.ConvertToVector256Int64(limbs.GetLower()).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Upper(Vector256<uint> limbs) => Avx2.ConvertToVector256Int64(limbs.GetUpper()).AsUInt64();
}
