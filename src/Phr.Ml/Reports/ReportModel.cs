namespace Phr.Ml.Reports;

/// <summary>One model of a report.</summary>
internal sealed record ReportModel(
    string Name,
    MetricInterval RocAuc,
    MetricInterval PrAuc,
    MetricInterval LogLoss,
    MetricInterval Brier,
    MetricInterval CalibrationError,
    MetricInterval Sensitivity,
    MetricInterval Specificity,
    MetricInterval Accuracy,
    TimeSpan FitTime);
