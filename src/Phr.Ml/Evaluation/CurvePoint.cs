namespace Phr.Ml;

/// <summary>One point of a curve over all thresholds.</summary>
public readonly record struct CurvePoint
{
    /// <summary>Left to right: of a ROC curve, the share of the healthy called diseased; of a precision-recall curve, the share of the diseased that is found.</summary>
    public double X { get; init; }

    /// <summary>Upwards: of a ROC curve, the share of the diseased that is found; of a precision-recall curve, the share of those called diseased who are.</summary>
    public double Y { get; init; }

    /// <summary>Rows with at least this score are called diseased; +∞ where none is.</summary>
    public double Threshold { get; init; }
}
