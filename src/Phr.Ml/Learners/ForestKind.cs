namespace Phr.Ml.Learners;

/// <summary>How the trees of a forest are made different from each other.</summary>
internal enum ForestKind
{
    /// <summary>Breiman's random forest: each tree sees a bootstrap sample, and each node takes the best of all thresholds of a few random features.</summary>
    RandomForest = 0,

    /// <summary>Extremely randomised trees (Geurts, Ernst, Wehenkel): each node takes the best of one random threshold for each of a few random features.</summary>
    ExtraTrees = 1,
}
