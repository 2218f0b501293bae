using System.Globalization;
using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>Which part of a track record is wanted. What is empty excludes nothing.</summary>
/// <param name="What">Letters that are part of a value's name, or of a line of the other tables.</param>
/// <param name="From">The first day, in the reader's zone.</param>
/// <param name="Until">The last day, in the reader's zone.</param>
/// <param name="IsOutsideOnly">Whether only values outside of their reference range are wanted.</param>
public sealed record TrackQuery(string What, DateOnly? From, DateOnly? Until, bool IsOutsideOnly)
{
    private const int MaxTextLength = 200;

    private static readonly DateOnly _earliest = new(1900, 1, 1);
    private static readonly DateOnly _latest = new(2200, 12, 31);

    /// <summary>Whether it excludes anything.</summary>
    public bool IsEmpty => What.Length == 0 && From is null && Until is null && !IsOutsideOnly;

    /// <summary>Reads the parameters of an address. What is no day counts as none.</summary>
    public static TrackQuery Read(IQueryCollection query)
    {
        ArgumentNullException.ThrowIfNull(query);
        string what = query["what"].ToString().Trim();
        return new TrackQuery(what[..Math.Min(what.Length, MaxTextLength)], Day(query["from"]), Day(query["until"]), query["outside"] == "yes");
    }

    /// <summary>The same for the laboratory's values.</summary>
    public TrackFilter ToFilter(TimeZoneInfo zone) => new()
    {
        Analyte = What,
        From = From is { } from ? Midnight(from, zone) : null,
        Until = Until is { } until ? Midnight(until.AddDays(1), zone) : null,
        Positions = IsOutsideOnly ? [RangePosition.Below, RangePosition.Above] : [],
    };

    internal bool Takes(DateTimeOffset time, TimeZoneInfo zone) => !(From is { } from && time < Midnight(from, zone)) && !(Until is { } until && time >= Midnight(until.AddDays(1), zone));

    internal bool TakesText(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            if (text.Contains(What, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) && day >= _earliest && day <= _latest ? day : null;

    private static DateTimeOffset Midnight(DateOnly day, TimeZoneInfo zone)
    {
        DateTime midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight));
    }
}
