using Phr.Ml.Models;

namespace Phr.Ml.Reports;

/// <summary>Gathers what a report's pages show.</summary>
internal static class ReportDataWriter
{
    public static ReportData Of(TrainingReport report)
    {
        DiagnosisModel model = report.Winner;
        ModelParts parts = model.Parts;
        Dataset data = report.Parts.Data;
        var points = new ReportPoint[data.Count];
        double[] row = new double[parts.Preprocessor.Outputs];
        for (int i = 0; i < points.Length; i++)
        {
            parts.Preprocessor.Transform(data.Row(i), row);
            (double x, double y) = parts.Familiarity.Project(row);
            points[i] = new ReportPoint(x, y, parts.Cohorts.Nearest(row, out _), data.Labels.Span[i]);
        }

        return new ReportData
        {
            Card = model.Card,
            Descriptions = report.Schema.Features.ToDictionary(f => f.Name, f => f.Description),
            HeldOut = report.Parts.HeldOut,
            Labels = data.Labels.ToArray(),
            Threshold = model.Threshold,
            Models = [.. report.Models.Select(Model)],
            Chosen = report.Best.Name,
            Nested = Model(report.Nested),
            Comparisons = [.. report.Comparisons.Select(c => new ReportComparison(report.Models.First(m => m.Family == c.Other).Name, c.RocAuc.Difference, c.RocAuc.PValue))],
            Omitted = [.. report.Omitted.Select(o => $"{o.Family}: {o.Reason}")],
            LearningCurve = [.. report.LearningCurve.Select(p => new ReportLearningPoint(p.Rows, p.RocAuc))],
            Cohorts = model.Cohorts,
            Points = points,
        };
    }

    private static ReportModel Model(ModelEvaluation m) =>
        new(m.Name, m.RocAuc, m.PrAuc, m.LogLoss, m.Brier, m.CalibrationError, m.Sensitivity, m.Specificity, m.Accuracy, m.FoldTime);
}
