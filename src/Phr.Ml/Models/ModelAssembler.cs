using Phr.Ml.Evaluation;
using Phr.Ml.Explanations;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;
using Phr.Ml.Training;

namespace Phr.Ml.Models;

/// <summary>Makes a model of what training learnt: adds conformal scores, cohorts, familiarity and the background of explanations.</summary>
internal static class ModelAssembler
{
    private const int MostCohorts = 6;
    private const int RowsPerCohort = 5;
    private const int CohortStarts = 10;
    private const int BackgroundPoints = 10;
    private const int BackgroundStarts = 3;
    private const int FamiliarityFolds = 5;

    // Enough for centres; more rows would only take longer.
    private const int MostRowsForCohorts = 20_000;

    /// <param name="schema">The schema of the data.</param>
    /// <param name="preprocessor">Fitted to all of the data.</param>
    /// <param name="scorer">Trained on all of the data.</param>
    /// <param name="calibrator">Fitted to held-out scores.</param>
    /// <param name="data">The training rows with their labels.</param>
    /// <param name="heldOut">Calibrated probabilities of the same procedure for the same rows, each from folds that did not see it.</param>
    /// <param name="card">States the threshold too.</param>
    /// <param name="seed">Decides where clustering begins.</param>
    /// <param name="cancellationToken">Looked at between parts.</param>
    public static DiagnosisModel Assemble(
        FeatureSchema schema,
        Preprocessor preprocessor,
        IScorer scorer,
        ICalibrator calibrator,
        Dataset data,
        Matrix heldOut,
        ModelCard card,
        ulong seed,
        CancellationToken cancellationToken)
    {
        int[] all = [.. Enumerable.Range(0, data.Count)];
        Matrix rows = preprocessor.Transform(data, all);
        ReadOnlySpan<int> y = data.Labels.Span;
        int[] playerOf = [.. Enumerable.Range(0, preprocessor.Outputs).Select(preprocessor.SourceOf)];
        string[] players = [.. schema.Features.Select(f => f.Name)];

        Matrix some = rows.Rows <= MostRowsForCohorts ? rows : Sample(rows, MostRowsForCohorts, seed);
        int most = Math.Clamp(some.Rows / RowsPerCohort, 1, MostCohorts);
        Matrix centres = most < 2
            ? KMeans.Fit(some, 1, 1, seed, cancellationToken).Centres
            : KMeans.ChooseClusters(some, 2, most, CohortStarts, RandomStream.DeriveSeed(seed, 1), cancellationToken).Centres;
        var cohorts = CohortSet.Create(centres, rows, y, schema.Classes.Count, playerOf, players);

        int points = Math.Clamp(some.Rows / RowsPerCohort, 1, BackgroundPoints);
        Matrix background = KMeans.Fit(some, points, BackgroundStarts, RandomStream.DeriveSeed(seed, 2), cancellationToken).Centres;
        double[] weights = new double[points];
        for (int i = 0; i < rows.Rows; i++)
        {
            int nearest = 0;
            for (int k = 1; k < points; k++)
            {
                nearest = Vectors.SquaredDistance(background.Row(k), rows.Row(i)) < Vectors.SquaredDistance(background.Row(nearest), rows.Row(i)) ? k : nearest;
            }

            weights[nearest]++;
        }

        int[] folds = [.. all.Select(i => i % FamiliarityFolds)];
        RandomStream.ForStream(seed, 3).Shuffle<int>(folds);
        var familiarity = Familiarity.Fit(schema, data.Values, rows, folds, cancellationToken);
        return DiagnosisModel.Create(new ModelParts(
            schema,
            preprocessor,
            scorer,
            calibrator,
            card.Threshold,
            ConformalScores.Fit(heldOut, y, schema.Classes.Count),
            cohorts,
            familiarity,
            Background.Create(background, weights),
            card));
    }

    private static Matrix Sample(Matrix rows, int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, rows.Rows)];
        RandomStream.ForStream(seed, 4).Shuffle<int>(order);
        Array.Sort(order, 0, count);
        return rows.Select(order.AsSpan(0, count));
    }
}
