using System.Globalization;

namespace Phr.Records.Charts;

/// <summary>The marks of an axis of time: whole minutes, hours, days, months or years of a zone, as many as have room.</summary>
internal static class TimeAxis
{
    private static readonly (int Minutes, string Label)[] Short =
    [
        (1, "HH:mm"), (5, "HH:mm"), (15, "HH:mm"), (60, "HH:mm"), (180, "MM-dd HH:mm"), (720, "MM-dd HH:mm"),
        (1440, "yyyy-MM-dd"), (2 * 1440, "yyyy-MM-dd"), (7 * 1440, "yyyy-MM-dd"), (14 * 1440, "yyyy-MM-dd"),
    ];

    private static readonly int[] Months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

    /// <param name="from">The first time.</param>
    /// <param name="to">The last time.</param>
    /// <param name="zone">The zone whose clock is read.</param>
    /// <param name="most">How many marks have room.</param>
    public static IReadOnlyList<(DateTimeOffset Time, string Label)> Marks(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, int most)
    {
        double minutes = (to - from).TotalMinutes;
        foreach ((int step, string label) in Short)
        {
            if (minutes / step <= most)
            {
                return [.. Regular(from, to, zone, step).Select(t => (t, Text(t, zone, label)))];
            }
        }

        int months = Months.FirstOrDefault(m => minutes / (m * 30.44 * 1440) <= most, Months[^1]);
        return [.. Monthly(from, to, zone, months).Select(t => (t, Text(t, zone, months >= 12 ? "yyyy" : "yyyy-MM")))];
    }

    private static IEnumerable<DateTimeOffset> Regular(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, int step)
    {
        DateTime local = TimeZoneInfo.ConvertTime(from, zone).DateTime;
        long ticks = step * TimeSpan.TicksPerMinute;

        // Days begin at midnight of the zone; weeks at Mondays, which day 0 of the calendar was.
        for (long at = (local.Ticks + ticks - 1) / ticks * ticks; at <= DateTime.MaxValue.Ticks; at += ticks)
        {
            DateTimeOffset time = At(new DateTime(at), zone);
            if (time > to)
            {
                yield break;
            }

            yield return time;
        }
    }

    private static IEnumerable<DateTimeOffset> Monthly(DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, int months)
    {
        DateTime local = TimeZoneInfo.ConvertTime(from, zone).DateTime;
        for (int at = ((local.Year * 12) + local.Month - 1) / months * months; at < 9999 * 12; at += months)
        {
            if (at < 12)
            {
                continue;
            }

            DateTimeOffset time = At(new DateTime(at / 12, (at % 12) + 1, 1), zone);
            if (time > to)
            {
                yield break;
            }

            if (time >= from)
            {
                yield return time;
            }
        }
    }

    private static DateTimeOffset At(DateTime local, TimeZoneInfo zone)
    {
        TimeSpan offset = zone.GetUtcOffset(local);
        long utc = local.Ticks - offset.Ticks;
        return new DateTimeOffset(Math.Clamp(utc, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero);
    }

    private static string Text(DateTimeOffset time, TimeZoneInfo zone, string format) => TimeZoneInfo.ConvertTime(time, zone).ToString(format, CultureInfo.InvariantCulture);
}
