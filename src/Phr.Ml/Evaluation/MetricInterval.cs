namespace Phr.Ml;

/// <summary>A measured number with the range in which it may be expected to lie.</summary>
public readonly record struct MetricInterval
{
    /// <summary>What was measured.</summary>
    public double Value { get; init; }

    /// <summary>The lower end.</summary>
    public double Lower { get; init; }

    /// <summary>The upper end.</summary>
    public double Upper { get; init; }

    /// <summary>How often such a range holds the true number: 0.95 means 19 times of 20.</summary>
    public double Level { get; init; }
}
