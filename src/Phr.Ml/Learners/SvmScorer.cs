using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>Sums of Gaussian kernels round the support vectors: f(x) = Σ cᵢ exp(−γ‖sᵢ − x‖²) + b, one per score over the same support vectors.</summary>
internal sealed class SvmScorer : IScorer
{
    public const string Kind = "svm";

    private readonly double[] _bias;

    /// <param name="supportVectors">One per row.</param>
    /// <param name="coefficients">One row per score, one column per support vector.</param>
    /// <param name="bias">One per score.</param>
    /// <param name="gamma">γ, positive.</param>
    public SvmScorer(Matrix supportVectors, Matrix coefficients, double[] bias, double gamma)
    {
        if (bias.Length == 0 || coefficients.Rows != bias.Length || coefficients.Columns != supportVectors.Rows)
        {
            throw new ArgumentException($"{supportVectors.Rows} support vectors, {coefficients.Rows} × {coefficients.Columns} coefficients and {bias.Length} biases do not go together.", nameof(coefficients));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gamma);
        SupportVectors = supportVectors;
        Coefficients = coefficients;
        _bias = bias;
        Gamma = gamma;
    }

    public Matrix SupportVectors { get; }

    public Matrix Coefficients { get; }

    public ReadOnlySpan<double> Bias => _bias;

    public double Gamma { get; }

    public int Features => SupportVectors.Columns;

    public int Scores => _bias.Length;

    public bool AreProbabilities => false;

    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        row = row[..Features];
        _bias.CopyTo(scores);
        for (int i = 0; i < SupportVectors.Rows; i++)
        {
            double kernel = Math.Exp(-Gamma * Vectors.SquaredDistance(SupportVectors.Row(i), row));
            for (int k = 0; k < _bias.Length; k++)
            {
                scores[k] += Coefficients[k, i] * kernel;
            }
        }
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(8);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Features);
        writer.WriteInt32(Scores);
        writer.WriteInt32(SupportVectors.Rows);
        writer.WriteDouble(Gamma);
        Packed.WriteDoubles(writer, SupportVectors.Values);
        Packed.WriteDoubles(writer, Coefficients.Values);
        Packed.WriteDoubles(writer, _bias);
        writer.WriteEndArray();
    }

    public static SvmScorer Read(CborReader reader)
    {
        int features = Packed.ReadCount(reader, 1, Limits.Features);
        int scores = Packed.ReadCount(reader, 1, Limits.Classes);
        int vectors = Packed.ReadCount(reader, 0, Limits.SupportVectors);
        double gamma = Packed.ReadDouble(reader);
        if (gamma <= 0 || (long)vectors * features > int.MaxValue || (long)vectors * scores > int.MaxValue)
        {
            throw new InvalidDataException("The support vector machine in the model has impossible sizes or γ.");
        }

        var supportVectors = new Matrix(vectors, features, Packed.ReadDoubles(reader, vectors * features));
        var coefficients = new Matrix(scores, vectors, Packed.ReadDoubles(reader, scores * vectors));
        return new SvmScorer(supportVectors, coefficients, Packed.ReadDoubles(reader, scores), gamma);
    }
}
