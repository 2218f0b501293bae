namespace Phr.Ml.Learners;

/// <summary>How a support vector machine compares two rows.</summary>
internal enum SvmKernel
{
    /// <summary>Their inner product.</summary>
    Linear = 0,

    /// <summary>exp(−γ‖a − b‖²).</summary>
    Rbf = 1,
}
