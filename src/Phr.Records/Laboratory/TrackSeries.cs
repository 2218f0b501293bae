namespace Phr.Records;

/// <summary>The values of one analyte in one unit over time.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class TrackSeries
{
    internal TrackSeries(IReadOnlyList<LaboratoryResult> results) => Results = results;

    /// <summary>What was measured, as its first result writes it.</summary>
    public string Analyte => Results[0].Analyte;

    /// <summary>The unit; values in other units are another series, since nothing is converted.</summary>
    public string Unit => Results[0].Unit;

    /// <summary>The results in the order of time; at least one.</summary>
    public IReadOnlyList<LaboratoryResult> Results { get; }

    /// <summary>The last result.</summary>
    public LaboratoryResult Latest => Results[^1];

    /// <summary>The range of the last result that has one; null when none has.</summary>
    public ReferenceRange? Range => Results.LastOrDefault(r => r.Range is not null)?.Range;

    /// <summary>The series as a chart, with its range as a band and a table behind it.</summary>
    /// <param name="id">The id of the chart in its page; see <see cref="LineChartOptions.Id"/>.</param>
    /// <param name="timeZone">The zone in which times are written.</param>
    /// <returns>The chart; of very long series the last <see cref="ChartSeries.MaxPoints"/> values.</returns>
    /// <exception cref="ArgumentException">The id is none.</exception>
    public LineChart ToChart(string id, TimeZoneInfo timeZone) => new(
        new LineChartOptions { Id = id, Title = Analyte, Unit = Unit, Range = Range, TimeZone = timeZone },
        [new ChartSeries(Analyte, Results.TakeLast(ChartSeries.MaxPoints).Select(r => new ChartPoint(r.Time, (double)r.Value)))]);
}
