using System.Formats.Cbor;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>Leaves probabilities as they are.</summary>
internal sealed class IdentityCalibrator(int scores) : ICalibrator
{
    public const string Kind = "none";

    public int Scores { get; } = scores;

    public void Apply(ReadOnlySpan<double> scores, Span<double> probabilities) => scores[..Scores].CopyTo(probabilities);

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Scores);
        writer.WriteEndArray();
    }

    public static IdentityCalibrator Read(CborReader reader) => new(Packed.ReadCount(reader, 1, Limits.Classes));
}
