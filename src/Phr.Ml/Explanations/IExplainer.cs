namespace Phr.Ml.Explanations;

/// <summary>Splits a score into the parts that the features have in it. Immutable, safe to use from many threads.</summary>
internal interface IExplainer
{
    ContributionMethod Method { get; }

    /// <summary>The Shapley value of every player (raw feature) in one of the scorer's margins: its scores before the link, or the scores where it cannot be undone.</summary>
    /// <param name="row">A preprocessed row.</param>
    /// <param name="output">Which margin.</param>
    /// <param name="contributions">One place per player; overwritten.</param>
    /// <returns>The base value: what the margin is with no player. With the contributions it sums to the row's margin.</returns>
    double Explain(ReadOnlySpan<double> row, int output, Span<double> contributions);
}
