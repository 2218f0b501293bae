using System.Formats.Cbor;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>For more than two classes: pₖ = e^(slopeₖ·sₖ + offsetₖ) / Σ, where sₖ is the score, or its logarithm where scores are probabilities already.</summary>
internal sealed class SoftmaxCalibrator : ICalibrator
{
    public const string Kind = "softmax";

    private const double LeastProbability = 1e-3;

    private readonly double[] _slopes;
    private readonly double[] _offsets;

    private SoftmaxCalibrator(double[] slopes, double[] offsets, bool onLogarithms)
    {
        _slopes = slopes;
        _offsets = offsets;
        OnLogarithms = onLogarithms;
    }

    public int Scores => _slopes.Length;

    /// <summary>Whether sₖ is the logarithm of the score.</summary>
    public bool OnLogarithms { get; }

    public ReadOnlySpan<double> Slopes => _slopes;

    public ReadOnlySpan<double> Offsets => _offsets;

    public void Apply(ReadOnlySpan<double> scores, Span<double> probabilities)
    {
        for (int k = 0; k < _slopes.Length; k++)
        {
            probabilities[k] = (_slopes[k] * Input(scores[k])) + _offsets[k];
        }

        Vectors.Softmax(probabilities[.._slopes.Length]);
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(5);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Scores);
        writer.WriteBoolean(OnLogarithms);
        Packed.WriteDoubles(writer, _slopes);
        Packed.WriteDoubles(writer, _offsets);
        writer.WriteEndArray();
    }

    public static SoftmaxCalibrator Read(CborReader reader)
    {
        int scores = Packed.ReadCount(reader, 2, Limits.Classes);
        bool onLogarithms = reader.ReadBoolean();
        return new SoftmaxCalibrator(Packed.ReadDoubles(reader, scores), Packed.ReadDoubles(reader, scores), onLogarithms);
    }

    /// <summary>Fits to scores of rows that the model has not seen: least log-loss, the slopes drawn a little towards each other and the offsets towards 0.</summary>
    public static SoftmaxCalibrator Fit(Matrix scores, ReadOnlySpan<int> y, ReadOnlySpan<double> weights, bool onLogarithms)
    {
        int classes = scores.Columns;
        double[] slopes = new double[classes];
        double[] offsets = new double[classes];
        Array.Fill(slopes, 1);
        var start = new SoftmaxCalibrator(slopes, offsets, onLogarithms);
        int[] classOf = y.ToArray();
        double[] w = weights.ToArray();
        double[] parameters = new double[2 * classes];
        Array.Fill(parameters, 1, 0, classes);
        double[] p = new double[classes];
        Lbfgs.Minimise(
            parameters,
            (v, gradient) =>
            {
                Array.Clear(gradient);
                double mean = 0;
                for (int k = 0; k < classes; k++)
                {
                    mean += v[k] / classes;
                }

                double loss = 0;
                for (int k = 0; k < classes; k++)
                {
                    double d = v[k] - mean;
                    loss += 0.5 * ((d * d) + (0.1 * v[classes + k] * v[classes + k]));
                    gradient[k] += d;
                    gradient[classes + k] += 0.1 * v[classes + k];
                }

                for (int i = 0; i < classOf.Length; i++)
                {
                    for (int k = 0; k < classes; k++)
                    {
                        p[k] = (v[k] * start.Input(scores[i, k])) + v[classes + k];
                    }

                    Vectors.Softmax(p);
                    double weight = w.Length == 0 ? 1 : w[i];
                    loss -= weight * Math.Log(Math.Max(p[classOf[i]], double.Epsilon));
                    for (int k = 0; k < classes; k++)
                    {
                        double g = weight * (p[k] - (classOf[i] == k ? 1 : 0));
                        gradient[k] += g * start.Input(scores[i, k]);
                        gradient[classes + k] += g;
                    }
                }

                return loss;
            },
            tolerance: 1e-8 * classOf.Length,
            CancellationToken.None);
        return new SoftmaxCalibrator(parameters[..classes], parameters[classes..], onLogarithms);
    }

    private double Input(double score) => OnLogarithms ? Math.Log(Math.Max(score, LeastProbability)) : score;
}
