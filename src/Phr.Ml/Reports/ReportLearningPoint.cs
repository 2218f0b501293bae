namespace Phr.Ml.Reports;

/// <summary>Quality at a number of training rows.</summary>
internal readonly record struct ReportLearningPoint(int Rows, MetricInterval RocAuc);
