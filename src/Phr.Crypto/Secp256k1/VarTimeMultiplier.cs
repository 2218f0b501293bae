namespace Phr.Crypto.Secp256k1;

/// <summary>Sums of multiples of public points by public scalars.</summary>
/// <remarks>
/// Sources: Straus, "Addition chains of vectors" (1964), with width-w NAFs of the halves of each scalar; Pippenger, "On the
/// evaluation of powers and monomials" (1980), with signed windows.
/// </remarks>
internal static class VarTimeMultiplier<TCurve>
    where TCurve : struct, ICurve
{
    /// <summary>From so many points on the buckets win. Measured; both give the same sums.</summary>
    public static int PippengerThreshold => FieldLanes.IsSupported ? 500 : 80;

    private const int Width = 5;

    /// <summary>Σ scalars[i]·points[i] by whichever way is shorter.</summary>
    public static void Sum(ReadOnlySpan<AffinePoint> points, ReadOnlySpan<GlvScalar> scalars, out JacobianPoint sum)
    {
        if (points.Length < PippengerThreshold)
        {
            Strauss(points, scalars, [], [], FieldLanes.IsSupported, out sum);
        }
        else
        {
            Pippenger(points, scalars, WindowFor(points.Length), out sum);
        }
    }

    /// <summary>Σ scalars[i]·points[i] + Σ baseScalars[j]·bases[j], the doublings shared by all.</summary>
    /// <param name="points">Points without a table.</param>
    /// <param name="scalars">One for each point.</param>
    /// <param name="bases">Tables, each of one base. If all are of <see cref="VarTimeTable{TCurve}.ForBase"/> and there are no points without a table, halves are halved again.</param>
    /// <param name="baseScalars">One for each base.</param>
    /// <param name="lanes">Whether with <see cref="LanePoint{TCurve}"/>; the tables must be of that kind. A test chooses.</param>
    /// <param name="sum">The sum.</param>
    public static void Strauss(
        ReadOnlySpan<AffinePoint> points,
        ReadOnlySpan<GlvScalar> scalars,
        ReadOnlySpan<VarTimeTable<TCurve>> bases,
        ReadOnlySpan<GlvScalar> baseScalars,
        bool lanes,
        out JacobianPoint sum)
    {
        const int Row = SignedWindow.MaxNafLength;
        bool quarters = points.IsEmpty && AllSplit(bases);
        int count = quarters ? 2 * bases.Length : points.Length + bases.Length, length = 0;

        // Where each term's multiples are, with which index, and its scalar: own points first.
        var sources = new (VarTimeTable<TCurve> Table, int Index, GlvScalar Scalar)[count];
        VarTimeTable<TCurve>? table = points.IsEmpty ? null : new VarTimeTable<TCurve>(points, Width, lanes);
        Span<sbyte> digits = count <= 4 ? stackalloc sbyte[2 * 4 * Row] : new sbyte[2 * count * Row];
        for (int i = 0; i < count; i++)
        {
            sources[i] = quarters ? (bases[i >> 1], i & 1, Quarter(baseScalars[i >> 1], i & 1))
                : i < points.Length ? (table!, i, scalars[i])
                : (bases[i - points.Length], 0, baseScalars[i - points.Length]);
            length = Math.Max(length, SignedWindow.NafVarTime(sources[i].Scalar.First, sources[i].Table.Width, digits.Slice(2 * i * Row, Row)));
            length = Math.Max(length, SignedWindow.NafVarTime(sources[i].Scalar.Second, sources[i].Table.Width, digits.Slice(((2 * i) + 1) * Row, Row)));
        }

        if (lanes)
        {
            StraussLanes(sources, digits, length, out sum);
            return;
        }

        sum = JacobianPoint.Identity;
        for (int bit = length - 1; bit >= 0; bit--)
        {
            JacobianPoint.DoubleVarTime(sum, out sum);
            for (int i = 0; i < count; i++)
            {
                int first = digits[(2 * i * Row) + bit], second = digits[(((2 * i) + 1) * Row) + bit];
                if (first != 0)
                {
                    sources[i].Table.AddVarTime(sum, sources[i].Index, sources[i].Scalar.FirstNegative != 0 ? -first : first, image: false, out sum);
                }

                if (second != 0)
                {
                    sources[i].Table.AddVarTime(sum, sources[i].Index, sources[i].Scalar.SecondNegative != 0 ? -second : second, image: true, out sum);
                }
            }
        }
    }

    private static bool AllSplit(ReadOnlySpan<VarTimeTable<TCurve>> bases)
    {
        foreach (VarTimeTable<TCurve> table in bases)
        {
            if (!table.IsSplit)
            {
                return false;
            }
        }

        return true;
    }

    // The lower or the upper 64 bits of both halves.
    private static GlvScalar Quarter(in GlvScalar scalar, int upper) => new(
        (ulong)((scalar.First >> (64 * upper)) & ulong.MaxValue), scalar.FirstNegative, (ulong)((scalar.Second >> (64 * upper)) & ulong.MaxValue), scalar.SecondNegative);

    private static void StraussLanes((VarTimeTable<TCurve> Table, int Index, GlvScalar Scalar)[] sources, ReadOnlySpan<sbyte> digits, int length, out JacobianPoint result)
    {
        const int Row = SignedWindow.MaxNafLength;
        LaneScratch scratch = default;
        LanePoint<TCurve> sum = LanePoint<TCurve>.Identity;
        for (int bit = length - 1; bit >= 0; bit--)
        {
            if (bit != length - 1)
            {
                LanePoint<TCurve>.Double(ref scratch, sum, out sum);
            }

            for (int i = 0; i < sources.Length; i++)
            {
                int first = digits[(2 * i * Row) + bit], second = digits[(((2 * i) + 1) * Row) + bit];
                if (first != 0)
                {
                    sources[i].Table.AddVarTime(ref scratch, sum, sources[i].Index, sources[i].Scalar.FirstNegative != 0 ? -first : first, image: false, out sum);
                }

                if (second != 0)
                {
                    sources[i].Table.AddVarTime(ref scratch, sum, sources[i].Index, sources[i].Scalar.SecondNegative != 0 ? -second : second, image: true, out sum);
                }
            }
        }

        LanePoint<TCurve>.To(sum, out ProjectivePoint<TCurve> projective);
        ProjectivePoint<TCurve>.ToJacobianVarTime(projective, out result);
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
