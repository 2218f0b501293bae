using System.Globalization;
using System.Security;
using System.Text;
using Phr.Benchmarks.Sections;

namespace Phr.Benchmarks.Report;

/// <summary>Draws the growth series as panels of one SVG, both axes logarithmic.</summary>
internal static class PlotWriter
{
    private const double PanelWidth = 640, PanelHeight = 380, Left = 74, Right = 18, Top = 58, Bottom = 50;

    // Okabe and Ito's palette, which colour-blind readers can tell apart.
    private static readonly string[] _colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"];

    public static string Write(IReadOnlyList<GrowthSeries> series)
    {
        int rows = (series.Count + 1) / 2;
        double width = 2 * PanelWidth, height = rows * PanelHeight;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(width)} {N(height)}\" width=\"{N(width)}\" height=\"{N(height)}\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"{N(width)}\" height=\"{N(height)}\" fill=\"#ffffff\"/>");
        for (int i = 0; i < series.Count; i++)
        {
            Panel(svg, series[i], i % 2 * PanelWidth, i / 2 * PanelHeight);
        }

        Line(svg, "</svg>");
        return svg.ToString();
    }

    private static void Panel(StringBuilder svg, GrowthSeries series, double x0, double y0)
    {
        GrowthPoint[] points = [.. series.Lines.SelectMany(l => l.Points).Where(p => p.Nanoseconds > 0)];
        if (points.Length == 0)
        {
            return;
        }

        (double Low, double High) xs = Range(points.Select(p => (double)p.Size), whole: false), ys = Range(points.Select(p => p.Nanoseconds), whole: true);
        double plotWidth = PanelWidth - Left - Right, plotHeight = PanelHeight - Top - Bottom;
        double X(double size) => Left + ((Math.Log10(size) - xs.Low) / (xs.High - xs.Low) * plotWidth);
        double Y(double nanoseconds) => Top + ((ys.High - Math.Log10(nanoseconds)) / (ys.High - ys.Low) * plotHeight);

        Line(svg, $"<g transform=\"translate({N(x0)} {N(y0)})\">");
        Line(svg, $"<text x=\"{N(Left)}\" y=\"22\" font-size=\"14\" font-weight=\"bold\" fill=\"#222222\">{Escape(series.Title)}</text>");
        for (int decade = (int)ys.Low; decade <= (int)ys.High; decade++)
        {
            double y = Y(Math.Pow(10, decade));
            Line(svg, $"<line x1=\"{N(Left)}\" x2=\"{N(Left + plotWidth)}\" y1=\"{N(y)}\" y2=\"{N(y)}\" stroke=\"#e2e2e2\"/>");
            Line(svg, $"<text x=\"{N(Left - 8)}\" y=\"{N(y + 4)}\" text-anchor=\"end\" fill=\"#555555\">{TimeLabel(decade)}</text>");
        }

        foreach (long size in Ticks(points))
        {
            double x = X(size);
            Line(svg, $"<line x1=\"{N(x)}\" x2=\"{N(x)}\" y1=\"{N(Top)}\" y2=\"{N(Top + plotHeight)}\" stroke=\"#f0f0f0\"/>");
            Line(svg, $"<text x=\"{N(x)}\" y=\"{N(Top + plotHeight + 18)}\" text-anchor=\"middle\" fill=\"#555555\">{(series.Axis == "bytes" ? SizeLabel(size) : N(size))}</text>");
        }

        Line(svg, $"<rect x=\"{N(Left)}\" y=\"{N(Top)}\" width=\"{N(plotWidth)}\" height=\"{N(plotHeight)}\" fill=\"none\" stroke=\"#999999\"/>");
        Line(svg, $"<text x=\"{N(Left + (plotWidth / 2))}\" y=\"{N(PanelHeight - 12)}\" text-anchor=\"middle\" fill=\"#222222\">{Escape(series.Axis)}</text>");
        double legend = Left;
        for (int i = 0; i < series.Lines.Count; i++)
        {
            GrowthLine line = series.Lines[i];
            string colour = _colours[i % _colours.Length];
            GrowthPoint[] drawn = [.. line.Points.Where(p => p.Nanoseconds > 0)];
            Line(svg, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"{string.Join(' ', drawn.Select(p => $"{N(X(p.Size))},{N(Y(p.Nanoseconds))}"))}\"/>");
            foreach (GrowthPoint point in drawn)
            {
                Line(svg, $"<circle cx=\"{N(X(point.Size))}\" cy=\"{N(Y(point.Nanoseconds))}\" r=\"3.2\" fill=\"{colour}\"/>");
            }

            Line(svg, $"<line x1=\"{N(legend)}\" x2=\"{N(legend + 16)}\" y1=\"40\" y2=\"40\" stroke=\"{colour}\" stroke-width=\"3\"/>");
            Line(svg, $"<text x=\"{N(legend + 21)}\" y=\"44\" fill=\"#222222\">{Escape(line.Name)}</text>");
            legend += 38 + (6.3 * line.Name.Length);
        }

        Line(svg, "</g>");
    }

    // Exponents of ten around the values: whole decades, or a little air.
    private static (double Low, double High) Range(IEnumerable<double> values, bool whole)
    {
        double[] logs = [.. values.Select(Math.Log10)];
        double low = logs.Min(), high = logs.Max();
        return whole ? (Math.Floor(low), Math.Max(Math.Ceiling(high), Math.Floor(low) + 1)) : (low - 0.08, Math.Max(high, low + 0.3) + 0.08);
    }

    // At most eight of the sizes, the first and the last among them.
    private static IEnumerable<long> Ticks(GrowthPoint[] points)
    {
        long[] sizes = [.. points.Select(p => p.Size).Distinct().Order()];
        int step = (sizes.Length + 7) / 8;
        return sizes.Where((_, i) => (sizes.Length - 1 - i) % step == 0);
    }

    private static string TimeLabel(int decade) => decade switch
    {
        < 3 => $"{Power(decade)} ns",
        < 6 => $"{Power(decade - 3)} µs",
        < 9 => $"{Power(decade - 6)} ms",
        _ => $"{Power(decade - 9)} s",
    };

    private static string Power(int exponent) => Math.Pow(10, exponent).ToString("0", CultureInfo.InvariantCulture);

    private static string SizeLabel(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{N(bytes / (double)(1L << 30))} GiB",
        >= 1L << 20 => $"{N(bytes / (double)(1L << 20))} MiB",
        _ => $"{N(bytes / 1024.0)} KiB",
    };

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static void Line(StringBuilder svg, string line) => svg.Append(line).Append('\n');
}
