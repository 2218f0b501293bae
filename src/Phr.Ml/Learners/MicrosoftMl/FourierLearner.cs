using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>
/// A support vector machine whose Gaussian kernel is approximated by random waves, trained by Microsoft.ML's dual coordinate ascent: the time grows with
/// the rows and not with their square.
/// </summary>
/// <remarks>
/// Source: A. Rahimi, B. Recht, "Random features for large-scale kernel machines" (2007). The waves are our own: Microsoft.ML's map divides γ by the median
/// squared distance of the training rows, so that its γ is not the kernel's.
/// </remarks>
internal sealed record FourierLearner : ILearner
{
    public int Waves { get; init; } = 300;

    public double C { get; init; } = 10;

    /// <summary>γ of exp(−γ‖x − y‖²).</summary>
    public double Gamma { get; init; } = 0.01;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"SVM (RBF by {Waves} random waves, C = {C}, γ = {Gamma})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        var random = RandomStream.ForStream(seed, 0xf0);
        var frequencies = new Matrix(Waves, x.Columns);
        double deviation = Math.Sqrt(2 * Gamma);
        foreach (ref double f in frequencies.Values)
        {
            f = deviation * random.NextNormal();
        }

        var waves = new Matrix(x.Rows, 2 * Waves);
        for (int i = 0; i < x.Rows; i++)
        {
            FourierScorer.Waves(frequencies, x.Row(i), waves.Row(i));
        }

        LinearBinaryModelParameters[] models = MicrosoftMlData.FitEach(waves, y, classes, weights, seed,
            (context, _, view) => context.BinaryClassification.Trainers.SdcaNonCalibrated(new SdcaNonCalibratedBinaryTrainer.Options
            {
                LossFunction = new HingeLoss(),
                L2Regularization = (float)(1 / (C * x.Rows)),
                L1Regularization = 0,
                MaximumNumberOfIterations = 100,
                NumberOfThreads = 1,
                ExampleWeightColumnName = weights.IsEmpty ? null : MicrosoftMlData.Weight,
            }).Fit(view).Model, cancellationToken);
        return new FourierScorer(frequencies, LinearExport.ToScorer(models, ScoreLink.Identity));
    }
}
