namespace Phr.Ml;

/// <summary>How the contributions of a <see cref="Diagnosis"/> were worked out. All are Shapley values: they sum, with the base value, to what they explain.</summary>
public enum ContributionMethod
{
    /// <summary>None were asked for.</summary>
    None,

    /// <summary>Exact, of a weighted sum: each weight times the distance of the value from the mean of the training rows.</summary>
    Linear,

    /// <summary>Exact, of a Gaussian-kernel machine: features that are left out take the values of cluster centres that stand for the training rows.</summary>
    Kernel,

    /// <summary>Exact over the trees' own paths: where a feature is left out, both ways are taken in the proportion of the training rows.</summary>
    TreePath,

    /// <summary>Estimated over a fixed set of random orders of the features: the sum is exact, each part has a sampling error.</summary>
    Sampled,
}
