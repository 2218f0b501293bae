using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math.EC;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using BcInteger = Org.BouncyCastle.Math.BigInteger;
using BcPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace Phr.Crypto.Tests.Secp256k1;

/// <summary>Points against BouncyCastle's and against BigInteger: 20,000 random cases, or 1,000,000 when PHR_TEST_LONG is 1.</summary>
public class DifferentialTests
{
    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");

    public static int Cases { get; } = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 1_000_000 : 20_000;

    [Fact]
    public void Point_RandomCases_AgreesWithBouncyCastle()
    {
        // One list of points with known counterparts, which the cases combine and extend.
        var points = new List<(Point Ours, BcPoint Theirs)> { (Point.Generator, Curve.G), (Point.Identity, Curve.Curve.Infinity), (Point.U, Theirs(Point.U)) };
        for (int i = 0; i < Cases; i++)
        {
            (Point p, BcPoint bp) = points[RandomNumberGenerator.GetInt32(points.Count)];
            (Point q, BcPoint bq) = points[RandomNumberGenerator.GetInt32(points.Count)];
            BigInteger k = RandomScalar(), l = RandomScalar();
            (Point Ours, BcPoint Theirs) result = (i % 8) switch
            {
                0 => (p * Reference.Scalar(k), bp.Multiply(Integer(k))),
                1 => (Point.MultiplyBase(Reference.Scalar(k)), Curve.G.Multiply(Integer(k))),
                2 => (Point.U * Reference.Scalar(k), Theirs(Point.U).Multiply(Integer(k))),
                3 => (Point.LinearCombinationVarTime(Reference.Scalar(k), p, Reference.Scalar(l), q), ECAlgorithms.SumOfTwoMultiplies(bp, Integer(k), bq, Integer(l))),
                4 => (Point.MultiScalar([Reference.Scalar(k), Reference.Scalar(l)], [p, q]), ECAlgorithms.SumOfTwoMultiplies(bp, Integer(k), bq, Integer(l))),
                5 => (p + q, bp.Add(bq)),
                6 => (p - q, bp.Subtract(bq)),
                _ => (-p, bp.Negate()),
            };
            Equal(result.Theirs, result.Ours);
            if (points.Count < 200)
            {
                points.Add((result.Ours, result.Theirs.Normalize()));
            }
            else
            {
                points[3 + RandomNumberGenerator.GetInt32(points.Count - 3)] = (result.Ours, result.Theirs.Normalize());
            }
        }
    }

    [Fact]
    public void Add_RandomPoints_AgreesWithBigInteger()
    {
        Point p = Point.Generator, q = Point.U;
        for (int i = 0; i < Cases / 20; i++)
        {
            (BigInteger, BigInteger)? a = Coordinates(p), b = Coordinates(q);
            Assert.Equal(Reference.Add(a, b), Coordinates(p + q));
            Assert.Equal(Reference.Add(a, a), Coordinates(p + p));
            Assert.Null(Coordinates(p - p));
            (p, q) = (p + q, p);
        }
    }

    [Fact]
    public void Multiply_EdgeScalars_AgreesWithBouncyCastle()
    {
        Point p = Point.MultiplyBase(Reference.Scalar(Reference.RandomBelow(Reference.N)));
        BcPoint bp = Theirs(p), bu = Theirs(Point.U);
        Assert.All(Reference.EdgeScalars, k =>
        {
            Scalar scalar = Reference.Scalar(k);
            BcInteger integer = Integer(k);
            Equal(bp.Multiply(integer), p * scalar);
            Equal(Curve.G.Multiply(integer), Point.MultiplyBase(scalar));
            Equal(Curve.G.Multiply(integer), Point.Generator * scalar);
            Equal(bu.Multiply(integer), Point.U * scalar);
            Equal(bp.Multiply(integer), Point.MultiScalar([scalar], [p]));
            Equal(bp.Multiply(integer), Point.MultiScalarVarTime([scalar], [p]));
            Equal(bp.Multiply(integer), Point.MultiScalarVarTime([scalar], [p.WithTableVarTime()]));
            Equal(bp.Add(Curve.G).Multiply(integer), Point.LinearCombinationVarTime(scalar, p, scalar, Point.Generator));
            Equal(bp.Add(bu).Multiply(integer), Point.LinearCombinationVarTime(scalar, Point.U, scalar, p));
            Equal(bp.Add(bu).Multiply(integer), Point.LinearCombinationVarTime(scalar, Point.U, scalar, p.WithTableVarTime()));
            Equal(Curve.G.Add(bu).Multiply(integer), Point.LinearCombinationVarTime(scalar, Point.U, scalar, Point.Generator));
            Assert.True((Point.Identity * scalar).IsIdentity);
            Assert.Equal(p * scalar, -(p * -scalar));
        });
    }

    [Fact]
    public void MultiScalarVarTime_ManyPoints_AgreesWithOneByOne()
    {
        foreach (int count in (int[])[0, 1, 2, 3, 30, VarTimeMultiplier<Secp256k1Curve>.PippengerThreshold, 400])
        {
            var scalars = new Scalar[count];
            var points = new Point[count];
            BigInteger sum = 0, previous = 0;
            for (int i = 0; i < count; i++)
            {
                // Random points, the generator, and the point before once more.
                BigInteger k = i % 5 == 0 ? Reference.EdgeScalars[i / 5 % Reference.EdgeScalars.Length] : RandomScalar(), discrete = i % 7 == 3 ? 1 : i % 7 == 5 ? previous : RandomScalar();
                scalars[i] = Reference.Scalar(k);
                points[i] = i % 7 == 3 ? Point.Generator : i % 7 == 5 ? points[i - 1] : Point.MultiplyBase(Reference.Scalar(discrete));
                previous = discrete;
                sum += k * discrete;
            }

            Equal(Curve.G.Multiply(Integer(sum % Reference.N)), Point.MultiScalarVarTime(scalars, points));
            Equal(Curve.G.Multiply(Integer(sum % Reference.N)), Point.MultiScalar(scalars, points));
        }

        Assert.Throws<ArgumentException>(() => Point.MultiScalarVarTime([Scalar.One], []));
        Assert.Throws<ArgumentException>(() => Point.MultiScalar([Scalar.One], []));
    }

    [Fact]
    public void EvaluateVarTime_AllIndexes_AgreesWithPowers()
    {
        Point[] coefficients = [.. Enumerable.Range(0, 4).Select(_ => Point.MultiplyBase(Reference.Scalar(RandomScalar()))), Point.Identity, Point.Generator];
        for (int x = 0; x < 256; x++)
        {
            Scalar[] powers = [.. coefficients.Select((_, i) => Reference.Scalar(BigInteger.Pow(x, i)))];
            Assert.Equal(Point.MultiScalarVarTime(powers, coefficients), Point.EvaluateVarTime(coefficients, (byte)x));
        }
    }

    [Fact]
    public void LinearCombinationEqualsVarTime_RightAndWrongPoint_TellsThemApart()
    {
        Scalar k = Reference.Scalar(RandomScalar()), l = Reference.Scalar(RandomScalar());
        Point p = Point.MultiplyBase(k), q = Point.U * l, sum = (p * k) + (q * l);
        Assert.True(Point.LinearCombinationEqualsVarTime(k, p, l, q, sum));
        Assert.False(Point.LinearCombinationEqualsVarTime(k, p, l, q, -sum));
        Assert.False(Point.LinearCombinationEqualsVarTime(k, p, l, q, Point.Identity));
        Assert.True(Point.LinearCombinationEqualsVarTime(k, p, -k, p, Point.Identity));
        Assert.True(Point.LinearCombinationEqualsVarTime(Scalar.Zero, p, Scalar.Zero, q, Point.Identity));
        Assert.False(Point.LinearCombinationEqualsVarTime(k, p, -k, p, p));
    }

    [Fact]
    public void Arithmetic_RandomScalars_ObeysTheLaws()
    {
        for (int i = 0; i < 100; i++)
        {
            Scalar k = Reference.Scalar(RandomScalar()), l = Reference.Scalar(RandomScalar());
            Point p = Point.MultiplyBase(Reference.Scalar(RandomScalar())), q = Point.U * k;
            Assert.Equal(p + q, q + p);
            Assert.Equal((p + q) + Point.Generator, p + (q + Point.Generator));
            Assert.Equal(p * (k + l), (p * k) + (p * l));
            Assert.Equal(p * k * l, p * (k * l));
            Assert.Equal((p + q) * k, (p * k) + (q * k));
            Assert.Equal(p, p + Point.Identity);
            Assert.Equal(p + p, p * Scalar.FromUInt32(2));
        }
    }

    // Both ways of calculating, where the processor has the second.
    public static TheoryData<bool> Ways => FieldLanes.IsSupported ? [false, true] : [false];

    [Theory]
    [MemberData(nameof(Ways))]
    public void TryFromBytesMany_AnyNumber_AgreesWithOneByOne(bool lanes)
    {
        for (int count = 0; count <= 13; count++)
        {
            byte[][] encoded = [.. Enumerable.Range(0, count).Select(_ => Point.MultiplyBase(Scalar.Random(RandomSource.System)).ToBytes())];
            Point[] points = Point.TryFromBytesMany(encoded, lanes)!;
            Assert.Equal(encoded, points.Select(point => point.ToBytes()));
            Assert.All(points.Zip(encoded), pair => Assert.Equal(Point.FromBytes(pair.Second), pair.First));
            for (int place = 0; place < count; place++)
            {
                // No point, another form, an abscissa above p, too short, too long.
                byte[] noPoint = [.. encoded[place]];
                while (Point.TryFromBytes(noPoint, out _))
                {
                    noPoint[^1] = (byte)((noPoint[^1] + 1) & 0xFF);
                }

                foreach (byte[] bad in (byte[][])[noPoint, [4, .. encoded[place][1..]], [2, .. Enumerable.Repeat((byte)0xFF, 32)], encoded[place][..32], [.. encoded[place], 0], []])
                {
                    Assert.Null(Point.TryFromBytesMany([.. encoded[..place], bad, .. encoded[(place + 1)..]], lanes));
                }
            }
        }
    }

    [Fact]
    public void TryFromBytes_RandomAbscissas_AgreesWithBouncyCastle()
    {
        int without = 0;
        BigInteger[] edges = [0, 1, 2, 5, Reference.P - 1, Reference.P - 2, Reference.P, Reference.P + 1, (BigInteger.One << 256) - 1, Reference.N];
        for (int i = 0; i < 500 + edges.Length; i++)
        {
            byte[] encoded = [(byte)(2 + (i & 1)), .. Reference.Bytes(i < edges.Length ? edges[i] : Reference.RandomBelow(Reference.P))];
            BcPoint? theirs;
            try
            {
                theirs = Curve.Curve.DecodePoint(encoded);
            }
            catch (ArgumentException)
            {
                theirs = null;
                without++;
            }

            Assert.Equal(theirs is not null, Point.TryFromBytes(encoded, out Point? point));
            if (point is not null)
            {
                Equal(theirs!, point);
                Assert.Equal(encoded, point.ToBytes());
                byte[] uncompressed = theirs!.GetEncoded(false);
                Assert.True(Point.TryFromUncompressedBytes(uncompressed, out Point? same));
                Assert.Equal(point, same);
                Assert.Equal(point.GetHashCode(), same.GetHashCode());
                uncompressed[64] ^= 1;
                Assert.False(Point.TryFromUncompressedBytes(uncompressed, out _));
            }
        }

        Assert.True(without > 150);
    }

    [Fact]
    public void WriteBytes_Identity_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => Point.Identity.ToBytes());
        Assert.Throws<InvalidOperationException>(() => Point.Identity.WriteCoordinates(new byte[64]));
        Assert.True((Point.Generator * Scalar.Zero).IsIdentity);
        Assert.Equal(Point.Identity, Point.MultiplyBase(Scalar.Zero));
    }

    [Fact]
    public void Split_RandomAndEdgeScalars_GivesShortHalves()
    {
        for (int i = 0; i < 5000; i++)
        {
            BigInteger k = i < Reference.EdgeScalars.Length ? Reference.EdgeScalars[i] : RandomScalar();
            var split = GlvScalar.Split(Reference.Scalar(k));
            BigInteger first = (BigInteger)split.First * (split.FirstNegative == 0 ? 1 : -1), second = (BigInteger)split.Second * (split.SecondNegative == 0 ? 1 : -1);
            Assert.Equal(k, Reference.Mod(first + (second * Reference.Lambda), Reference.N));
            Assert.True(split.FirstNegative is 0 or ulong.MaxValue && split.SecondNegative is 0 or ulong.MaxValue);
        }
    }

    [Fact]
    public void Recodings_RandomNumbers_GiveTheNumberBack()
    {
        Span<sbyte> digits = stackalloc sbyte[SignedWindow.MaxNafLength];
        for (int i = 0; i < 2000; i++)
        {
            UInt128 k = i switch { 0 => 0, 1 => 1, 2 => UInt128.MaxValue, 3 => UInt128.One << 127, _ => (UInt128)(Reference.RandomBelow(Reference.P) >> 128) };
            for (int width = 2; width <= 8; width++)
            {
                int length = SignedWindow.NafVarTime(k, width, digits);
                BigInteger sum = 0;
                int next = 0;
                for (int bit = 0; bit < digits.Length; bit++)
                {
                    sum += (BigInteger)digits[bit] << bit;
                    if (digits[bit] != 0)
                    {
                        Assert.True(bit >= next && bit < length && (digits[bit] & 1) != 0 && Math.Abs((int)digits[bit]) < 1 << (width - 1));
                        next = bit + width;
                    }
                }

                Assert.Equal((BigInteger)k, sum);
            }

            BigInteger booth = 0;
            for (int window = 0; window < 26; window++)
            {
                ulong bits = (ulong)((((BigInteger)k << 1) >> (5 * window)) & 63);
                ulong digit = SignedWindow.Booth(bits, out ulong negative);
                Assert.True(digit <= 16 && negative is 0 or ulong.MaxValue);
                booth += ((BigInteger)digit * (negative == 0 ? 1 : -1)) << (5 * window);
            }

            Assert.Equal((BigInteger)k, booth);
        }
    }

    private static BigInteger RandomScalar() => Reference.RandomBelow(Reference.N);

    private static BcInteger Integer(BigInteger value) => new(value.ToString(CultureInfo.InvariantCulture));

    private static BcPoint Theirs(Point point) => Curve.Curve.DecodePoint(point.ToBytes());

    private static void Equal(BcPoint expected, Point actual)
    {
        Assert.Equal(expected.IsInfinity, actual.IsIdentity);
        if (!actual.IsIdentity)
        {
            Assert.Equal(expected.Normalize().GetEncoded(true), actual.ToBytes());
        }
    }

    private static (BigInteger X, BigInteger Y)? Coordinates(Point point)
    {
        if (point.IsIdentity)
        {
            return null;
        }

        var bytes = new byte[64];
        point.WriteCoordinates(bytes);
        return (Reference.FromBytes(bytes.AsSpan(0, 32)), Reference.FromBytes(bytes.AsSpan(32)));
    }
}
