using Phr.Ml.Evaluation;

namespace Phr.Ml.Training;

/// <summary>What in the data makes a good result doubtful.</summary>
internal static class Suspicions
{
    private const int FewRows = 30;
    private const double GivesAway = 0.995;
    private const double MissingTells = 0.75;

    public static IEnumerable<string> Of(Dataset data)
    {
        for (int c = 0; c < data.Schema.Classes.Count; c++)
        {
            int count = data.Labels.Span.Count(c);
            if (count < FewRows)
            {
                yield return $"Class \"{data.Schema.Classes[c]}\" has {count} rows: every number about it is uncertain.";
            }
        }

        if (data.Schema.Classes.Count != 2)
        {
            yield break;
        }

        for (int f = 0; f < data.Schema.Features.Count; f++)
        {
            string name = data.Schema.Features[f].Name;
            if (Alone(data, f) >= GivesAway)
            {
                yield return FormattableString.Invariant($"Feature \"{name}\" alone tells the classes apart (area under the curve {Alone(data, f):F3}): is it known before the diagnosis?");
            }

            double missing = ByMissing(data, f);
            if (missing >= MissingTells)
            {
                yield return FormattableString.Invariant($"Whether \"{name}\" is missing tells the classes apart (area under the curve {missing:F3}): were the classes recorded differently?");
            }
        }
    }

    /// <summary>The features that tell most when they are alone, in the order of the schema; all, where there are no more than asked for.</summary>
    public static int[] MostTelling(Dataset data, int count)
    {
        int features = data.Schema.Features.Count;
        return features <= count
            ? [.. Enumerable.Range(0, features)]
            : [.. Enumerable.Range(0, features).Select(f => (Feature: f, Worth: Alone(data, f))).OrderByDescending(p => p.Worth).ThenBy(p => p.Feature).Take(count).Select(p => p.Feature).Order()];
    }

    // The area under the curve of a single feature, whichever way round; of more than two classes, the best of one against the rest.
    private static double Alone(Dataset data, int feature)
    {
        int width = data.Schema.Features.Count;
        int[] rows = [.. Enumerable.Range(0, data.Count).Where(r => !double.IsNaN(data.Values[(r * width) + feature]))];
        return BestOf(data, [.. rows.Select(r => data.Values[(r * width) + feature])], rows);
    }

    private static double ByMissing(Dataset data, int feature)
    {
        int width = data.Schema.Features.Count;
        int[] rows = [.. Enumerable.Range(0, data.Count)];
        return BestOf(data, [.. rows.Select(r => double.IsNaN(data.Values[(r * width) + feature]) ? 1.0 : 0.0)], rows);
    }

    private static double BestOf(Dataset data, double[] values, int[] rows)
    {
        double best = 0.5;
        for (int c = data.Schema.Classes.Count == 2 ? 1 : 0; c < data.Schema.Classes.Count; c++)
        {
            double area = Metrics.RocAuc(values, [.. rows.Select(r => data.Labels.Span[r] == c ? 1 : 0)]);
            best = double.IsNaN(area) ? best : Math.Max(best, Math.Max(area, 1 - area));
        }

        return best;
    }
}
