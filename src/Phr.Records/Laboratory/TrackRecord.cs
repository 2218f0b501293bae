namespace Phr.Records;

/// <summary>A patient's laboratory values over time, from any number of files: series to draw, rows for a table, and the same as CSV.</summary>
/// <remarks>Results that are the same in all they say are kept once, so that a file that was uploaded twice counts once. Immutable; safe for use by several threads.</remarks>
public sealed class TrackRecord
{
    private TrackRecord(IReadOnlyList<LaboratoryResult> rows)
    {
        Rows = rows;
        Series =
        [
            .. rows.GroupBy(r => (r.Analyte.ToUpperInvariant(), r.Unit))
                .Select(g => new TrackSeries([.. g]))
                .OrderBy(s => s.Analyte, StringComparer.OrdinalIgnoreCase).ThenBy(s => s.Unit, StringComparer.Ordinal),
        ];
    }

    /// <summary>All results in the order of time, then of the analyte.</summary>
    public IReadOnlyList<LaboratoryResult> Rows { get; }

    /// <summary>One series for each analyte and unit, in the order of the analytes.</summary>
    public IReadOnlyList<TrackSeries> Series { get; }

    /// <summary>Puts results together.</summary>
    /// <param name="results">Results from any files, in any order.</param>
    /// <returns>The track record.</returns>
    public static TrackRecord Create(IEnumerable<LaboratoryResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new TrackRecord([.. results.Distinct().OrderBy(r => r.Time.UtcTicks).ThenBy(r => r.Analyte, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Unit, StringComparer.Ordinal).ThenBy(r => r.Value)]);
    }

    /// <summary>The part of it that a filter takes.</summary>
    /// <param name="filter">What is wanted.</param>
    /// <returns>A track record of those results.</returns>
    public TrackRecord Filter(TrackFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return new TrackRecord([.. Rows.Where(filter.Takes)]);
    }

    /// <summary>The rows as a table that <see cref="LaboratoryCsv.Read"/> takes, safe to open in a program for spreadsheets.</summary>
    /// <returns>CSV.</returns>
    public string ToCsv() => LaboratoryCsv.Write(Rows);
}
