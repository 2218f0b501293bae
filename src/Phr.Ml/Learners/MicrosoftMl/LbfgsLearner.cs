using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Microsoft.ML's logistic regression; for more than two classes, its maximum entropy model. Scores are probabilities.</summary>
internal sealed record LbfgsLearner : ILearner
{
    /// <summary>Weight of the sum of |w|.</summary>
    public double L1 { get; init; }

    /// <summary>Weight of half the sum of w².</summary>
    public double L2 { get; init; } = 1;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"logistic regression (Microsoft.ML, L1 = {L1}, L2 = {L2})");

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        if (classes > 2)
        {
            return FitMany(x, y, classes, weights, seed, cancellationToken);
        }

        LinearBinaryModelParameters[] models = MicrosoftMlData.FitEach(x, y, classes, weights, seed,
            (context, _, view) => context.BinaryClassification.Trainers.LbfgsLogisticRegression(Set(new LbfgsLogisticRegressionBinaryTrainer.Options(), weights)).Fit(view).Model.SubModel, cancellationToken);
        return LinearExport.ToScorer(models, ScoreLink.Logistic);
    }

    private LinearScorer FitMany(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        MaximumEntropyModelParameters model = MicrosoftMlData.FitAll(x, y, classes, weights, seed, (context, _, view) =>
        {
            LbfgsMaximumEntropyMulticlassTrainer.Options options = Set(new LbfgsMaximumEntropyMulticlassTrainer.Options(), weights);
            options.LabelColumnName = MicrosoftMlData.Class;
            return context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options).Fit(view).Model;
        }, cancellationToken);
        VBuffer<float>[] buffers = [];
        model.GetWeights(ref buffers, out int count);
        double[] bias = [.. model.GetBiases().Select(b => (double)b)];
        var matrix = new Matrix(count, x.Columns);
        for (int k = 0; k < count; k++)
        {
            int c = 0;
            foreach (float w in buffers[k].DenseValues())
            {
                matrix[k, c++] = w;
            }
        }

        return new LinearScorer(matrix, bias, ScoreLink.Softmax);
    }

    private TOptions Set<TOptions>(TOptions options, ReadOnlyMemory<double> weights)
        where TOptions : TrainerInputBaseWithWeight
    {
        options.ExampleWeightColumnName = weights.IsEmpty ? null : MicrosoftMlData.Weight;
        switch (options)
        {
            case LbfgsLogisticRegressionBinaryTrainer.Options two:
                (two.L1Regularization, two.L2Regularization, two.NumberOfThreads) = ((float)L1, (float)L2, 1);
                break;
            case LbfgsMaximumEntropyMulticlassTrainer.Options many:
                (many.L1Regularization, many.L2Regularization, many.NumberOfThreads) = ((float)L1, (float)L2, 1);
                break;
        }

        return options;
    }
}
