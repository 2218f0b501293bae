using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// The multiples j·2^(5i)·B, j = 1..16, i = 0..51, of one public base, for its multiplication by secret scalars without doublings:
/// 52 affine additions, every table read in full. 52 KiB.
/// </summary>
internal sealed class FixedBaseTable<TCurve>
    where TCurve : struct, ICurve
{
    private const int Windows = 52;

    // x and y in 64-bit words: two vectors.
    private const int Stride = 8;
    private const int WindowLength = SignedWindow.Entries * Stride;

    private readonly ulong[] _words = new ulong[Windows * WindowLength];

    public FixedBaseTable(in AffinePoint point)
    {
        var multiples = new JacobianPoint[Windows * SignedWindow.Entries];
        JacobianPoint.FromAffineVarTime(point, out JacobianPoint start);
        for (int i = 0; i < multiples.Length; i += SignedWindow.Entries)
        {
            multiples[i] = start;
            JacobianPoint.DoubleVarTime(start, out multiples[i + 1]);
            for (int j = 2; j < SignedWindow.Entries; j++)
            {
                JacobianPoint.AddVarTime(multiples[i + j - 1], start, out multiples[i + j]);
            }

            JacobianPoint.DoubleVarTime(multiples[i + SignedWindow.Entries - 1], out start);
        }

        var points = new AffinePoint[multiples.Length];
        JacobianPoint.ToAffineVarTime(multiples, points);
        for (int i = 0; i < points.Length; i++)
        {
            Span<ulong> entry = _words.AsSpan(i * Stride, Stride);
            points[i].X.ToWords(out entry[0], out entry[1], out entry[2], out entry[3]);
            points[i].Y.ToWords(out entry[4], out entry[5], out entry[6], out entry[7]);
        }
    }

    /// <summary>k·B for the number whose little-endian words are given.</summary>
    public void Multiply(ulong w0, ulong w1, ulong w2, ulong w3, out ProjectivePoint<TCurve> product) =>
        Multiply(w0, w1, w2, w3, FieldLanes.IsSupported, out product);

    /// <summary>As above; a test chooses between the two ways.</summary>
    public void Multiply(ulong w0, ulong w1, ulong w2, ulong w3, bool lanes, out ProjectivePoint<TCurve> product)
    {
        if (lanes)
        {
            MultiplyLanes(w0, w1, w2, w3, out product);
        }
        else
        {
            MultiplyPortable(w0, w1, w2, w3, out product);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyLanes(ulong w0, ulong w1, ulong w2, ulong w3, out ProjectivePoint<TCurve> product)
    {
        LaneScratch scratch = default;
        LanePoint<TCurve> sum = LanePoint<TCurve>.Identity;
        Span<ulong> words = [w0, w1, w2, w3, 0];
        for (int window = 0; window < Windows; window++)
        {
            ulong none = Select(window, Bits(words, window), out AffinePoint term);
            LanePoint<TCurve>.FromAffine(term, none, out LanePoint<TCurve> next);
            LanePoint<TCurve>.Add(ref scratch, sum, next, out sum);
        }

        words.Clear();
        LanePoint<TCurve>.To(sum, out product);
        scratch.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyPortable(ulong w0, ulong w1, ulong w2, ulong w3, out ProjectivePoint<TCurve> product)
    {
        ProjectivePoint<TCurve> sum = ProjectivePoint<TCurve>.Identity;
        Span<ulong> words = [w0, w1, w2, w3, 0];
        for (int window = 0; window < Windows; window++)
        {
            ulong none = Select(window, Bits(words, window), out AffinePoint term);
            ProjectivePoint<TCurve>.AddAffine(sum, term, out ProjectivePoint<TCurve> next);
            ProjectivePoint<TCurve>.Select(none, sum, next, out sum);
        }

        words.Clear();
        product = sum;
    }

    // The bits 5·window - 1 .. 5·window + 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(ReadOnlySpan<ulong> words, int window)
    {
        unchecked
        {
            int low = (window * SignedWindow.Width) - 1;
            if (low < 0)
            {
                return (words[0] << 1) & 63;
            }

            int word = low >> 6, shift = low & 63;
            ulong bits = words[word] >> shift;
            return (shift > 58 ? bits | (words[word + 1] << (64 - shift)) : bits) & 63;
        }
    }

    // The entry for a digit, negated if asked. Returns all ones for the identity, which is stored as zeros and has no entry for digit 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Select(int window, ulong bits, out AffinePoint selected)
    {
        ulong digit = SignedWindow.Booth(bits, out ulong negative);
        Vector256<ulong> wanted = Vector256.Create(digit), index = Vector256<ulong>.One;
        Vector256<ulong> x = default, y = default;
        ref ulong start = ref MemoryMarshal.GetReference(_words.AsSpan(window * WindowLength, WindowLength));
        for (nuint offset = 0; offset < WindowLength; offset += Stride)
        {
            Vector256<ulong> mask = Vector256.Equals(index, wanted);
            index += Vector256<ulong>.One;
            x |= mask & Vector256.LoadUnsafe(ref start, offset);
            y |= mask & Vector256.LoadUnsafe(ref start, offset + 4);
        }

        selected.X = FieldElement.FromWords(x.GetElement(0), x.GetElement(1), x.GetElement(2), x.GetElement(3));
        FieldElement plus = FieldElement.FromWords(y.GetElement(0), y.GetElement(1), y.GetElement(2), y.GetElement(3));
        ulong none = FieldElement.IsZeroMask(selected.X) & FieldElement.IsZeroMask(plus);
        FieldElement.Negate(plus, 1, out FieldElement minus);
        FieldElement.Select(negative, minus, plus, out selected.Y);
        return none;
    }
}
