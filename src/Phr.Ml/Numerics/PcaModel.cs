namespace Phr.Ml.Numerics;

/// <summary>The directions in which rows differ most. Immutable.</summary>
internal sealed class PcaModel
{
    private readonly double[] _mean;
    private readonly double[] _variance;

    public PcaModel(double[] mean, Matrix components, double[] variance, double totalVariance)
    {
        _mean = mean;
        Components = components;
        _variance = variance;
        TotalVariance = totalVariance;
    }

    /// <summary>The mean of the rows.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>One direction of length 1 per row, that of most variance first. Its largest part is positive.</summary>
    public Matrix Components { get; }

    /// <summary>The variance (over n − 1) along each direction.</summary>
    public ReadOnlySpan<double> ExplainedVariance => _variance;

    /// <summary>The variance along all directions together.</summary>
    public double TotalVariance { get; }

    /// <summary>Where a row is, along each direction.</summary>
    public void Transform(ReadOnlySpan<double> row, Span<double> destination)
    {
        for (int k = 0; k < Components.Rows; k++)
        {
            destination[k] = Vectors.Dot(row, Components.Row(k)) - Vectors.Dot(_mean, Components.Row(k));
        }
    }
}
