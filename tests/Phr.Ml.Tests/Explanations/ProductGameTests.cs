using Phr.Ml.Explanations;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Explanations;

public class ProductGameTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public void Add_AnyFactors_IsTheSumOverEverySet(int players)
    {
        var random = RandomStream.ForStream(5, (ulong)players);
        for (int round = 0; round < 5; round++)
        {
            double[] with = [.. Enumerable.Range(0, players).Select(_ => random.NextInt(3) == 0 ? random.NextInt(2) : random.NextDouble() * 2)];
            double[] without = [.. Enumerable.Range(0, players).Select(_ => random.NextInt(4) == 0 ? 0 : random.NextDouble())];
            double[] values = new double[players];
            ProductGame.Add(with, without, [], 3, new double[ProductGame.ScratchLength(players)], values);

            double[] expected = Games.Shapley(players, set => 3 * set.Select((inside, p) => inside ? with[p] : without[p]).Aggregate(1.0, (a, b) => a * b));
            for (int p = 0; p < players; p++)
            {
                Assert.Equal(expected[p], values[p], 1e-12 * Math.Pow(2, players));
            }
        }
    }

    [Fact]
    public void Add_PlacesGiven_AddsThere()
    {
        double[] values = [1, 1, 1];
        ProductGame.Add([2, 3], [1, 1], [2, 0], 1, new double[ProductGame.ScratchLength(2)], values);

        // v({first}) = 2, v({second}) = 3, v(both) = 6, v(none) = 1.
        Assert.Equal(1 + 3, values[0], 1e-12);
        Assert.Equal(1, values[1]);
        Assert.Equal(1 + 2, values[2], 1e-12);
    }

    [Fact]
    public void Add_HundredsOfPlayers_StillSumsToTheWhole()
    {
        var random = RandomStream.ForStream(6, 0);
        double[] with = [.. Enumerable.Range(0, 3000).Select(_ => 1 - (random.NextDouble() / 1000))];
        double[] without = [.. Enumerable.Range(0, 3000).Select(_ => 1 - (random.NextDouble() / 500))];
        double[] values = new double[3000];
        ProductGame.Add(with, without, [], 1, new double[ProductGame.ScratchLength(3000)], values);

        Assert.Equal(with.Aggregate((a, b) => a * b) - without.Aggregate((a, b) => a * b), values.Sum(), 1e-12);
    }

    [Fact]
    public void ForDegree_EveryRule_IntegratesThePowersItPromises()
    {
        for (int degree = 0; degree <= (2 * GaussLegendre.MostPoints) - 1; degree++)
        {
            GaussLegendre rule = GaussLegendre.ForDegree(degree);
            double sum = 0;
            for (int i = 0; i < rule.Points.Length; i++)
            {
                sum += rule.Weights[i] * Math.Pow(rule.Points[i], degree);
            }

            Assert.Equal(1.0 / (degree + 1), sum, 1e-13);
        }
    }
}
