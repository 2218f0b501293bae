using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Learners;

public class LogisticLearnerTests
{
    [Fact]
    public void Fit_TwoClasses_EndsWhereTheGradientIsNothing()
    {
        (Matrix x, int[] y) = Wdbc();
        double[] weights = [.. Enumerable.Range(0, x.Rows).Select(i => 1 + (i % 3))];
        var scorer = (LinearScorer)new LogisticLearner { C = 0.5 }.Fit(x, y, 2, weights, 1, CancellationToken.None);
        double[] gradient = scorer.Weights.Row(0).ToArray();
        double bias = 0;
        double[] p = new double[1];
        for (int i = 0; i < x.Rows; i++)
        {
            scorer.Score(x.Row(i), p);
            double g = 0.5 * weights[i] * (p[0] - y[i]);
            Vectors.AddScaled(gradient, x.Row(i), g);
            bias += g;
        }

        Assert.All(gradient, g => Assert.Equal(0, g, 1e-8));
        Assert.Equal(0, bias, 1e-8);
        Assert.True(scorer.AreProbabilities);
    }

    [Fact]
    public void Fit_MoreFeaturesThanRows_IsTheSameMinimum()
    {
        // 40 rows of 30 features by Newton in the features, then with 30 copies of each feature (weights divided) in the span of the rows.
        (Matrix x, int[] y) = Wdbc();
        int[] rows = [.. Enumerable.Range(0, 40)];
        x = x.Select(rows);
        int[] few = [.. rows.Select(i => y[i])];
        var wide = new Matrix(40, 60);
        for (int i = 0; i < 40; i++)
        {
            for (int c = 0; c < 60; c++)
            {
                wide[i, c] = x[i, c % 30] / Math.Sqrt(2);
            }
        }

        IScorer narrow = new LogisticLearner().Fit(x, few, 2, default, 1, CancellationToken.None);
        IScorer spanned = new LogisticLearner().Fit(wide, few, 2, default, 1, CancellationToken.None);
        double[] a = new double[1];
        double[] b = new double[1];
        for (int i = 0; i < 40; i++)
        {
            narrow.Score(x.Row(i), a);
            spanned.Score(wide.Row(i), b);
            Assert.Equal(a[0], b[0], 1e-6);
        }
    }

    [Fact]
    public void Fit_NothingVaries_GivesTheShares()
    {
        IScorer scorer = new LogisticLearner().Fit(new Matrix(4, 9), (int[])[0, 1, 0, 0], 2, default, 1, CancellationToken.None);
        double[] p = new double[1];
        scorer.Score(new double[9], p);

        Assert.Equal(0.25, p[0], 1e-6);
    }

    [Fact]
    public void Fit_TwoClassesAsTwoOfThree_AgreesWithTheMultinomial()
    {
        // A softmax over two classes with the price C is a logistic of the difference with the price 2C.
        (Matrix x, int[] y) = Wdbc();
        IScorer two = new LogisticLearner { C = 2 }.Fit(x, y, 2, default, 1, CancellationToken.None);
        IScorer three = new LogisticLearner { C = 1 }.Fit(x, y, 3, default, 1, CancellationToken.None);
        double[] p = new double[1];
        double[] q = new double[3];
        for (int i = 0; i < x.Rows; i++)
        {
            two.Score(x.Row(i), p);
            three.Score(x.Row(i), q);
            Assert.Equal(1, q.Sum(), 1e-12);
            Assert.True(q[2] < 0.05);
            Assert.Equal(p[0], q[1] / (q[0] + q[1]), 0.02);
        }
    }

    [Fact]
    public void Fit_Wdbc_IsScikitLearnsLogisticRegression()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        CrossValidation result = CrossValidation.Run(new LogisticLearner { C = 1 }, CalibrationMethod.None, x, y, TestData.WdbcFolds());

        Assert.Equal(0.9953, result.RocAuc, 0.0001);
        Assert.Equal(0.0773, result.LogLoss, 0.0001);
        Assert.Equal(0.0200, result.Brier, 0.0001);
        Assert.Equal(0.9789, result.Accuracy, 0.0001);
    }

    private static (Matrix X, int[] Y) Wdbc()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        return (CrossValidation.Prepare(x, x, [], scale: true).Train, y);
    }
}
