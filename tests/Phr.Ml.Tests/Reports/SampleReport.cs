using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;
using Phr.Ml.Reports;
using Phr.Ml.Tests.Models;
using Phr.Ml.Training;

namespace Phr.Ml.Tests.Reports;

/// <summary>A report made by hand, of two models of the breast masses or of a forest for many classes.</summary>
internal static class SampleReport
{
    public static ReportData Of(Dataset data, ILearner learner)
    {
        int[] all = [.. Enumerable.Range(0, data.Count)];
        Matrix x = Preprocessor.Fit(data, all, new PreprocessorOptions()).Transform(data, all);
        int classes = data.Schema.Classes.Count;
        Matrix scores = Calibration.FoldScores(learner, x, data.Labels, classes, default, default, 5, 3, CancellationToken.None);
        ICalibrator calibrator = Calibration.Fit(CalibrationMethod.Platt, scores, learner is ForestLearner, data.Labels.Span, default);
        for (int i = 0; i < scores.Rows; i++)
        {
            calibrator.Apply(scores.Row(i), scores.Row(i));
        }

        DiagnosisModel model = TrainedModels.Train(data, learner);
        DiagnosisMetrics metrics = DiagnosisMetrics.Compute(scores, data.Labels.Span);
        MetricInterval About(double value) => new() { Value = value, Lower = value - 0.01, Upper = Math.Min(1, value + 0.01), Level = 0.95 };
        ReportModel Model(string name, double less) => new(
            name, About(metrics.RocAuc - less), About(metrics.PrAuc - less), About(metrics.LogLoss + less), About(metrics.Brier + less), About(metrics.CalibrationError),
            About(metrics.Sensitivity), About(metrics.Specificity), About(metrics.Accuracy), TimeSpan.FromMilliseconds(12));
        return new ReportData
        {
            Card = model.Card with
            {
                Title = data.Schema.Name,
                Importance = [.. data.Schema.Features.Take(20).Select((f, i) => new FeatureImportance(f.Name, About(0.02 / (i + 1))))],
            },
            Descriptions = data.Schema.Features.ToDictionary(f => f.Name, f => f.Description),
            HeldOut = scores,
            Labels = data.Labels.ToArray(),
            Threshold = 0.5,
            Models = [Model(learner.Name, 0), Model("random forest <500>", 0.004), Model("logistic regression", 0.007), Model("prior", metrics.RocAuc - 0.5)],
            Chosen = learner.Name,
            Nested = Model("nested", 0.001),
            Comparisons = [new ReportComparison("random forest <500>", new MetricInterval { Value = 0.004, Lower = -0.001, Upper = 0.009, Level = 0.95 }, 0.08)],
            LearningCurve = [.. new[] { 50, 100, 200, 400 }.Select(n => new ReportLearningPoint(n, About(metrics.RocAuc - (1.0 / n))))],
            Cohorts = model.Cohorts,
            Points =
            [
                .. all.Select(i =>
                {
                    double[] row = new double[model.Parts.Preprocessor.Outputs];
                    model.Parts.Preprocessor.Transform(data.Row(i), row);
                    (double px, double py) = model.Parts.Familiarity.Project(row);
                    return new ReportPoint(px, py, model.Parts.Cohorts.Nearest(row, out _), data.Labels.Span[i]);
                }),
            ],
        };
    }
}
