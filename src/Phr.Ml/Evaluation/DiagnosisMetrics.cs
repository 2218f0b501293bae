using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml;

/// <summary>How good a set of predictions is. Immutable. Never look at one of the numbers alone.</summary>
/// <remarks>
/// For two classes, class 1 is the disease. For more, what is defined for two is the plain mean over the classes of each against the rest, but for
/// <see cref="Brier"/> and <see cref="CalibrationError"/>, as said there. A number that needs a class which no row has is NaN.
/// </remarks>
public sealed class DiagnosisMetrics
{
    private DiagnosisMetrics(ConfusionMatrix confusion) => Confusion = confusion;

    /// <summary>How many rows were judged.</summary>
    public int Rows { get; private init; }

    /// <summary>The area under the ROC curve: how often a diseased person gets a higher score than a healthy one. 0.5 is chance, 1 is best.</summary>
    public double RocAuc { get; private init; }

    /// <summary>Average precision, the area under the precision-recall curve: Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ. The share of the diseased is chance, 1 is best.</summary>
    public double PrAuc { get; private init; }

    /// <summary>The mean of −ln p of the true class, in natural units; p is held between 2⁻⁵² and 1 − 2⁻⁵². 0 is best.</summary>
    public double LogLoss { get; private init; }

    /// <summary>The mean squared difference between the probability and what came (0 or 1); for more than two classes, summed over them. 0 is best.</summary>
    public double Brier { get; private init; }

    /// <summary>
    /// The expected calibration error: over ten equal ranges of probability, the mean distance between what was promised and what came, weighted by
    /// rows. For more than two classes, of the probability of the likeliest class. 0 is best.
    /// </summary>
    public double CalibrationError { get; private init; }

    /// <summary>The share of rows given their true class. 1 is best; compare it with the share of the largest class.</summary>
    public double Accuracy { get; private init; }

    /// <summary>The share of the diseased that is found. 1 is best.</summary>
    public double Sensitivity { get; private init; }

    /// <summary>The share of the healthy that is called healthy. 1 is best.</summary>
    public double Specificity { get; private init; }

    /// <summary>The counts by true and given class.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Judges probabilities.</summary>
    /// <param name="probabilities">Rows of one probability (of class 1), or of one per class.</param>
    /// <param name="y">The true classes.</param>
    /// <param name="threshold">For two classes, from which probability on a row is called diseased.</param>
    internal static DiagnosisMetrics Compute(Matrix probabilities, ReadOnlySpan<int> y, double threshold = 0.5)
    {
        if (probabilities.Rows != y.Length || y.Length == 0)
        {
            throw new ArgumentException($"There are {probabilities.Rows} predictions and {y.Length} true classes.", nameof(y));
        }

        return probabilities.Columns == 1 ? OfTwo(probabilities.Values, y, threshold) : OfMany(probabilities, y);
    }

    private static DiagnosisMetrics OfTwo(ReadOnlySpan<double> p, ReadOnlySpan<int> y, double threshold)
    {
        long[] counts = new long[4];
        for (int i = 0; i < y.Length; i++)
        {
            counts[(y[i] * 2) + (p[i] >= threshold ? 1 : 0)]++;
        }

        return new DiagnosisMetrics(new ConfusionMatrix(2, counts))
        {
            Rows = y.Length,
            RocAuc = Metrics.RocAuc(p, y),
            PrAuc = Metrics.PrAuc(p, y),
            LogLoss = Metrics.LogLoss(p, y),
            Brier = Metrics.Brier(p, y),
            CalibrationError = Metrics.CalibrationError(p, y),
            Accuracy = (double)(counts[0] + counts[3]) / y.Length,
            Sensitivity = (double)counts[3] / (counts[2] + counts[3]),
            Specificity = (double)counts[0] / (counts[0] + counts[1]),
        };
    }

    private static DiagnosisMetrics OfMany(Matrix p, ReadOnlySpan<int> y)
    {
        int classes = p.Columns;
        long[] counts = new long[checked(classes * classes)];
        double[] likeliest = new double[y.Length];
        int[] right = new int[y.Length];
        double logLoss = 0;
        double brier = 0;
        for (int i = 0; i < y.Length; i++)
        {
            ReadOnlySpan<double> row = p.Row(i);
            int given = 0;
            for (int k = 0; k < classes; k++)
            {
                given = row[k] > row[given] ? k : given;
                double miss = row[k] - (y[i] == k ? 1 : 0);
                brier += miss * miss;
            }

            logLoss -= Math.Log(Metrics.Clip(row[y[i]]));
            counts[(y[i] * classes) + given]++;
            likeliest[i] = row[given];
            right[i] = given == y[i] ? 1 : 0;
        }

        double roc = 0;
        double pr = 0;
        double sensitivity = 0;
        double specificity = 0;
        double[] column = new double[y.Length];
        int[] one = new int[y.Length];
        var confusion = new ConfusionMatrix(classes, counts);
        for (int k = 0; k < classes; k++)
        {
            long given = 0;
            for (int a = 0; a < classes; a++)
            {
                given += confusion.Row(a)[k];
            }

            long rows = 0;
            for (int i = 0; i < y.Length; i++)
            {
                column[i] = p[i, k];
                one[i] = y[i] == k ? 1 : 0;
                rows += one[i];
            }

            roc += Metrics.RocAuc(column, one) / classes;
            pr += Metrics.PrAuc(column, one) / classes;
            sensitivity += (double)confusion.Row(k)[k] / rows / classes;
            specificity += (double)(y.Length - rows - (given - confusion.Row(k)[k])) / (y.Length - rows) / classes;
        }

        return new DiagnosisMetrics(confusion)
        {
            Rows = y.Length,
            RocAuc = roc,
            PrAuc = pr,
            LogLoss = logLoss / y.Length,
            Brier = brier / y.Length,
            CalibrationError = Metrics.CalibrationError(likeliest, right),
            Accuracy = (double)right.Sum() / y.Length,
            Sensitivity = sensitivity,
            Specificity = specificity,
        };
    }
}
