using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Microsoft.ML's boosted trees.</summary>
internal sealed record FastTreeLearner : BoostedTreeLearner
{
    public FastTreeLearner() => (Leaves, LearningRate) = (20, 0.2);

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"boosted trees (FastTree, Microsoft.ML, {Trees} trees of {Leaves} leaves, rate {LearningRate})");

    protected override RegressionTreeEnsemble Train(BinaryClassificationCatalog.BinaryClassificationTrainers trainers, int seed, string? weight, IDataView rows) => trainers.FastTree(new FastTreeBinaryTrainer.Options
    {
        NumberOfTrees = Trees,
        NumberOfLeaves = Leaves,
        MinimumExampleCountPerLeaf = MinLeaf,
        LearningRate = LearningRate,
        Seed = seed,
        FeatureSelectionSeed = seed,
        NumberOfThreads = 1,
        ExampleWeightColumnName = weight,
    }).Fit(rows).Model.SubModel.TrainedTreeEnsemble;
}
