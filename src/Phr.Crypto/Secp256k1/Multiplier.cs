using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// Multiplication of any points by secret scalars: both halves of each scalar in signed windows of five bits, the doublings
/// shared, every table read in full, one sequence of operations for all values, the identity and zero included.
/// </summary>
/// <remarks>
/// <para>26 windows: 130 doublings, and for each point 15 additions for its table and 52 with it.</para>
/// <para>The tables are wiped: the points may be secret. Digits and intermediate points live in registers and stack slots that the JIT may copy and that are not wiped.</para>
/// </remarks>
internal static class Multiplier<TCurve>
    where TCurve : struct, ICurve
{
    private const int Windows = 26;

    // X, Y, Z and a word that is not used, so that an entry is four vectors.
    private const int Stride = 16;
    private const int TableLength = SignedWindow.Entries * Stride;

    // More points than this are summed in chunks, so that the tables stay in the nearest cache.
    private const int ChunkLength = 8;

    /// <summary>k·p.</summary>
    public static void Multiply(in ProjectivePoint<TCurve> p, in GlvScalar k, out ProjectivePoint<TCurve> product)
    {
        ReadOnlySpan<ProjectivePoint<TCurve>> points = MemoryMarshal.CreateReadOnlySpan(in p, 1);
        ReadOnlySpan<GlvScalar> scalars = MemoryMarshal.CreateReadOnlySpan(in k, 1);
        if (FieldLanes.IsSupported)
        {
            LaneMultiplier<TCurve>.Multiply(points, scalars, stackalloc uint[LaneMultiplier<TCurve>.TableLength], out product);
        }
        else
        {
            MultiplyPortable(points, scalars, stackalloc ulong[TableLength], out product);
        }
    }

    /// <summary>Σ scalars[i]·points[i]; the number of terms is public.</summary>
    public static void Multiply(ReadOnlySpan<ProjectivePoint<TCurve>> points, ReadOnlySpan<GlvScalar> scalars, out ProjectivePoint<TCurve> sum) =>
        Multiply(points, scalars, FieldLanes.IsSupported, out sum);

    /// <summary>As above; a test chooses between the two ways.</summary>
    public static void Multiply(ReadOnlySpan<ProjectivePoint<TCurve>> points, ReadOnlySpan<GlvScalar> scalars, bool lanes, out ProjectivePoint<TCurve> sum)
    {
        sum = ProjectivePoint<TCurve>.Identity;
        int chunkLength = Math.Min(points.Length, ChunkLength);
        ulong[] tables = lanes ? [] : new ulong[chunkLength * TableLength];
        uint[] laneTables = lanes ? new uint[chunkLength * LaneMultiplier<TCurve>.TableLength] : [];
        for (int start = 0; start < points.Length; start += ChunkLength)
        {
            int length = Math.Min(points.Length - start, ChunkLength);
            ProjectivePoint<TCurve> chunk;
            if (lanes)
            {
                LaneMultiplier<TCurve>.Multiply(points.Slice(start, length), scalars.Slice(start, length), laneTables, out chunk);
            }
            else
            {
                MultiplyPortable(points.Slice(start, length), scalars.Slice(start, length), tables, out chunk);
            }

            ProjectivePoint<TCurve>.Add(sum, chunk, out sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPortable(
        ReadOnlySpan<ProjectivePoint<TCurve>> points, ReadOnlySpan<GlvScalar> scalars, Span<ulong> tables, out ProjectivePoint<TCurve> result)
    {
        for (int i = 0; i < points.Length; i++)
        {
            FillTable(points[i], tables.Slice(i * TableLength, TableLength));
        }

        FieldElement beta = FieldElement.Beta;
        ProjectivePoint<TCurve> sum = ProjectivePoint<TCurve>.Identity;
        for (int window = Windows - 1; window >= 0; window--)
        {
            if (window != Windows - 1)
            {
                for (int i = 0; i < SignedWindow.Width; i++)
                {
                    ProjectivePoint<TCurve>.Double(sum, out sum);
                }
            }

            for (int i = 0; i < points.Length; i++)
            {
                ReadOnlySpan<ulong> table = tables.Slice(i * TableLength, TableLength);
                Select(table, SignedWindow.Bits(scalars[i].First, window), scalars[i].FirstNegative, out ProjectivePoint<TCurve> term);
                ProjectivePoint<TCurve>.Add(sum, term, out sum);
                Select(table, SignedWindow.Bits(scalars[i].Second, window), scalars[i].SecondNegative, out term);
                FieldElement.Multiply(term.X, beta, out term.X);
                ProjectivePoint<TCurve>.Add(sum, term, out sum);
            }
        }

        result = sum;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(tables));
    }

    // The multiples 1..16 of p.
    private static void FillTable(in ProjectivePoint<TCurve> p, Span<ulong> table)
    {
        Store(p, table);
        ProjectivePoint<TCurve>.Double(p, out ProjectivePoint<TCurve> multiple);
        Store(multiple, table[Stride..]);
        for (int i = 2; i < SignedWindow.Entries; i++)
        {
            ProjectivePoint<TCurve>.Add(multiple, p, out multiple);
            Store(multiple, table[(i * Stride)..]);
        }
    }

    private static void Store(in ProjectivePoint<TCurve> p, Span<ulong> entry)
    {
        p.X.Store(entry);
        p.Y.Store(entry[5..]);
        p.Z.Store(entry[10..]);
        entry[15] = 0;
    }

    // The entry for a digit, negated if asked; the identity for 0. Reads every entry.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Select(ReadOnlySpan<ulong> table, ulong bits, ulong negativeScalar, out ProjectivePoint<TCurve> selected)
    {
        ulong digit = SignedWindow.Booth(bits, out ulong negative);
        negative ^= negativeScalar;
        Vector256<ulong> wanted = Vector256.Create(digit), index = Vector256<ulong>.One;
        Vector256<ulong> v0 = default, v1 = default, v2 = default, v3 = default;
        ref ulong start = ref MemoryMarshal.GetReference(table);
        for (nuint offset = 0; offset < TableLength; offset += Stride)
        {
            Vector256<ulong> mask = Vector256.Equals(index, wanted);
            index += Vector256<ulong>.One;
            v0 |= mask & Vector256.LoadUnsafe(ref start, offset);
            v1 |= mask & Vector256.LoadUnsafe(ref start, offset + 4);
            v2 |= mask & Vector256.LoadUnsafe(ref start, offset + 8);
            v3 |= mask & Vector256.LoadUnsafe(ref start, offset + 12);
        }

        Span<ulong> entry = stackalloc ulong[Stride];
        v0.CopyTo(entry);
        v1.CopyTo(entry[4..]);
        v2.CopyTo(entry[8..]);
        v3.CopyTo(entry[12..]);

        // Digit 0 gave zeros: with y = 1 that is the identity.
        entry[5] |= unchecked((digit - 1) >> 63);
        selected.X = FieldElement.Load(entry);
        FieldElement y = FieldElement.Load(entry[5..]);
        FieldElement.Negate(y, 2, out FieldElement minusY);
        FieldElement.Select(negative, minusY, y, out selected.Y);
        selected.Z = FieldElement.Load(entry[10..]);
    }
}
