using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A learner whose parts each leave some rows out, and so can say how it does on rows it has not seen without a second fit.</summary>
internal interface IOutOfBagLearner : ILearner
{
    /// <summary>Whether the settings leave rows out at all.</summary>
    bool LeavesRowsOut { get; }

    /// <summary>
    /// Learns as <see cref="ILearner.Fit"/> does, and scores each training row by the parts that did not see it: one row of scores per training row,
    /// NaN for a row that every part has seen.
    /// </summary>
    IScorer FitWithOutOfBag(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, out Matrix outOfBag, CancellationToken cancellationToken);
}
