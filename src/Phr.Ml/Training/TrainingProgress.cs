namespace Phr.Ml;

/// <summary>How far a training is.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="Done">How many parts of this stage are done.</param>
/// <param name="Of">How many parts it has.</param>
public sealed record TrainingProgress(TrainingStage Stage, int Done, int Of);
