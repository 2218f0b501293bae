namespace Phr.Ml;

/// <summary>What a column is for. Only <see cref="Feature"/> is ever learnt from.</summary>
public enum FeatureRole
{
    /// <summary>Known when the diagnosis is to be made, so a model may learn from it.</summary>
    Feature,

    /// <summary>What the model is to tell: the class of the row.</summary>
    Label,

    /// <summary>Whose row it is. Rows of one person never lie on both sides of a split.</summary>
    Group,

    /// <summary>Metrics are reported for each of its values; it is not learnt from.</summary>
    Subgroup,

    /// <summary>Known only after the diagnosis (a severity, an outcome, a treatment): a model that learnt from it would look better than it is.</summary>
    Future,

    /// <summary>Read and checked, and not used.</summary>
    Ignored,
}
