using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Explanations;

/// <summary>Exact Shapley values of a weighted sum.</summary>
internal sealed class LinearExplainer(LinearScorer scorer, Background background, int[] playerOf) : IExplainer
{
    public ContributionMethod Method => ContributionMethod.Linear;

    public double Explain(ReadOnlySpan<double> row, int output, Span<double> contributions)
    {
        contributions.Clear();
        ReadOnlySpan<double> weights = scorer.Weights.Row(output);
        for (int c = 0; c < weights.Length; c++)
        {
            contributions[playerOf[c]] += weights[c] * (row[c] - background.Mean[c]);
        }

        return Vectors.Dot(weights, background.Mean) + scorer.Bias[output];
    }
}
