using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Microsoft.ML's boosted trees. Scores are no probabilities.</summary>
internal sealed record FastTreeLearner : ILearner
{
    public int Trees { get; init; } = 100;

    public int Leaves { get; init; } = 20;

    public int MinLeaf { get; init; } = 10;

    public double LearningRate { get; init; } = 0.2;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"boosted trees (FastTree, Microsoft.ML, {Trees} trees of {Leaves} leaves, rate {LearningRate})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken) =>
        TreeExport.ToScorer(MicrosoftMlData.FitEach(x, y, classes, weights, seed, (context, part, view) => context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = MinLeaf,
            LearningRate = LearningRate,
            Seed = part,
            FeatureSelectionSeed = part,
            NumberOfThreads = 1,
            ExampleWeightColumnName = weights.IsEmpty ? null : MicrosoftMlData.Weight,
        }).Fit(view).Model.SubModel.TrainedTreeEnsemble, cancellationToken), x);
}
