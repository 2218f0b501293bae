using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>p = 1 / (1 + e^−(slope · s + offset)).</summary>
/// <remarks>
/// Sources: J. Platt, "Probabilistic outputs for support vector machines" (1999), with his targets that keep away from 0 and 1; fitted by Newton's
/// method with halved steps as H.-T. Lin, C.-J. Lin, R. Weng, "A note on Platt's probabilistic outputs", Machine Learning 68 (2007), advise.
/// </remarks>
internal sealed class PlattCalibrator : ICalibrator
{
    public const string Kind = "platt";

    private PlattCalibrator(double slope, double offset)
    {
        Slope = slope;
        Offset = offset;
    }

    public double Slope { get; }

    public double Offset { get; }

    public int Scores => 1;

    public void Apply(ReadOnlySpan<double> scores, Span<double> probabilities) =>
        probabilities[0] = Vectors.Logistic((Slope * scores[0]) + Offset);

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(3);
        writer.WriteTextString(Kind);
        writer.WriteDouble(Slope);
        writer.WriteDouble(Offset);
        writer.WriteEndArray();
    }

    public static PlattCalibrator Read(CborReader reader) => new(Packed.ReadDouble(reader), Packed.ReadDouble(reader));

    /// <summary>Fits to scores of rows that the model has not seen.</summary>
    public static PlattCalibrator Fit(ReadOnlySpan<double> scores, ReadOnlySpan<int> y, ReadOnlySpan<double> weights)
    {
        int n = scores.Length;
        double[] s = scores.ToArray();
        double diseased = 0;
        double healthy = 0;
        for (int i = 0; i < n; i++)
        {
            double w = weights.IsEmpty ? 1 : weights[i];
            diseased += y[i] == 1 ? w : 0;
            healthy += y[i] == 1 ? 0 : w;
        }

        double high = (diseased + 1) / (diseased + 2);
        double low = 1 / (healthy + 2);
        double a = 0;
        double b = Math.Log((diseased + 1) / (healthy + 1));
        double loss = Loss(a, b, s, y, weights, high, low);
        for (int step = 0; step < 200; step++)
        {
            double haa = 1e-12;
            double hbb = 1e-12;
            double hab = 0;
            double ga = 0;
            double gb = 0;
            for (int i = 0; i < n; i++)
            {
                double w = weights.IsEmpty ? 1 : weights[i];
                double p = Vectors.Logistic((a * s[i]) + b);
                double h = w * p * (1 - p);
                double g = w * (p - (y[i] == 1 ? high : low));
                haa += s[i] * s[i] * h;
                hab += s[i] * h;
                hbb += h;
                ga += s[i] * g;
                gb += g;
            }

            if (Math.Abs(ga) < 1e-9 * n && Math.Abs(gb) < 1e-9 * n)
            {
                break;
            }

            double determinant = (haa * hbb) - (hab * hab);
            double da = -((hbb * ga) - (hab * gb)) / determinant;
            double db = -((haa * gb) - (hab * ga)) / determinant;
            double slope = (ga * da) + (gb * db);
            double size = 1;
            double next = double.NaN;
            for (; size > 1e-10; size /= 2)
            {
                next = Loss(a + (size * da), b + (size * db), s, y, weights, high, low);
                if (next < loss + (1e-4 * size * slope))
                {
                    break;
                }
            }

            if (size <= 1e-10)
            {
                break;
            }

            a += size * da;
            b += size * db;
            loss = next;
        }

        return new PlattCalibrator(a, b);
    }

    private static double Loss(double a, double b, double[] s, ReadOnlySpan<int> y, ReadOnlySpan<double> weights, double high, double low)
    {
        double loss = 0;
        for (int i = 0; i < s.Length; i++)
        {
            // −t ln p − (1 − t) ln(1 − p) for p = logistic(f).
            double f = (a * s[i]) + b;
            double t = y[i] == 1 ? high : low;
            double l = f >= 0 ? ((1 - t) * f) + Math.Log(1 + Math.Exp(-f)) : (-t * f) + Math.Log(1 + Math.Exp(f));
            loss += weights.IsEmpty ? l : weights[i] * l;
        }

        return loss;
    }
}
