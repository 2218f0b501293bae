using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Numerics;

public class NumericsTests
{
    [Theory]
    [InlineData(0.975, 1, 12.7062047362)]
    [InlineData(0.975, 10, 2.2281388520)]
    [InlineData(0.975, 29, 2.0452296421)]
    [InlineData(0.95, 5, 2.0150483733)]
    [InlineData(0.025, 29, -2.0452296421)]
    public void Quantile_TabledValues_AreReached(double p, int freedom, double expected)
    {
        Assert.Equal(expected, StudentT.Quantile(p, freedom), 1e-8);
        Assert.Equal(1 - p, StudentT.UpperTail(expected, freedom), 1e-10);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0.5, 0.5723649429247001)]
    [InlineData(10, 12.801827480081469)]
    [InlineData(100, 359.1342053695754)]
    public void LogGamma_KnownValues_AreReached(double x, double expected) => Assert.Equal(expected, StudentT.LogGamma(x), 1e-11);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(30)]
    public void Vectors_AnyLength_SumAll(int length)
    {
        double[] a = [.. Enumerable.Range(1, length).Select(i => (double)i)];
        double[] b = [.. Enumerable.Range(1, length).Select(i => 2.0 * i)];

        Assert.Equal(a.Zip(b, (x, y) => x * y).Sum(), Vectors.Dot(a, b));
        Assert.Equal(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum(), Vectors.SquaredDistance(a, b));
        double[] expected = [.. a.Zip(b, (x, y) => x + (3 * y))];
        Vectors.AddScaled(a, b, 3);
        Assert.Equal(expected, a);
    }

    [Fact]
    public void LogisticAndSoftmax_ExtremeScores_StayProbabilities()
    {
        Assert.Equal(0.5, Vectors.Logistic(0));
        Assert.Equal(0, Vectors.Logistic(-1e6));
        Assert.Equal(1, Vectors.Logistic(1e6));
        double[] scores = [1e6, 0, -1e6];
        Vectors.Softmax(scores);
        Assert.Equal([1, 0, 0], scores);
    }

    [Fact]
    public void Packed_WrittenNumbers_ComeBackBitForBit()
    {
        double[] doubles = [0, -0.0, 1.0 / 3, double.MaxValue, double.Epsilon, -1e-300];
        int[] ints = [0, -1, int.MaxValue, int.MinValue];
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartArray(2);
        Packed.WriteDoubles(writer, doubles);
        Packed.WriteInts(writer, ints);
        writer.WriteEndArray();
        var reader = new CborReader(writer.Encode(), CborConformanceMode.Ctap2Canonical);
        reader.ReadStartArray();

        Assert.Equal(doubles.Select(BitConverter.DoubleToInt64Bits), Packed.ReadDoubles(reader, doubles.Length).Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(ints, Packed.ReadInts(reader, ints.Length));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ReadDoubles_NotFinite_IsRefused(double value)
    {
        var writer = new CborWriter();
        Packed.WriteDoubles(writer, [value]);

        Assert.Throws<InvalidDataException>(() => Packed.ReadDoubles(new CborReader(writer.Encode()), 1));
    }

    [Fact]
    public void ReadDoubles_OtherNumberThanSaid_IsRefused()
    {
        var writer = new CborWriter();
        Packed.WriteDoubles(writer, [1, 2]);

        Assert.Throws<InvalidDataException>(() => Packed.ReadDoubles(new CborReader(writer.Encode()), 3));
        Assert.Throws<InvalidDataException>(() => Packed.ReadDoubles(new CborReader(writer.Encode()), int.MaxValue));
    }

    [Fact]
    public void Lbfgs_Quadratic_FindsTheMinimum()
    {
        double[] point = [5, -3, 8];
        Lbfgs.Minimise(
            point,
            (v, g) =>
            {
                double f = 0;
                for (int i = 0; i < 3; i++)
                {
                    double d = v[i] - i;
                    f += (i + 1) * d * d;
                    g[i] = 2 * (i + 1) * d;
                }

                return f;
            },
            1e-12,
            CancellationToken.None);

        Assert.Equal(0, point[0], 1e-10);
        Assert.Equal(1, point[1], 1e-10);
        Assert.Equal(2, point[2], 1e-10);
    }
}
