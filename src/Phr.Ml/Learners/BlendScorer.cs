using System.Formats.Cbor;
using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>Several calibrated models with one voice each: the probabilities are multiplied, the root is taken, and they are made to sum to one.</summary>
internal sealed class BlendScorer : IScorer
{
    public const string Kind = "blend";

    private const double Least = 1e-6;

    private readonly BlendMember[] _members;

    /// <exception cref="InvalidDataException">The members do not go together.</exception>
    public BlendScorer(IReadOnlyList<BlendMember> members)
    {
        if (members.Count == 0 || members.Any(m => m.Scorer.Features != members[0].Scorer.Features || m.Scorer.Scores != members[0].Scorer.Scores || m.Calibrator.Scores != m.Scorer.Scores || m.Scorer is BlendScorer))
        {
            throw new InvalidDataException("The members of a blend do not go together.");
        }

        _members = [.. members];
    }

    public IReadOnlyList<BlendMember> Members => _members;

    public int Features => _members[0].Scorer.Features;

    public int Scores => _members[0].Scorer.Scores;

    public bool AreProbabilities => true;

    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        scores = scores[..Scores];
        Span<double> sums = scores.Length <= 64 ? stackalloc double[scores.Length] : new double[scores.Length];
        sums.Clear();
        foreach (BlendMember member in _members)
        {
            member.Scorer.Score(row, scores);
            member.Calibrator.Apply(scores, scores);
            Add(scores, sums);
        }

        Finish(sums, _members.Length);
        sums.CopyTo(scores);
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(2);
        writer.WriteTextString(Kind);
        writer.WriteStartArray(_members.Length);
        foreach (BlendMember member in _members)
        {
            writer.WriteStartArray(2);
            member.Scorer.Write(writer);
            member.Calibrator.Write(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    /// <summary>Reads; the given readers read one scorer (never another blend) and one calibrator, whole.</summary>
    public static BlendScorer Read(CborReader reader, Func<CborReader, IScorer> readScorer, Func<CborReader, ICalibrator> readCalibrator)
    {
        int? count = reader.ReadStartArray();
        if (count is null or < 1 or > Limits.Members)
        {
            throw new InvalidDataException("The blend in the model has an impossible number of members.");
        }

        var members = new List<BlendMember>();
        for (int i = 0; i < count; i++)
        {
            if (reader.ReadStartArray() != 2)
            {
                throw new InvalidDataException("A member of the blend in the model has not two parts.");
            }

            IScorer scorer = readScorer(reader);
            members.Add(new BlendMember(scorer, readCalibrator(reader)));
            reader.ReadEndArray();
        }

        reader.ReadEndArray();
        return new BlendScorer(members);
    }

    /// <summary>Adds the logarithms of one member's probabilities (of a single one: of its odds).</summary>
    internal static void Add(ReadOnlySpan<double> probabilities, Span<double> sums)
    {
        for (int k = 0; k < sums.Length; k++)
        {
            double p = Math.Clamp(probabilities[k], Least, 1 - Least);
            sums[k] += sums.Length == 1 ? Math.Log(p / (1 - p)) : Math.Log(p);
        }
    }

    internal static void Finish(Span<double> sums, int members)
    {
        for (int k = 0; k < sums.Length; k++)
        {
            sums[k] /= members;
        }

        (sums.Length == 1 ? ScoreLink.Logistic : ScoreLink.Softmax).Apply(sums);
    }
}
