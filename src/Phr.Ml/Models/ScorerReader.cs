using System.Formats.Cbor;
using Phr.Ml.Learners;

namespace Phr.Ml.Models;

/// <summary>Reads back what <see cref="IScorer.Write"/> wrote: data only, never code.</summary>
internal static class ScorerReader
{
    /// <summary>Reads one scorer of any kind.</summary>
    public static IScorer Read(CborReader reader)
    {
        reader.ReadStartArray();
        string kind = reader.ReadTextString();
        IScorer scorer = kind == BlendScorer.Kind ? BlendScorer.Read(reader, ReadMember, CalibratorReader.Read) : Plain(reader, kind);
        reader.ReadEndArray();
        return scorer;
    }

    /// <summary>Reads a scorer that is part of another: no blend, so that a hostile file cannot nest them without end.</summary>
    public static IScorer ReadMember(CborReader reader)
    {
        reader.ReadStartArray();
        IScorer scorer = Plain(reader, reader.ReadTextString());
        reader.ReadEndArray();
        return scorer;
    }

    private static IScorer Plain(CborReader reader, string kind) => kind switch
    {
        LinearScorer.Kind => LinearScorer.Read(reader),
        SvmScorer.Kind => SvmScorer.Read(reader),
        FourierScorer.Kind => FourierScorer.Read(reader),
        TreeEnsembleScorer.Kind => TreeEnsembleScorer.Read(reader),
        MlpScorer.Kind => MlpScorer.Read(reader),
        ConstantScorer.Kind => ConstantScorer.Read(reader),
        _ => throw Error.UnknownPart("scorer"),
    };
}
