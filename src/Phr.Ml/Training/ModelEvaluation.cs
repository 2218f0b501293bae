using Phr.Ml.Numerics;

namespace Phr.Ml;

/// <summary>How good one kind of model is on rows that it has not seen. Immutable.</summary>
/// <remarks>
/// A metric's value is the mean over the folds, with Student's range for the variance of folds that share training rows (Nadeau and Bengio), but for the
/// calibration error, which is of all held-out rows together, with its bootstrap range. For two classes, sensitivity, specificity and accuracy are at the model's threshold.
/// </remarks>
public sealed class ModelEvaluation
{
    internal ModelEvaluation(ModelFamily family, string name)
    {
        Family = family;
        Name = name;
    }

    /// <summary>The kind of model.</summary>
    public ModelFamily Family { get; }

    /// <summary>The kind with the hyper-parameters that most folds chose.</summary>
    public string Name { get; }

    /// <summary>All metrics over all held-out rows together, each row once for each repeat.</summary>
    public required DiagnosisMetrics Metrics { get; init; }

    /// <summary>The metrics of each fold, repeat after repeat.</summary>
    public required IReadOnlyList<DiagnosisMetrics> Folds { get; init; }

    /// <summary>The area under the ROC curve: 0.5 is chance, 1 is best.</summary>
    public required MetricInterval RocAuc { get; init; }

    /// <summary>Average precision: the share of the diseased is chance, 1 is best.</summary>
    public required MetricInterval PrAuc { get; init; }

    /// <summary>The mean of −ln p of the true class: 0 is best.</summary>
    public required MetricInterval LogLoss { get; init; }

    /// <summary>The mean squared difference between probability and outcome: 0 is best.</summary>
    public required MetricInterval Brier { get; init; }

    /// <summary>The expected calibration error over ten equal ranges: 0 is best.</summary>
    public required MetricInterval CalibrationError { get; init; }

    /// <summary>The share of the diseased that is found.</summary>
    public required MetricInterval Sensitivity { get; init; }

    /// <summary>The share of the healthy that is called healthy.</summary>
    public required MetricInterval Specificity { get; init; }

    /// <summary>The share given their true class; compare it with the share of the largest class.</summary>
    public required MetricInterval Accuracy { get; init; }

    /// <summary>The parts of the people that the schema tells apart; empty where it tells none.</summary>
    public required IReadOnlyList<SubgroupEvaluation> Subgroups { get; init; }

    /// <summary>How long a fold took, with the choice of hyper-parameters and calibration: the median of all folds, since the first ones also compile what they call. Depends on the machine, unlike everything else.</summary>
    public required TimeSpan FoldTime { get; init; }

    /// <summary>For each repeat, the calibrated probability of each row by the model that had not seen it: of class 1, or one of each class.</summary>
    internal IReadOnlyList<Matrix> HeldOut { get; init; } = [];

    /// <summary>What each fold chose, repeat after repeat.</summary>
    internal IReadOnlyList<string> Chosen { get; init; } = [];
}
