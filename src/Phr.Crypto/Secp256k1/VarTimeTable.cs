namespace Phr.Crypto.Secp256k1;

/// <summary>The odd multiples B, 3B, … of public bases, for multiplication by width-w NAFs, and their images λB, 3λB, …</summary>
internal sealed class VarTimeTable<TCurve>
    where TCurve : struct, ICurve
{
    // Affine points and the abscissas of their images, or points in lanes: one or the other.
    private readonly AffinePoint[] _multiples = [];
    private readonly FieldElement[] _images = [];
    private readonly LanePoint<TCurve>[] _laneMultiples = [];
    private readonly int _perPoint;

    /// <summary>Tables for several bases.</summary>
    /// <param name="points">The bases.</param>
    /// <param name="width">The width of the NAFs, 2 to 8; there are 2^(width-2) multiples of each base.</param>
    /// <param name="lanes">Whether for <see cref="LanePoint{TCurve}"/>, which need not be normalised.</param>
    public VarTimeTable(ReadOnlySpan<AffinePoint> points, int width, bool lanes)
    {
        Width = width;
        _perPoint = 1 << (width - 2);
        if (lanes)
        {
            _laneMultiples = LaneMultiples(points, _perPoint);
            return;
        }

        var multiples = new JacobianPoint[points.Length * _perPoint];
        for (int i = 0; i < points.Length; i++)
        {
            int at = i * _perPoint;
            JacobianPoint.FromAffineVarTime(points[i], out multiples[at]);
            JacobianPoint.DoubleVarTime(multiples[at], out JacobianPoint twice);
            for (int j = 1; j < _perPoint; j++)
            {
                JacobianPoint.AddVarTime(multiples[at + j - 1], twice, out multiples[at + j]);
            }
        }

        _multiples = new AffinePoint[multiples.Length];
        JacobianPoint.ToAffineVarTime(multiples, _multiples);
        _images = new FieldElement[multiples.Length];
        FieldElement beta = FieldElement.Beta;
        for (int i = 0; i < _images.Length; i++)
        {
            FieldElement.Multiply(_multiples[i].X, beta, out _images[i]);
        }
    }

    public int Width { get; }

    /// <summary>Whether the table is <see cref="ForBase"/>: the second point is 2^64 times the first.</summary>
    public bool IsSplit { get; private init; }

    /// <summary>A table for one base B and 2^64·B: sums of such bases alone need half of the doublings again.</summary>
    public static VarTimeTable<TCurve> ForBase(in AffinePoint point, int width, bool lanes)
    {
        JacobianPoint.FromAffineVarTime(point, out JacobianPoint upper);
        for (int i = 0; i < 64; i++)
        {
            JacobianPoint.DoubleVarTime(upper, out upper);
        }

        JacobianPoint.ToAffineVarTime(upper, out AffinePoint second);
        return new VarTimeTable<TCurve>([point, second], width, lanes) { IsSplit = true };
    }

    /// <summary>sum + digit·B, or sum + digit·λB.</summary>
    public void AddVarTime(in JacobianPoint sum, int point, int digit, bool image, out JacobianPoint result)
    {
        bool negative = digit < 0;
        int index = (point * _perPoint) + ((negative ? -digit : digit) >> 1);
        ref readonly AffinePoint multiple = ref _multiples[index];
        JacobianPoint.AddVarTime(sum, image ? _images[index] : multiple.X, multiple.Y, negative, out result);
    }

    /// <summary>sum + digit·B, or sum + digit·λB.</summary>
    public void AddVarTime(ref LaneScratch scratch, in LanePoint<TCurve> sum, int point, int digit, bool image, out LanePoint<TCurve> result)
    {
        bool negative = digit < 0;
        int index = (point * _perPoint) + ((negative ? -digit : digit) >> 1);
        if (!image && !negative)
        {
            LanePoint<TCurve>.Add(ref scratch, sum, _laneMultiples[index], out result);
            return;
        }

        LanePoint<TCurve>.Image(_laneMultiples[index], image, negative ? ulong.MaxValue : 0, out LanePoint<TCurve> term);
        LanePoint<TCurve>.Add(ref scratch, sum, term, out result);
    }

    private static LanePoint<TCurve>[] LaneMultiples(ReadOnlySpan<AffinePoint> points, int perPoint)
    {
        LaneScratch scratch = default;
        var multiples = new LanePoint<TCurve>[points.Length * perPoint];
        for (int i = 0; i < points.Length; i++)
        {
            LanePoint<TCurve>.FromAffine(points[i], points[i].IdentityMask, out LanePoint<TCurve> multiple);
            LanePoint<TCurve>.Double(ref scratch, multiple, out LanePoint<TCurve> twice);
            for (int j = 0; j < perPoint; j++)
            {
                if (j > 0)
                {
                    LanePoint<TCurve>.Add(ref scratch, multiple, twice, out multiple);
                }

                LanePoint<TCurve>.WithImage(multiple, out multiples[(i * perPoint) + j]);
            }
        }

        return multiples;
    }
}
