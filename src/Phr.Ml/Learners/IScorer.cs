using System.Formats.Cbor;

namespace Phr.Ml.Learners;

/// <summary>What was learnt: immutable, safe to use from many threads, allocates nothing per row.</summary>
internal interface IScorer
{
    /// <summary>How many features a row has.</summary>
    int Features { get; }

    /// <summary>How many scores a row gets: 1 for two classes (higher means more likely diseased), else one per class.</summary>
    int Scores { get; }

    /// <summary>Whether the scores are probabilities already; otherwise they become so by calibration.</summary>
    bool AreProbabilities { get; }

    /// <summary>Scores one row of <see cref="Features"/> finite values into <see cref="Scores"/> values.</summary>
    void Score(ReadOnlySpan<double> row, Span<double> scores);

    /// <summary>Writes one CBOR array whose first item is the text that names the kind of scorer.</summary>
    void Write(CborWriter writer);
}
