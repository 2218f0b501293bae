using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>LightGBM by way of Microsoft.ML: boosted trees grown by leaf. Scores are no probabilities. Needs the native library, and that libgomp.</summary>
internal sealed record LightGbmLearner : ILearner
{
    public int Iterations { get; init; } = 100;

    public int Leaves { get; init; } = 15;

    public int MinLeaf { get; init; } = 10;

    public double LearningRate { get; init; } = 0.1;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"boosted trees (LightGBM, {Iterations} trees of {Leaves} leaves, rate {LearningRate})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken) =>
        TreeExport.ToScorer(MicrosoftMlData.FitEach(x, y, classes, weights, seed, (context, part, view) => context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            NumberOfIterations = Iterations,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = MinLeaf,
            LearningRate = LearningRate,
            Seed = part,
            NumberOfThreads = 1,
            ExampleWeightColumnName = weights.IsEmpty ? null : MicrosoftMlData.Weight,
        }).Fit(view).Model.SubModel.TrainedTreeEnsemble, cancellationToken), x);
}
