using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>What a model is made of, trained on all rows.</summary>
internal sealed record TrainedParts
{
    public required FeatureSchema Schema { get; init; }

    public required Preprocessor Preprocessor { get; init; }

    public required IScorer Scorer { get; init; }

    public required ICalibrator Calibrator { get; init; }

    /// <summary>From which probability of class 1 on a person is called diseased; for more than two classes unused.</summary>
    public required double Threshold { get; init; }

    /// <summary>The calibrated probability of each row (of class 1, or one of each class) by a model of the same kind that had not seen it.</summary>
    public required Matrix HeldOut { get; init; }

    public required Dataset Data { get; init; }

    public required ModelFamily Family { get; init; }

    /// <summary>The kind with its hyper-parameters.</summary>
    public required string Name { get; init; }

    public required ulong Seed { get; init; }
}
