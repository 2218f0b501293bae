namespace Phr.Ml;

/// <summary>How scores are made into probabilities that come true as often as they say.</summary>
public enum CalibrationMethod
{
    /// <summary>Not at all: only for models whose scores are probabilities already.</summary>
    None = 0,

    /// <summary>A smooth curve with little to fit, so right for small data: Platt's for scores, the beta curve for scores that are probabilities already, a weighted softmax for more than two classes.</summary>
    Platt = 1,

    /// <summary>Any rising staircase (isotonic regression), held away from 0 and 1; from 1,000 rows on, and for two classes.</summary>
    Isotonic = 2,
}
