namespace Phr.Records;

/// <summary>One value at one time.</summary>
/// <param name="Time">When.</param>
/// <param name="Value">The value; finite, and at most 10¹⁵ either way.</param>
public readonly record struct ChartPoint(DateTimeOffset Time, double Value);
