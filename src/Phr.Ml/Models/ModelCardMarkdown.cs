using System.Globalization;
using System.Text;

namespace Phr.Ml.Models;

/// <summary>The model card as a page.</summary>
internal static class ModelCardMarkdown
{
    private const int MostImportance = 15;

    public static string Write(ModelCard card)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Plain(card.Title)).Append("\n\n");
        Paragraph(text, "Intended use", card.IntendedUse);
        Paragraph(text, "Population", card.Population);
        text.Append("## Limits\n\n");
        foreach (string limit in card.Limits.DefaultIfEmpty("None were stated, which does not mean that there are none."))
        {
            text.Append("- ").Append(Plain(limit)).Append('\n');
        }

        text.Append("\n## How good it is\n\n").Append(Plain(card.Evaluation)).Append("\n\n");
        text.Append("| measure | value | interval | for whom | rows |\n| --- | ---: | --- | --- | ---: |\n");
        foreach (CardMetric metric in card.Metrics)
        {
            MetricInterval v = metric.Value;
            string range = double.IsFinite(v.Lower) && double.IsFinite(v.Upper) ? Invariant($"{v.Lower:0.000} to {v.Upper:0.000} ({v.Level:0.##%})") : "–";
            text.Append(Invariant($"| {Cell(metric.Name)} | {(double.IsFinite(v.Value) ? v.Value.ToString("0.000", CultureInfo.InvariantCulture) : "–")} | {range} | {(metric.Subgroup.Length == 0 ? "all" : Cell(metric.Subgroup))} | {metric.Rows} |\n"));
        }

        text.Append(Invariant($"\nThe disease is called from a probability of {card.Threshold:0.###} on, chosen for a missed case that costs as much as {card.MissedCaseCost:0.###} false alarm(s).\n"));
        if (card.Importance.Count > 0)
        {
            text.Append("\n## What it relies on\n\n| feature | loss of ROC-AUC when its values are shuffled |\n| --- | ---: |\n");
            foreach (FeatureImportance one in card.Importance.Take(MostImportance))
            {
                text.Append(Invariant($"| {Cell(one.Feature)} | {one.Loss.Value:0.0000} |\n"));
            }

            if (card.Importance.Count > MostImportance)
            {
                text.Append(Invariant($"| {card.Importance.Count - MostImportance} more | each less |\n"));
            }
        }

        text.Append("\n## Where it comes from\n\n| | |\n| --- | --- |\n");
        Row(text, "Algorithm", card.Algorithm);
        Row(text, "Calibration", card.Calibration);
        Row(text, "Data", card.DataOrigin);
        Row(text, "Data, SHA-256", card.DataDigest.ToString());
        Row(text, "Rows", string.Join(", ", card.Classes.Select(c => Invariant($"{c.Rows} {c.Name}"))));
        Row(text, "Schema", card.Schema);
        Row(text, "Schema, SHA-256", card.SchemaDigest.ToString());
        Row(text, "Seed", card.Seed.ToString(CultureInfo.InvariantCulture));
        Row(text, "Libraries", string.Join(", ", card.Packages.Select(p => $"{p.Name} {p.Version}")));
        if (card.TrainedOn is { } day)
        {
            Row(text, "Trained on", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    private static void Paragraph(StringBuilder text, string title, string body) =>
        text.Append("**").Append(title).Append(".** ").Append(body.Length == 0 ? "Not stated." : Plain(body)).Append("\n\n");

    private static void Row(StringBuilder text, string name, string value) =>
        text.Append("| ").Append(name).Append(" | ").Append(value.Length == 0 ? "not stated" : Cell(value)).Append(" |\n");

    private static string Cell(string text) => Plain(text).Replace("|", "\\|", StringComparison.Ordinal);

    // One line, and nothing that Markdown or HTML would take for its own: a title from a file must not become markup.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                plain.Append(' ');
            }
            else if (c is '<' or '>' or '&')
            {
                plain.Append(c switch { '<' => "&lt;", '>' => "&gt;", _ => "&amp;" });
            }
            else
            {
                if (c is '\\' or '`' or '*' or '[' or ']' or '#')
                {
                    plain.Append('\\');
                }

                plain.Append(c);
            }
        }

        return plain.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
