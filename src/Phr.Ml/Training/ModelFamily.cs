namespace Phr.Ml;

/// <summary>A kind of model that can be trained. The hyper-parameters within it are chosen inside each fold.</summary>
public enum ModelFamily
{
    /// <summary>The shares of the classes, whatever the record: the floor that any model must leave behind.</summary>
    Prior = 0,

    /// <summary>Logistic regression with a penalty on large weights; for more than two classes, multinomial.</summary>
    LogisticRegression = 1,

    /// <summary>A support vector machine without a kernel.</summary>
    LinearSvm = 2,

    /// <summary>A support vector machine with an exact Gaussian kernel. Its time grows with the square of the rows: not offered above 20,000.</summary>
    KernelSvm = 3,

    /// <summary>A support vector machine with a Gaussian kernel approximated by random waves, for many rows.</summary>
    ApproximateKernelSvm = 4,

    /// <summary>Breiman's random forest.</summary>
    RandomForest = 5,

    /// <summary>Extremely randomised trees.</summary>
    ExtraTrees = 6,

    /// <summary>Microsoft.ML's forest, as a challenger.</summary>
    FastForest = 7,

    /// <summary>Microsoft.ML's boosted trees (FastTree), as a challenger.</summary>
    BoostedTrees = 8,

    /// <summary>LightGBM's boosted trees, as a challenger. Left out, with the reason, where the machine lacks what its native library needs.</summary>
    LightGbm = 9,

    /// <summary>A small network of neurons, as a challenger.</summary>
    NeuralNetwork = 10,

    /// <summary>The mean of the probabilities of a kernel machine, a logistic regression and extremely randomised trees. Not offered above 20,000 rows.</summary>
    Blend = 11,
}
