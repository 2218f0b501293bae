using System.Globalization;
using System.Net;
using System.Text;
using Phr.Records.Charts;

namespace Phr.Records;

/// <summary>
/// A chart of values over time as SVG, and the table behind it. It has a title and a description for those who cannot see it, takes its colours from the page
/// (<c>currentColor</c> and CSS variables, so light and dark need nothing), and contains no script, no style sheet and no style attribute, so that a strict Content-Security-Policy shows it.
/// </summary>
/// <remarks>
/// The same input gives the same text. A value outside of the range is a diamond where others are dots, so that nothing rests on colour alone. CSS variables: <c>--phr-chart-1</c> to <c>--phr-chart-4</c>
/// for the lines, <c>--phr-chart-band</c>, <c>--phr-chart-grid</c>. Immutable; safe for use by several threads.
/// </remarks>
public sealed class LineChart
{
    private const int MaxSeries = 8;
    private const int MaxMarkers = 400;
    private const double Left = 56;
    private const double Right = 16;
    private const double Bottom = 34;

    private static readonly string[] Dashes = ["", "6 3", "2 3", "8 3 2 3"];

    private readonly LineChartOptions _options;
    private readonly IReadOnlyList<ChartSeries> _series;

    /// <summary>Creates a chart.</summary>
    /// <param name="options">Title, size, range.</param>
    /// <param name="series">The lines, at most eight; those without points are named and not drawn.</param>
    /// <exception cref="ArgumentException">An option is outside its limits, or there are more than eight lines.</exception>
    public LineChart(LineChartOptions options, IEnumerable<ChartSeries> series)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(series);
        _options = options.Checked();
        _series = [.. series];
        if (_series.Count > MaxSeries || _series.Any(s => s is null))
        {
            throw new ArgumentException($"A chart has at most {MaxSeries} lines.", nameof(series));
        }
    }

    /// <summary>The chart as an SVG element, for a page or for a file of its own.</summary>
    /// <returns>Well-formed XML that begins with <c>&lt;svg</c>.</returns>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        string id = _options.Id;
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" class=\"phr-chart\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {_options.Width} {_options.Height}\" width=\"{_options.Width}\" height=\"{_options.Height}\" font-family=\"inherit\" font-size=\"12\" fill=\"currentColor\">")
            .Append(CultureInfo.InvariantCulture, $"<title id=\"{id}-title\">{Escaped(_options.Title)}</title><desc id=\"{id}-desc\">{Escaped(Description())}</desc>");
        if (_series.All(s => s.Points.Count == 0))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{_options.Width / 2}\" y=\"{_options.Height / 2}\" text-anchor=\"middle\">No values yet</text>");
        }
        else
        {
            Draw(svg);
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>The same values as an HTML table, with a caption and headings, in the order of time.</summary>
    /// <returns>A <c>table</c> element of class <c>phr-chart-table</c>.</returns>
    public string ToHtmlTable()
    {
        bool several = _series.Count > 1;
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"<table class=\"phr-chart-table\"><caption>{Escaped(_options.Title)}</caption><thead><tr><th scope=\"col\">Time</th>{(several ? "<th scope=\"col\">Series</th>" : "")}<th scope=\"col\">Value{Escaped(Unit(" (", ")"))}</th>{(_options.Range is null ? "" : "<th scope=\"col\">Reference range</th>")}</tr></thead><tbody>");
        foreach ((ChartPoint point, string name) in _series.SelectMany(s => s.Points.Select(p => (p, s.Name))).OrderBy(p => p.p.Time.UtcTicks))
        {
            table.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\"><time datetime=\"{point.Time.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}\">{When(point.Time)}</time></th>{(several ? $"<td>{Escaped(name)}</td>" : "")}<td>{Number(point.Value)}</td>");
            if (_options.Range is { } range)
            {
                table.Append(CultureInfo.InvariantCulture, $"<td>{Position(point.Value) switch { RangePosition.Below => "below ", RangePosition.Above => "above ", _ => "within " }}{Escaped(range.ToString())}</td>");
            }

            table.Append("</tr>");
        }

        return table.Append("</tbody></table>").ToString();
    }

    private void Draw(StringBuilder svg)
    {
        double top = _series.Count > 1 ? 40 : 24;
        double width = _options.Width - Left - Right;
        double height = _options.Height - top - Bottom;
        ChartPoint[] all = [.. _series.SelectMany(s => s.Points)];
        DateTimeOffset from = all.MinBy(p => p.Time.UtcTicks).Time;
        DateTimeOffset to = all.MaxBy(p => p.Time.UtcTicks).Time;
        if (to - from < TimeSpan.FromMinutes(1))
        {
            from = from.UtcTicks > TimeSpan.TicksPerDay ? from.AddHours(-12) : from;
            to = to.UtcTicks < DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay ? to.AddHours(12) : to;
        }

        double[] ends = [.. all.Select(p => p.Value), .. Ends()];
        Axis axis = Axis.Cover(ends.Min(), ends.Max(), Math.Max(2, (int)(height / 45)));
        double X(DateTimeOffset time) => Left + (width * (time.UtcTicks - from.UtcTicks) / (to.UtcTicks - from.UtcTicks));
        double Y(double value) => top + (height * (axis.High - value) / (axis.High - axis.Low));

        if (_options.Range is { Low: not null } or { High: not null })
        {
            double upper = _options.Range.High is { } high ? Y((double)high) : top;
            double lower = _options.Range.Low is { } low ? Y((double)low) : top + height;
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"phr-chart-band\" x=\"{F(Left)}\" y=\"{F(upper)}\" width=\"{F(width)}\" height=\"{F(Math.Max(0, lower - upper))}\" fill=\"var(--phr-chart-band, currentColor)\" fill-opacity=\"0.12\"/>");
        }

        svg.Append("<g class=\"phr-chart-grid\" stroke=\"var(--phr-chart-grid, currentColor)\" stroke-opacity=\"0.25\">");
        foreach (double mark in axis.Marks())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{F(Left)} {F(Y(mark))}H{F(Left + width)}\"/>");
        }

        IReadOnlyList<(DateTimeOffset Time, string Label)> times = TimeAxis.Marks(from, to, _options.TimeZone, Math.Max(2, (int)(width / 90)));
        foreach ((DateTimeOffset time, _) in times)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{F(X(time))} {F(top + height)}v5\"/>");
        }

        svg.Append("</g><g class=\"phr-chart-labels\">");
        foreach (double mark in axis.Marks())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{F(Left - 8)}\" y=\"{F(Y(mark) + 4)}\" text-anchor=\"end\">{axis.Label(mark)}</text>");
        }

        foreach ((DateTimeOffset time, string label) in times)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{F(Math.Clamp(X(time), Left + 20, Left + width - 20))}\" y=\"{F(top + height + 20)}\" text-anchor=\"middle\">{label}</text>");
        }

        if (_options.Unit.Length > 0)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"14\">{Escaped(_options.Unit)}</text>");
        }

        svg.Append("</g>");
        for (int i = 0; i < _series.Count; i++)
        {
            DrawSeries(svg, i, X, Y);
        }
    }

    private void DrawSeries(StringBuilder svg, int index, Func<DateTimeOffset, double> x, Func<double, double> y)
    {
        ChartSeries series = _series[index];
        string color = string.Create(CultureInfo.InvariantCulture, $"var(--phr-chart-{(index % 4) + 1}, currentColor)");
        string dash = Dashes[index % Dashes.Length];
        string line = string.Create(CultureInfo.InvariantCulture, $"fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-linejoin=\"round\"{(dash.Length > 0 ? $" stroke-dasharray=\"{dash}\"" : "")}");
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"phr-chart-line phr-chart-line-{index + 1}\">");
        if (series.Points.Count > 1)
        {
            svg.Append("<path d=\"");
            for (int i = 0; i < series.Points.Count; i++)
            {
                svg.Append(i == 0 ? 'M' : 'L').Append(F(x(series.Points[i].Time))).Append(' ').Append(F(y(series.Points[i].Value)));
            }

            svg.Append(CultureInfo.InvariantCulture, $"\" {line}/>");
        }

        // Where there are very many, the unusual ones keep their marks.
        bool marksAll = series.Points.Count <= MaxMarkers;
        int marked = 0;
        foreach (ChartPoint point in series.Points)
        {
            RangePosition position = Position(point.Value);
            if ((marksAll || position != RangePosition.Within) && marked++ < MaxMarkers)
            {
                (string px, string py) = (F(x(point.Time)), F(y(point.Value)));
                string shape = position == RangePosition.Within
                    ? $"<circle cx=\"{px}\" cy=\"{py}\" r=\"3\" fill=\"{color}\">"
                    : $"<path class=\"phr-chart-outside\" d=\"M{px} {py}m0-6l6 6-6 6-6-6z\" fill=\"{color}\">";
                string note = position switch { RangePosition.Below => ", below the reference range", RangePosition.Above => ", above the reference range", _ => "" };
                svg.Append(CultureInfo.InvariantCulture, $"{shape}<title>{Escaped($"{series.Name}, {When(point.Time)}: {Number(point.Value)}{Unit(" ", "")}{note}")}</title>{(position == RangePosition.Within ? "</circle>" : "</path>")}");
            }
        }

        if (_series.Count > 1)
        {
            double at = Left + (index * (_options.Width - Left - Right) / _series.Count);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{F(at)} 26h18\" {line}/><text x=\"{F(at + 24)}\" y=\"30\">{Escaped(series.Name)}</text>");
        }

        svg.Append("</g>");
    }

    private string Description()
    {
        if (_options.Description is { } given)
        {
            return given;
        }

        ChartPoint[] all = [.. _series.SelectMany(s => s.Points).OrderBy(p => p.Time.UtcTicks)];
        if (all.Length == 0)
        {
            return "There are no values yet.";
        }

        int outside = all.Count(p => Position(p.Value) != RangePosition.Within);
        string text = string.Create(CultureInfo.InvariantCulture, $"{all.Length} {(all.Length == 1 ? "value" : "values")} from {When(all[0].Time)} to {When(all[^1].Time)}, the last one {Number(all[^1].Value)}{Unit(" ", "")}.");
        return _options.Range is null ? text : text + string.Create(CultureInfo.InvariantCulture, $" {(outside == 0 ? "None" : outside)} outside of the reference range ({_options.Range}).");
    }

    private IEnumerable<double> Ends()
    {
        if (_options.Range?.Low is { } low)
        {
            yield return (double)low;
        }

        if (_options.Range?.High is { } high)
        {
            yield return (double)high;
        }
    }

    private RangePosition Position(double value) => _options.Range?.Locate((decimal)value) ?? RangePosition.Within;

    private string Unit(string before, string after) => _options.Unit.Length > 0 ? before + _options.Unit + after : "";

    private string When(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _options.TimeZone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Number(double value) => ((decimal)value).ToString("0.############", CultureInfo.InvariantCulture);

    // Hundredths are finer than any screen.
    private static string F(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    // What XML cannot hold at all becomes the replacement character.
    private static string Escaped(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value is (< 0x20 and not (0x09 or 0x0A or 0x0D)) or 0xFFFE or 0xFFFF or (>= 0x7F and <= 0x9F) ? "\uFFFD" : rune.ToString());
        }

        return WebUtility.HtmlEncode(clean.ToString());
    }
}
