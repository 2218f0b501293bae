using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Numerics;

public class RandomStreamTests
{
    [Fact]
    public void Next_StateOfTheReferenceProgram_GivesItsNumbers()
    {
        var random = RandomStream.FromState(1, 2, 3, 4);

        Assert.Equal((11520UL, 0UL, 1509978240UL, 1215971899390074240UL), (random.Next(), random.Next(), random.Next(), random.Next()));
    }

    [Fact]
    public void SplitMix_FromZero_GivesTheReferenceNumbers()
    {
        ulong state = 0;

        Assert.Equal(0xE220A8397B1DCDAFUL, RandomStream.SplitMix(ref state));
        Assert.Equal(0x6E789E6AA1B965F4UL, RandomStream.SplitMix(ref state));
    }

    [Fact]
    public void ForStream_SameSeed_RepeatsAndOtherStreamsDiffer()
    {
        ulong first = RandomStream.ForStream(7, 0).Next();

        Assert.Equal(first, RandomStream.ForStream(7, 0).Next());
        Assert.NotEqual(first, RandomStream.ForStream(7, 1).Next());
        Assert.NotEqual(first, RandomStream.ForStream(8, 0).Next());
        ulong[] many = [.. Enumerable.Range(0, 10_000).Select(i => RandomStream.DeriveSeed(7, (ulong)i))];
        Assert.Equal(many.Length, many.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void NextInt_ManyDraws_AreInRangeAndEven(int bound)
    {
        var random = RandomStream.ForStream(1, 2);
        int[] counts = new int[bound];
        for (int i = 0; i < 60_000; i++)
        {
            counts[random.NextInt(bound)]++;
        }

        // Six standard deviations.
        double expected = 60_000.0 / bound;
        Assert.All(counts, c => Assert.InRange(c, expected - (6 * Math.Sqrt(expected)), expected + (6 * Math.Sqrt(expected))));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void NextDoubleAndNormal_ManyDraws_HaveTheirMoments()
    {
        var random = RandomStream.ForStream(3, 0);
        double sum = 0;
        double normal = 0;
        double squares = 0;
        for (int i = 0; i < 100_000; i++)
        {
            double u = random.NextDouble();
            Assert.InRange(u, 0, 0.9999999999999999);
            sum += u;
            double z = random.NextNormal();
            normal += z;
            squares += z * z;
        }

        Assert.Equal(0.5, sum / 100_000, 0.006);
        Assert.Equal(0, normal / 100_000, 0.02);
        Assert.Equal(1, squares / 100_000, 0.03);
    }

    [Fact]
    public void Shuffle_Items_KeepsThemAll()
    {
        int[] items = [.. Enumerable.Range(0, 100)];
        RandomStream.ForStream(5, 0).Shuffle<int>(items);

        Assert.NotEqual(Enumerable.Range(0, 100), items);
        Assert.Equal(Enumerable.Range(0, 100), items.Order());
    }
}
