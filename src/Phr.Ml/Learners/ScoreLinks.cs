using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

internal static class ScoreLinks
{
    public static void Apply(this ScoreLink link, Span<double> scores)
    {
        switch (link)
        {
            case ScoreLink.Logistic:
                scores[0] = Vectors.Logistic(scores[0]);
                break;
            case ScoreLink.Softmax:
                Vectors.Softmax(scores);
                break;
        }
    }

    public static ScoreLink Read(CborReader reader, int scores)
    {
        var link = (ScoreLink)Packed.ReadCount(reader, 0, (int)ScoreLink.Softmax);
        return Fits(link, scores) ? link : throw new InvalidDataException($"The link {link} of the model does not fit {scores} score(s).");
    }

    public static bool Fits(ScoreLink link, int scores) => link switch
    {
        ScoreLink.Logistic => scores == 1,
        ScoreLink.Softmax => scores > 1,
        _ => true,
    };
}
