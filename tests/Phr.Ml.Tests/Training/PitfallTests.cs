using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Phr.Ml.Benchmarks;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Learners.MicrosoftMl;
using Phr.Ml.Numerics;
using Phr.Ml.Training;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Training;

/// <summary>
/// What goes wrong around Microsoft.ML without a word, each shown to happen there where it can be shown, and not to happen here. The numbers are those of the list that the
/// library was built from; docs/diagnosis-models.md has them all, the third and fourth are in <see cref="PreprocessorTests"/>, the tenth and thirteenth in <c>MicrosoftMlLearnerTests</c>.
/// </summary>
public sealed class PitfallTests
{
    private static readonly Dataset _data = TestSets.BreastMass;
    private static readonly int[] _rows = [.. Enumerable.Range(0, 569)];
    private static readonly int[] _y = TestSets.BreastMass.Labels.ToArray();
    private static readonly TrainingOptions _svm = new() { Folds = 3, Repeats = 1, Families = [ModelFamily.LinearSvm] };
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

    // 12. Its permutation importance refuses a model that ends in a calibration, names features by their place, and cannot be stopped.
    [Fact]
    public void Permutation_AfterACalibrationOrWithoutNames_FailsThere()
    {
        var context = new MLContext(1);
        IDataView view = context.Data.LoadFromEnumerable(_rows.Select(r => new Mass { Radius = (float)_x.Value[r, 0], Texture = (float)_x.Value[r, 1], Area = (float)_x.Value[r, 3], Label = _y[r] == 1 }));
        IDataView named = context.Transforms.Concatenate("Features", nameof(Mass.Radius), nameof(Mass.Texture), nameof(Mass.Area)).Fit(view).Transform(view);
        var svm = context.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options { NumberOfIterations = 5 });
        var calibrated = svm.Append(context.BinaryClassification.Calibrators.Platt()).Fit(named);
        Func<ITransformer, IDataView, string[]> importance = (model, data) => [.. context.BinaryClassification.PermutationFeatureImportanceNonCalibrated(model, data, permutationCount: 1).Keys];

        Assert.Equal([nameof(Mass.Area), nameof(Mass.Radius), nameof(Mass.Texture)], importance(svm.Fit(named), named).Order(StringComparer.Ordinal));
        Exception refusal = Assert.ThrowsAny<Exception>(() => importance(calibrated, named));
        Assert.Contains("'Score'", string.Concat(Chain(refusal).Select(e => e.Message)), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => MicrosoftMlData.FitAll(_x.Value, _y, 2, default, 1, (other, _, vector) =>
            other.BinaryClassification.PermutationFeatureImportanceNonCalibrated(other.BinaryClassification.Trainers.LinearSvm().Fit(vector), vector, permutationCount: 1), CancellationToken.None));
    }

    [Fact]
    public async Task Importance_OfAModelThatEndsInPlatt_NamesItsFeatures()
    {
        TrainingReport report = await Trainer().TrainAsync(_data, _svm);

        Assert.IsType<PlattCalibrator>(report.Parts.Calibrator);
        Assert.Equal(_data.Schema.Features.Select(f => f.Name).Order(StringComparer.Ordinal), report.Importance.Select(i => i.Feature).Order(StringComparer.Ordinal));
        Assert.All(report.Importance, i => Assert.True(double.IsFinite(i.Loss.Value)));
        Assert.True(report.Importance[0].Loss.Value > 0);
        Assert.Contains(report.Importance.Take(5), i => i.Feature.StartsWith("worst_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Importance_Cancelled_StopsBeforeTheNextFeature()
    {
        using var source = new CancellationTokenSource();
        int last = 0;
        var stopping = new Listener(p =>
        {
            if (p.Stage == TrainingStage.Importance)
            {
                Interlocked.Exchange(ref last, Math.Max(last, p.Done));
                source.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Trainer().TrainAsync(_data, _svm, stopping, source.Token));
        Assert.True(last < 30, $"{last} of 30 features were still done.");
    }

    // 14. Its packages ask for versions that are not there, and a restore then takes others with a warning that names no line of ours.
    [Fact]
    public void Packages_ThatMicrosoftMlLacks_ArePinned()
    {
        string pins = File.ReadAllText(RepositoryRoot.Combine("Directory.Packages.props"));

        Assert.Contains("<PackageVersion Include=\"LightGBM\" Version=\"4.7.0\" />", pins, StringComparison.Ordinal);
        Assert.Contains("<PackageVersion Include=\"System.Numerics.Tensors\" Version=\"9.0.19\" />", pins, StringComparison.Ordinal);
    }

    // 15. The first call of anything is compiled while it runs, and takes several times as long.
    [Fact]
    public void FoldTimes_SlowFirstFolds_DoNotCountInTheMiddle()
    {
        var times = new FoldTimes(10);
        for (int fold = 0; fold < 10; fold++)
        {
            times.Set(fold, TimeSpan.FromMilliseconds(fold < 2 ? 600 : 100 + fold));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(106), times.Median);
        Assert.Equal(TimeSpan.Zero, new FoldTimes(1).Median);
    }

    [Fact]
    public void Rounds_EverySubject_IsRunOnceBeforeAnyCounts()
    {
        var seen = new List<(int Subject, bool IsWarming)>();
        var done = new List<int>();
        Rounds.Run(3, [.. Enumerable.Range(0, 5).Select(i => (Action<bool>)(warm => seen.Add((i, warm))))], done.Add);

        Assert.Equal([0, 1, 2, 3], done);
        Assert.Equal([0, 1, 2, 3, 4], seen[..5].Select(s => s.Subject).Order());
        Assert.All(seen[..5], s => Assert.True(s.IsWarming));
        Assert.All(seen[5..], s => Assert.False(s.IsWarming));
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(4, seen.Count(s => s.Subject == i)));
    }

    private static DiagnosisTrainer Trainer() => new(_data.Schema, seed: 7);

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            yield return e;
        }
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

    private sealed class Mass
    {
        public float Radius { get; set; }

        public float Texture { get; set; }

        public float Area { get; set; }

        public bool Label { get; set; }
    }

    private sealed class Listener(Action<TrainingProgress> heard) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => heard(value);
    }
}
