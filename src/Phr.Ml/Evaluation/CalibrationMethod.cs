namespace Phr.Ml;

/// <summary>How scores are made into probabilities that come true as often as they say.</summary>
public enum CalibrationMethod
{
    /// <summary>Not at all: only for models whose scores are probabilities already.</summary>
    None = 0,

    /// <summary>A curve of two numbers (Platt), or for more than two classes a weighted softmax: little to fit, so right for small data.</summary>
    Platt = 1,

    /// <summary>Any rising staircase (isotonic regression), held away from 0 and 1; from 1,000 rows on, and for two classes.</summary>
    Isotonic = 2,
}
