namespace Phr.Oracle;

/// <summary>How many jobs of an oracle the store holds in each phase.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record JobCounts
{
    /// <summary>Jobs that wait until they are due.</summary>
    public int Pending { get; init; }

    /// <summary>Jobs on lease.</summary>
    public int Running { get; init; }

    /// <summary>Jobs delivered, and not purged yet.</summary>
    public int Delivered { get; init; }

    /// <summary>Jobs refused, and not purged yet.</summary>
    public int Refused { get; init; }

    /// <summary>Jobs that ended by themselves, and were not purged yet.</summary>
    public int Ended { get; init; }

    /// <summary>Jobs set aside.</summary>
    public int SetAside { get; init; }

    /// <summary>The earliest time at which a waiting job was or is due; null when none waits. Far in the past: the processes do not keep up.</summary>
    public DateTimeOffset? OldestDue { get; init; }

    /// <summary>How many are in a phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <returns>The number.</returns>
    public int Of(JobPhase phase) => phase switch
    {
        JobPhase.Pending => Pending,
        JobPhase.Running => Running,
        JobPhase.Delivered => Delivered,
        JobPhase.Refused => Refused,
        JobPhase.Ended => Ended,
        JobPhase.SetAside => SetAside,
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };
}
