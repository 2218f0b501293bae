namespace Phr.Benchmarks.Measuring;

/// <summary>How a ratio is read.</summary>
internal enum AimKind
{
    /// <summary>The peer's time over ours is at least this: we are so many times faster.</summary>
    TimesFaster,

    /// <summary>Our time over the peer's is at most this: we are no more than so many times slower.</summary>
    AtMostTimesSlower,

    /// <summary>The peer's time over ours, in per cent, is at least this: we reach so much of its speed.</summary>
    PercentOfSpeed,
}

/// <summary>A ratio between the first subject of a comparison and another one, with what issue 3 aims at or without an aim.</summary>
/// <param name="Peer">The other subject's name.</param>
/// <param name="Kind">How it is read.</param>
/// <param name="Value">The aim, or null where the ratio is only told.</param>
internal sealed record Aim(string Peer, AimKind Kind, double? Value);

/// <summary>Subjects that do the same, ours first.</summary>
/// <param name="Id">A short name for the file of results.</param>
/// <param name="Title">What is done.</param>
/// <param name="Operations">The count of group operations in theory, or what else is counted.</param>
/// <param name="Subjects">Ours, then the peers that are there.</param>
/// <param name="Aims">The ratios to tell.</param>
internal sealed record Comparison(string Id, string Title, string Operations, IReadOnlyList<Subject> Subjects, IReadOnlyList<Aim> Aims);

/// <summary>One subject's times, in nanoseconds for one operation.</summary>
internal sealed record Measurement(string Name, double Median, double LowerQuartile, double UpperQuartile, int Rounds, int OperationsPerRound, double? BytesAllocated);

/// <summary>A ratio of medians.</summary>
internal sealed record Ratio(string Peer, AimKind Kind, double? Aim, double Value)
{
    public bool? IsMet => Aim is not { } aim ? null : Kind == AimKind.AtMostTimesSlower ? Value <= aim : Value >= aim;

    public static Ratio Of(Aim aim, double ours, double theirs) => new(aim.Peer, aim.Kind, aim.Value, aim.Kind switch
    {
        AimKind.TimesFaster => theirs / ours,
        AimKind.AtMostTimesSlower => ours / theirs,
        _ => 100 * theirs / ours,
    });
}

/// <summary>What came of a comparison.</summary>
internal sealed record ComparisonResult(string Id, string Title, string Operations, IReadOnlyList<Measurement> Measurements, IReadOnlyList<Ratio> Ratios);
