namespace Phr.Ml.Reports;

/// <summary>A patient on the plane of the two leading components.</summary>
internal readonly record struct ReportPoint(double X, double Y, int Cohort, int Class);
