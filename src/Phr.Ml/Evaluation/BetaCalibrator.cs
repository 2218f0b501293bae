using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>For scores that are probabilities already: ln(q / (1 − q)) = a · ln p′ − b · ln(1 − p′) + c, where p′ is the score held a little away from 0 and 1.</summary>
/// <remarks>
/// Source: M. Kull, T. Silva Filho, P. Flach, "Beta calibration", AISTATS 2017. Unlike Platt's curve it may leave probabilities as they are
/// (a = b = 1, c = 0), and its two ends may bend differently: forests are too careful at both, and seldom equally.
/// </remarks>
internal sealed class BetaCalibrator : ICalibrator
{
    public const string Kind = "beta";

    // A forest's 0 and 1 mean only that none of its trees disagreed.
    private const double Away = 0.02;

    // Where the rows say nothing, the probabilities stay as they are.
    private const double Pull = 0.01;

    private BetaCalibrator(double a, double b, double c)
    {
        A = a;
        B = b;
        C = c;
    }

    public double A { get; }

    public double B { get; }

    public double C { get; }

    public int Scores => 1;

    public void Apply(ReadOnlySpan<double> scores, Span<double> probabilities) =>
        probabilities[0] = Vectors.Logistic((A * Low(scores[0])) + (B * High(scores[0])) + C);

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(4);
        writer.WriteTextString(Kind);
        writer.WriteDouble(A);
        writer.WriteDouble(B);
        writer.WriteDouble(C);
        writer.WriteEndArray();
    }

    public static BetaCalibrator Read(CborReader reader)
    {
        double a = Packed.ReadDouble(reader);
        double b = Packed.ReadDouble(reader);
        double c = Packed.ReadDouble(reader);
        return a >= 0 && b >= 0 ? new BetaCalibrator(a, b, c) : throw new InvalidDataException("The calibration curve in the model falls.");
    }

    /// <summary>Fits to probabilities of rows that the model has not seen. The curve never falls: an a or b below 0 is taken as 0, and the rest fitted again.</summary>
    public static BetaCalibrator Fit(ReadOnlySpan<double> scores, ReadOnlySpan<int> y, ReadOnlySpan<double> weights)
    {
        double[] low = new double[scores.Length];
        double[] high = new double[scores.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            low[i] = Low(scores[i]);
            high[i] = High(scores[i]);
        }

        int[] classes = y.ToArray();
        double[] w = weights.ToArray();
        bool useA = true;
        bool useB = true;
        while (true)
        {
            double[] v = Fit(low, high, classes, w, useA, useB);
            if (v[0] >= 0 && v[1] >= 0)
            {
                return new BetaCalibrator(v[0], v[1], v[2]);
            }

            useA &= v[0] >= 0;
            useB &= v[1] >= 0;
        }
    }

    private static double[] Fit(double[] low, double[] high, int[] y, double[] weights, bool useA, bool useB)
    {
        double[] point = [useA ? 1 : 0, useB ? 1 : 0, 0];
        Lbfgs.Minimise(
            point,
            (v, gradient) =>
            {
                double da = useA ? v[0] - 1 : 0;
                double db = useB ? v[1] - 1 : 0;
                double loss = 0.5 * Pull * ((da * da) + (db * db) + (v[2] * v[2]));
                double ga = Pull * da;
                double gb = Pull * db;
                double gc = Pull * v[2];
                for (int i = 0; i < y.Length; i++)
                {
                    double w = weights.Length == 0 ? 1 : weights[i];
                    double s = (v[0] * low[i]) + (v[1] * high[i]) + v[2];

                    // −ln of the probability of what came.
                    double miss = y[i] == 1 ? -s : s;
                    loss += w * (miss > 0 ? miss + Math.Log(1 + Math.Exp(-miss)) : Math.Log(1 + Math.Exp(miss)));
                    double g = w * (Vectors.Logistic(s) - y[i]);
                    ga += g * low[i];
                    gb += g * high[i];
                    gc += g;
                }

                gradient[0] = useA ? ga : 0;
                gradient[1] = useB ? gb : 0;
                gradient[2] = gc;
                return loss;
            },
            tolerance: 1e-7,
            CancellationToken.None);
        return point;
    }

    private static double Low(double p) => Math.Log((p + Away) / (1 + Away));

    private static double High(double p) => -Math.Log((1 - p + Away) / (1 + Away));
}
