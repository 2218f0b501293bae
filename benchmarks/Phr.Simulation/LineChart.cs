using System.Globalization;
using System.Security;
using System.Text;

namespace Phr.Simulation;

/// <summary>Draws lines over weeks, or over values that are named, as an SVG without script.</summary>
internal static class LineChart
{
    private const double Width = 760, Height = 400, Left = 64, Right = 20, Top = 76, Bottom = 48;

    // Okabe and Ito's palette, which colour-blind readers can tell apart.
    private static readonly string[] _colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#555555"];

    public static string Write(string title, string axis, double top, Func<double, string> label, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> lines, IReadOnlyList<string>? ticks = null)
    {
        int weeks = lines.Max(l => l.Values.Count);
        double width = Width - Left - Right, height = Height - Top - Bottom;
        double X(int week) => Left + (width * week / Math.Max(1, weeks - 1));
        double Y(double value) => Top + (height * (1 - (Math.Min(value, top) / top)));
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(Width)} {N(Height)}\" width=\"{N(Width)}\" height=\"{N(Height)}\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"12\" role=\"img\">");
        Line(svg, $"<title>{Escape(title)}</title>");
        Line(svg, $"<rect width=\"{N(Width)}\" height=\"{N(Height)}\" fill=\"#ffffff\"/>");
        Line(svg, $"<text x=\"{N(Left)}\" y=\"22\" font-size=\"15\" font-weight=\"bold\" fill=\"#222222\">{Escape(title)}</text>");
        for (int i = 0; i <= 4; i++)
        {
            double value = top * i / 4, y = Y(value);
            Line(svg, $"<line x1=\"{N(Left)}\" x2=\"{N(Left + width)}\" y1=\"{N(y)}\" y2=\"{N(y)}\" stroke=\"#e2e2e2\"/>");
            Line(svg, $"<text x=\"{N(Left - 8)}\" y=\"{N(y + 4)}\" text-anchor=\"end\" fill=\"#555555\">{Escape(label(value))}</text>");
        }

        for (int week = 0; week < weeks; week += Math.Max(1, weeks / 8))
        {
            Line(svg, $"<text x=\"{N(X(week))}\" y=\"{N(Top + height + 18)}\" text-anchor=\"middle\" fill=\"#555555\">{(ticks is null ? N(week + 1) : Escape(ticks[week]))}</text>");
        }

        Line(svg, $"<rect x=\"{N(Left)}\" y=\"{N(Top)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"none\" stroke=\"#999999\"/>");
        Line(svg, $"<text x=\"{N(Left + (width / 2))}\" y=\"{N(Height - 10)}\" text-anchor=\"middle\" fill=\"#222222\">{Escape(axis)}</text>");
        (double legend, double row) = (Left, 42);
        for (int i = 0; i < lines.Count; i++)
        {
            string colour = _colours[i % _colours.Length];
            double needed = 38 + (6.6 * lines[i].Name.Length);
            if (legend + needed > Width - Right && legend > Left)
            {
                (legend, row) = (Left, row + 18);
            }

            Line(svg, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"{string.Join(' ', lines[i].Values.Select((v, w) => $"{N(X(w))},{N(Y(v))}"))}\"/>");
            Line(svg, $"<line x1=\"{N(legend)}\" x2=\"{N(legend + 16)}\" y1=\"{N(row)}\" y2=\"{N(row)}\" stroke=\"{colour}\" stroke-width=\"3\"/>");
            Line(svg, $"<text x=\"{N(legend + 21)}\" y=\"{N(row + 4)}\" fill=\"#222222\">{Escape(lines[i].Name)}</text>");
            legend += needed;
        }

        Line(svg, "</svg>");
        return svg.ToString();
    }

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static void Line(StringBuilder svg, string line) => svg.Append(line).Append('\n');
}
