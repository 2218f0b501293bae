using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>LightGBM by way of Microsoft.ML: trees grown by leaf. Needs the native library, and that libgomp.</summary>
internal sealed record LightGbmLearner : BoostedTreeLearner
{
    public LightGbmLearner() => (Leaves, LearningRate) = (15, 0.1);

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"boosted trees (LightGBM, {Trees} trees of {Leaves} leaves, rate {LearningRate})");

    protected override RegressionTreeEnsemble Train(BinaryClassificationCatalog.BinaryClassificationTrainers trainers, int seed, string? weight, IDataView rows) => trainers.LightGbm(new LightGbmBinaryTrainer.Options
    {
        NumberOfIterations = Trees,
        NumberOfLeaves = Leaves,
        MinimumExampleCountPerLeaf = MinLeaf,
        LearningRate = LearningRate,
        Seed = seed,
        NumberOfThreads = 1,
        ExampleWeightColumnName = weight,
    }).Fit(rows).Model.SubModel.TrainedTreeEnsemble;
}
