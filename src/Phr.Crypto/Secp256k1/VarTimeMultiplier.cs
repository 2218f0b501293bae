namespace Phr.Crypto.Secp256k1;

/// <summary>Sums of multiples of public points by public scalars.</summary>
/// <remarks>
/// Sources: Straus, "Addition chains of vectors" (1964), with width-w NAFs of the halves of each scalar; Pippenger, "On the
/// evaluation of powers and monomials" (1980), with signed windows.
/// </remarks>
internal static class VarTimeMultiplier
{
    /// <summary>From so many points on the buckets win. Measured; both give the same sums.</summary>
    public const int PippengerThreshold = 160;

    private const int Width = 5;

    /// <summary>Σ scalars[i]·points[i] by whichever way is shorter.</summary>
    public static void Sum(ReadOnlySpan<AffinePoint> points, ReadOnlySpan<GlvScalar> scalars, out JacobianPoint sum)
    {
        if (points.Length < PippengerThreshold)
        {
            Strauss(points, scalars, [], [], out sum);
        }
        else
        {
            Pippenger(points, scalars, WindowFor(points.Length), out sum);
        }
    }

    /// <summary>Σ scalars[i]·points[i] + Σ baseScalars[j]·bases[j], the doublings shared by all.</summary>
    /// <param name="points">Points without a table.</param>
    /// <param name="scalars">One for each point.</param>
    /// <param name="bases">Tables, each of one base.</param>
    /// <param name="baseScalars">One for each base.</param>
    /// <param name="sum">The sum.</param>
    public static void Strauss(
        ReadOnlySpan<AffinePoint> points, ReadOnlySpan<GlvScalar> scalars, ReadOnlySpan<VarTimeTable> bases, ReadOnlySpan<GlvScalar> baseScalars, out JacobianPoint sum)
    {
        const int Row = SignedWindow.MaxNafLength;
        VarTimeTable? table = points.IsEmpty ? null : new VarTimeTable(points, Width);
        int count = points.Length + bases.Length, length = 0;
        Span<sbyte> digits = count <= 4 ? stackalloc sbyte[2 * 4 * Row] : new sbyte[2 * count * Row];
        for (int i = 0; i < count; i++)
        {
            bool own = i < points.Length;
            GlvScalar scalar = own ? scalars[i] : baseScalars[i - points.Length];
            int width = own ? Width : bases[i - points.Length].Width;
            length = Math.Max(length, SignedWindow.NafVarTime(scalar.First, width, digits.Slice(2 * i * Row, Row)));
            length = Math.Max(length, SignedWindow.NafVarTime(scalar.Second, width, digits.Slice(((2 * i) + 1) * Row, Row)));
        }

        sum = JacobianPoint.Identity;
        for (int bit = length - 1; bit >= 0; bit--)
        {
            JacobianPoint.DoubleVarTime(sum, out sum);
            for (int i = 0; i < count; i++)
            {
                int first = digits[(2 * i * Row) + bit], second = digits[(((2 * i) + 1) * Row) + bit];
                if ((first | second) == 0)
                {
                    continue;
                }

                bool own = i < points.Length;
                VarTimeTable source = own ? table! : bases[i - points.Length];
                GlvScalar scalar = own ? scalars[i] : baseScalars[i - points.Length];
                int index = own ? i : 0;
                if (first != 0)
                {
                    source.AddVarTime(sum, index, scalar.FirstNegative != 0 ? -first : first, image: false, out sum);
                }

                if (second != 0)
                {
                    source.AddVarTime(sum, index, scalar.SecondNegative != 0 ? -second : second, image: true, out sum);
                }
            }
        }
    }

    /// <summary>Σ scalars[i]·points[i]: for each window, the points fall into buckets by their digit, and the buckets are summed with their weights.</summary>
    public static void Pippenger(ReadOnlySpan<AffinePoint> points, ReadOnlySpan<GlvScalar> scalars, int window, out JacobianPoint sum)
    {
        int count = 2 * points.Length;
        var terms = new AffinePoint[count];
        var halves = new UInt128[count];
        UInt128 all = 0;
        FieldElement beta = FieldElement.Beta;
        for (int i = 0; i < points.Length; i++)
        {
            AffinePoint point = points[i];
            AffinePoint.Negate(point, out AffinePoint opposite);
            terms[2 * i] = scalars[i].FirstNegative != 0 ? opposite : point;
            terms[(2 * i) + 1] = scalars[i].SecondNegative != 0 ? opposite : point;
            FieldElement.Multiply(point.X, beta, out FieldElement image);
            FieldElement.Normalize(image, out terms[(2 * i) + 1].X);
            halves[2 * i] = scalars[i].First;
            halves[(2 * i) + 1] = scalars[i].Second;
            all |= scalars[i].First | scalars[i].Second;
        }

        int bits = 128 - (int)UInt128.LeadingZeroCount(all);
        var buckets = new JacobianPoint[1 << (window - 1)];
        sum = JacobianPoint.Identity;
        for (int i = bits / window; i >= 0; i--)
        {
            for (int j = 0; j < window; j++)
            {
                JacobianPoint.DoubleVarTime(sum, out sum);
            }

            buckets.AsSpan().Fill(JacobianPoint.Identity);
            for (int t = 0; t < count; t++)
            {
                int digit = Digit(halves[t], i * window, window);
                if (digit != 0)
                {
                    ref JacobianPoint bucket = ref buckets[Math.Abs(digit) - 1];
                    JacobianPoint.AddVarTime(bucket, terms[t], digit < 0, out bucket);
                }
            }

            // Σ j·bucket_j as the sum of the sums from the top.
            JacobianPoint running = JacobianPoint.Identity;
            for (int j = buckets.Length - 1; j >= 0; j--)
            {
                JacobianPoint.AddVarTime(running, buckets[j], out running);
                JacobianPoint.AddVarTime(sum, running, out sum);
            }
        }
    }

    /// <summary>The window that costs least: about two additions per bucket and one per half scalar, in each of 128/w windows.</summary>
    public static int WindowFor(int points)
    {
        int best = 2;
        for (int w = 3; w <= 14; w++)
        {
            if (Cost(w) < Cost(best))
            {
                best = w;
            }
        }

        return best;

        // In tenths of a multiplication: affine additions 101, Jacobian ones 148.
        long Cost(int w) => ((128 / w) + 1L) * ((2L * points * 101) + ((1L << w) * 148));
    }

    // Booth's digit of width w at a bit position, in -2^(w-1)..2^(w-1).
    private static int Digit(UInt128 half, int at, int width)
    {
        unchecked
        {
            UInt128 moved = at == 0 ? half << 1 : at - 1 < 128 ? half >> (at - 1) : 0;
            int value = (int)((ulong)moved & ((1UL << (width + 1)) - 1));
            return ((value + 1) >> 1) - ((value >> width) << width);
        }
    }
}
