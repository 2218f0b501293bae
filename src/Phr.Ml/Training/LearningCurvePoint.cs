namespace Phr.Ml;

/// <summary>How good the winner is when it learns from fewer rows. A curve that still rises says that more records would help.</summary>
/// <param name="Rows">From how many rows it learnt, on average over folds.</param>
/// <param name="RocAuc">The area under the ROC curve on held-out rows.</param>
/// <param name="LogLoss">The log-loss on held-out rows.</param>
public sealed record LearningCurvePoint(int Rows, MetricInterval RocAuc, MetricInterval LogLoss);
