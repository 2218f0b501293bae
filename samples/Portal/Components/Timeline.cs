using System.Globalization;
using System.Net;
using System.Text;

namespace Phr.Samples.Portal.Components;

/// <summary>
/// What happened when, as SVG, and the table behind it: a line for each kind, and on it a mark for each time. It has a title and a description, takes its colours from the page, and has no style attribute, so that the
/// portal's policy shows it.
/// </summary>
public sealed class Timeline
{
    private const int Width = 640;
    private const int Left = 190;
    private const int Right = 20;
    private const int Lane = 34;
    private const int Top = 8;
    private const int Bottom = 34;
    private const int Labels = 4;
    private const int MostMarks = 300;

    private readonly string _id;
    private readonly TimeZoneInfo _zone;
    private readonly IReadOnlyList<(string Name, int Count, IReadOnlyList<TimelineMark> Marks)> _lanes;

    private Timeline(string id, string title, IEnumerable<string> lanes, IReadOnlyList<TimelineMark> all, TimeZoneInfo zone)
    {
        (_id, Title, _zone) = (id, title, zone);
        _lanes =
        [
            .. lanes.Select(name =>
            {
                TimelineMark[] marks = [.. all.Where(mark => mark.Lane == name).OrderByDescending(mark => mark.At)];
                return (name, marks.Length, (IReadOnlyList<TimelineMark>)[.. marks.Take(MostMarks)]);
            }),
        ];
        Marks = [.. _lanes.SelectMany(lane => lane.Marks).OrderByDescending(m => m.At)];
        LeftOut = all.Count - Marks.Count;
    }

    /// <summary>What it shows.</summary>
    public string Title { get; }

    /// <summary>Every mark that is drawn, the newest first: the rows of its table.</summary>
    public IReadOnlyList<TimelineMark> Marks { get; }

    /// <summary>How many older ones are not drawn.</summary>
    public int LeftOut { get; }

    /// <summary>What was uploaded, asked and prescribed, and encounters: a line for each.</summary>
    public static Timeline Of(IReadOnlyList<TrackEvent> events, TimeZoneInfo zone) =>
        new("timeline-events", "Encounters and uploads over time", events.Select(e => e.What).Distinct().Order(StringComparer.Ordinal), [.. events.Select(e => new TimelineMark(e.What, e.At, e.Until, e.Who, e.About))], zone);

    /// <summary>When was asked, granted, readable and read: a line for each.</summary>
    public static Timeline Of(IReadOnlyList<AccessLine> access, TimeZoneInfo zone)
    {
        (string Name, Func<AccessLine, DateTimeOffset?> TimeOf)[] lanes = [("Asked", a => a.Request.RequestedAt), ("Granted", a => a.Granted), ("Could be read from", a => a.Delivered), ("Confirmed as read", a => a.Request.OpenedAt)];
        return new(
            "timeline-access",
            "Who saw what, over time",
            lanes.Select(lane => lane.Name),
            [.. lanes.SelectMany(lane => access.Where(a => lane.TimeOf(a) is not null).Select(a => new TimelineMark(lane.Name, lane.TimeOf(a)!.Value, null, a.Who, a.Documents)))],
            zone);
    }

    /// <summary>The drawing.</summary>
    public string ToSvg()
    {
        DateTimeOffset from = Marks.Min(m => m.At), to = Marks.Max(m => m.Until > m.At ? m.Until.Value : m.At);
        if (to - from < TimeSpan.FromMinutes(1))
        {
            (from, to) = (Earlier(from), Later(to));
        }

        int height = Top + (_lanes.Count * Lane) + Bottom;
        double X(DateTimeOffset time) => Left + ((Width - Left - Right) * ((double)(time.UtcTicks - from.UtcTicks) / (to.UtcTicks - from.UtcTicks)));
        string form = to - from < TimeSpan.FromDays(3) ? "d MMM, HH:mm" : to - from < TimeSpan.FromDays(365 * 8) ? "d MMM yyyy" : "yyyy";
        string Text(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone).ToString(form, CultureInfo.InvariantCulture);
        string Minute(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);
        string description = string.Create(CultureInfo.InvariantCulture, $"From {Text(from)} to {Text(to)}: {string.Join(", ", _lanes.Select(lane => $"{lane.Name} {lane.Count}"))}. The table below has each of them.");
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{_id}\" class=\"timeline\" role=\"img\" aria-labelledby=\"{_id}-title {_id}-desc\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" font-family=\"inherit\" font-size=\"12\" fill=\"currentColor\">")
            .Append(CultureInfo.InvariantCulture, $"<title id=\"{_id}-title\">{Escaped(Title)}</title><desc id=\"{_id}-desc\">{Escaped(description)}</desc>");
        for (int i = 0; i < _lanes.Count; i++)
        {
            double y = Top + (i * Lane) + (Lane / 2.0);
            svg.Append(CultureInfo.InvariantCulture, $"<g><text x=\"0\" y=\"{y + 4:0.#}\">{Escaped(_lanes[i].Name)}</text><path d=\"M{Left} {y:0.#}H{Width - Right}\" stroke=\"currentColor\" stroke-opacity=\"0.25\"/>");
            foreach (TimelineMark mark in _lanes[i].Marks)
            {
                // What went on for a time is a bar, as wide as a dot at least.
                bool isBar = mark.Until > mark.At;
                svg.Append(isBar
                    ? string.Create(CultureInfo.InvariantCulture, $"<rect x=\"{X(mark.At) - 5:0.#}\" y=\"{y - 5:0.#}\" width=\"{X(mark.Until!.Value) - X(mark.At) + 10:0.#}\" height=\"10\" rx=\"5\"")
                    : string.Create(CultureInfo.InvariantCulture, $"<circle cx=\"{X(mark.At):0.#}\" cy=\"{y:0.#}\" r=\"5\""))
                    .Append(CultureInfo.InvariantCulture, $" fill=\"var(--phr-chart-1, currentColor)\"><title>{Escaped($"{mark.Lane}, {Minute(mark.At)}{(isBar ? $" to {Minute(mark.Until!.Value)}" : "")}")}</title>{(isBar ? "</rect>" : "</circle>")}");
            }

            svg.Append("</g>");
        }

        for (int i = 0; i < Labels; i++)
        {
            DateTimeOffset time = from + ((to - from) * i / (Labels - 1));
            string anchor = i == 0 ? "start" : i == Labels - 1 ? "end" : "middle";
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(time):0.#} {height - Bottom}v5\" stroke=\"currentColor\" stroke-opacity=\"0.5\"/><text x=\"{X(time):0.#}\" y=\"{height - 12}\" text-anchor=\"{anchor}\">{Text(time)}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static DateTimeOffset Earlier(DateTimeOffset time) => time.UtcTicks > TimeSpan.TicksPerDay ? time.AddHours(-12) : time;

    private static DateTimeOffset Later(DateTimeOffset time) => time.UtcTicks < DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay ? time.AddHours(12) : time;

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
