using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Microsoft.ML's forest: regression trees on binned values, each grown from a sample without replacement. Scores are no probabilities.</summary>
internal sealed record FastForestLearner : ILearner
{
    public int Trees { get; init; } = 100;

    public int Leaves { get; init; } = 32;

    public int MinLeaf { get; init; } = 5;

    public string Name => $"FastForest (Microsoft.ML, {Trees} trees of {Leaves} leaves, at least {MinLeaf} rows a leaf)";

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken) =>
        TreeExport.ToScorer(MicrosoftMlData.FitEach(x, y, classes, weights, seed, (context, part, view) => context.BinaryClassification.Trainers.FastForest(new FastForestBinaryTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = MinLeaf,
            FeatureFractionPerSplit = Math.Sqrt(x.Columns) / x.Columns,
            Seed = part,
            FeatureSelectionSeed = part,
            NumberOfThreads = 1,
            ExampleWeightColumnName = weights.IsEmpty ? null : MicrosoftMlData.Weight,
        }).Fit(view).Model.TrainedTreeEnsemble, cancellationToken), x);
}
