namespace Phr.Ml.Learners;

/// <summary>What is done to a score before it is given out.</summary>
internal enum ScoreLink
{
    /// <summary>Nothing.</summary>
    Identity = 0,

    /// <summary>1 / (1 + e⁻ˢ), of a single score.</summary>
    Logistic = 1,

    /// <summary>e^sₖ / Σ e^sⱼ, over one score per class.</summary>
    Softmax = 2,
}
