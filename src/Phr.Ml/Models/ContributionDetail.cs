namespace Phr.Ml;

/// <summary>How much of an explanation a prediction brings.</summary>
public enum ContributionDetail
{
    /// <summary>None: microseconds instead of milliseconds.</summary>
    None,

    /// <summary>A contribution for every feature.</summary>
    AllFeatures,
}
