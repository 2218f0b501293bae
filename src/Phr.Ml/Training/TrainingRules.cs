using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>What training asks of options, data and folds, and the small choices that follow from them.</summary>
internal static class TrainingRules
{
    public static void Check(TrainingOptions options)
    {
        Range(options.Folds, 2, 100, nameof(options.Folds));
        Range(options.Repeats, 1, 100, nameof(options.Repeats));
        Range(options.InnerFolds, 2, 20, nameof(options.InnerFolds));
        Range(options.KeepBest, 0, FeatureSchema.MaximumColumns, nameof(options.KeepBest));
        Range(options.Parallelism, 0, 4096, nameof(options.Parallelism));
        if (!(options.MissedCaseCost > 0) || !double.IsFinite(options.MissedCaseCost))
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(options.MissedCaseCost)} must be above 0.");
        }

        if (!(options.ConfidenceLevel > 0) || !(options.ConfidenceLevel < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(options.ConfidenceLevel)} must be above 0 and below 1.");
        }

        if (options.IntendedUse is null || options.Population is null || options.Limits is null || options.Limits.Contains(null!))
        {
            throw new ArgumentException("What the card will say is null; it may be empty.", nameof(options));
        }

        if (!Enum.IsDefined(options.Calibration) || !Enum.IsDefined(options.Weighting))
        {
            throw new ArgumentException($"{nameof(options.Calibration)} and {nameof(options.Weighting)} must be ones that there are.", nameof(options));
        }

        if (options.Families is null || options.Families.Count == 0 || options.Families.Any(f => !Enum.IsDefined(f)))
        {
            throw new ArgumentException("There must be at least one kind of model, and only kinds that there are.", nameof(options));
        }
    }

    public static void CheckClasses(Dataset data)
    {
        if (!data.HasLabels)
        {
            throw new ArgumentException("The data have no labels: they were read for prediction.", nameof(data));
        }

        for (int c = 0; c < data.Schema.Classes.Count; c++)
        {
            int count = data.Labels.Span.Count(c);
            if (count < 2)
            {
                throw new ArgumentException($"Class \"{data.Schema.Classes[c]}\" has {count} rows; at least two are needed.", nameof(data));
            }
        }
    }

    public static void CheckFolds(FoldAssignment folds, Dataset data)
    {
        if (folds.Rows != data.Count)
        {
            throw new ArgumentException($"The folds are for {folds.Rows} rows; the data have {data.Count}.", nameof(folds));
        }

        for (int repeat = 0; repeat < folds.Repeats; repeat++)
        {
            var foldOfPerson = new Dictionary<int, int>();
            for (int row = 0; row < data.Groups.Length; row++)
            {
                int fold = folds.FoldOf(repeat, row);
                if (foldOfPerson.TryGetValue(data.Groups[row], out int other) && other != fold)
                {
                    throw new ArgumentException($"In repeat {repeat + 1} rows of one person lie in folds {other} and {fold}: the model would be judged on people whom it knows.", nameof(folds));
                }

                foldOfPerson[data.Groups[row]] = fold;
            }

            for (int fold = 0; fold < folds.Folds; fold++)
            {
                int[] counts = new int[data.Schema.Classes.Count];
                foreach (int row in folds.Split(repeat, fold).Training)
                {
                    counts[data.Labels.Span[row]]++;
                }

                if (counts.Contains(0))
                {
                    throw new ArgumentException($"Fold {fold} of repeat {repeat + 1} holds out every row of a class.", nameof(folds));
                }
            }
        }
    }

    /// <summary>Said before anything is trained, not by the first fold that has too few rows.</summary>
    public static void CheckCalibration(CalibrationMethod calibration, FoldAssignment folds, Dataset data)
    {
        if (calibration != CalibrationMethod.Isotonic)
        {
            return;
        }

        if (data.Schema.Classes.Count > 2)
        {
            throw new ArgumentException("Isotonic regression is for two classes.", nameof(calibration));
        }

        int least = (from r in Enumerable.Range(0, folds.Repeats) from f in Enumerable.Range(0, folds.Folds) select folds.Split(r, f).Training.Length).Min();
        if (least < IsotonicCalibrator.LeastRows)
        {
            throw new ArgumentException($"Isotonic regression wants at least {IsotonicCalibrator.LeastRows} rows to learn from in every fold; one has {least}.", nameof(calibration));
        }
    }

    /// <summary>A share of rows, of every class alike; of people, where rows have persons. A larger share holds the smaller ones.</summary>
    public static int[] Share(Dataset data, int[] rows, double share, ulong seed)
    {
        if (share >= 1)
        {
            return rows;
        }

        var random = RandomStream.ForStream(seed, 0);
        if (data.Groups.Length > 0)
        {
            int[] people = [.. rows.Select(r => data.Groups[r]).Distinct()];
            random.Shuffle<int>(people);
            HashSet<int> taken = [.. people.Take((int)Math.Round(share * people.Length))];
            return [.. rows.Where(r => taken.Contains(data.Groups[r]))];
        }

        var chosen = new List<int>();
        foreach (IGrouping<int, int> ofClass in rows.GroupBy(r => data.Labels.Span[r]).OrderBy(g => g.Key))
        {
            int[] order = [.. ofClass];
            random.Shuffle<int>(order);
            chosen.AddRange(order.Take((int)Math.Round(share * order.Length)));
        }

        return [.. chosen.Order()];
    }

    /// <summary>What the threshold for a stated cost costs on held-out rows, beside the cheapest one.</summary>
    public static ThresholdChoice Threshold(double missedCaseCost, IReadOnlyList<Matrix> heldOut, ReadOnlySpan<int> labels)
    {
        double threshold = 1 / (1 + missedCaseCost);
        var all = new List<(double P, int Y)>();
        foreach (Matrix p in heldOut)
        {
            for (int i = 0; i < p.Rows; i++)
            {
                all.Add((p[i, 0], labels[i]));
            }
        }

        all.Sort((a, b) => b.P.CompareTo(a.P));
        double stated = all.Sum(r => Cost(r.P >= threshold, r.Y)) / all.Count;

        // From calling nobody diseased on, one probability after another.
        double cost = all.Sum(r => Cost(false, r.Y));
        double least = cost;
        double cheapest = 1;
        for (int i = 0; i < all.Count; i++)
        {
            cost += Cost(true, all[i].Y) - Cost(false, all[i].Y);
            bool isLastOfEqual = i + 1 == all.Count || all[i + 1].P != all[i].P;
            if (isLastOfEqual && cost < least)
            {
                least = cost;
                cheapest = all[i].P;
            }
        }

        return new ThresholdChoice(missedCaseCost, threshold, stated, cheapest, Math.Min(least / all.Count, stated));

        double Cost(bool called, int y) => called ? 1 - y : y * missedCaseCost;
    }

    private static void Range(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException("options", $"{name} is {value}; it must be from {least} to {most}.");
        }
    }
}
