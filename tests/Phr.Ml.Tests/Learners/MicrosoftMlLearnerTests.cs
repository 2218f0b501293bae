using System.Formats.Cbor;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Phr.Ml.Learners;
using Phr.Ml.Learners.MicrosoftMl;
using Phr.Ml.Numerics;
using Phr.Ml.Training;

namespace Phr.Ml.Tests.Learners;

/// <summary>What is taken out of Microsoft.ML's models scores as they do.</summary>
public sealed class MicrosoftMlLearnerTests
{
    private static readonly Lazy<(Matrix X, int[] Y)> _wdbc = new(() =>
    {
        int[] rows = [.. Enumerable.Range(0, TestSets.BreastMass.Count)];
        return (Preprocessor.Fit(TestSets.BreastMass, rows, new PreprocessorOptions()).Transform(TestSets.BreastMass, rows), TestSets.BreastMass.Labels.ToArray());
    });

    public static TheoryData<string> Learners => [.. All.Keys];

    private static Dictionary<string, ILearner> All => new(StringComparer.Ordinal)
    {
        ["logistic"] = new LbfgsLearner(),
        ["pegasos"] = new PegasosLearner(),
        ["fastforest"] = new FastForestLearner { Trees = 30 },
        ["fasttree"] = new FastTreeLearner { Trees = 20 },
        ["lightgbm"] = new LightGbmLearner { Trees = 20 },
        ["fourier"] = new FourierLearner { Waves = 50 },
    };

    [Fact]
    public void Trees_Exported_ScoreAsFastForestDoes()
    {
        (Matrix x, int[] y) = _wdbc.Value;
        TreeEnsemble<QuantileRegressionTree>? ensemble = null;
        float[] theirs = MicrosoftMlData.FitAll(x, y, 2, default, 5, (context, part, view) =>
        {
            var model = context.BinaryClassification.Trainers.FastForest(new FastForestBinaryTrainer.Options { NumberOfTrees = 40, NumberOfLeaves = 32, MinimumExampleCountPerLeaf = 2, Seed = part, NumberOfThreads = 1 }).Fit(view);
            ensemble = model.Model.TrainedTreeEnsemble;
            return Scores(model.Transform(view));
        }, CancellationToken.None);

        Same(theirs, TreeExport.ToScorer([ensemble!], x), x);
    }

    [Fact]
    public void Trees_Exported_ScoreAsFastTreeAndLightGbmDo()
    {
        (Matrix x, int[] y) = _wdbc.Value;
        TreeEnsemble<RegressionTree>? ensemble = null;
        float[] theirs = MicrosoftMlData.FitAll(x, y, 2, default, 5, (context, part, view) =>
        {
            var model = context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 40, Seed = part, NumberOfThreads = 1 }).Fit(view);
            ensemble = model.Model.SubModel.TrainedTreeEnsemble;
            return Scores(model.Transform(view));
        }, CancellationToken.None);
        Same(theirs, TreeExport.ToScorer([ensemble!], x), x);

        theirs = MicrosoftMlData.FitAll(x, y, 2, default, 5, (context, part, view) =>
        {
            var model = context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options { NumberOfIterations = 40, Seed = part, NumberOfThreads = 1 }).Fit(view);
            ensemble = model.Model.SubModel.TrainedTreeEnsemble;
            return Scores(model.Transform(view));
        }, CancellationToken.None);
        Same(theirs, TreeExport.ToScorer([ensemble!], x), x);
    }

    [Fact]
    public void Weights_Exported_ScoreAsTheLinearModelsDo()
    {
        (Matrix x, int[] y) = _wdbc.Value;
        LinearBinaryModelParameters? linear = null;
        float[] theirs = MicrosoftMlData.FitAll(x, y, 2, default, 5, (context, _, view) =>
        {
            var model = context.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1 }).Fit(view);
            linear = model.Model.SubModel;
            return Scores(model.Transform(view));
        }, CancellationToken.None);

        Same(theirs, LinearExport.ToScorer([linear!], ScoreLink.Identity), x);
    }

    // Pitfall 10: the trees and LightGBM do not look at the context's seed.
    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_SameSeed_GivesTheSameToTheDigit(string name)
    {
        (Matrix x, int[] y) = _wdbc.Value;
        byte[] one = Bytes(All[name].Fit(x, y, 2, default, 7, CancellationToken.None));

        Assert.Equal(one, Bytes(All[name].Fit(x, y, 2, default, 7, CancellationToken.None)));
        if (name is "fastforest" or "fourier" or "pegasos")
        {
            Assert.NotEqual(one, Bytes(All[name].Fit(x, y, 2, default, 8, CancellationToken.None)));
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_BreastMass_TellsTheClassesApart(string name)
    {
        (Matrix x, int[] y) = _wdbc.Value;
        IScorer scorer = All[name].Fit(x, y, 2, default, 7, CancellationToken.None);
        double[] scores = ScoresOf(scorer, x);

        Assert.True(Ml.Evaluation.Metrics.RocAuc(scores, y) > 0.99);
        Assert.Equal(1, scorer.Scores);
    }

    // Pitfall 13: Microsoft.ML has no forest for several classes.
    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_ThreeClasses_GivesAScoreForEach(string name)
    {
        var x = new Matrix(300, 3);
        int[] y = new int[300];
        var random = RandomStream.ForStream(3, 3);
        for (int i = 0; i < 300; i++)
        {
            y[i] = i % 3;
            for (int c = 0; c < 3; c++)
            {
                x[i, c] = random.NextNormal() + (y[i] == c ? 4 : 0);
            }
        }

        IScorer scorer = All[name].Fit(x, y, 3, default, 7, CancellationToken.None);
        double[] s = new double[3];
        int right = 0;
        for (int i = 0; i < 300; i++)
        {
            scorer.Score(x.Row(i), s);
            right += Array.IndexOf(s, s.Max()) == y[i] ? 1 : 0;
        }

        Assert.Equal(3, scorer.Scores);
        Assert.True(right > 280, $"{right} of 300");
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_Weights_MoveTheScores(string name)
    {
        (Matrix x, int[] y) = _wdbc.Value;
        double[] weights = [.. y.Select(c => c == 1 ? 20.0 : 1.0)];
        if (name == "pegasos")
        {
            Assert.Throws<ArgumentException>(() => All[name].Fit(x, y, 2, weights, 7, CancellationToken.None));
            return;
        }

        double plain = ScoresOf(All[name].Fit(x, y, 2, default, 7, CancellationToken.None), x).Average();
        double heavy = ScoresOf(All[name].Fit(x, y, 2, weights, 7, CancellationToken.None), x).Average();

        Assert.True(heavy > plain, $"{heavy} is not above {plain}.");
    }

    [Fact]
    public void Fit_AlreadyCancelled_Stops()
    {
        (Matrix x, int[] y) = _wdbc.Value;
        Assert.All(All.Values, learner => Assert.ThrowsAny<OperationCanceledException>(() => learner.Fit(x, y, 2, default, 7, new CancellationToken(canceled: true))));
    }

    [Fact]
    public void Fourier_WrittenAndRead_ScoresAlike()
    {
        (Matrix x, int[] y) = _wdbc.Value;
        IScorer scorer = new FourierLearner { Waves = 20 }.Fit(x, y, 2, default, 7, CancellationToken.None);
        byte[] bytes = Bytes(scorer);
        var reader = new CborReader(bytes, CborConformanceMode.Ctap2Canonical);
        Assert.Equal(5, reader.ReadStartArray());
        Assert.Equal(FourierScorer.Kind, reader.ReadTextString());
        FourierScorer again = FourierScorer.Read(reader);
        reader.ReadEndArray();

        Assert.Equal(bytes, Bytes(again));
        Assert.Equal(ScoresOf(scorer, x), ScoresOf(again, x));
    }

    private static float[] Scores(IDataView view) => [.. view.GetColumn<float>("Score")];

    private static void Same(float[] theirs, IScorer ours, Matrix x)
    {
        double[] s = ScoresOf(ours, x);
        for (int i = 0; i < s.Length; i++)
        {
            Assert.Equal(theirs[i], s[i], 1e-4 * Math.Max(1, Math.Abs(theirs[i])));
        }
    }

    private static double[] ScoresOf(IScorer scorer, Matrix x)
    {
        double[] s = new double[x.Rows];
        for (int i = 0; i < s.Length; i++)
        {
            scorer.Score(x.Row(i), s.AsSpan(i, 1));
        }

        return s;
    }

    private static byte[] Bytes(IScorer scorer)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        scorer.Write(writer);
        return writer.Encode();
    }
}
