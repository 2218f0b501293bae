using FsCheck;
using FsCheck.Fluent;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Learners;

public class SvmLearnerTests
{
    [Fact]
    public void Fit_TwoPoints_PutsTheBoundaryBetweenThem()
    {
        var learner = new SvmLearner { Kernel = SvmKernel.Linear, C = 10 };
        var scorer = (LinearScorer)learner.Fit(new Matrix(2, 1, [-1, 3]), (int[])[0, 1], 2, default, 1, CancellationToken.None);

        Assert.Equal(0.5, scorer.Weights[0, 0], 1e-9);
        Assert.Equal(-0.5, scorer.Bias[0], 1e-9);
    }

    [Fact]
    public void Solve_AnyRows_MeetsTheConditionsOfOptimality() => Prop.ForAll(
        Problems(),
        problem =>
        {
            (Matrix x, bool[] positive, double c, double gamma) = problem;
            var kernel = new KernelRows(x, gamma);
            double[] bounds = new double[x.Rows];
            for (int i = 0; i < bounds.Length; i++)
            {
                bounds[i] = c * (1 + (i % 2));
            }

            (double[] coefficients, double bias) = SmoSolver.Solve(kernel, positive, bounds, 1e-4, CancellationToken.None);
            if (Math.Abs(coefficients.Sum()) > 1e-9)
            {
                return false;
            }

            for (int i = 0; i < x.Rows; i++)
            {
                double y = positive[i] ? 1 : -1;
                double alpha = coefficients[i] * y;
                double margin = bias;
                for (int j = 0; j < x.Rows; j++)
                {
                    margin += coefficients[j] * kernel.Row(i)[j];
                }

                margin *= y;
                bool met = alpha >= 0 && alpha <= bounds[i]
                    && (alpha > 0 || margin >= 1 - 1e-3)
                    && (alpha < bounds[i] || margin <= 1 + 1e-3);
                if (!met)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Row_FewRowsKept_AreTheSameNumbers()
    {
        (Matrix x, _) = TestData.Wdbc();
        x = CrossValidation.Prepare(x, x, [], scale: true).Train.Select([.. Enumerable.Range(0, 60)]);
        var whole = new KernelRows(x, 0.01);
        var few = new KernelRows(x, 0.01, most: 120);
        var random = RandomStream.ForStream(1, 0);
        for (int i = 0; i < 500; i++)
        {
            int row = random.NextInt(60);
            Assert.Equal(whole.Row(row), few.Row(row));
        }
    }

    [Fact]
    public void Fit_WeightOfTwo_IsTheRowTwice()
    {
        var learner = new SvmLearner { C = 1, Gamma = 0.5, Tolerance = 1e-9 };
        double[] rows = [0, 0, 1, 0.5, 0.3, 1, -1, 2, 0.2, 0.2];
        IScorer weighted = learner.Fit(new Matrix(5, 2, rows), (int[])[0, 1, 1, 0, 1], 2, (double[])[1, 1, 1, 1, 2], 1, CancellationToken.None);
        IScorer twice = learner.Fit(new Matrix(6, 2, [.. rows, 0.2, 0.2]), (int[])[0, 1, 1, 0, 1, 1], 2, default, 1, CancellationToken.None);

        Assert.Equal(Score(twice, [0.7, 0.1]), Score(weighted, [0.7, 0.1]), 1e-6);
    }

    [Fact]
    public void Fit_ThreeClasses_ScoresEachAgainstTheRest()
    {
        (Matrix x, int[] y) = Blobs(3, 60, 0.4);
        IScorer scorer = new SvmLearner { C = 1, Gamma = 1 }.Fit(x, y, 3, default, 1, CancellationToken.None);
        double[] scores = new double[3];
        int right = 0;
        for (int i = 0; i < x.Rows; i++)
        {
            scorer.Score(x.Row(i), scores);
            right += scores.IndexOf(scores.Max()) == y[i] ? 1 : 0;
        }

        Assert.Equal(3, scorer.Scores);
        Assert.False(scorer.AreProbabilities);
        Assert.True(right >= 170, $"{right} of 180 right");
    }

    [Fact]
    public void Fit_OneClassOnly_StillGivesAnAnswer()
    {
        IScorer scorer = new SvmLearner().Fit(new Matrix(3, 1, [1, 2, 3]), (int[])[0, 0, 0], 2, default, 1, CancellationToken.None);

        Assert.True(Score(scorer, [2]) < 0);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Fit_ValueNotFinite_IsRefused(double value) =>
        Assert.Throws<ArgumentException>(() => new SvmLearner().Fit(new Matrix(2, 1, [1, value]), (int[])[0, 1], 2, default, 1, CancellationToken.None));

    [Fact]
    public void Fit_WrongShapes_AreRefused()
    {
        var learner = new SvmLearner();
        var x = new Matrix(2, 1, [1, 2]);
        Assert.Throws<ArgumentException>(() => learner.Fit(x, (int[])[0], 2, default, 1, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => learner.Fit(x, (int[])[0, 2], 2, default, 1, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => learner.Fit(x, (int[])[0, 1], 2, (double[])[1], 1, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => learner.Fit(x, (int[])[0, 1], 2, (double[])[1, 0], 1, CancellationToken.None));
        Assert.Throws<ArgumentException>(() => learner.Fit(new Matrix(0, 1), default, 2, default, 1, CancellationToken.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => (learner with { C = 0 }).Fit(x, (int[])[0, 1], 2, default, 1, CancellationToken.None));
    }

    [Fact]
    public void Fit_Cancelled_Stops() => Assert.Throws<OperationCanceledException>(() =>
        new SvmLearner().Fit(new Matrix(2, 1, [1, 2]), (int[])[0, 1], 2, default, 1, new CancellationToken(canceled: true)));

    [Fact]
    public void Write_BothKernels_ReadBackTheSame()
    {
        (Matrix x, int[] y) = Blobs(3, 20, 0.8);
        IScorer gaussian = new SvmLearner { Gamma = 0.7 }.Fit(x, y, 3, default, 1, CancellationToken.None);
        IScorer linear = new SvmLearner { Kernel = SvmKernel.Linear }.Fit(x, y, 3, default, 1, CancellationToken.None);
        IScorer again = ScorerBytes.Read(ScorerBytes.Of(gaussian), SvmScorer.Kind, SvmScorer.Read);
        IScorer linearAgain = ScorerBytes.Read(ScorerBytes.Of(linear), LinearScorer.Kind, LinearScorer.Read);

        Assert.Equal(ScorerBytes.Of(gaussian), ScorerBytes.Of(again));
        Assert.Equal(ScorerBytes.Of(linear), ScorerBytes.Of(linearAgain));
        Assert.Equal(Score(gaussian, [0.3, 0.4]), Score(again, [0.3, 0.4]));
        ScorerBytes.Damage(ScorerBytes.Of(gaussian), SvmScorer.Kind, SvmScorer.Read);
        ScorerBytes.Damage(ScorerBytes.Of(linear), LinearScorer.Kind, LinearScorer.Read);
    }

    [Fact]
    public void Prior_AnyRow_GetsTheSharesOfTheClasses()
    {
        var two = new PriorLearner().Fit(new Matrix(4, 1), (int[])[0, 1, 0, 0], 2, default, 1, CancellationToken.None);
        var three = (ConstantScorer)new PriorLearner().Fit(new Matrix(4, 1), (int[])[0, 1, 2, 0], 3, (double[])[1, 2, 1, 1], 1, CancellationToken.None);

        Assert.Equal(0.25, Score(two, [5]));
        Assert.Equal([0.4, 0.4, 0.2], three.Probabilities.ToArray());
        Assert.Equal(ScorerBytes.Of(three), ScorerBytes.Of(ScorerBytes.Read(ScorerBytes.Of(three), ConstantScorer.Kind, ConstantScorer.Read)));
    }

    internal static (Matrix X, int[] Y) Blobs(int classes, int each, double spread)
    {
        var random = RandomStream.ForStream(17, (ulong)classes);
        var x = new Matrix(classes * each, 2);
        int[] y = new int[x.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            y[i] = i % classes;
            x[i, 0] = Math.Cos(2 * Math.PI * y[i] / classes) + (spread * random.NextNormal());
            x[i, 1] = Math.Sin(2 * Math.PI * y[i] / classes) + (spread * random.NextNormal());
        }

        return (x, y);
    }

    private static double Score(IScorer scorer, double[] row)
    {
        double[] scores = new double[scorer.Scores];
        scorer.Score(row, scores);
        return scores[0];
    }

    private static Arbitrary<(Matrix X, bool[] Positive, double C, double Gamma)> Problems() => (
        from n in Gen.Choose(2, 25)
        from values in Gen.ArrayOf(Gen.Choose(-4, 4), n * 2)
        from positive in Gen.ArrayOf(Gen.Elements(true, false), n)
        from c in Gen.Elements(0.1, 1.0, 10.0)
        from gamma in Gen.Elements(0, 0.1, 1)
        select (new Matrix(n, 2, [.. values.Select(v => v / 2.0)]), positive, c, gamma)).ToArbitrary();
}
