using System.Globalization;
using System.Net;
using System.Text;

namespace Phr.Ml.Reports;

/// <summary>A report as one page: no script, nothing from the network, readable by someone who has never heard of an ROC curve.</summary>
internal static class HtmlReport
{
    private const int MostNamed = 5;

    private const string Style =
        """
        :root{color-scheme:light}
        body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;color:#1b1b1b;background:#fff;margin:0}
        main{max-width:70rem;margin:0 auto;padding:1.5rem}
        h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.2rem 0 .4rem}h3{font-size:1rem;margin:0 0 .4rem}
        p{margin:.4rem 0}.lead{font-size:1.1rem}.quiet{color:#555}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1rem;margin:1.2rem 0}
        .tile{border:1px solid #d0d0d0;border-radius:.5rem;padding:1rem}
        .tile b{font-size:1.6rem}.tile ol{margin:0}.warn ul{margin:.3rem 0}.people{display:flex;gap:1rem;align-items:center}.people svg{flex:none}
        .warn{border-left:.35rem solid #D55E00;background:#fdf3ec;padding:.6rem 1rem;margin:1rem 0}
        table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #e3e3e3;vertical-align:top}
        td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td small{display:block;color:#555;font-weight:400}.wide{overflow-x:auto}tr.chosen{font-weight:600}
        figure{margin:1rem 0}figcaption{margin:.2rem 0}img{max-width:100%;height:auto;border:1px solid #e3e3e3}
        details{margin:.4rem 0}summary{cursor:pointer;color:#0b5d96}code{font-size:.85em;overflow-wrap:anywhere}
        @media print{details{display:none}}
        """;

    public static string Write(ReportData data)
    {
        var page = new StringBuilder(200_000);
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append("<title>").Append(E(data.Card.Title)).Append("</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n<main>\n");
        First(page, data);
        Rest(page, data);
        page.Append("</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void First(StringBuilder page, ReportData data)
    {
        long rows = data.Card.Classes.Sum(c => c.Rows);
        page.Append("<h1>").Append(E(Capital(data.Card.Title))).Append("</h1>\n");
        page.Append($"<p class=\"lead\">A computer model that learnt from {rows} patients to tell {E(Or(data.Classes))}. It was tested on patients whom it had not seen.</p>\n");
        page.Append("<div class=\"tiles\">\n");
        if (data.IsBinary)
        {
            int found = Percent(data.Metrics.Sensitivity);
            int alarmed = Percent(1 - data.Metrics.Specificity);
            string disease = E(data.Classes[1]);
            string healthy = E(data.Classes[0]);
            Tile(page, $"Of 100 that are {disease}", $"it finds <b>{found}</b> and misses <b>{100 - found}</b>.", People(100 - found, "#0072B2", "#D55E00", $"{found} found, {100 - found} missed"));
            Tile(page, $"Of 100 that are {healthy}", $"it wrongly calls <b>{alarmed}</b> {disease}.", People(alarmed, "#b9c8d3", "#D55E00", $"{100 - alarmed} called {data.Classes[0]}, {alarmed} wrongly called {data.Classes[1]}"));
        }
        else
        {
            int right = Percent(data.Metrics.Accuracy);
            Tile(page, "Of 100 patients", $"it names the right one of {data.Classes.Length} classes for <b>{right}</b> and a wrong one for <b>{100 - right}</b>.", People(100 - right, "#0072B2", "#D55E00", $"{right} right, {100 - right} wrong"));
        }

        double gap = 100 * data.Metrics.CalibrationError;
        string trust = gap < 3 ? "Its percentages can be taken as they are." : gap < 8 ? "Take its percentages as rough." : "Do not take its percentages at their word.";
        Tile(page, "When it says 80 %", $"about 80 of 100 should be so. Over all percentages it is off by <b>{gap.ToString("0.0", CultureInfo.InvariantCulture)}</b> points on average. {trust}", "");
        if (data.Card.Importance.Count > 0)
        {
            var list = new StringBuilder("<ol>");
            foreach (FeatureImportance one in data.Card.Importance.Take(MostNamed))
            {
                list.Append("<li>").Append(E(Words(one.Feature))).Append("</li>");
            }

            Tile(page, "What it looks at most", list.Append("</ol>").ToString(), "");
        }

        page.Append("</div>\n<div class=\"warn\"><h3>Before you use it</h3>\n<ul>\n");
        page.Append($"<li>It is meant for: {(data.Card.IntendedUse.Length == 0 ? "nothing that anyone has stated" : E(data.Card.IntendedUse))}</li>\n");
        page.Append($"<li>It learnt from: {(data.Card.Population.Length == 0 ? E(data.Card.DataOrigin) : E(data.Card.Population))}</li>\n");
        foreach (string limit in data.Card.Limits)
        {
            page.Append("<li>").Append(E(limit)).Append("</li>\n");
        }

        page.Append("</ul></div>\n");
    }

    private static void Rest(StringBuilder page, ReportData data)
    {
        page.Append("<h2>Which model was chosen</h2>\n");
        page.Append($"<p>{data.Models.Count} were trained on the same patients and tested on the same others. Chosen: <strong>{E(data.Chosen)}</strong>. ");
        page.Append("ROC-AUC says how often a patient who has the disease gets a higher probability than one who has not: 0.5 is guessing, 1 is perfect.</p>\n");
        if (data.Nested is { } nested)
        {
            page.Append($"<p>Choosing the best of several flatters it a little. With the choice itself put to the test, ROC-AUC is {N(nested.RocAuc.Value)} and log-loss {N(nested.LogLoss.Value)}.</p>\n");
        }

        var table = new StringBuilder("<table><thead><tr><th>model</th><th class=\"n\">ROC-AUC</th><th class=\"n\">PR-AUC</th><th class=\"n\">log-loss</th><th class=\"n\">Brier</th><th class=\"n\">ECE</th><th class=\"n\">sensitivity</th><th class=\"n\">specificity</th><th class=\"n\">accuracy</th><th class=\"n\">time of a fold</th></tr></thead><tbody>");
        foreach (ReportModel m in data.Models)
        {
            table.Append(m.Name == data.Chosen ? "<tr class=\"chosen\"><td>" : "<tr><td>").Append(E(m.Name)).Append("</td>");
            foreach (MetricInterval v in new[] { m.RocAuc, m.PrAuc, m.LogLoss, m.Brier, m.CalibrationError, m.Sensitivity, m.Specificity, m.Accuracy })
            {
                table.Append("<td class=\"n\">").Append(Interval(v)).Append("</td>");
            }

            table.Append(string.Create(CultureInfo.InvariantCulture, $"<td class=\"n\">{m.FitTime.TotalMilliseconds:0} ms</td></tr>"));
        }

        table.Append("</tbody></table>");
        Figure(page, data, ReportChart.Models, "Each model's ROC-AUC with the range in which it may be expected to lie. Where ranges overlap widely, the models are equally good.", table.ToString(), open: true);
        if (data.Comparisons.Count > 0)
        {
            var rows = new StringBuilder("<table><thead><tr><th>chosen against</th><th class=\"n\">difference of ROC-AUC</th><th class=\"n\">p</th></tr></thead><tbody>");
            foreach (ReportComparison c in data.Comparisons)
            {
                rows.Append(string.Create(CultureInfo.InvariantCulture, $"<tr><td>{E(c.Other)}</td><td class=\"n\">{c.Difference.Value:+0.0000;-0.0000} ({c.Difference.Lower:+0.0000;-0.0000} to {c.Difference.Upper:+0.0000;-0.0000})</td><td class=\"n\">{c.PValue:0.000}</td></tr>"));
            }

            page.Append("<p>Pair by pair on the same folds (a range that holds 0 means: no difference shown):</p>\n").Append(rows).Append("</tbody></table>\n");
        }

        foreach (string omitted in data.Omitted)
        {
            page.Append("<p class=\"quiet\">Did not take part: ").Append(E(omitted)).Append("</p>\n");
        }

        page.Append("<h2>How well it tells them apart</h2>\n");
        Figure(page, data, ReportChart.Confusion, data.IsBinary
            ? string.Create(CultureInfo.InvariantCulture, $"Every patient once: rows are what it was, columns what the model said at its threshold of {data.Threshold:0.###}, chosen for a missed case that costs as much as {data.Card.MissedCaseCost:0.##} false alarm(s).")
            : "Every patient once: rows are what it was, columns what the model said.", ConfusionTable(data));
        Figure(page, data, ReportChart.Roc, "The ROC curve. The nearer it bends to the upper left corner, the better; the dashed line is guessing.", CurveTable(data, roc: true));
        Figure(page, data, ReportChart.PrecisionRecall, "How many calls are right, as more of the patients are found.", CurveTable(data, roc: false));

        page.Append("<h2>Whether its percentages mean what they say</h2>\n");
        var bins = new StringBuilder("<table><thead><tr><th>promised</th><th class=\"n\">mean promised</th><th class=\"n\">came</th><th class=\"n\">patients</th></tr></thead><tbody>");
        foreach (ReliabilityBin b in data.Reliability())
        {
            bins.Append(string.Create(CultureInfo.InvariantCulture, $"<tr><td>{b.Lower:0.0} to {b.Upper:0.0}</td><td class=\"n\">{N(b.MeanPredicted)}</td><td class=\"n\">{N(b.Observed)}</td><td class=\"n\">{b.Rows}</td></tr>"));
        }

        Figure(page, data, ReportChart.Reliability, "Each point is a group of patients who got a similar probability; larger points are more patients. On the dashed line, what was promised is what came. The bars are 95 % ranges.", bins.Append("</tbody></table>").ToString());

        if (data.Card.Importance.Count > 0)
        {
            page.Append("<h2>What it relies on</h2>\n");
            var importance = new StringBuilder("<table><thead><tr><th>feature</th><th class=\"n\">loss of ROC-AUC</th><th>what it is</th></tr></thead><tbody>");
            foreach (FeatureImportance one in data.Card.Importance)
            {
                importance.Append(string.Create(CultureInfo.InvariantCulture, $"<tr><td>{E(one.Feature)}</td><td class=\"n\">{one.Loss.Value:0.0000}</td><td>{E(data.Descriptions.GetValueOrDefault(one.Feature, ""))}</td></tr>"));
            }

            Figure(page, data, ReportChart.Importance, "What is lost when the feature's values are dealt out anew among the patients. Features that say the same as others can seem unimportant, because the others stand in for them. It is not a cause of the disease.", importance.Append("</tbody></table>").ToString());
        }

        page.Append("<h2>Groups of patients</h2>\n");
        var cohorts = new StringBuilder("<table><thead><tr><th>cohort</th><th class=\"n\">patients</th>");
        foreach (string name in data.Classes)
        {
            cohorts.Append("<th class=\"n\">").Append(E(name)).Append("</th>");
        }

        cohorts.Append("<th>what sets it apart</th></tr></thead><tbody>");
        foreach (Cohort c in data.Cohorts)
        {
            cohorts.Append($"<tr><td>{c.Number}</td><td class=\"n\">{c.Rows}</td>");
            foreach (double share in c.ClassShares)
            {
                cohorts.Append(string.Create(CultureInfo.InvariantCulture, $"<td class=\"n\">{100 * share:0} %</td>"));
            }

            cohorts.Append("<td>").Append(E(string.Join(", ", c.Traits))).Append("</td></tr>");
        }

        Figure(page, data, ReportChart.Cohorts, "Patients who resemble each other, found without looking at the diagnosis (k-means), on the plane that shows most of the differences between them.", cohorts.Append("</tbody></table>").ToString(), open: true);

        if (data.LearningCurve.Count > 0)
        {
            page.Append("<h2>Whether more patients would help</h2>\n");
            var points = new StringBuilder("<table><thead><tr><th class=\"n\">patients</th><th class=\"n\">ROC-AUC</th></tr></thead><tbody>");
            foreach (ReportLearningPoint p in data.LearningCurve)
            {
                points.Append($"<tr><td class=\"n\">{p.Rows}</td><td class=\"n\">{Interval(p.RocAuc)}</td></tr>");
            }

            Figure(page, data, ReportChart.LearningCurve, "Quality against the number of patients that the model learnt from. Where the curve still climbs at its end, more would help.", points.Append("</tbody></table>").ToString());
        }

        Provenance(page, data);
    }

    private static void Provenance(StringBuilder page, ReportData data)
    {
        ModelCard card = data.Card;
        page.Append("<h2>Where it comes from</h2>\n<table><tbody>");
        foreach ((string name, string value) in new[]
        {
            ("Algorithm", card.Algorithm),
            ("Calibration", card.Calibration),
            ("How it was tested", card.Evaluation),
            ("Data", card.DataOrigin),
            ("Data, SHA-256", card.DataDigest.ToString()),
            ("Patients", string.Join(", ", card.Classes.Select(c => $"{c.Rows} {c.Name}"))),
            ("Schema", card.Schema),
            ("Schema, SHA-256", card.SchemaDigest.ToString()),
            ("Seed", card.Seed.ToString(CultureInfo.InvariantCulture)),
            ("Libraries", string.Join(", ", card.Packages.Select(p => $"{p.Name} {p.Version}"))),
        })
        {
            page.Append("<tr><th>").Append(name).Append("</th><td>").Append(value.Length == 0 ? "not stated" : E(value)).Append("</td></tr>");
        }

        page.Append("</tbody></table>\n");
        CardMetric[] groups = [.. card.Metrics.Where(m => m.Subgroup.Length > 0)];
        if (groups.Length > 0)
        {
            page.Append("<h2>For whom it works better or worse</h2>\n<table><thead><tr><th>who</th><th>measure</th><th class=\"n\">value</th><th class=\"n\">patients</th></tr></thead><tbody>");
            foreach (CardMetric m in groups)
            {
                page.Append($"<tr><td>{E(m.Subgroup)}</td><td>{E(m.Name)}</td><td class=\"n\">{Interval(m.Value)}</td><td class=\"n\">{m.Rows}</td></tr>");
            }

            page.Append("</tbody></table>\n");
        }
    }

    private static void Tile(StringBuilder page, string title, string text, string picture) =>
        page.Append("<div class=\"tile\"><h3>").Append(title).Append("</h3><div class=\"people\">").Append(picture).Append("<div>").Append(text).Append("</div></div></div>\n");

    // A hundred people, the odd ones last.
    private static string People(int odd, string usual, string other, string label)
    {
        var svg = new StringBuilder($"<svg role=\"img\" aria-label=\"{E(label)}\" width=\"104\" height=\"104\" viewBox=\"0 0 104 104\">");
        for (int i = 0; i < 100; i++)
        {
            svg.Append($"<circle cx=\"{7 + (i % 10 * 10)}\" cy=\"{7 + (i / 10 * 10)}\" r=\"4\" fill=\"{(i >= 100 - odd ? other : usual)}\"/>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Figure(StringBuilder page, ReportData data, ReportChart chart, string caption, string table, bool open = false)
    {
        // As an image of its own: the parts of several pictures in one page would share their names.
        string svg = Convert.ToBase64String(Encoding.UTF8.GetBytes(Charts.Svg(chart, data)));
        page.Append("<figure><img alt=\"").Append(E(caption)).Append("\" src=\"data:image/svg+xml;base64,").Append(svg).Append("\">");
        page.Append("<figcaption>").Append(E(caption)).Append("</figcaption></figure>\n");
        page.Append(open ? "<details open>" : "<details>").Append("<summary>The numbers</summary><div class=\"wide\">").Append(table).Append("</div></details>\n");
    }

    private static string ConfusionTable(ReportData data)
    {
        var table = new StringBuilder("<table><thead><tr><th>it was</th>");
        foreach (string name in data.Classes)
        {
            table.Append("<th class=\"n\">called ").Append(E(name)).Append("</th>");
        }

        table.Append("</tr></thead><tbody>");
        for (int k = 0; k < data.Classes.Length; k++)
        {
            table.Append("<tr><td>").Append(E(data.Classes[k])).Append("</td>");
            foreach (long count in data.Metrics.Confusion.Row(k))
            {
                table.Append("<td class=\"n\">").Append(count.ToString(CultureInfo.InvariantCulture)).Append("</td>");
            }

            table.Append("</tr>");
        }

        return table.Append("</tbody></table>").ToString();
    }

    private static string CurveTable(ReportData data, bool roc)
    {
        (string first, string second) = roc ? ("wrongly called", "found") : ("found", "calls that are right");
        var table = new StringBuilder($"<table><thead><tr><th>class</th><th class=\"n\">{first}</th><th class=\"n\">{second}</th></tr></thead><tbody>");
        foreach (int k in data.IsBinary ? [1] : Enumerable.Range(0, data.Classes.Length))
        {
            (double[] p, int[] one) = data.Against(k);
            CurvePoint[] curve = roc ? Evaluation.Metrics.RocCurve(p, one) : Evaluation.Metrics.PrCurve(p, one);
            foreach (double x in new[] { 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99 })
            {
                // Of the points up to x the last, of those from x on the first: what the curve promises at least.
                CurvePoint at = roc ? curve.Last(c => c.X <= x) : curve.FirstOrDefault(c => c.X >= x, curve[^1]);
                table.Append(string.Create(CultureInfo.InvariantCulture, $"<tr><td>{E(data.Classes[k])}</td><td class=\"n\">{at.X:0.000}</td><td class=\"n\">{at.Y:0.000}</td></tr>"));
            }
        }

        return table.Append("</tbody></table>").ToString();
    }

    private static int Percent(double share) => double.IsFinite(share) ? (int)Math.Round(100 * share) : 0;

    private static string N(double value) => double.IsFinite(value) ? value.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    private static string Interval(MetricInterval v) => !double.IsFinite(v.Value)
        ? "–"
        : double.IsFinite(v.Lower) && double.IsFinite(v.Upper) && v.Lower < v.Upper ? $"{N(v.Value)} <small>{N(v.Lower)} to {N(v.Upper)}</small>" : N(v.Value);

    private static string Or(string[] names) => names.Length == 2 ? $"{names[1]} from {names[0]}" : string.Join(", ", names[..^1]) + " and " + names[^1] + " apart";

    private static string Words(string name) => name.Replace('_', ' ');

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
