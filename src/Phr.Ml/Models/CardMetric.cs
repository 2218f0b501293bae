namespace Phr.Ml;

/// <summary>A measured quality of a model on rows that it had not seen. Immutable.</summary>
public sealed record CardMetric
{
    /// <summary>What was measured, such as <c>ROC-AUC</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The number with its interval.</summary>
    public required MetricInterval Value { get; init; }

    /// <summary>For whom, such as <c>sex = female</c>; empty for all rows.</summary>
    public string Subgroup { get; init; } = "";

    /// <summary>How many rows it was measured on.</summary>
    public required long Rows { get; init; }
}
