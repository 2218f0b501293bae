using System.Collections.Concurrent;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Models;
using Phr.Ml.Numerics;
using Phr.Ml.Training;

namespace Phr.Ml.Tests.Models;

/// <summary>Models of the breast masses, one of each kind of scorer, each trained once for all tests.</summary>
internal static class TrainedModels
{
    private static readonly ConcurrentDictionary<string, Lazy<DiagnosisModel>> _models = new();

    public static string[] Kinds { get; } = ["svm", "linear", "forest", "logistic", "network", "blend", "prior"];

    public static Dataset Masses => TestSets.BreastMass;

    public static DiagnosisModel Of(string kind) => _models.GetOrAdd(kind, k => new Lazy<DiagnosisModel>(() => Train(Masses, Learner(k)))).Value;

    public static ILearner Learner(string kind) => kind switch
    {
        "svm" => new SvmLearner(),
        "linear" => new SvmLearner { Kernel = SvmKernel.Linear, C = 0.1 },
        "forest" => new ForestLearner { Trees = 60 },
        "logistic" => new LogisticLearner(),
        "network" => new MlpLearner(),
        "blend" => new BlendLearner([new SvmLearner(), new ForestLearner { Trees = 30 }]),
        _ => new PriorLearner(),
    };

    public static DiagnosisModel Train(Dataset data, ILearner learner, ulong seed = 7)
    {
        (Preprocessor preprocessor, IScorer scorer, ICalibrator calibrator, Matrix heldOut) = Fit(data, learner, seed);
        return ModelAssembler.Assemble(data.Schema, preprocessor, scorer, calibrator, data, heldOut, Card(data, learner.Name), seed, CancellationToken.None);
    }

    public static ModelCard Card(Dataset data, string algorithm) => new()
    {
        Title = "Breast mass",
        IntendedUse = "For tests.",
        Schema = data.Schema.ToString(),
        SchemaDigest = data.Schema.Digest,
        DataDigest = data.Digest,
        DataOrigin = data.Origin,
        Classes = [.. data.Schema.Classes.Select((c, k) => new CardClass(c, data.Labels.ToArray().Count(y => y == k)))],
        Algorithm = algorithm,
        Limits = ["Not for patients."],
        Metrics = [new CardMetric { Name = "ROC-AUC", Value = new MetricInterval { Value = 0.99, Lower = 0.98, Upper = double.NaN, Level = 0.95 }, Rows = data.Count }],
        Importance = [new FeatureImportance(data.Schema.Features[0].Name, new MetricInterval { Value = 0.01, Lower = 0, Upper = 0.02, Level = 0.95 })],
        Seed = ulong.MaxValue,
        Packages = [new CardPackage("Phr.Ml", "0.1.0")],
    };

    private static (Preprocessor Preprocessor, IScorer Scorer, ICalibrator Calibrator, Matrix HeldOut) Fit(Dataset data, ILearner learner, ulong seed)
    {
        int[] all = [.. Enumerable.Range(0, data.Count)];
        var preprocessor = Preprocessor.Fit(data, all, new PreprocessorOptions());
        Matrix x = preprocessor.Transform(data, all);
        int classes = data.Schema.Classes.Count;
        IScorer scorer = learner.Fit(x, data.Labels, classes, default, seed, CancellationToken.None);
        Matrix scores = Calibration.FoldScores(learner, x, data.Labels, classes, default, default, 5, seed, CancellationToken.None);
        ICalibrator calibrator = learner is PriorLearner
            ? new IdentityCalibrator(scores.Columns)
            : Calibration.Fit(CalibrationMethod.Platt, scores, scorer.AreProbabilities, data.Labels.Span, default);
        for (int i = 0; i < scores.Rows; i++)
        {
            calibrator.Apply(scores.Row(i), scores.Row(i));
        }

        return (preprocessor, scorer, calibrator, scores);
    }
}
