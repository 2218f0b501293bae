using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Boosted trees by way of Microsoft.ML: one ensemble for each class against the others. Scores are no probabilities.</summary>
internal abstract record BoostedTreeLearner : ILearner
{
    public int Trees { get; init; } = 100;

    public int Leaves { get; init; }

    public int MinLeaf { get; init; } = 10;

    public double LearningRate { get; init; }

    public abstract string Name { get; }

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        string? weight = weights.IsEmpty ? null : MicrosoftMlData.Weight;
        return TreeExport.ToScorer(MicrosoftMlData.FitEach(x, y, classes, weights, seed, (context, part, rows) => Train(context.BinaryClassification.Trainers, part, weight, rows), cancellationToken), x);
    }

    /// <summary>Trains one ensemble, on one thread.</summary>
    /// <param name="trainers">Where trainers are made.</param>
    /// <param name="seed">The seed of all randomness.</param>
    /// <param name="weight">The column of weights; null where all rows weigh the same.</param>
    /// <param name="rows">The rows.</param>
    protected abstract RegressionTreeEnsemble Train(BinaryClassificationCatalog.BinaryClassificationTrainers trainers, int seed, string? weight, IDataView rows);
}
