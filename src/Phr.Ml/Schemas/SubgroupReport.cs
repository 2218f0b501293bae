namespace Phr.Ml;

/// <summary>Whether metrics are told apart by a feature's values.</summary>
public enum SubgroupReport
{
    /// <summary>No.</summary>
    None,

    /// <summary>Yes: each of the feature's levels has its own row among the metrics, and in the model card.</summary>
    ByLevel,
}
