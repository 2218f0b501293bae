using Microsoft.ML.Trainers;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Takes the weights out of Microsoft.ML's linear models.</summary>
internal static class LinearExport
{
    public static LinearScorer ToScorer(IReadOnlyList<LinearBinaryModelParameters> models, ScoreLink link)
    {
        var weights = new Matrix(models.Count, models[0].Weights.Count);
        for (int k = 0; k < models.Count; k++)
        {
            for (int c = 0; c < weights.Columns; c++)
            {
                weights[k, c] = models[k].Weights[c];
            }
        }

        return new LinearScorer(weights, [.. models.Select(m => (double)m.Bias)], link);
    }
}
