namespace Phr.Ml;

/// <summary>The rows whose probability is in one range: what was promised to them, and what came.</summary>
public readonly record struct ReliabilityBin
{
    /// <summary>The lower end of the range, included.</summary>
    public double Lower { get; init; }

    /// <summary>The upper end of the range, included in the last one only.</summary>
    public double Upper { get; init; }

    /// <summary>How many rows are in it.</summary>
    public int Rows { get; init; }

    /// <summary>The mean of their probabilities; NaN where there are none.</summary>
    public double MeanPredicted { get; init; }

    /// <summary>The share of them that has the disease; NaN where there are none.</summary>
    public double Observed { get; init; }
}
