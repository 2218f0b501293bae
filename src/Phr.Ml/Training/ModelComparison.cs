namespace Phr.Ml;

/// <summary>The winner against another kind of model, fold by fold.</summary>
/// <param name="Other">The other kind.</param>
/// <param name="RocAuc">The area under the ROC curve of the winner less that of the other.</param>
/// <param name="LogLoss">The log-loss of the winner less that of the other: below 0, the winner is better.</param>
public sealed record ModelComparison(ModelFamily Other, PairedComparison RocAuc, PairedComparison LogLoss);
