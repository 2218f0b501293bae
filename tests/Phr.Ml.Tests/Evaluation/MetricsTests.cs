using FsCheck;
using FsCheck.Fluent;
using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Evaluation;

public class MetricsTests
{
    // From the example of scikit-learn's page on average precision and ROC.
    private static readonly int[] _y = [0, 0, 1, 1];
    private static readonly double[] _scores = [0.1, 0.4, 0.35, 0.8];

    [Fact]
    public void Areas_KnownExample_AreThoseOfTheDefinition()
    {
        Assert.Equal(0.75, Metrics.RocAuc(_scores, _y), 1e-15);
        Assert.Equal((0.5 * 1) + (0.5 * 2 / 3), Metrics.PrAuc(_scores, _y), 1e-15);
    }

    [Fact]
    public void RocAuc_AllScoresEqual_IsAHalf() => Assert.Equal(0.5, Metrics.RocAuc([0.3, 0.3, 0.3], [0, 1, 0]));

    [Fact]
    public void Areas_OneClassLacks_AreNotANumber()
    {
        Assert.True(double.IsNaN(Metrics.RocAuc([0.1, 0.2], [0, 0])));
        Assert.True(double.IsNaN(Metrics.RocAuc([0.1, 0.2], [1, 1])));
        Assert.True(double.IsNaN(Metrics.PrAuc([0.1, 0.2], [0, 0])));
        Assert.True(double.IsNaN(DiagnosisMetrics.Compute(new Matrix(2, 1), [0, 0]).Sensitivity));
    }

    [Fact]
    public void RocAuc_AnyScores_IsTheShareOfPairsInOrder() => Prop.ForAll(
        Samples(),
        sample =>
        {
            (double[] scores, int[] y) = sample;
            double pairs = 0;
            double right = 0;
            for (int i = 0; i < y.Length; i++)
            {
                for (int j = 0; j < y.Length; j++)
                {
                    if (y[i] == 1 && y[j] == 0)
                    {
                        pairs++;
                        right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                    }
                }
            }

            double auc = Metrics.RocAuc(scores, y);
            return pairs == 0 ? double.IsNaN(auc) : Math.Abs(auc - (right / pairs)) < 1e-12;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void RocCurve_AnyScores_EnclosesTheArea() => Prop.ForAll(
        Samples(),
        sample =>
        {
            (double[] scores, int[] y) = sample;
            if (y.Distinct().Count() < 2)
            {
                return true;
            }

            CurvePoint[] curve = Metrics.RocCurve(scores, y);
            double area = curve.Zip(curve.Skip(1), (a, b) => (b.X - a.X) * (a.Y + b.Y) / 2).Sum();
            return (curve[0].X, curve[0].Y) == (0, 0) && (curve[^1].X, curve[^1].Y) == (1, 1) && Math.Abs(area - Metrics.RocAuc(scores, y)) < 1e-12;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void LogLoss_KnownProbabilities_IsNatural()
    {
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.8)) / 2, Metrics.LogLoss([0.9, 0.2], [1, 0]), 1e-15);

        // A sure and wrong answer costs much, but not everything.
        Assert.Equal(52 * Math.Log(2), Metrics.LogLoss([0], [1]), 1e-9);
    }

    [Fact]
    public void BrierAndCalibrationError_KnownProbabilities_AreByHand()
    {
        double[] p = [0.05, 0.05, 0.95, 0.95, 1.0];
        int[] y = [0, 1, 1, 1, 1];

        Assert.Equal(((3 * 0.05 * 0.05) + (0.95 * 0.95)) / 5, Metrics.Brier(p, y), 1e-15);

        // The first range promises .05 and .5 come; the last promises 2.9 of 3 and 3 come.
        Assert.Equal(((2 * 0.45) + 0.1) / 5, Metrics.CalibrationError(p, y), 1e-12);
        ReliabilityBin[] bins = Metrics.Reliability(p, y);
        Assert.Equal(10, bins.Length);
        Assert.Equal(2, bins[0].Rows);
        Assert.Equal(3, bins[9].Rows);
        Assert.True(double.IsNaN(bins[5].Observed));
    }

    [Fact]
    public void Compute_TwoClasses_CountsByThreshold()
    {
        var metrics = DiagnosisMetrics.Compute(new Matrix(4, 1, [0.1, 0.4, 0.35, 0.8]), _y, threshold: 0.4);

        Assert.Equal([1L, 1], metrics.Confusion.Row(0).ToArray());
        Assert.Equal([1L, 1], metrics.Confusion.Row(1).ToArray());
        Assert.Equal((0.5, 0.5, 0.5), (metrics.Accuracy, metrics.Sensitivity, metrics.Specificity));
        Assert.Equal(4, metrics.Confusion.Total);
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.Confusion.Row(2).Length);
    }

    [Fact]
    public void Compute_TwoClassesAsColumns_AgreesWithOneColumn()
    {
        var random = RandomStream.ForStream(1, 1);
        var one = new Matrix(200, 1);
        var two = new Matrix(200, 2);
        int[] y = new int[200];
        for (int i = 0; i < 200; i++)
        {
            double p = random.NextDouble();
            one[i, 0] = p;
            two[i, 0] = 1 - p;
            two[i, 1] = p;
            y[i] = random.NextDouble() < p ? 1 : 0;
        }

        var a = DiagnosisMetrics.Compute(one, y);
        var b = DiagnosisMetrics.Compute(two, y);
        Assert.Equal(a.RocAuc, b.RocAuc, 1e-12);
        Assert.Equal(a.LogLoss, b.LogLoss, 1e-12);
        Assert.Equal(2 * a.Brier, b.Brier, 1e-12);
        Assert.Equal(a.Accuracy, b.Accuracy, 1e-12);
        Assert.Equal((a.Sensitivity + a.Specificity) / 2, b.Sensitivity, 1e-12);
    }

    [Fact]
    public void Compute_ManyClasses_IsByHand()
    {
        var p = new Matrix(3, 3, [0.7, 0.2, 0.1, 0.1, 0.5, 0.4, 0.2, 0.5, 0.3]);
        var metrics = DiagnosisMetrics.Compute(p, [0, 1, 2]);

        Assert.Equal(2.0 / 3, metrics.Accuracy, 1e-15);
        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.5) + Math.Log(0.3)) / 3, metrics.LogLoss, 1e-12);
        Assert.Equal((2.0 / 3), metrics.Sensitivity, 1e-12);
        Assert.Equal((1 + 0.5 + 1) / 3, metrics.Specificity, 1e-12);
        Assert.Equal(0.14 + 0.42 + 0.78, metrics.Brier * 3, 1e-12);
        Assert.Equal([0L, 1, 0], metrics.Confusion.Row(2).ToArray());
    }

    private static Arbitrary<(double[] Scores, int[] Y)> Samples() => (
        from n in Gen.Choose(1, 40)
        from scores in Gen.ArrayOf(Gen.Choose(0, 10), n)
        from y in Gen.ArrayOf(Gen.Choose(0, 1), n)
        select (scores.Select(s => s / 10.0).ToArray(), y)).ToArbitrary();
}
