using System.Formats.Cbor;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Learners;

public class BlendAndMlpTests
{
    private static readonly BlendLearner _blend = new([
        new SvmLearner { C = 1, Gamma = 0.5 }, new LogisticLearner(), new ForestLearner { Trees = 30 },
    ]);

    [Fact]
    public void Blend_TwoClasses_IsTheMeanOfTheLogOdds()
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(2, 60, 0.9);
        var blend = (BlendScorer)_blend.Fit(x, y, 2, default, 3, CancellationToken.None);
        double[] p = new double[1];
        double[] q = new double[1];
        for (int i = 0; i < x.Rows; i++)
        {
            double sum = 0;
            foreach (BlendMember member in blend.Members)
            {
                member.Scorer.Score(x.Row(i), q);
                member.Calibrator.Apply(q, q);
                sum += Math.Log(q[0] / (1 - q[0]));
            }

            blend.Score(x.Row(i), p);
            Assert.Equal(Vectors.Logistic(sum / 3), p[0], 1e-9);
        }
    }

    [Fact]
    public void Blend_HeldOutScores_JudgeAsSeparateFoldsDo()
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(2, 250, 1.2);
        _blend.FitWithOutOfBag(x, y, 2, default, 3, out Matrix held, CancellationToken.None);
        Matrix folds = Calibration.FoldScores(_blend, x, y, 2, default, default, 5, 9, CancellationToken.None);

        Assert.Equal(Metrics.RocAuc(folds.Values, y), Metrics.RocAuc(held.Values, y), 0.02);
        Assert.Equal(Metrics.LogLoss(folds.Values, y), Metrics.LogLoss(held.Values, y), 0.03);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Blend_Written_ReadsBackTheSame(int classes)
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(classes, 40, 0.9);
        IScorer blend = _blend.Fit(x, y, classes, default, 3, CancellationToken.None);
        byte[] bytes = ScorerBytes.Of(blend);
        BlendScorer again = ScorerBytes.Read(bytes, BlendScorer.Kind, Read);
        double[] p = new double[blend.Scores];
        double[] q = new double[blend.Scores];
        blend.Score(x.Row(5), p);
        again.Score(x.Row(5), q);

        Assert.Equal(bytes, ScorerBytes.Of(again));
        Assert.Equal(p, q);
        Assert.Equal(bytes, ScorerBytes.Of(_blend.Fit(x, y, classes, default, 3, CancellationToken.None)));
        if (classes == 3)
        {
            Assert.Equal(1, p.Sum(), 1e-12);
        }

        ScorerBytes.Damage(bytes, BlendScorer.Kind, Read, most: 1500);
    }

    [Fact]
    public void Blend_OfNothingOrOfBlends_IsRefused()
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(2, 20, 0.9);
        Assert.Throws<InvalidOperationException>(() => new BlendLearner([]).Fit(x, y, 2, default, 1, CancellationToken.None));
        Assert.Throws<InvalidDataException>(() => new BlendScorer([]));
        var inner = new BlendMember(new ConstantScorer(2, [0.5]), new IdentityCalibrator(1));
        Assert.Throws<InvalidDataException>(() => new BlendScorer([new BlendMember(new BlendScorer([inner]), new IdentityCalibrator(1))]));
        Assert.Throws<InvalidDataException>(() => new BlendScorer([inner, new BlendMember(new ConstantScorer(3, [0.5]), new IdentityCalibrator(1))]));
    }

    [Fact]
    public void Mlp_ExclusiveOr_IsLearnt()
    {
        var random = RandomStream.ForStream(1, 0);
        var x = new Matrix(400, 2);
        int[] y = new int[400];
        for (int i = 0; i < 400; i++)
        {
            x[i, 0] = (2 * random.NextDouble()) - 1;
            x[i, 1] = (2 * random.NextDouble()) - 1;
            y[i] = x[i, 0] > 0 == x[i, 1] > 0 ? 1 : 0;
        }

        var learner = new MlpLearner { Decay = 0.01 };
        IScorer scorer = learner.Fit(x, y, 2, default, 5, CancellationToken.None);
        double[] p = new double[400];
        for (int i = 0; i < 400; i++)
        {
            scorer.Score(x.Row(i), p.AsSpan(i, 1));
        }

        Assert.True(Metrics.RocAuc(p, y) > 0.98);
        Assert.Equal(ScorerBytes.Of(scorer), ScorerBytes.Of(learner.Fit(x, y, 2, default, 5, CancellationToken.None)));
        Assert.NotEqual(ScorerBytes.Of(scorer), ScorerBytes.Of(learner.Fit(x, y, 2, default, 6, CancellationToken.None)));
    }

    [Fact]
    public void Mlp_ThreeClassesAndTwoLayers_ReadsBackTheSame()
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(3, 60, 0.4);
        IScorer scorer = new MlpLearner { Hidden = [5, 4] }.Fit(x, y, 3, (double[])[.. y.Select(_ => 2.0)], 5, CancellationToken.None);
        byte[] bytes = ScorerBytes.Of(scorer);
        MlpScorer again = ScorerBytes.Read(bytes, MlpScorer.Kind, MlpScorer.Read);
        double[] p = new double[3];
        double[] q = new double[3];
        int right = 0;
        for (int i = 0; i < x.Rows; i++)
        {
            scorer.Score(x.Row(i), p);
            again.Score(x.Row(i), q);
            Assert.Equal(p, q);
            Assert.Equal(1, p.Sum(), 1e-12);
            right += p.IndexOf(p.Max()) == y[i] ? 1 : 0;
        }

        Assert.Equal(bytes, ScorerBytes.Of(again));
        Assert.True(right > 165);
        ScorerBytes.Damage(bytes, MlpScorer.Kind, MlpScorer.Read);
    }

    private static BlendScorer Read(CborReader reader) => BlendScorer.Read(reader, ReadScorer, ReadCalibrator);

    private static IScorer ReadScorer(CborReader reader) => Whole<IScorer>(reader, kind => kind switch
    {
        SvmScorer.Kind => SvmScorer.Read(reader),
        LinearScorer.Kind => LinearScorer.Read(reader),
        TreeEnsembleScorer.Kind => TreeEnsembleScorer.Read(reader),
        _ => throw new InvalidDataException(kind),
    });

    private static ICalibrator ReadCalibrator(CborReader reader) => Whole<ICalibrator>(reader, kind => kind switch
    {
        PlattCalibrator.Kind => PlattCalibrator.Read(reader),
        BetaCalibrator.Kind => BetaCalibrator.Read(reader),
        SoftmaxCalibrator.Kind => SoftmaxCalibrator.Read(reader),
        _ => throw new InvalidDataException(kind),
    });

    private static T Whole<T>(CborReader reader, Func<string, T> read)
    {
        reader.ReadStartArray();
        T item = read(reader.ReadTextString());
        reader.ReadEndArray();
        return item;
    }
}
