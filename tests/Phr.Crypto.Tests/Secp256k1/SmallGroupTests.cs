using System.Numerics;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

/// <summary>
/// The same code over y² = x³ + 2, which has a subgroup of 13 points: everything there is to add and multiply, tried out. In
/// the large group the exceptional cases (equal, opposite, identity) practically never meet a random test.
/// </summary>
public class SmallGroupTests
{
    private const int Order = 13;

    // (βx, y) is 9 times (x, y) here.
    private const int Lambda = 9;

    private static readonly (BigInteger X, BigInteger Y)? Base = (
        Reference.Hex("a2482ff84bf34edfa51262fde57921dbe0dd2cb7a5914790bc71631fc09704fb"), Reference.Hex("6bdac9345c1b6b6dc58fe33c11c1bbc020e7d556ea475595e992c4e5457b4bea"));

    private static readonly AffinePoint[] Elements = [.. Multiples()];

    [Fact]
    public void Group_ByTheReference_HasThirteenPoints()
    {
        Assert.Equal(0, Reference.Mod((Base!.Value.Y * Base.Value.Y) - BigInteger.Pow(Base.Value.X, 3) - 2, Reference.P));
        (BigInteger X, BigInteger Y)? last = null;
        for (int i = 0; i < Order; i++)
        {
            last = Reference.Add(last, Base);
        }

        Assert.Null(last);
        Assert.Equal(Order, Elements.Select(e => (Reference.Value(e.X), Reference.Value(e.Y))).Distinct().Count());
        Assert.Equal(Reference.Value(FieldElement.Beta) * Base.Value.X % Reference.P, Reference.Value(Elements[Lambda].X));
        Assert.Equal(Base.Value.Y, Reference.Value(Elements[Lambda].Y));
    }

    // Both ways of calculating, where the processor has the second.
    public static TheoryData<bool> Ways => FieldLanes.IsSupported ? [false, true] : [false];

    [Fact]
    public void Add_AllPairsInLanes_GivesTheSum()
    {
        Assert.SkipUnless(FieldLanes.IsSupported, "The processor has no 32 vector registers.");
        LaneScratch scratch = default;
        for (int i = 0; i < Order; i++)
        {
            LanePoint<SmallCurve> p = LanePoint<SmallCurve>.From(Projective(i));
            Equal(i, p);
            LanePoint<SmallCurve>.Double(ref scratch, p, out LanePoint<SmallCurve> twice);
            Equal(2 * i, twice);
            LanePoint<SmallCurve>.Double(ref scratch, twice, out twice);
            Equal(4 * i, twice);
            LanePoint<SmallCurve>.Double(ref scratch, p, 5, out twice);
            Equal(32 * i, twice);
            LanePoint<SmallCurve>.WithImage(p, out LanePoint<SmallCurve> entry);
            foreach (ulong negative in (ulong[])[0, ulong.MaxValue])
            {
                int sign = negative == 0 ? 1 : -1;
                LanePoint<SmallCurve>.Image(entry, image: false, negative, out LanePoint<SmallCurve> image);
                Equal(sign * i, image);
                LanePoint<SmallCurve>.Image(entry, image: true, negative, out image);
                Equal(sign * Lambda * i, image);
            }

            for (int j = 0; j < Order; j++)
            {
                LanePoint<SmallCurve>.FromAffine(Elements[j], Elements[j].IdentityMask, out LanePoint<SmallCurve> q);
                LanePoint<SmallCurve>.Add(ref scratch, p, LanePoint<SmallCurve>.From(Projective(j)), out LanePoint<SmallCurve> sum);
                Equal(i + j, sum);
                LanePoint<SmallCurve>.Add(ref scratch, q, sum, out sum);
                Equal(i + (2 * j), sum);
                LanePoint<SmallCurve>.Add(ref scratch, sum, sum, out sum);
                Equal(2 * (i + (2 * j)), sum);
                LanePoint<SmallCurve>.To(sum, out ProjectivePoint<SmallCurve> projective);
                ProjectivePoint<SmallCurve>.ToJacobianVarTime(projective, out JacobianPoint jacobian);
                Equal(2 * (i + (2 * j)), jacobian);
            }
        }
    }

    [Fact]
    public void Add_AllPairsInAllCoordinates_GivesTheSum()
    {
        for (int i = 0; i < Order; i++)
        {
            ProjectivePoint<SmallCurve>.Double(Projective(i), out ProjectivePoint<SmallCurve> twice);
            Equal(2 * i, twice);
            JacobianPoint.DoubleVarTime(Jacobian(i), out JacobianPoint twiceJacobian);
            Equal(2 * i, twiceJacobian);
            AffinePoint.Negate(Elements[i], out AffinePoint negative);
            Equal(-i, negative);
            for (int j = 0; j < Order; j++)
            {
                ProjectivePoint<SmallCurve>.Add(Projective(i), Projective(j), out ProjectivePoint<SmallCurve> sum);
                Equal(i + j, sum);
                ProjectivePoint<SmallCurve>.Add(sum, Projective(j), out sum);
                Equal(i + (2 * j), sum);
                if (j != 0)
                {
                    ProjectivePoint<SmallCurve>.AddAffine(Projective(i), Elements[j], out sum);
                    Equal(i + j, sum);
                    ProjectivePoint<SmallCurve>.AddAffine(sum, Elements[j], out sum);
                    Equal(i + (2 * j), sum);
                }

                JacobianPoint.AddVarTime(Jacobian(i), Jacobian(j), out JacobianPoint s);
                Equal(i + j, s);
                JacobianPoint.AddVarTime(Jacobian(i), Elements[j], subtract: false, out s);
                Equal(i + j, s);
                JacobianPoint.AddVarTime(Jacobian(i), Elements[j], subtract: true, out s);
                Equal(i - j, s);
                JacobianPoint.AddVarTime(s, s, out s);
                Equal(2 * (i - j), s);
                Assert.Equal(i == j, JacobianPoint.EqualVarTime(Jacobian(i), Elements[j]));
            }
        }
    }

    [Fact]
    public void Add_IntoAnOperand_IsAsIntoAnother()
    {
        ProjectivePoint<SmallCurve> p = Projective(3), q = Projective(5);
        ProjectivePoint<SmallCurve>.Add(p, q, out p);
        Equal(8, p);
        ProjectivePoint<SmallCurve>.Add(p, q, out q);
        Equal(13, q);
        ProjectivePoint<SmallCurve>.Add(p, p, out p);
        Equal(16, p);
        ProjectivePoint<SmallCurve>.AddAffine(p, Elements[2], out p);
        Equal(18, p);
        ProjectivePoint<SmallCurve>.Double(p, out p);
        Equal(36, p);
        JacobianPoint a = Jacobian(3), b = Jacobian(5);
        JacobianPoint.AddVarTime(a, b, out a);
        Equal(8, a);
        JacobianPoint.AddVarTime(a, b, out b);
        Equal(13, b);
        JacobianPoint.AddVarTime(a, Elements[4], subtract: false, out a);
        Equal(12, a);
        JacobianPoint.DoubleVarTime(a, out a);
        Equal(24, a);
    }

    [Fact]
    public void ToAffineVarTime_ManyWithIdentities_NormalizesEach()
    {
        JacobianPoint[] points = [.. Enumerable.Range(0, 40).Select(Jacobian)];
        var affine = new AffinePoint[points.Length];
        JacobianPoint.ToAffineVarTime(points, affine);
        for (int i = 0; i < points.Length; i++)
        {
            Equal(i, affine[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Multiply_AllScalarsAndPoints_GivesTheMultiple(bool lanes)
    {
        for (int i = 0; i < Order; i++)
        {
            for (int k = 0; k < Order; k++)
            {
                foreach (GlvScalar scalar in Representatives(k))
                {
                    Multiplier<SmallCurve>.Multiply([Projective(i)], [scalar], lanes, out ProjectivePoint<SmallCurve> product);
                    Equal(i * k, product);
                    Multiplier<SmallCurve>.Multiply(Projective(i), scalar, out product);
                    Equal(i * k, product);
                    VarTimeMultiplier<SmallCurve>.Strauss([Elements[i]], [scalar], [], [], lanes, out JacobianPoint sum);
                    Equal(i * k, sum);
                    VarTimeMultiplier<SmallCurve>.Strauss([], [], [VarTimeTable<SmallCurve>.ForBase(Elements[i], 8, lanes)], [scalar], lanes, out sum);
                    Equal(i * k, sum);
                    VarTimeMultiplier<SmallCurve>.Pippenger([Elements[i]], [scalar], 2 + (k % 7), out sum);
                    Equal(i * k, sum);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Multiply_FixedBase_GivesTheMultiple(bool lanes)
    {
        for (int i = 0; i < Order; i++)
        {
            var table = new FixedBaseTable<SmallCurve>(Elements[i]);
            for (int k = 0; k < Order; k++)
            {
                foreach (BigInteger representative in (BigInteger[])[k, Large(k), Large(k), Large(k), (Reference.P / Order * Order) - Order + k])
                {
                    Reference.Field(representative).ToWords(out ulong w0, out ulong w1, out ulong w2, out ulong w3);
                    table.Multiply(w0, w1, w2, w3, lanes, out ProjectivePoint<SmallCurve> product);
                    Equal(i * k, product);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Multiply_SumsOfAllPairs_GivesTheSum(bool lanes)
    {
        for (int i = 0; i < Order; i++)
        {
            for (int j = 0; j < Order; j++)
            {
                int k = RandomNumberGenerator.GetInt32(Order), l = RandomNumberGenerator.GetInt32(Order), m = RandomNumberGenerator.GetInt32(Order);
                GlvScalar a = Representatives(k)[1], b = Representatives(l)[2], c = Representatives(m)[3];
                Multiplier<SmallCurve>.Multiply([Projective(i), Projective(j)], [a, b], lanes, out ProjectivePoint<SmallCurve> product);
                Equal((i * k) + (j * l), product);
                VarTimeMultiplier<SmallCurve>.Strauss([Elements[i], Elements[j]], [a, b], [], [], lanes, out JacobianPoint sum);
                Equal((i * k) + (j * l), sum);
                VarTimeMultiplier<SmallCurve>.Strauss(
                    [Elements[i]], [a], [VarTimeTable<SmallCurve>.ForBase(Elements[j], 8, lanes), VarTimeTable<SmallCurve>.ForBase(Elements[1], 8, lanes)], [b, c], lanes, out sum);
                Equal((i * k) + (j * l) + m, sum);
                VarTimeMultiplier<SmallCurve>.Strauss(
                    [], [], [VarTimeTable<SmallCurve>.ForBase(Elements[j], 6, lanes), VarTimeTable<SmallCurve>.ForBase(Elements[i], 7, lanes)], [b, a], lanes, out sum);
                Equal((i * k) + (j * l), sum);
                VarTimeMultiplier<SmallCurve>.Pippenger([Elements[i], Elements[j], Elements[1]], [a, b, c], 2 + (i % 7), out sum);
                Equal((i * k) + (j * l) + m, sum);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Multiply_ManyTerms_GivesTheSumWhateverTheWay(bool lanes)
    {
        foreach (int count in (int[])[0, 1, 7, 8, 9, 17, VarTimeMultiplier<SmallCurve>.PippengerThreshold - 1, VarTimeMultiplier<SmallCurve>.PippengerThreshold, 300])
        {
            int[] indexes = [.. Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetInt32(Order))];
            int[] factors = [.. Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetInt32(Order))];
            GlvScalar[] scalars = [.. factors.Select(k => Representatives(k)[RandomNumberGenerator.GetInt32(4)])];
            int expected = indexes.Zip(factors, (i, k) => i * k).Sum();
            VarTimeMultiplier<SmallCurve>.Strauss([.. indexes.Select(i => Elements[i])], scalars, [], [], lanes, out JacobianPoint strauss);
            Equal(expected, strauss);
            VarTimeMultiplier<SmallCurve>.Sum([.. indexes.Select(i => Elements[i])], scalars, out JacobianPoint sum);
            Equal(expected, sum);
            Multiplier<SmallCurve>.Multiply([.. indexes.Select(Projective)], scalars, lanes, out ProjectivePoint<SmallCurve> product);
            Equal(expected, product);
            for (int window = 2; window <= 10; window++)
            {
                VarTimeMultiplier<SmallCurve>.Pippenger([.. indexes.Select(i => Elements[i])], scalars, window, out sum);
                Equal(expected, sum);
            }
        }
    }

    // The scalar as itself, and with both halves long, of either sign.
    private static GlvScalar[] Representatives(int k)
    {
        var list = new List<GlvScalar> { new((UInt128)k, 0, 0, 0) };
        foreach ((ulong first, ulong second) in ((ulong, ulong)[])[(0, ulong.MaxValue), (ulong.MaxValue, 0), (ulong.MaxValue, ulong.MaxValue)])
        {
            UInt128 half = Half();
            int rest = k - (Lambda * (int)(half % Order) * (second == 0 ? 1 : -1));
            int wanted = (int)Reference.Mod(first == 0 ? rest : -rest, Order);
            list.Add(new GlvScalar((Half() / Order * Order) - Order + (UInt128)wanted, first, half, second));
        }

        return [.. list];
    }

    private static UInt128 Half()
    {
        var value = (UInt128)(Reference.RandomBelow(Reference.P) >> 128);
        return value < 2 * Order ? value + (2 * Order) : value;
    }

    private static BigInteger Large(int k) => (Reference.RandomBelow((Reference.P / Order) - 1) * Order) + k;

    // The same point with a random denominator.
    private static ProjectivePoint<SmallCurve> Projective(int i)
    {
        ProjectivePoint<SmallCurve>.FromAffine(Elements[i % Order], out ProjectivePoint<SmallCurve> p);
        FieldElement z = Denominator();
        FieldElement.Multiply(p.X, z, out p.X);
        FieldElement.Multiply(p.Y, z, out p.Y);
        FieldElement.Multiply(p.Z, z, out p.Z);
        return p;
    }

    private static JacobianPoint Jacobian(int i)
    {
        JacobianPoint.FromAffineVarTime(Elements[i % Order], out JacobianPoint p);
        FieldElement z = Denominator();
        FieldElement.Square(z, out FieldElement zz);
        FieldElement.Multiply(p.X, zz, out p.X);
        FieldElement.Multiply(zz, z, out zz);
        FieldElement.Multiply(p.Y, zz, out p.Y);
        FieldElement.Multiply(p.Z, z, out p.Z);
        return p;
    }

    private static FieldElement Denominator() => Reference.Field(Reference.RandomBelow(Reference.P - 1) + 1);

    private static void Equal(int expected, in ProjectivePoint<SmallCurve> actual)
    {
        ProjectivePoint<SmallCurve>.ToAffine(actual, out AffinePoint affine);
        Equal(expected, affine);
    }

    private static void Equal(int expected, in LanePoint<SmallCurve> actual)
    {
        LanePoint<SmallCurve>.To(actual, out ProjectivePoint<SmallCurve> projective);
        Equal(expected, projective);
    }

    private static void Equal(int expected, in JacobianPoint actual)
    {
        JacobianPoint.ToAffineVarTime(actual, out AffinePoint affine);
        Equal(expected, affine);
    }

    private static void Equal(int expected, in AffinePoint actual) => Assert.True(AffinePoint.Equal(Elements[(int)Reference.Mod(expected, Order)], actual));

    private static IEnumerable<AffinePoint> Multiples()
    {
        (BigInteger X, BigInteger Y)? point = null;
        for (int i = 0; i < Order; i++)
        {
            yield return point is var (x, y) ? new AffinePoint(Reference.Field(x), Reference.Field(y)) : default;
            point = Reference.Add(point, Base);
        }
    }

    private readonly struct SmallCurve : ICurve
    {
        public static uint ThreeB => 6;
    }
}
