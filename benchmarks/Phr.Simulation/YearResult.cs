namespace Phr.Simulation;

/// <summary>A year that was played.</summary>
internal sealed record YearResult(Settings Settings, IReadOnlyList<WeekResult> Weeks, IReadOnlyList<Oracle> Oracles)
{
    public double BadShareAtStart => Settings.BadShare;

    public double BadShareAtEnd => Over(Weeks.TakeLast(4), w => w.BadSeats, w => w.Seats);

    /// <summary>The first week in which the bad have at most half of the work that their number would give them, counted from 1; null where that never happens.</summary>
    public int? HalfWeek => Weeks.Select((w, i) => (w.BadShare, Number: i + 1)).FirstOrDefault(w => w.BadShare <= Settings.BadShare / 2) is { Number: > 0 } found ? found.Number : null;

    public double NoQuorumFirstMonth => Over(Weeks.Take(4), w => w.NoQuorum, w => w.Requests);

    public double NoQuorumLastMonth => Over(Weeks.TakeLast(4), w => w.NoQuorum, w => w.Requests);

    public double FailedInYear => Over(Weeks, w => w.Failed, w => w.Requests);

    private static double Over(IEnumerable<WeekResult> weeks, Func<WeekResult, int> part, Func<WeekResult, int> whole) =>
        WeekResult.Share(weeks.Sum(part), weeks.Sum(whole));
}
