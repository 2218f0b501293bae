using Phr.Ml.Evaluation;

namespace Phr.Ml.Learners;

/// <summary>One model of a blend, with what makes its scores into probabilities.</summary>
internal sealed record BlendMember(IScorer Scorer, ICalibrator Calibrator);
