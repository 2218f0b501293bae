using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Learners.MicrosoftMl;
using Phr.Ml.Numerics;
using Phr.Ml.Training;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Training;

/// <summary>
/// What goes wrong around Microsoft.ML without a word, each shown to happen there where it can be shown, and not to happen here. The numbers are those of the list that the
/// library was built from; the third and fourth are in <see cref="PreprocessorTests"/>, the thirteenth also in <c>MicrosoftMlLearnerTests</c>.
/// </summary>
public sealed class PitfallTests
{
    private static readonly Dataset _data = TestSets.BreastMass;
    private static readonly int[] _rows = [.. Enumerable.Range(0, 569)];
    private static readonly int[] _y = TestSets.BreastMass.Labels.ToArray();
    private static readonly Lazy<Matrix> _x = new(() => Preprocessor.Fit(_data, _rows, new PreprocessorOptions()).Transform(_data, _rows));

    // 1. Its linear SVM takes one pass by itself, and on features of unlike scale finds nothing.
    [Fact]
    public void LinearSvm_OnePassUnscaled_IsNotWhatWeTrain()
    {
        var raw = new Matrix(569, 30, [.. _data.Values]);
        float[] theirs = MicrosoftMlData.FitAll(raw, _y, 2, default, 1, (context, _, view) =>
            context.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options()).Fit(view).Transform(view).GetColumn<float>("Score").ToArray(), CancellationToken.None);
        double[] ours = Scores(new PegasosLearner().Fit(_x.Value, _y, 2, default, 1, CancellationToken.None), _x.Value);

        Assert.Equal(1, new LinearSvmTrainer.Options().NumberOfIterations);
        Assert.True(Accuracy([.. theirs.Select(s => (double)s)]) < 0.93);
        Assert.True(Accuracy(ours) > 0.96);
    }

    // 2. Its kernel map divides γ by the median squared distance of the rows.
    [Fact]
    public void Waves_Products_AreTheKernelsValues()
    {
        var random = RandomStream.ForStream(1, 1);
        var frequencies = new Matrix(20_000, 30);
        const double gamma = 0.01;
        foreach (ref double f in frequencies.Values)
        {
            f = Math.Sqrt(2 * gamma) * random.NextNormal();
        }

        double[] a = new double[40_000];
        double[] b = new double[40_000];
        for (int i = 0; i < 20; i++)
        {
            FourierScorer.Waves(frequencies, _x.Value.Row(i), a);
            FourierScorer.Waves(frequencies, _x.Value.Row(i + 100), b);
            double exact = Math.Exp(-gamma * Vectors.SquaredDistance(_x.Value.Row(i), _x.Value.Row(i + 100)));
            Assert.Equal(exact, Vectors.Dot(a, b), 0.03);
        }
    }

    // 5. Its linear models answer a missing value with "healthy".
    [Fact]
    public void MissingValue_Prediction_IsNeverHealthyByDefault()
    {
        bool[] theirs = MicrosoftMlData.FitAll(_x.Value, _y, 2, default, 1, (context, _, view) =>
        {
            var model = context.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1 }).Fit(view);
            Matrix holes = _x.Value.Select(_rows);
            for (int i = 0; i < holes.Rows; i++)
            {
                holes[i, 0] = double.NaN;
            }

            return model.Transform(MicrosoftMlData.View(context, holes, _y, 1, 2, default)).GetColumn<bool>("PredictedLabel").ToArray();
        }, CancellationToken.None);
        Assert.DoesNotContain(true, theirs);

        // The schema of these data refuses it at the border; where a schema allows it, the preprocessor fills it in; a learner refuses it.
        double[] row = _data.Row(0).ToArray();
        row[0] = double.NaN;
        Assert.Contains("\"mean_radius\"", Assert.Throws<InvalidDataException>(() => _data.Schema.Check(row)).Message, StringComparison.Ordinal);
        double[] prepared = new double[30];
        Preprocessor.Fit(_data, _rows, new PreprocessorOptions()).Transform(row, prepared);
        Assert.All(prepared, v => Assert.True(double.IsFinite(v)));
        var hole = new Matrix(2, 1, [double.NaN, 1]);
        Assert.All((ILearner[])[new LbfgsLearner(), new SvmLearner(), new ForestLearner { Trees = 1 }, new FastTreeLearner()],
            learner => Assert.ThrowsAny<ArgumentException>(() => learner.Fit(hole, (int[])[0, 1], 2, default, 1, CancellationToken.None)));
    }

    // 6. One of its prediction engines, used by several threads, mixes up their answers.
    [Theory]
    [InlineData("trees")]
    [InlineData("kernel")]
    [InlineData("waves")]
    public void Predict_ManyThreads_GivesEachItsOwnAnswer(string kind)
    {
        ILearner learner = kind == "trees" ? new FastForestLearner { Trees = 20 } : kind == "kernel" ? new SvmLearner() : new FourierLearner { Waves = 30 };
        Preprocessor preprocessor = Preprocessor.Fit(_data, _rows, new PreprocessorOptions());
        IScorer scorer = learner.Fit(_x.Value, _y, 2, default, 1, CancellationToken.None);
        double[] alone = Scores(scorer, _x.Value);
        int wrong = 0;
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            Span<double> prepared = stackalloc double[30];
            Span<double> score = stackalloc double[1];
            preprocessor.Transform(_data.Row(i % 569), prepared);
            scorer.Score(prepared, score);
            if (score[0] != alone[i % 569])
            {
                Interlocked.Increment(ref wrong);
            }
        });

        Assert.Equal(0, wrong);
    }

    // 7. Its log-loss is in bits.
    [Fact]
    public void LogLoss_OfACoin_IsTheNaturalLogarithmOfTwo() =>
        Assert.Equal(Math.Log(2), DiagnosisMetrics.Compute(new Matrix(2, 1, [0.5, 0.5]), [0, 1]).LogLoss, 1e-12);

    // 8. Its forest gives no probability, and after calibration the class still goes by the sign of the score.
    [Fact]
    public void Forest_Calibrated_GivesProbabilitiesThatDecideTheClass()
    {
        var trainer = new FamilyTrainer(_data, new TrainingOptions());
        Pipeline pipeline = trainer.Train([new Candidate(new FastForestLearner { Trees = 20, Leaves = 8 }, new PreprocessorOptions())], _rows, 3, CancellationToken.None).Pipeline;
        Matrix p = pipeline.Predict(_data, _rows);
        DiagnosisMetrics metrics = DiagnosisMetrics.Compute(p, _y);

        Assert.False(pipeline.Scorer.AreProbabilities);
        Assert.All(p.Values.ToArray(), v => Assert.InRange(v, 0, 1));
        Assert.Equal(_rows.Count(r => p[r, 0] >= 0.5 && _y[r] == 1), metrics.Confusion.Row(1)[1]);
    }

    // 9. Its folds are neither stratified nor of equal size.
    [Fact]
    public void Stratified_Folds_HaveEqualSharesOfEachClass()
    {
        FoldAssignment folds = FoldAssignment.Stratified(_data, new TrainingOptions { Folds = 10, Repeats = 2 }, seed: 5);
        for (int i = 0; i < 20; i++)
        {
            int[] rows = folds.Split(i / 10, i % 10).HeldOut;
            Assert.InRange(rows.Length, 56, 58);
            Assert.InRange(rows.Count(r => _y[r] == 1), 21, 22);
        }

        Assert.NotEqual(folds.Split(0, 0).HeldOut, folds.Split(1, 0).HeldOut);
    }

    // 11. It checks neither the names nor the order of features: columns that were swapped give a confident answer.
    [Fact]
    public void Columns_InAnotherOrder_AreTheSameRecord()
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"))[..20];
        string swapped = string.Join('\n', lines.Select(l => string.Join(',', l.Split(',').Reverse()))) + "\n";
        Dataset data = TestSets.Csv(_data.Schema, swapped);

        Assert.Equal(_data.Row(7).ToArray(), data.Row(7).ToArray());
        Assert.Throws<InvalidDataException>(() => TestSets.Csv(_data.Schema, swapped.Replace("worst_area", "area_worst", StringComparison.Ordinal)));
    }

    // 14. Its packages ask for versions that are not there, and a restore then takes others with a warning that names no line of ours.
    [Fact]
    public void Packages_ThatMicrosoftMlLacks_ArePinned()
    {
        string pins = File.ReadAllText(RepositoryRoot.Combine("Directory.Packages.props"));

        Assert.Contains("<PackageVersion Include=\"LightGBM\" Version=\"4.7.0\" />", pins, StringComparison.Ordinal);
        Assert.Contains("<PackageVersion Include=\"System.Numerics.Tensors\" Version=\"9.0.19\" />", pins, StringComparison.Ordinal);
    }

    private static double Accuracy(double[] scores) => _rows.Count(r => scores[r] > 0 == (_y[r] == 1)) / 569.0;

    private static double[] Scores(IScorer scorer, Matrix x)
    {
        double[] s = new double[x.Rows];
        for (int i = 0; i < s.Length; i++)
        {
            scorer.Score(x.Row(i), s.AsSpan(i, 1));
        }

        return s;
    }
}
