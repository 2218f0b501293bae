namespace Phr.Records;

/// <summary>Where a value lies to its reference range.</summary>
public enum RangePosition
{
    /// <summary>In the range, or there is none.</summary>
    Within = 0,
    /// <summary>Below the least expected value.</summary>
    Below,
    /// <summary>Above the greatest expected value.</summary>
    Above,
}
