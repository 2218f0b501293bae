using System.Globalization;
using System.Text;

namespace Phr.Ml.Benchmarks;

/// <summary>Puts what was measured together in <c>ml.md</c>.</summary>
internal static class ReportWriter
{
    public static void Write(Run run)
    {
        var text = new StringBuilder();
        QualitySection.Table? quality = run.Load<QualitySection.Table>(QualitySection.File);
        SpeedSection.Table? speed = run.Load<SpeedSection.Table>(SpeedSection.File);
        List<GrowthSection.Point>? growth = run.Load<List<GrowthSection.Point>>(GrowthSection.File);
        text.AppendLine("# Phr.Ml, measured beside scikit-learn");
        text.AppendLine();
        text.AppendLine("Written by `benchmarks/run-ml.sh`; do not edit. Same rows, same folds, same preparation, same machine, in turns within one run.");
        text.AppendLine();
        if (speed is { Load: > 1 })
        {
            text.AppendLine(Invariant($"**The machine was not quiet: its load was {speed.Load:F1} when the speeds ended.** Times are the least of all rounds, which suffers least; take ratios with that in mind."));
            text.AppendLine();
        }

        Aims(text, quality, speed);
        if (quality is not null)
        {
            Quality(text, quality);
        }

        if (speed is not null)
        {
            Speed(text, speed);
        }

        if (growth is not null)
        {
            Growth(text, growth);
        }

        if (speed is not null)
        {
            text.AppendLine("## Machine");
            text.AppendLine();
            text.AppendLine($"{speed.Cores} cores, {Processor()}, {speed.Runtime}; {speed.Peer ?? "no scikit-learn"}; Microsoft.ML {speed.MicrosoftMl}; {TimeProvider.System.GetUtcNow():yyyy-MM-dd}.");
        }

        System.IO.File.WriteAllText(Path.Combine(run.Results, "ml.md"), text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal));
    }

    private static void Aims(StringBuilder text, QualitySection.Table? quality, SpeedSection.Table? speed)
    {
        text.AppendLine("## Aims");
        text.AppendLine();
        text.AppendLine("Quality: over all three times ten folds.");
        text.AppendLine();
        text.AppendLine("| what | aim | measured | |");
        text.AppendLine("| --- | --- | --- | --- |");
        if (quality is not null)
        {
            foreach ((string set, string model, string what, Func<QualitySection.Scores, double> value, bool atLeast, double aim) in ((string, string, string, Func<QualitySection.Scores, double>, bool, double)[])
            [
                ("wdbc", "SVM", "WDBC, SVM: AUC", s => s.RocAuc, true, 0.996),
                ("wdbc", "SVM", "WDBC, SVM: log-loss", s => s.LogLoss, false, 0.068),
                ("wdbc", "extra-trees, 500 trees, calibrated", "WDBC, extra-trees: AUC", s => s.RocAuc, true, 0.994),
                ("wdbc", "extra-trees, 500 trees, calibrated", "WDBC, the same model: ECE", s => s.CalibrationError, false, 0.012),
                ("heart_cleveland", "blend", "Cleveland, blend: AUC", s => s.RocAuc, true, 0.912),
                ("pima", "blend", "Pima, blend: AUC", s => s.RocAuc, true, 0.841),
                ("dermatology", "extra-trees of 0.8 of the rows, 8", "dermatology, extra-trees: accuracy", s => s.Accuracy, true, 0.981),
            ])
            {
                if (quality.Rows.FirstOrDefault(r => r.Set == set && r.Model.StartsWith(model, StringComparison.Ordinal)) is { } row)
                {
                    double measured = value(row.Overall);
                    Aim(text, what, $"{(atLeast ? "≥" : "≤")} {Short(aim)}", Short(measured), atLeast ? measured >= aim - 5e-5 : measured <= aim + 5e-5);
                }
            }

            if (quality.Golub is { } golub)
            {
                Aim(text, $"Golub, linear SVM: right of {golub.Rows}", "≥ 33", $"{golub.Ours}{(golub.Theirs is { } theirs ? $" (scikit-learn {theirs})" : "")}", golub.Ours >= 33);
            }
        }

        if (speed is not null)
        {
            SpeedSection.Row[] forests = [.. speed.Rows.Where(r => r.Model.StartsWith("random forest", StringComparison.Ordinal))];
            SpeedSection.Row? peer = forests.Where(r => r.Who == "scikit-learn").MinBy(r => r.Fit.Least);
            if (peer is not null)
            {
                SpeedSection.Row ours = forests.Single(r => r.Who == "Phr.Ml" && r.Jobs == peer.Jobs);
                double ratio = peer.Fit.Least / ours.Fit.Least;
                Aim(text, $"fit a random forest of 500 trees on 512 rows of WDBC, {peer.Jobs} core(s), scikit-learn's best", "≥ 3× faster", Invariant($"{ratio:F1}×: {Milliseconds(ours.Fit.Least)} beside {Milliseconds(peer.Fit.Least)}"), ratio >= 3);
            }

            foreach (SpeedSection.Row row in speed.Rows.Where(r => r.Who == "Phr.Ml" && r.Jobs == 1))
            {
                Aim(text, $"one prediction: {row.Model}", "≤ 10 µs", Microseconds(row.One.Least), row.One.Least <= 10_000);
            }
        }

        text.AppendLine();
    }

    private static void Quality(StringBuilder text, QualitySection.Table table)
    {
        text.AppendLine("## Quality");
        text.AppendLine();
        text.AppendLine($"Ten folds, {table.Repeats} time(s). Everything that is learnt, the preparation too, is learnt within the fold. AUC, log-loss, Brier and accuracy are means over folds, the calibration error (ECE, ten ranges) is of all held-out rows together. *Ours / scikit-learn's.*");
        foreach (IGrouping<string, QualitySection.Row> set in table.Rows.GroupBy(r => r.Set))
        {
            text.AppendLine();
            text.AppendLine($"### {set.Key}");
            text.AppendLine();
            text.AppendLine("| model | AUC | log-loss | Brier | ECE | accuracy |");
            text.AppendLine("| --- | --- | --- | --- | --- | --- |");
            foreach (QualitySection.Row row in set.OrderBy(r => r.Ours.LogLoss))
            {
                string Both(Func<QualitySection.Scores, double> value) => row.Theirs is { } theirs ? $"{Short(value(row.Ours))} / {Short(value(theirs))}" : Short(value(row.Ours));
                text.AppendLine($"| {row.Model} | {Both(s => s.RocAuc)} | {Both(s => s.LogLoss)} | {Both(s => s.Brier)} | {Both(s => s.CalibrationError)} | {Both(s => s.Accuracy)} |");
            }
        }

        text.AppendLine();
        text.AppendLine("scikit-learn's calibrated forests are `CalibratedClassifierCV(method=\"sigmoid\", cv=5, ensemble=False)`; ours calibrate on what is out of bag. For six classes, AUC is the mean of each class against the rest.");
        text.AppendLine();
    }

    private static void Speed(StringBuilder text, SpeedSection.Table table)
    {
        text.AppendLine("## Speed");
        text.AppendLine();
        text.AppendLine("Fitted to 512 rows of WDBC; AUC of the other 57, mean over rounds. The least and the median of all rounds, in an order drawn anew in each. *All* is 569 rows, *one* a single row by itself (ours and Microsoft.ML's: the mean of single calls).");
        text.AppendLine();
        text.AppendLine("| model | who | cores | fit, least | median | all, least | one, least | predictions/s | AUC |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (SpeedSection.Row row in table.Rows)
        {
            text.AppendLine($"| {row.Model} | {row.Who} | {row.Jobs} | {Milliseconds(row.Fit.Least)} | {Milliseconds(row.Fit.Median)} | {Milliseconds(row.All.Least)} | {Microseconds(row.One.Least)} | {(row.Throughput is { } t ? Invariant($"{t:N0}") : "")} | {(row.RocAuc is { } auc ? Short(auc) : "")} |");
        }

        text.AppendLine();
        text.AppendLine("Predictions per second: ours from as many threads as there are cores, on one shared model; Microsoft.ML's from one `PredictionEngine` on one thread, since it gives wrong answers when shared.");
        text.AppendLine();
        text.AppendLine("| model | fit: scikit-learn's best / ours on as many cores | one prediction: scikit-learn / ours |");
        text.AppendLine("| --- | --- | --- |");
        foreach (IGrouping<string, SpeedSection.Row> model in table.Rows.GroupBy(r => r.Model))
        {
            if (model.Where(r => r.Who == "scikit-learn").MinBy(r => r.Fit.Least) is { } peer)
            {
                SpeedSection.Row ours = model.Single(r => r.Who == "Phr.Ml" && r.Jobs == peer.Jobs);
                text.AppendLine(Invariant($"| {model.Key} | {peer.Fit.Least / ours.Fit.Least:F1}× | {model.Where(r => r.Who == "scikit-learn").Min(r => r.One.Least) / ours.One.Least:N0}× |"));
            }
        }

        text.AppendLine();
    }

    private static void Growth(StringBuilder text, List<GrowthSection.Point> points)
    {
        text.AppendLine("## Growth");
        text.AppendLine();
        text.AppendLine("Made-up rows of twenty features; AUC on 10,000 others. Forests: ours on two cores beside the better of scikit-learn's one and two jobs (a million rows: two jobs).");
        foreach ((string what, string title) in ((string, string)[])[("rows", "With rows"), ("trees", "With trees")])
        {
            text.AppendLine();
            text.AppendLine($"### {title}");
            text.AppendLine();
            text.AppendLine("| model | rows | trees | ours | scikit-learn | ratio | AUC: ours | scikit-learn |");
            text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
            foreach (GrowthSection.Point p in points.Where(p => p.What == what).OrderBy(p => p.Model).ThenBy(p => p.Rows))
            {
                text.AppendLine(Invariant($"| {p.Model} | {p.Rows:N0} | {(p.Trees == 0 ? "" : p.Trees)} | {Milliseconds(p.Ours)} | {(p.Theirs is { } t ? Milliseconds(t) : "")} | {(p.Theirs is { } r ? Invariant($"{r / p.Ours:F1}×") : "")} | {Short(p.RocAuc)} | {(p.TheirRocAuc is { } a ? Short(a) : "")} |"));
            }
        }

        text.AppendLine();
    }

    private static void Aim(StringBuilder text, string what, string aim, string measured, bool met) =>
        text.AppendLine($"| {what} | {aim} | {measured} | {(met ? "met" : "**not met**")} |");

    private static string Short(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Milliseconds(double nanoseconds) => nanoseconds >= 1e7 ? Invariant($"{nanoseconds / 1e6:N0} ms") : Invariant($"{nanoseconds / 1e6:0.00} ms");

    private static string Microseconds(double nanoseconds) => nanoseconds >= 1e5 ? Invariant($"{nanoseconds / 1e3:N0} µs") : Invariant($"{nanoseconds / 1e3:0.00} µs");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Processor() => System.IO.File.Exists("/proc/cpuinfo")
        ? System.IO.File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "processor not named"
        : "processor not named";
}
