using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Learners;

/// <summary>The numbers that the learners have to reach, on the folds on which scikit-learn was measured. Nothing here is random: a miss is a change.</summary>
public class AimTests(ITestOutputHelper output)
{
    private static readonly BlendLearner _blend = new([
        new SvmLearner { C = 10, Gamma = 0.01 },
        new LogisticLearner { C = 0.1 },
        new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MinLeaf = 3 },
    ]);

    [Fact]
    public void Svm_Wdbc_IsAsGoodAsScikitLearns()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        CrossValidation result = Measured(new SvmLearner { C = 10, Gamma = 0.01 }, CalibrationMethod.Platt, x, y, TestData.WdbcFolds());

        Assert.True(result.RocAuc >= 0.996);
        Assert.True(result.LogLoss <= 0.068);
        Assert.True(result.Brier <= 0.0172);
    }

    [Fact]
    public void Forest_Wdbc_IsBetterThanScikitLearnsAndCalibrated()
    {
        // Extremely randomised trees over eight tenths of the rows each: what is out of bag calibrates, with no second fit.
        var learner = new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MaxFeatures = 3 };
        (Matrix x, int[] y) = TestData.Wdbc();
        CrossValidation result = Measured(learner, CalibrationMethod.Platt, x, y, TestData.WdbcFolds());

        Assert.True(result.RocAuc >= 0.994);
        Assert.True(result.CalibrationError <= 0.012);
        Assert.True(result.LogLoss <= 0.092);
    }

    [Fact]
    public void RandomForest_Wdbc_IsBetterThanScikitLearns()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        CrossValidation result = Measured(new ForestLearner(), CalibrationMethod.Platt, x, y, TestData.WdbcFolds());

        Assert.True(result.RocAuc >= 0.991);
        Assert.True(result.CalibrationError <= 0.012);
    }

    [Fact]
    public void Blend_Cleveland_BeatsTheBestOfItsAnchors()
    {
        (Matrix x, int[] y) = TestData.Numbers(TestData.Path("heart_cleveland.csv"), "severity");
        int[][] folds = TestData.Folds(TestData.Path("folds", "heart_cleveland_10x3.csv"));
        CrossValidation result = Measured(_blend, CalibrationMethod.None, x, y, folds, categories: [2, 6, 10, 12]);

        Assert.True(result.RocAuc >= 0.912);
        Assert.True(result.LogLoss <= 0.3837);
    }

    [Fact]
    public void Blend_Pima_BeatsTheBestOfItsAnchors()
    {
        (Matrix x, int[] y) = TestData.Numbers(TestData.Path("pima.csv"));
        CrossValidation result = Measured(_blend, CalibrationMethod.None, x, y, TestData.Folds(TestData.Path("folds", "pima_10x3.csv")));

        Assert.True(result.RocAuc >= 0.841);
        Assert.True(result.LogLoss <= 0.4729);
    }

    [Fact]
    public void Forest_Dermatology_NamesTheClassAsOftenAsTheBestAnchor()
    {
        // No fold file exists for this set: three times ten stratified folds of our own.
        (Matrix x, int[] y) = TestData.Numbers(TestData.Path("dermatology.csv"));
        y = [.. y.Select(c => c - 1)];
        int[][] folds = [.. Enumerable.Range(1, 3).Select(seed => StratifiedFolds.Create(y, 10, (ulong)seed))];
        var learner = new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MaxFeatures = 8 };
        CrossValidation result = Measured(learner, CalibrationMethod.Platt, x, y, folds);

        Assert.True(result.Accuracy >= 0.981);
        Assert.True(result.CalibrationError <= 0.012);
    }

    [Fact]
    public void LinearSvm_Golub_NamesTheTypeOf33OfThe34()
    {
        (Matrix train, int[] y) = TestData.Numbers(TestData.Path("golub_leukemia.csv.gz"));
        (Matrix test, int[] truth) = TestData.Numbers(TestData.Path("golub_leukemia_test34.csv.gz"));
        (Matrix x, Matrix unseen) = CrossValidation.Prepare(train, test, [], scale: true);
        IScorer scorer = new SvmLearner { Kernel = SvmKernel.Linear, C = 0.05 }.Fit(x, y, 2, default, 1, CancellationToken.None);
        double[] score = new double[1];
        int right = 0;
        for (int i = 0; i < unseen.Rows; i++)
        {
            scorer.Score(unseen.Row(i), score);
            right += score[0] > 0 == (truth[i] == 1) ? 1 : 0;
        }

        output.WriteLine($"{right} of {unseen.Rows}");
        Assert.True(right >= 33);
    }

    private CrossValidation Measured(ILearner learner, CalibrationMethod calibration, Matrix x, int[] y, int[][] folds, int[]? categories = null)
    {
        CrossValidation result = CrossValidation.Run(learner, calibration, x, y, folds, categories);
        output.WriteLine($"{learner.Name}: {result}");
        return result;
    }
}
