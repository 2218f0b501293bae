namespace Phr.Ml.Training;

/// <summary>How rows become what learners see.</summary>
internal sealed record PreprocessorOptions
{
    /// <summary>Whether a feature of which training rows lacked values gets a column that says where.</summary>
    public bool MissingIndicators { get; init; }

    /// <summary>Whether columns of categories are brought to mean 0 and deviation 1 too; numbers always are.</summary>
    public bool ScaleCategories { get; init; }

    /// <summary>How many columns are kept at most, those that tell the classes apart best by the F statistic of the training rows; 0 for all.</summary>
    public int KeepBest { get; init; }
}
