namespace Phr.Ml;

/// <summary>How many rows of each true class were given each class. Immutable.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    internal ConfusionMatrix(int classes, long[] counts)
    {
        Classes = classes;
        _counts = counts;
    }

    /// <summary>How many classes there are.</summary>
    public int Classes { get; }

    /// <summary>How many rows were counted.</summary>
    public long Total => _counts.Sum();

    /// <summary>The rows whose true class is <paramref name="actual"/>, by the class they were given.</summary>
    /// <param name="actual">The true class, from 0 to <see cref="Classes"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="actual"/> is no class.</exception>
    public ReadOnlySpan<long> Row(int actual)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(actual, Classes);
        return _counts.AsSpan(actual * Classes, Classes);
    }
}
