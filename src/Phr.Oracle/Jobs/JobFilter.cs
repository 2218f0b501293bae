namespace Phr.Oracle;

/// <summary>Which jobs to list.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record JobFilter
{
    /// <summary>In which phase; null for every phase.</summary>
    public JobPhase? Phase { get; init; }

    /// <summary>How many at most.</summary>
    /// <value>1 to 10,000; default 100.</value>
    public int Limit { get; init; } = 100;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Limit, 1, nameof(Limit));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, 10_000, nameof(Limit));
    }
}
