namespace Phr.Ml.Learners;

/// <summary>How the answers of many trees become one.</summary>
internal enum TreeCombination
{
    /// <summary>Their mean: forests.</summary>
    Average = 0,

    /// <summary>Their sum: boosted trees.</summary>
    Sum = 1,
}
