using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>A patient's track record, as far as whoever looks may see it.</summary>
/// <param name="Laboratory">Laboratory values over time.</param>
/// <param name="Events">Encounters and uploads, newest first.</param>
/// <param name="Access">Who asked for what, newest first.</param>
/// <param name="Notices">What could not be read, and why.</param>
public sealed record TrackSheet(TrackRecord Laboratory, IReadOnlyList<TrackEvent> Events, IReadOnlyList<AccessLine> Access, IReadOnlyList<string> Notices)
{
    /// <summary>The part that a question asks for.</summary>
    public TrackSheet Where(TrackQuery query, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(query);
        return this with
        {
            Laboratory = Laboratory.Filter(query.ToFilter(zone)),
            Events = [.. Events.Where(e => query.Takes(e.At, zone) && query.TakesText(e.What, e.Who, e.About))],
            Access = [.. Access.Where(a => query.Takes(a.Request.RequestedAt, zone) && query.TakesText(a.Who, a.Documents, a.Reason, a.Purpose))],
        };
    }
}
