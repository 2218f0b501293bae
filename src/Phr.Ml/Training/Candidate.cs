using Phr.Ml.Learners;

namespace Phr.Ml.Training;

/// <summary>A learner with the preparation that it wants.</summary>
internal sealed record Candidate(ILearner Learner, PreprocessorOptions Preparation);
