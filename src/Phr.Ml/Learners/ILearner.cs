using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>One algorithm with its hyper-parameters fixed: learns a scorer from rows and classes.</summary>
internal interface ILearner
{
    /// <summary>What it is, with its hyper-parameters, as a report names it: <c>SVM (RBF, C = 10, γ = 0.01)</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Learns. The same input and seed give the same scorer, to the digit, on any number of cores.
    /// </summary>
    /// <param name="x">Rows, already imputed, encoded and scaled.</param>
    /// <param name="y">The class of each row, from 0 to <paramref name="classes"/> − 1; for two classes, 1 is the disease.</param>
    /// <param name="classes">How many classes there are, at least two.</param>
    /// <param name="weights">A positive weight for each row, or empty where all weigh one.</param>
    /// <param name="seed">Decides every random choice.</param>
    /// <param name="cancellationToken">Looked at between parts of the work.</param>
    IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken);
}
