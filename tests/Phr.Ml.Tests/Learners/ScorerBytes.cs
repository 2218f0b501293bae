using System.Formats.Cbor;
using Phr.Ml.Learners;

namespace Phr.Ml.Tests.Learners;

internal static class ScorerBytes
{
    public static byte[] Of(IScorer scorer)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        scorer.Write(writer);
        return writer.Encode();
    }

    public static T Read<T>(byte[] bytes, string kind, Func<CborReader, T> read)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Ctap2Canonical);
        reader.ReadStartArray();
        Assert.Equal(kind, reader.ReadTextString());
        T scorer = read(reader);
        reader.ReadEndArray();
        Assert.Equal(0, reader.BytesRemaining);
        return scorer;
    }

    /// <summary>Damages every part of the bytes: what comes is the same scorer, another one that is whole, or one of the exceptions a reader may throw.</summary>
    public static void Damage(byte[] bytes, string kind, Func<CborReader, IScorer> read, int most = 4000)
    {
        int step = Math.Max(1, bytes.Length / most);
        for (int at = 0; at < bytes.Length; at += step)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= (byte)(1 << (at % 8));
            Try(damaged);
            Try(bytes[..at]);
        }

        void Try(byte[] damaged)
        {
            try
            {
                var reader = new CborReader(damaged, CborConformanceMode.Ctap2Canonical);
                reader.ReadStartArray();
                if (reader.ReadTextString() != kind)
                {
                    return;
                }

                IScorer scorer = read(reader);
                scorer.Score(new double[scorer.Features], new double[scorer.Scores]);
            }
            catch (Exception e) when (e is InvalidDataException or CborContentException or InvalidOperationException or OverflowException)
            {
            }
        }
    }
}
