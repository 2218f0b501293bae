using System.Formats.Cbor;

namespace Phr.Ml.Evaluation;

/// <summary>Makes the scores of one model into probabilities. Immutable, safe to use from many threads.</summary>
internal interface ICalibrator
{
    /// <summary>How many scores there are, and as many probabilities.</summary>
    int Scores { get; }

    /// <summary>Makes the scores of one row into as many probabilities (one: that of class 1). The two may be the same memory.</summary>
    void Apply(ReadOnlySpan<double> scores, Span<double> probabilities);

    /// <summary>Writes one CBOR array whose first item is the text that names the kind of calibrator.</summary>
    void Write(CborWriter writer);
}
