using Phr.Ml.Training;

namespace Phr.Ml;

/// <summary>What a training found: how good each kind of model is, which one won and by how much, and what it rests on. Immutable.</summary>
/// <remarks>The same data, options and seed give the same report, to the digit, on any number of processors; only times differ.</remarks>
public sealed partial class TrainingReport
{
    internal TrainingReport()
    {
    }

    /// <summary>What the records look like.</summary>
    public required FeatureSchema Schema { get; init; }

    /// <summary>What was trained with.</summary>
    public required DataSummary Data { get; init; }

    /// <summary>How it was trained.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>What decided every random choice.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The kinds of models, best first by log-loss, which judges the probabilities that a model states; the prior last.</summary>
    public required IReadOnlyList<ModelEvaluation> Models { get; init; }

    /// <summary>The winner: the first of <see cref="Models"/>.</summary>
    public ModelEvaluation Best => Models[0];

    /// <summary>
    /// The whole procedure judged, choice included: in each fold, the kind that was best inside its training rows. The best of several looks a little
    /// better than it is; this does not.
    /// </summary>
    public required ModelEvaluation Nested { get; init; }

    /// <summary>The winner against each other kind.</summary>
    public required IReadOnlyList<ModelComparison> Comparisons { get; init; }

    /// <summary>What each feature is worth to the winner, most important first; empty where only the prior was trained.</summary>
    public required IReadOnlyList<FeatureImportance> Importance { get; init; }

    /// <summary>How the winner grows with the rows that it learns from.</summary>
    public required IReadOnlyList<LearningCurvePoint> LearningCurve { get; init; }

    /// <summary>The threshold; null for more than two classes.</summary>
    public required ThresholdChoice? Threshold { get; init; }

    /// <summary>What did not take part, and why.</summary>
    public required IReadOnlyList<OmittedModel> Omitted { get; init; }

    /// <summary>What a reader should be suspicious of, in sentences: a feature that gives the answer away, a class with few rows.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The versions of what computed.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    internal TrainedParts Parts { get; init; } = null!;
}
