using Phr.Ml.Learners;
using Phr.Ml.Numerics;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Learners;

/// <summary>The numbers that the learners have to reach, on the folds on which scikit-learn was measured. Nothing here is random: a miss is a change.</summary>
public class AimTests(ITestOutputHelper output)
{
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
