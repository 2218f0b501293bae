namespace Phr.Records;

/// <summary>How a window makes grey of values (PS3.3, C.11.2.1.2 and C.11.2.1.3).</summary>
public enum DicomWindowFunction
{
    /// <summary>A straight line of width − 1 about centre − 0.5: what a file means that says nothing.</summary>
    Linear = 0,
    /// <summary>A straight line of exactly the width about exactly the centre.</summary>
    LinearExact,
    /// <summary>A curve that flattens towards both ends.</summary>
    Sigmoid,
}
