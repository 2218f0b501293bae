using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Microsoft.ML's linear support vector machine (Pegasos), with enough iterations: by itself it takes one. Scores are distances, not probabilities.</summary>
/// <remarks>It passes over the weights of rows without a word; so weights are refused here.</remarks>
internal sealed record PegasosLearner : ILearner
{
    public int Iterations { get; init; } = 100;

    public double Lambda { get; init; } = 0.01;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"SVM (linear, Microsoft.ML, {Iterations} iterations, λ = {Lambda})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken) =>
        !weights.IsEmpty
            ? throw new ArgumentException("Microsoft.ML's linear support vector machine does not look at the weights of rows.", nameof(weights))
            : LinearExport.ToScorer(
            MicrosoftMlData.FitEach(x, y, classes, default, seed, (context, _, view) => context.BinaryClassification.Trainers.LinearSvm(new LinearSvmTrainer.Options
            {
                NumberOfIterations = Iterations,
                Lambda = (float)Lambda,
            }).Fit(context.Data.Cache(view)).Model, cancellationToken),
            ScoreLink.Identity);
}
