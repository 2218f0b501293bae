namespace Phr.Oracle;

/// <summary>How much one requester is served: so many jobs at once, and then so many per hour. All processes of an oracle count together.</summary>
/// <remarks>A bucket that fills evenly: <see cref="Burst"/> jobs at once when nothing was asked for a while, then one each 1/<see cref="PerHour"/> of an hour. Immutable and thread safe.</remarks>
public sealed record RequesterLimit
{
    /// <summary>How many jobs at once.</summary>
    /// <value>1 to 1,000,000; default 100.</value>
    public int Burst { get; init; } = 100;

    /// <summary>How many jobs per hour in the long run.</summary>
    /// <value>1 to 3,600,000; default 600.</value>
    public int PerHour { get; init; } = 600;

    // In whole milliseconds, rounded up: never more than was promised.
    internal long StepMilliseconds => (3_600_000L + PerHour - 1) / PerHour;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Burst, 1, nameof(Burst));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Burst, 1_000_000, nameof(Burst));
        ArgumentOutOfRangeException.ThrowIfLessThan(PerHour, 1, nameof(PerHour));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PerHour, 3_600_000, nameof(PerHour));
    }
}
