using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>The same probabilities for everyone: the floor that every model must beat.</summary>
internal sealed class ConstantScorer : IScorer
{
    public const string Kind = "constant";

    private readonly double[] _probabilities;

    public ConstantScorer(int features, double[] probabilities)
    {
        Features = features;
        _probabilities = probabilities;
    }

    public int Features { get; }

    public int Scores => _probabilities.Length;

    public bool AreProbabilities => true;

    public ReadOnlySpan<double> Probabilities => _probabilities;

    public void Score(ReadOnlySpan<double> row, Span<double> scores) => _probabilities.CopyTo(scores);

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(4);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Features);
        writer.WriteInt32(Scores);
        Packed.WriteDoubles(writer, _probabilities);
        writer.WriteEndArray();
    }

    public static ConstantScorer Read(CborReader reader)
    {
        int features = Packed.ReadCount(reader, 1, Limits.Features);
        int scores = Packed.ReadCount(reader, 1, Limits.Classes);
        double[] probabilities = Packed.ReadDoubles(reader, scores);
        return probabilities.All(p => p is >= 0 and <= 1)
            ? new ConstantScorer(features, probabilities)
            : throw new InvalidDataException("A constant probability of the model is outside 0 to 1.");
    }
}
