using System.Globalization;

namespace Phr.Samples.Portal.Components;

/// <summary>Times as somebody reads them: in their own zone.</summary>
public static class ZonedTime
{
    /// <summary>The day, as "3 Feb 2026".</summary>
    public static string DayOf(PortalUser? reader, DateTimeOffset at) => In(reader, at).ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>Day and minute, as "3 Feb 2026, 14:05". A zone that is not known is said to be UTC.</summary>
    public static string MinuteOf(PortalUser? reader, DateTimeOffset at) =>
        In(reader, at).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture) + (ZoneOf(reader) is null ? " UTC" : string.Empty);

    private static DateTimeOffset In(PortalUser? reader, DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, ZoneOf(reader) ?? TimeZoneInfo.Utc);

    private static TimeZoneInfo? ZoneOf(PortalUser? reader) => TimeZoneInfo.TryFindSystemTimeZoneById(reader?.TimeZone ?? "UTC", out TimeZoneInfo? zone) ? zone : null;
}
