namespace Phr.Oracle;

/// <summary>What a process asks the job store for.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record JobLeaseOptions
{
    /// <summary>The longest name of a process: 100 characters.</summary>
    public const int MaxHolderLength = 100;

    /// <summary>The process's name, 1 to 100 characters; no two running processes of one oracle have the same.</summary>
    public required string Holder { get; init; }

    /// <summary>How many jobs at most.</summary>
    /// <value>1 to 1,000; default 1.</value>
    public int Count { get; init; } = 1;

    /// <summary>How long the lease runs unless it is renewed.</summary>
    /// <value>Above zero; default 1 minute.</value>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Holder);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Holder.Length, MaxHolderLength, nameof(Holder));
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1, nameof(Count));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Count, 1000, nameof(Count));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Duration, TimeSpan.Zero, nameof(Duration));
    }
}
