namespace Phr.Records;

/// <summary>A line of a chart: values over time under a name.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class ChartSeries
{
    /// <summary>The most points of one series: 10,000.</summary>
    public const int MaxPoints = 10_000;

    /// <summary>Creates a series.</summary>
    /// <param name="name">What the values are: <c>Potassium</c>. Any text; it is escaped where it is written.</param>
    /// <param name="points">The values, in any order; they are put in that of time.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MaxPoints"/>, or a value is not finite or beyond 10¹⁵.</exception>
    public ChartSeries(string name, IEnumerable<ChartPoint> points)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(points);
        ChartPoint[] sorted = [.. points.OrderBy(p => p.Time.UtcTicks)];
        if (sorted.Length > MaxPoints || sorted.Any(p => !(Math.Abs(p.Value) <= 1e15)))
        {
            throw new ArgumentException($"A series has at most {MaxPoints} points, each finite and at most 1e15 either way.", nameof(points));
        }

        Name = name;
        Points = sorted;
    }

    /// <summary>What the values are.</summary>
    public string Name { get; }

    /// <summary>The values in the order of time.</summary>
    public IReadOnlyList<ChartPoint> Points { get; }
}
