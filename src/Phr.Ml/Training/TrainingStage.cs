namespace Phr.Ml;

/// <summary>What a training is doing.</summary>
public enum TrainingStage
{
    /// <summary>Judging the kinds of models on held-out folds.</summary>
    Judging,

    /// <summary>Measuring how the winner grows with the rows it learns from.</summary>
    LearningCurve,

    /// <summary>Measuring what the winner would be without each feature.</summary>
    Importance,

    /// <summary>Training the winner on all rows.</summary>
    Winner,
}
