namespace Phr.Records;

/// <summary>Which results of a track record are wanted. What is not set excludes nothing.</summary>
public sealed class TrackFilter
{
    /// <summary>The earliest time, itself included.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time before which results lie.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Letters that are part of the analyte's name; capitals and blanks around them play no part.</summary>
    public string? Analyte { get; init; }

    /// <summary>Where values lie to their range; empty for all.</summary>
    public IReadOnlyCollection<RangePosition> Positions { get; init; } = [];

    internal bool Takes(LaboratoryResult result) =>
        !(result.Time < From) && !(result.Time >= Until)
        && (string.IsNullOrWhiteSpace(Analyte) || result.Analyte.Contains(Analyte.Trim(), StringComparison.OrdinalIgnoreCase))
        && (Positions.Count == 0 || Positions.Contains(result.Position));
}
