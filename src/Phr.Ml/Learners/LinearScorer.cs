using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A weighted sum of the features for each score: logistic regression and linear support vector machines.</summary>
internal sealed class LinearScorer : IScorer
{
    public const string Kind = "linear";

    private readonly double[] _bias;

    /// <param name="weights">One row of weights per score.</param>
    /// <param name="bias">What is added to each score.</param>
    /// <param name="link">What is then done to the scores.</param>
    public LinearScorer(Matrix weights, double[] bias, ScoreLink link)
    {
        if (weights.Rows == 0 || weights.Rows != bias.Length || !ScoreLinks.Fits(link, bias.Length))
        {
            throw new ArgumentException($"{weights.Rows} rows of weights, {bias.Length} biases and the link {link} do not go together.", nameof(bias));
        }

        Weights = weights;
        _bias = bias;
        Link = link;
    }

    public Matrix Weights { get; }

    public ReadOnlySpan<double> Bias => _bias;

    public ScoreLink Link { get; }

    public int Features => Weights.Columns;

    public int Scores => _bias.Length;

    public bool AreProbabilities => Link != ScoreLink.Identity;

    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        for (int k = 0; k < _bias.Length; k++)
        {
            scores[k] = Vectors.Dot(row, Weights.Row(k)) + _bias[k];
        }

        Link.Apply(scores);
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(6);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Features);
        writer.WriteInt32(Scores);
        writer.WriteInt32((int)Link);
        Packed.WriteDoubles(writer, Weights.Values);
        Packed.WriteDoubles(writer, _bias);
        writer.WriteEndArray();
    }

    public static LinearScorer Read(CborReader reader)
    {
        int features = Packed.ReadCount(reader, 1, Limits.Features);
        int scores = Packed.ReadCount(reader, 1, Limits.Classes);
        ScoreLink link = ScoreLinks.Read(reader, scores);
        var weights = new Matrix(scores, features, Packed.ReadDoubles(reader, checked(features * scores)));
        return new LinearScorer(weights, Packed.ReadDoubles(reader, scores), link);
    }
}
