using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Reports;

/// <summary>All that a report shows.</summary>
internal sealed class ReportData
{
    public required ModelCard Card { get; init; }

    /// <summary>The features' units, by name; empty where there is none.</summary>
    public required IReadOnlyDictionary<string, string> Descriptions { get; init; }

    /// <summary>Calibrated probabilities of the chosen model for rows that it had not seen: one column for two classes, else one per class.</summary>
    public required Matrix HeldOut { get; init; }

    public required int[] Labels { get; init; }

    public required double Threshold { get; init; }

    /// <summary>Best first; the chosen one is named in <see cref="Chosen"/>.</summary>
    public required IReadOnlyList<ReportModel> Models { get; init; }

    public required string Chosen { get; init; }

    /// <summary>The whole procedure, choice included, on rows that none of it had seen; null where that was not measured.</summary>
    public ReportModel? Nested { get; init; }

    public required IReadOnlyList<ReportComparison> Comparisons { get; init; }

    /// <summary>What did not take part, with the reason.</summary>
    public IReadOnlyList<string> Omitted { get; init; } = [];

    public required IReadOnlyList<ReportLearningPoint> LearningCurve { get; init; }

    public required IReadOnlyList<Cohort> Cohorts { get; init; }

    public required IReadOnlyList<ReportPoint> Points { get; init; }

    public string[] Classes => [.. Card.Classes.Select(c => c.Name)];

    public bool IsBinary => Classes.Length == 2;

    public DiagnosisMetrics Metrics => field ??= DiagnosisMetrics.Compute(HeldOut, Labels, Threshold);

    /// <summary>The probabilities of a class and whether each row has it.</summary>
    public (double[] Probabilities, int[] Is) Against(int k)
    {
        double[] p = new double[Labels.Length];
        int[] one = new int[Labels.Length];
        for (int i = 0; i < p.Length; i++)
        {
            p[i] = HeldOut.Columns == 1 ? HeldOut[i, 0] : HeldOut[i, k];
            one[i] = Labels[i] == k ? 1 : 0;
        }

        return (p, one);
    }

    /// <summary>What was promised and what came: of the disease for two classes, of the likeliest class for more.</summary>
    public ReliabilityBin[] Reliability()
    {
        if (IsBinary)
        {
            (double[] p, int[] one) = Against(1);
            return Evaluation.Metrics.Reliability(p, one);
        }

        double[] likeliest = new double[Labels.Length];
        int[] right = new int[Labels.Length];
        for (int i = 0; i < likeliest.Length; i++)
        {
            int given = 0;
            for (int k = 1; k < HeldOut.Columns; k++)
            {
                given = HeldOut[i, k] > HeldOut[i, given] ? k : given;
            }

            likeliest[i] = HeldOut[i, given];
            right[i] = given == Labels[i] ? 1 : 0;
        }

        return Evaluation.Metrics.Reliability(likeliest, right);
    }
}
