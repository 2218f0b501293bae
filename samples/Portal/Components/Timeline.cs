using System.Globalization;
using System.Net;
using System.Text;

namespace Phr.Samples.Portal.Components;

/// <summary>
/// What happened when, as SVG: a line for each kind, and on it a mark for each time. It has a title and a description, takes its colours from the page, and has no style attribute, so that the portal's policy shows it. Its
/// numbers are in a table beside it: the marks alone are for an overview.
/// </summary>
public static class Timeline
{
    private const int Width = 640;
    private const int Left = 190;
    private const int Right = 20;
    private const int Lane = 34;
    private const int Top = 8;
    private const int Bottom = 34;
    private const int Labels = 4;
    private const int MostMarks = 300;

    /// <summary>What was uploaded, asked and prescribed, and encounters: a line for each.</summary>
    public static string Of(IReadOnlyList<TrackEvent> events, TimeZoneInfo zone) =>
        Draw("timeline-events", "Encounters and uploads over time", [.. events.GroupBy(e => e.What).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, (IReadOnlyList<(DateTimeOffset, DateTimeOffset?)>)[.. g.Select(e => (e.At, e.Until))]))], zone);

    /// <summary>When was asked, granted, readable and read: a line for each.</summary>
    public static string Of(IReadOnlyList<AccessLine> access, TimeZoneInfo zone) =>
        Draw(
            "timeline-access",
            "Who saw what, over time",
            [
                ("Asked", Times(access.Select(a => (DateTimeOffset?)a.Request.RequestedAt))),
                ("Granted", Times(access.Select(a => a.Granted))),
                ("Could be read from", Times(access.Select(a => a.Delivered))),
                ("Confirmed as read", Times(access.Select(a => a.Request.OpenedAt))),
            ],
            zone);

    private static IReadOnlyList<(DateTimeOffset At, DateTimeOffset? Until)> Times(IEnumerable<DateTimeOffset?> times) => [.. times.OfType<DateTimeOffset>().Select(time => (time, (DateTimeOffset?)null))];

    private static string Draw(string id, string title, IReadOnlyList<(string Name, IReadOnlyList<(DateTimeOffset At, DateTimeOffset? Until)> Marks)> lanes, TimeZoneInfo zone)
    {
        (DateTimeOffset At, DateTimeOffset? Until)[] all = [.. lanes.SelectMany(lane => lane.Marks)];
        DateTimeOffset from = all.Min(m => m.At), to = all.Max(m => m.Until > m.At ? m.Until.Value : m.At);
        if (to - from < TimeSpan.FromMinutes(1))
        {
            (from, to) = (Earlier(from), Later(to));
        }

        int height = Top + (lanes.Count * Lane) + Bottom;
        double X(DateTimeOffset time) => Left + ((Width - Left - Right) * ((double)(time.UtcTicks - from.UtcTicks) / (to.UtcTicks - from.UtcTicks)));
        string form = to - from < TimeSpan.FromDays(3) ? "d MMM, HH:mm" : to - from < TimeSpan.FromDays(365 * 8) ? "d MMM yyyy" : "yyyy";
        string Text(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone).ToString(form, CultureInfo.InvariantCulture);
        string description = string.Create(CultureInfo.InvariantCulture, $"From {Text(from)} to {Text(to)}: {string.Join(", ", lanes.Select(lane => $"{lane.Name} {lane.Marks.Count}"))}. The table below has each of them.");
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" class=\"timeline\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" font-family=\"inherit\" font-size=\"12\" fill=\"currentColor\">")
            .Append(CultureInfo.InvariantCulture, $"<title id=\"{id}-title\">{Escaped(title)}</title><desc id=\"{id}-desc\">{Escaped(description)}</desc>");
        for (int i = 0; i < lanes.Count; i++)
        {
            double y = Top + (i * Lane) + (Lane / 2.0);
            svg.Append(CultureInfo.InvariantCulture, $"<g><text x=\"0\" y=\"{y + 4:0.#}\">{Escaped(lanes[i].Name)}</text><path d=\"M{Left} {y:0.#}H{Width - Right}\" stroke=\"currentColor\" stroke-opacity=\"0.25\"/>");
            foreach ((DateTimeOffset at, DateTimeOffset? until) in lanes[i].Marks.OrderByDescending(m => m.At).Take(MostMarks))
            {
                // What went on for a time is a bar, as wide as a dot at least.
                svg.Append(until > at
                    ? string.Create(CultureInfo.InvariantCulture, $"<rect x=\"{X(at) - 5:0.#}\" y=\"{y - 5:0.#}\" width=\"{X(until.Value) - X(at) + 10:0.#}\" height=\"10\" rx=\"5\" fill=\"var(--phr-chart-1, currentColor)\"/>")
                    : string.Create(CultureInfo.InvariantCulture, $"<circle cx=\"{X(at):0.#}\" cy=\"{y:0.#}\" r=\"5\" fill=\"var(--phr-chart-1, currentColor)\"/>"));
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
