using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>Looks at no feature and gives everyone the share of each class: what a model must beat to be worth anything.</summary>
internal sealed record PriorLearner : ILearner
{
    public string Name => "prior";

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        double[] sums = TrainingRows.ClassWeights(y.Span, classes, weights.Span);
        double total = sums.Sum();
        double[] shares = [.. sums.Select(s => s / total)];
        return new ConstantScorer(x.Columns, classes == 2 ? [shares[1]] : shares);
    }
}
