using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Evaluation;

public class IntervalsTests
{
    [Fact]
    public void OfFolds_KnownValues_CorrectsForSharedRows()
    {
        double[] values = [0.90, 0.92, 0.94, 0.96, 0.98];
        MetricInterval plain = Intervals.OfFolds(values, testToTrain: 0);
        MetricInterval corrected = Intervals.OfFolds(values, testToTrain: 1.0 / 4);

        double s = Math.Sqrt(0.004 / 4);
        Assert.Equal(0.94, corrected.Value, 1e-12);
        Assert.Equal(2.7764451052 * s * Math.Sqrt(0.2), plain.Upper - plain.Value, 1e-9);
        Assert.Equal(2.7764451052 * s * Math.Sqrt(0.45), corrected.Upper - corrected.Value, 1e-9);
        Assert.Equal(corrected.Value - corrected.Lower, corrected.Upper - corrected.Value, 1e-12);
    }

    [Fact]
    public void Bootstrap_MeanOfNormals_HoldsTheErrorOfTheMean()
    {
        var random = RandomStream.ForStream(11, 0);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => random.NextNormal())];
        MetricInterval interval = Intervals.Bootstrap(400, [], rows => rows.Average(i => values[i]), 1000, 0.95, 5, CancellationToken.None);

        Assert.Equal(values.Average(), interval.Value, 1e-12);
        Assert.Equal(2 * 1.96 / 20, interval.Upper - interval.Lower, 0.03);
        Assert.Equal(interval, Intervals.Bootstrap(400, [], rows => rows.Average(i => values[i]), 1000, 0.95, 5, CancellationToken.None));
        Assert.NotEqual(interval, Intervals.Bootstrap(400, [], rows => rows.Average(i => values[i]), 1000, 0.95, 6, CancellationToken.None));
    }

    [Fact]
    public void Bootstrap_SeveralRowsAPerson_DrawsPersons()
    {
        // Ten equal rows a person: by rows the range would be √10 times too narrow.
        var random = RandomStream.ForStream(12, 0);
        double[] persons = [.. Enumerable.Range(0, 60).Select(_ => random.NextNormal())];
        int[] groups = [.. Enumerable.Range(0, 600).Select(i => i / 10)];
        double Mean(int[] rows) => rows.Average(i => persons[groups[i]]);
        MetricInterval byPerson = Intervals.Bootstrap(600, groups, Mean, 500, 0.95, 5, CancellationToken.None);
        MetricInterval byRow = Intervals.Bootstrap(600, [], Mean, 500, 0.95, 5, CancellationToken.None);

        Assert.InRange((byPerson.Upper - byPerson.Lower) / (byRow.Upper - byRow.Lower), 2.4, 4);
    }

    [Fact]
    public void CorrectedT_SameModel_SeesNoDifference()
    {
        double[] values = [0.9, 0.8, 0.95];
        var same = PairedComparison.CorrectedT(values, values, 1.0 / 9);

        Assert.Equal(0, same.Difference.Value);
        Assert.Equal(1, same.PValue);
        Assert.Throws<ArgumentException>(() => PairedComparison.CorrectedT(values, [0.9], 1.0 / 9));
    }

    [Fact]
    public void CorrectedT_KnownDifferences_GiveStudentsProbability()
    {
        double[] first = [0.91, 0.93, 0.92, 0.95];
        double[] second = [0.90, 0.90, 0.91, 0.91];
        var comparison = PairedComparison.CorrectedT(first, second, 1.0 / 3);

        // Differences .01 .03 .01 .04: mean .0225, s .015; t = .0225 / (.015 · √(1/4 + 1/3)) = 1.96396; two-sided with 3 degrees of freedom.
        Assert.Equal(0.0225, comparison.Difference.Value, 1e-12);
        Assert.Equal(0.14425, comparison.PValue, 2e-4);
        Assert.True(comparison.Difference.Lower < 0);
        Assert.Contains("Nadeau", comparison.Method, StringComparison.Ordinal);
    }

    [Fact]
    public void Bootstrap_ClearlyBetterModel_IsSeen()
    {
        var random = RandomStream.ForStream(13, 0);
        int[] y = [.. Enumerable.Range(0, 300).Select(i => i % 2)];
        double[] good = [.. y.Select(c => c + (0.8 * random.NextNormal()))];
        double[] bad = [.. y.Select(c => (0.2 * c) + random.NextNormal())];
        double Auc(double[] scores, int[] rows) => Metrics.RocAuc(rows.Select(i => scores[i]).ToArray(), rows.Select(i => y[i]).ToArray());
        var comparison = PairedComparison.Bootstrap(300, [], r => Auc(good, r), r => Auc(bad, r), 400, 0.95, 1, CancellationToken.None);
        var itself = PairedComparison.Bootstrap(300, [], r => Auc(good, r), r => Auc(good, r), 400, 0.95, 1, CancellationToken.None);

        Assert.True(comparison.Difference.Lower > 0);
        Assert.True(comparison.PValue < 0.01);
        Assert.Equal(1, itself.PValue);
    }
}
