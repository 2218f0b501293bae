using System.Globalization;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Training;

namespace Phr.Ml.Models;

/// <summary>Writes the card of a report's winner.</summary>
internal static class CardWriter
{
    private const int FewRows = 1000;

    public static ModelCard Of(TrainingReport report)
    {
        TrainedParts parts = report.Parts;
        TrainingOptions options = report.Options;
        bool isBinary = report.Schema.Classes.Count == 2;
        return new ModelCard
        {
            Title = report.Schema.Name,
            IntendedUse = Or(options.IntendedUse, report.Data.Statement.IntendedUse),
            Population = Or(options.Population, report.Data.Statement.Population),
            Limits = [.. Limits(report)],
            Schema = report.Schema.ToString(),
            SchemaDigest = report.Schema.Digest,
            DataOrigin = report.Data.Origin,
            DataDigest = report.Data.Digest,
            Classes = [.. report.Schema.Classes.Select((name, k) => new CardClass(name, report.Data.ClassCounts[k]))],
            Algorithm = parts.Name,
            Calibration = Calibration(parts.Calibrator),
            Threshold = isBinary ? parts.Threshold : 0.5,
            MissedCaseCost = options.MissedCaseCost,
            Evaluation = Evaluation(report),
            Metrics = [.. Metrics(report)],
            Importance = report.Importance,
            Seed = report.Seed,
            Packages = [.. report.Versions.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new CardPackage(v.Key, v.Value))],
        };
    }

    private static string Or(string said, string otherwise) => said.Length > 0 ? said : otherwise;

    private static string Calibration(ICalibrator calibrator) => calibrator switch
    {
        PlattCalibrator => "Platt's sigmoid of scores held out",
        IsotonicCalibrator => "isotonic regression on scores held out, clipped",
        SoftmaxCalibrator => "softmax with a slope and an offset per class, fitted to scores held out",
        BetaCalibrator => "beta calibration of probabilities held out",
        _ => "none: the model's own probabilities",
    };

    private static string Evaluation(TrainingReport report)
    {
        TrainingOptions o = report.Options;
        string folds = o.FoldAssignment is { } given ? $"{given.Repeats} times {given.Folds} folds as given" : $"{o.Repeats} times {o.Folds} stratified folds dealt from the seed";
        string persons = report.Schema.Group is null ? "" : ", all rows of a person in one fold";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Cross-validation, {folds}{persons}. Preprocessing, hyper-parameters and calibration were fitted inside each fold ({o.InnerFolds} inner folds). Intervals hold the true value {o.ConfidenceLevel * 100:0.#} times of 100. The line \"choice included\" is of the whole procedure with the choice among {report.Models.Count} models inside each fold.");
    }

    private static IEnumerable<string> Limits(TrainingReport report)
    {
        yield return "It supports a decision and does not take it: it is not a medical device, and nobody has tried it in a clinic.";
        yield return "It was tested on patients from the same source as those it learnt from. Elsewhere, with other devices or other patients, it may be worse; try it there first.";
        foreach (string limit in report.Options.Limits.Concat(report.Data.Statement.Limits))
        {
            yield return limit;
        }

        if (report.Data.Rows < FewRows)
        {
            yield return $"It learnt from {report.Data.Rows} rows only: the intervals show how little that tells.";
        }

        if (report.Parts.Scorer is not (LinearScorer or TreeEnsembleScorer or ConstantScorer))
        {
            yield return "Its file may hold some rows of the training data (support vectors), scaled and without names: share it as carefully as the data.";
        }

        foreach (string warning in report.Warnings)
        {
            yield return warning;
        }
    }

    private static IEnumerable<CardMetric> Metrics(TrainingReport report)
    {
        ModelEvaluation best = report.Best;
        int rows = report.Data.Rows;
        yield return Metric("ROC-AUC", best.RocAuc, rows);
        yield return Metric("PR-AUC", best.PrAuc, rows);
        yield return Metric("log-loss", best.LogLoss, rows);
        yield return Metric("Brier score", best.Brier, rows);
        yield return Metric("calibration error (ECE)", best.CalibrationError, rows);
        yield return Metric("sensitivity", best.Sensitivity, rows);
        yield return Metric("specificity", best.Specificity, rows);
        yield return Metric("accuracy", best.Accuracy, rows);
        yield return Metric("ROC-AUC, choice included", report.Nested.RocAuc, rows);
        yield return Metric("log-loss, choice included", report.Nested.LogLoss, rows);
        foreach (SubgroupEvaluation group in best.Subgroups)
        {
            string who = $"{group.Feature} = {group.Level}";
            yield return Metric("ROC-AUC", group.RocAuc, group.Metrics.Rows, who);
            yield return Metric("sensitivity", group.Sensitivity, group.Metrics.Rows, who);
            yield return Metric("specificity", group.Specificity, group.Metrics.Rows, who);
        }
    }

    private static CardMetric Metric(string name, MetricInterval value, long rows, string subgroup = "") => new() { Name = name, Value = value, Rows = rows, Subgroup = subgroup };
}
