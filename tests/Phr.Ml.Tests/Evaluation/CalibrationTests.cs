using System.Formats.Cbor;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Evaluation;

public class CalibrationTests
{
    [Fact]
    public void Platt_ScoresOfAKnownCurve_FindsIt()
    {
        (Matrix scores, int[] y) = Drawn(20_000, s => Vectors.Logistic((2 * s) - 0.5));
        var platt = PlattCalibrator.Fit(scores.Values, y, []);

        Assert.Equal(2, platt.Slope, 0.1);
        Assert.Equal(-0.5, platt.Offset, 0.06);
    }

    [Fact]
    public void Platt_SeparableScores_StaysFiniteAndAwayFromCertainty()
    {
        var platt = PlattCalibrator.Fit([-2, -1, 1, 2], [0, 0, 1, 1], []);
        double[] p = new double[1];
        platt.Apply([2], p);

        Assert.InRange(p[0], 0.5, 0.95);
        Assert.True(double.IsFinite(platt.Slope) && platt.Slope > 0);
    }

    [Fact]
    public void Platt_WeightOfTwo_IsTheRowTwice()
    {
        var weighted = PlattCalibrator.Fit([-1, 0.5, 0.2, 2], [0, 0, 1, 1], [1, 2, 1, 1]);
        var twice = PlattCalibrator.Fit([-1, 0.5, 0.5, 0.2, 2], [0, 0, 0, 1, 1], []);

        Assert.Equal(twice.Slope, weighted.Slope, 1e-6);
        Assert.Equal(twice.Offset, weighted.Offset, 1e-6);
    }

    [Fact]
    public void Beta_GoodProbabilities_LeavesThemNearlyAlone()
    {
        var random = RandomStream.ForStream(4, 0);
        double[] p = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextDouble())];
        int[] y = [.. p.Select(v => random.NextDouble() < v ? 1 : 0)];
        var beta = BetaCalibrator.Fit(p, y, []);

        foreach (double v in (double[])[0.02, 0.1, 0.5, 0.9, 0.98])
        {
            Assert.Equal(v, Applied(beta, v), 0.02);
        }
    }

    [Fact]
    public void Beta_CarefulProbabilities_AreMadeBolder()
    {
        // What is said to be p comes with odds squared.
        var random = RandomStream.ForStream(5, 0);
        double[] p = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextDouble())];
        int[] y = [.. p.Select(v => random.NextDouble() < v * v / ((v * v) + ((1 - v) * (1 - v))) ? 1 : 0)];
        var beta = (BetaCalibrator)Calibration.Fit(CalibrationMethod.Platt, new Matrix(p.Length, 1, p), areProbabilities: true, y, []);

        Assert.Equal(0.1, Applied(beta, 0.25), 0.02);
        Assert.Equal(0.9, Applied(beta, 0.75), 0.02);
    }

    [Fact]
    public void Beta_ProbabilitiesTheWrongWayRound_GiveACurveThatDoesNotFall()
    {
        double[] p = [.. Enumerable.Range(0, 100).Select(i => i / 100.0)];
        var beta = BetaCalibrator.Fit(p, [.. p.Select(v => v < 0.5 ? 1 : 0)], []);

        Assert.True(beta.A >= 0 && beta.B >= 0);
        Assert.Equal(0.5, Applied(beta, 0.3), 0.1);
    }

    [Fact]
    public void Isotonic_AnyScores_RisesAndStaysInside()
    {
        (Matrix scores, int[] y) = Drawn(2000, s => s > 0 ? 0.9 : 0.2);
        var isotonic = (IsotonicCalibrator)Calibration.Fit(CalibrationMethod.Isotonic, scores, areProbabilities: false, y, []);
        double[] p = [.. Enumerable.Range(-500, 1001).Select(i => Applied(isotonic, i / 100.0))];

        Assert.Equal(p.Order(), p);
        Assert.All(p, v => Assert.InRange(v, 1e-4, 1 - 1e-4));
        Assert.Equal(0.2, Applied(isotonic, -0.7), 0.06);
        Assert.Equal(0.9, Applied(isotonic, 0.7), 0.06);
    }

    [Fact]
    public void Isotonic_FewRows_IsRefused()
    {
        var exception = Assert.Throws<ArgumentException>(() => Calibration.Fit(CalibrationMethod.Isotonic, new Matrix(999, 1), false, new int[999], []));

        Assert.Contains("1000", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Calibration.Fit(CalibrationMethod.Isotonic, new Matrix(1000, 3), false, new int[1000], []));
    }

    [Fact]
    public void None_ScoresAreNoProbabilities_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Calibration.Fit(CalibrationMethod.None, new Matrix(3, 1), areProbabilities: false, [0, 1, 0], []));
        Assert.IsType<IdentityCalibrator>(Calibration.Fit(CalibrationMethod.None, new Matrix(3, 1), areProbabilities: true, [0, 1, 0], []));
    }

    [Fact]
    public void Softmax_ScoresOfThreeClasses_GivesProbabilitiesThatComeTrue()
    {
        var random = RandomStream.ForStream(6, 0);
        var scores = new Matrix(6000, 3);
        int[] y = new int[6000];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = random.NextInt(3);
            for (int k = 0; k < 3; k++)
            {
                // For normals of equal spread the logarithms of the odds are 1.5 times the differences.
                scores[i, k] = (y[i] == k ? 1.5 : 0) + random.NextNormal();
            }
        }

        var softmax = (SoftmaxCalibrator)Calibration.Fit(CalibrationMethod.Platt, scores, false, y, []);
        Assert.All(softmax.Slopes.ToArray(), s => Assert.Equal(1.5, s, 0.1));
        double[] p = [0.2, 1.4, -3];
        softmax.Apply(p, p);
        Assert.Equal(1, p.Sum(), 1e-12);
        Assert.True(p[1] > p[0] && p[0] > p[2]);
    }

    [Fact]
    public void Fit_RowsThatNobodyScored_AreLeftOut()
    {
        var some = Calibration.Fit(CalibrationMethod.Platt, new Matrix(5, 1, [0.2, double.NaN, 0.4, 0.7, 0.9]), true, [0, 1, 1, 0, 1], [1, 1, 1, 2, 1]);
        var rest = Calibration.Fit(CalibrationMethod.Platt, new Matrix(4, 1, [0.2, 0.4, 0.7, 0.9]), true, [0, 1, 0, 1], [1, 1, 2, 1]);

        Assert.Equal(Applied(rest, 0.6), Applied(some, 0.6));
    }

    [Fact]
    public void Write_EveryCalibrator_ReadsBackTheSame()
    {
        (Matrix scores, int[] y) = Drawn(1500, s => Vectors.Logistic(s));
        var three = new Matrix(500, 3, [.. scores.Values]);
        RoundTrip(new IdentityCalibrator(3), IdentityCalibrator.Read);
        RoundTrip(Calibration.Fit(CalibrationMethod.Platt, scores, false, y, []), PlattCalibrator.Read);
        RoundTrip(BetaCalibrator.Fit([0.2, 0.4, 0.7, 0.9], [0, 1, 0, 1], []), BetaCalibrator.Read);
        RoundTrip(Calibration.Fit(CalibrationMethod.Isotonic, scores, false, y, []), IsotonicCalibrator.Read);
        RoundTrip(Calibration.Fit(CalibrationMethod.Platt, three, false, [.. Enumerable.Range(0, 500).Select(i => i % 3)], []), SoftmaxCalibrator.Read);

        static void RoundTrip(ICalibrator calibrator, Func<CborReader, ICalibrator> read)
        {
            byte[] bytes = Bytes(calibrator);
            var reader = new CborReader(bytes, CborConformanceMode.Ctap2Canonical);
            reader.ReadStartArray();
            reader.ReadTextString();
            ICalibrator again = read(reader);
            reader.ReadEndArray();
            Assert.Equal(bytes, Bytes(again));
            Assert.Equal(calibrator.Scores, again.Scores);
        }

        static byte[] Bytes(ICalibrator calibrator)
        {
            var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
            calibrator.Write(writer);
            return writer.Encode();
        }
    }

    [Fact]
    public void FoldScores_LearnerThatRemembers_NeverSeesTheRowItScores()
    {
        // A forest of deep trees without bootstrap knows every row it was given: held-out scores of random classes must still be no better than chance.
        var random = RandomStream.ForStream(8, 0);
        var x = new Matrix(400, 5);
        foreach (ref double v in x.Values)
        {
            v = random.NextNormal();
        }

        int[] y = [.. Enumerable.Range(0, 400).Select(_ => random.NextInt(2))];
        var learner = new ForestLearner { Kind = ForestKind.ExtraTrees, Trees = 50 };
        Matrix held = Calibration.HeldOutScores(learner, x, y, 2, default, default, 5, 1, CancellationToken.None);
        IScorer scorer = learner.Fit(x, y, 2, default, 1, CancellationToken.None);
        double[] seen = new double[400];
        for (int i = 0; i < 400; i++)
        {
            scorer.Score(x.Row(i), seen.AsSpan(i, 1));
        }

        Assert.Equal(1, Metrics.RocAuc(seen, y));
        Assert.InRange(Metrics.RocAuc(held.Values, y), 0.35, 0.65);
    }

    [Fact]
    public void FoldScores_SeveralRowsAPerson_KeepsThemInOneFold()
    {
        // Each person has ten equal rows and a random class: only someone who has seen the person can know it.
        var random = RandomStream.ForStream(9, 0);
        var x = new Matrix(600, 3);
        int[] groups = [.. Enumerable.Range(0, 600).Select(i => i / 10)];
        double[] persons = [.. Enumerable.Range(0, 180).Select(_ => random.NextNormal())];
        int[] classes = [.. Enumerable.Range(0, 60).Select(_ => random.NextInt(2))];
        int[] y = [.. groups.Select(g => classes[g])];
        for (int i = 0; i < 600; i++)
        {
            persons.AsSpan(groups[i] * 3, 3).CopyTo(x.Row(i));
        }

        var learner = new ForestLearner { Trees = 50 };
        Matrix byRow = Calibration.HeldOutScores(learner, x, y, 2, default, default, 5, 1, CancellationToken.None);
        Matrix byPerson = Calibration.HeldOutScores(learner, x, y, 2, default, groups, 5, 1, CancellationToken.None);

        Assert.True(Metrics.RocAuc(byRow.Values, y) > 0.95);
        Assert.InRange(Metrics.RocAuc(byPerson.Values, y), 0.2, 0.8);
    }

    private static double Applied(ICalibrator calibrator, double score)
    {
        double[] p = new double[1];
        calibrator.Apply([score], p);
        return p[0];
    }

    private static (Matrix Scores, int[] Y) Drawn(int n, Func<double, double> curve)
    {
        var random = RandomStream.ForStream(2, 0);
        var scores = new Matrix(n, 1);
        int[] y = new int[n];
        for (int i = 0; i < n; i++)
        {
            scores[i, 0] = random.NextNormal();
            y[i] = random.NextDouble() < curve(scores[i, 0]) ? 1 : 0;
        }

        return (scores, y);
    }
}
