using System.Globalization;
using System.Text.RegularExpressions;
using Phr.Ml.Evaluation;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Phr.Ml.Reports;

/// <summary>The pictures of a report, as SVG.</summary>
internal static partial class Charts
{
    public const int Width = 640;
    public const int Height = 400;
    private const string Font = "DejaVu Sans";
    private const int MostBars = 15;
    private const int MostPoints = 2000;
    private const double RowHeight = 26;

    // Told apart also by those who see no red and green (Okabe and Ito).
    private static readonly Color[] _colours = [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442" }.Select(Color.FromHex)];
    private static readonly Color _quiet = Color.FromHex("#8A8A8A");
    private static readonly MarkerShape[] _shapes =
        [MarkerShape.FilledCircle, MarkerShape.OpenSquare, MarkerShape.FilledTriangleUp, MarkerShape.OpenDiamond, MarkerShape.Cross, MarkerShape.Asterisk];

    /// <summary>A label without a font is left out without a word; so a machine without fonts is told apart first.</summary>
    /// <exception cref="InvalidOperationException">There is no font.</exception>
    public static void CheckFonts(int families)
    {
        if (families == 0)
        {
            throw Error.NoFonts();
        }
    }

    public static string Svg(ReportChart chart, ReportData data)
    {
        CheckFonts(SKFontManager.Default.FontFamilies.Count());
        int height = Height;
        using var plot = new Plot();
        plot.Font.Set(Font);
        switch (chart)
        {
            case ReportChart.Models:
                height = Models(plot, data);
                break;
            case ReportChart.Roc:
                Roc(plot, data);
                break;
            case ReportChart.PrecisionRecall:
                PrecisionRecall(plot, data);
                break;
            case ReportChart.Reliability:
                Reliability(plot, data);
                break;
            case ReportChart.Importance:
                height = Importance(plot, data);
                break;
            case ReportChart.Confusion:
                Confusion(plot, data);
                break;
            case ReportChart.Cohorts:
                Cohorts(plot, data);
                break;
            case ReportChart.LearningCurve:
                LearningCurve(plot, data);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(chart), chart, "There is no such picture.");
        }

        plot.Axes.Left.Label.Bold = plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.FontSize = plot.Axes.Bottom.Label.FontSize = 13;
        plot.Legend.FontSize = 11;
        plot.Legend.ShadowColor = Colors.Transparent;
        return Named(plot.GetSvgXml(Width, height), chart);
    }

    // The drawing library numbers the parts of all the pictures of a process in one row, whoever asks. Numbered by picture, the same report is the same
    // text, and several may stand in one page.
    private static string Named(string svg, ReportChart chart)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        svg = FontName().Replace(svg, $"font-family=\"{Font}, Verdana, sans-serif\"");
        return PartName().Replace(svg, m => names.TryGetValue(m.Value, out string? name) ? name : names[m.Value] = $"{chart}-{names.Count}");
    }

    [GeneratedRegex("font-family=\"[^\"]*\"")]
    private static partial Regex FontName();

    [GeneratedRegex("\\b(cl|gr|img|fltr|mask)_[0-9a-f]+\\b")]
    private static partial Regex PartName();

    private static void Roc(Plot plot, ReportData data)
    {
        Line(plot, [0, 1], [0, 1], _quiet, "guessing", LinePattern.Dashed);
        foreach ((int k, string name, Color colour) in Curves(data))
        {
            (double[] p, int[] one) = data.Against(k);
            CurvePoint[] curve = Metrics.RocCurve(p, one);
            Line(plot, [.. curve.Select(c => c.X)], [.. curve.Select(c => c.Y)], colour, name);
        }

        if (data.IsBinary)
        {
            plot.Add.Marker(1 - data.Metrics.Specificity, data.Metrics.Sensitivity, MarkerShape.FilledCircle, 11, _colours[1]).LegendText = "where this model works";
        }

        plot.XLabel(data.IsBinary ? $"share of the {data.Classes[0]} wrongly called {data.Classes[1]}" : "share of the others wrongly called so");
        plot.YLabel(data.IsBinary ? $"share of the {data.Classes[1]} found" : "share of the class found");
        Square(plot);
        plot.ShowLegend(Alignment.LowerRight);
    }

    private static void PrecisionRecall(Plot plot, ReportData data)
    {
        if (data.IsBinary)
        {
            double share = data.Labels.Average(y => y == 1 ? 1.0 : 0);
            Line(plot, [0, 1], [share, share], _quiet, "guessing", LinePattern.Dashed);
        }

        foreach ((int k, string name, Color colour) in Curves(data))
        {
            (double[] p, int[] one) = data.Against(k);
            CurvePoint[] curve = Metrics.PrCurve(p, one);
            Line(plot, [.. curve.Select(c => c.X)], [.. curve.Select(c => c.Y)], colour, name);
        }

        plot.XLabel(data.IsBinary ? $"share of the {data.Classes[1]} found" : "share of the class found");
        plot.YLabel("share of the calls that are right");
        Square(plot);
        plot.ShowLegend(Alignment.LowerLeft);
    }

    private static void Reliability(Plot plot, ReportData data)
    {
        Line(plot, [0, 1], [0, 1], _quiet, "promised = came", LinePattern.Dashed);
        ReliabilityBin[] bins = [.. data.Reliability().Where(b => b.Rows > 0)];
        double most = bins.Max(b => b.Rows);
        foreach (ReliabilityBin bin in bins)
        {
            // Two standard errors of a share of so many rows (Wilson's interval, which stays between 0 and 1).
            (double low, double high) = Wilson(bin.Observed, bin.Rows);
            Line(plot, [bin.MeanPredicted, bin.MeanPredicted], [low, high], _colours[0]);
            plot.Add.Marker(bin.MeanPredicted, bin.Observed, MarkerShape.FilledCircle, (float)(5 + (9 * Math.Sqrt(bin.Rows / most))), _colours[0]);
        }

        plot.XLabel("probability that the model promised");
        plot.YLabel("share that came true");
        Square(plot);
        plot.ShowLegend(Alignment.UpperLeft);
    }

    private static int Importance(Plot plot, ReportData data)
    {
        FeatureImportance[] top = [.. data.Card.Importance.Take(MostBars)];
        for (int i = 0; i < top.Length; i++)
        {
            plot.Add.Bar(new Bar { Position = -i, Value = top[i].Loss.Value, FillColor = _colours[0], LineWidth = 0, Orientation = Orientation.Horizontal, Size = 0.7 });
        }

        Rows(plot, [.. top.Select(t => t.Feature)]);
        plot.Axes.SetLimitsX(Math.Min(0, top.Select(t => t.Loss.Value).DefaultIfEmpty(0).Min()), Math.Max(1e-6, top.Select(t => t.Loss.Value).DefaultIfEmpty(0).Max()) * 1.05);
        plot.XLabel("loss of ROC-AUC when the feature's values are shuffled");
        return TallAs(top.Length);
    }

    private static int Models(Plot plot, ReportData data)
    {
        for (int i = 0; i < data.Models.Count; i++)
        {
            ReportModel model = data.Models[i];
            Color colour = model.Name == data.Chosen ? _colours[1] : _colours[0];
            if (double.IsFinite(model.RocAuc.Lower) && double.IsFinite(model.RocAuc.Upper))
            {
                Line(plot, [model.RocAuc.Lower, model.RocAuc.Upper], [-i, -i], colour);
            }

            plot.Add.Marker(model.RocAuc.Value, -i, MarkerShape.FilledCircle, 9, colour);
        }

        Rows(plot, [.. data.Models.Select(m => m.Name == data.Chosen ? m.Name + " (chosen)" : m.Name)]);

        // A floor far below the others would squeeze them together: it is cut, and stands in the table.
        double least = data.Models.Select(m => m.RocAuc.Lower).Where(v => v > 0.55).DefaultIfEmpty(0.5).Min();
        double most = data.Models.Select(m => m.RocAuc.Upper).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        plot.Axes.SetLimitsX(least - 0.05 * (most - least), most + (0.05 * (most - least)) + 1e-3);
        plot.XLabel("ROC-AUC on patients not seen");
        return TallAs(data.Models.Count);
    }

    private static void Confusion(Plot plot, ReportData data)
    {
        ConfusionMatrix counts = data.Metrics.Confusion;
        int n = counts.Classes;
        for (int actual = 0; actual < n; actual++)
        {
            ReadOnlySpan<long> row = counts.Row(actual);
            long total = 0;
            foreach (long c in row)
            {
                total += c;
            }

            for (int given = 0; given < n; given++)
            {
                double share = total == 0 ? 0 : (double)row[given] / total;
                var cell = plot.Add.Rectangle(given - 0.5, given + 0.5, -actual - 0.5, -actual + 0.5);
                cell.FillColor = (given == actual ? _colours[0] : _colours[1]).WithAlpha(0.08 + (0.72 * share));
                cell.LineColor = Colors.White;
                cell.LineWidth = 2;
                var text = plot.Add.Text(row[given].ToString(CultureInfo.InvariantCulture), given, -actual);
                text.LabelFontSize = n <= 3 ? 22 : 14;
                text.LabelAlignment = Alignment.MiddleCenter;
                text.LabelFontColor = share > 0.6 ? Colors.White : Colors.Black;
            }
        }

        // Many names would run into each other under the columns: there they are numbered.
        string[] columns = [.. data.Classes.Select((name, k) => n <= 3 ? Short(name) : $"{k + 1}")];
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. Enumerable.Range(0, n).Select(i => (double)i)], columns);
        Rows(plot, [.. data.Classes.Select((name, k) => n <= 3 ? Short(name) : $"{k + 1}  {Short(name)}")]);
        plot.Axes.SetLimits(-0.5, n - 0.5, -n + 0.5, 0.5);
        plot.HideGrid();
        plot.XLabel("what the model said");
        plot.YLabel("what it was");
    }

    private static void Cohorts(Plot plot, ReportData data)
    {
        int step = Math.Max(1, (data.Points.Count + MostPoints - 1) / MostPoints);
        ReportPoint[] points = [.. data.Points.Where((_, i) => i % step == 0)];
        foreach (IGrouping<(int Cohort, int Class), ReportPoint> group in points.GroupBy(p => (p.Cohort, p.Class)).OrderBy(g => g.Key))
        {
            var marks = plot.Add.Markers([.. group.Select(p => p.X)], group.Select(p => p.Y).ToArray(), _shapes[group.Key.Cohort % _shapes.Length], 5, Colour(data, group.Key.Class));
            marks.LegendText = $"cohort {group.Key.Cohort + 1}, {Short(data.Classes[group.Key.Class])}";
        }

        plot.XLabel("first principal component");
        plot.YLabel("second principal component");
        plot.ShowLegend(Alignment.UpperRight);
    }

    private static void LearningCurve(Plot plot, ReportData data)
    {
        ReportLearningPoint[] points = [.. data.LearningCurve.OrderBy(p => p.Rows)];
        double[] rows = [.. points.Select(p => (double)p.Rows)];
        if (points.Length > 1 && points.All(p => double.IsFinite(p.RocAuc.Lower) && double.IsFinite(p.RocAuc.Upper)))
        {
            var band = plot.Add.FillY(rows, [.. points.Select(p => p.RocAuc.Lower)], [.. points.Select(p => p.RocAuc.Upper)]);
            band.FillColor = _colours[0].WithAlpha(0.2);
            band.LineWidth = 0;
        }

        var line = plot.Add.Scatter(rows, points.Select(p => p.RocAuc.Value).ToArray(), _colours[0]);
        line.LineWidth = 2;
        line.MarkerSize = 7;
        plot.XLabel("patients in training");
        plot.YLabel("ROC-AUC on patients not seen");
    }

    private static IEnumerable<(int Class, string Name, Color Colour)> Curves(ReportData data) => data.IsBinary
        ? [(1, data.Chosen, _colours[0])]
        : data.Classes.Take(_colours.Length).Select((name, k) => (k, Short(name), _colours[k]));

    private static Color Colour(ReportData data, int k) => data.IsBinary ? _colours[k] : _colours[k % _colours.Length];

    private static void Line(Plot plot, double[] x, double[] y, Color colour, string legend = "", LinePattern? pattern = null)
    {
        var line = plot.Add.ScatterLine(x, y, colour);
        line.LineWidth = 2;
        line.LegendText = legend;
        if (pattern is { } p)
        {
            line.LinePattern = p;
            line.LineWidth = 1;
        }
    }

    private static void Square(Plot plot) => plot.Axes.SetLimits(-0.02, 1.02, -0.02, 1.02);

    private static void Rows(Plot plot, string[] names)
    {
        plot.Axes.Left.TickGenerator = new NumericManual([.. Enumerable.Range(0, names.Length).Select(i => (double)-i)], names);
        plot.Axes.SetLimitsY(-names.Length + 0.4, 0.6);
        plot.Axes.Left.TickLabelStyle.FontSize = 12;
    }

    private static int TallAs(int rows) => Math.Max(160, (int)(90 + (rows * RowHeight)));

    private static string Short(string name) => name.Length <= 24 ? name : name[..23] + "…";

    private static (double Low, double High) Wilson(double share, int rows)
    {
        const double z = 1.96;
        double denominator = 1 + (z * z / rows);
        double centre = (share + (z * z / (2 * rows))) / denominator;
        double half = z * Math.Sqrt((share * (1 - share) / rows) + (z * z / (4.0 * rows * rows))) / denominator;
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
