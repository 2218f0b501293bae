namespace Phr.Ml.Reports;

/// <summary>The chosen model beside another on the same rows.</summary>
internal sealed record ReportComparison(string Other, MetricInterval Difference, double PValue);
