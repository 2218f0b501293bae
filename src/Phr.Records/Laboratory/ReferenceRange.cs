using System.Globalization;

namespace Phr.Records;

/// <summary>The values that a laboratory expects of healthy people, in the unit of the value; open at an end that is not set.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed record ReferenceRange
{
    /// <summary>The least expected value; null when only much is unusual.</summary>
    public decimal? Low { get; init; }

    /// <summary>The greatest expected value; null when only little is unusual.</summary>
    public decimal? High { get; init; }

    /// <summary>Where a value lies.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Below, within or above. The ends belong to the range.</returns>
    public RangePosition Locate(decimal value) => value < Low ? RangePosition.Below : value > High ? RangePosition.Above : RangePosition.Within;

    /// <summary>The range for people: <c>3.5 to 5.1</c>, <c>at most 5.1</c>, <c>at least 3.5</c>; empty when both ends are open.</summary>
    /// <returns>Numbers in the invariant culture.</returns>
    public override string ToString() => (Low, High) switch
    {
        ({ } low, { } high) => string.Create(CultureInfo.InvariantCulture, $"{low} to {high}"),
        ({ } low, null) => string.Create(CultureInfo.InvariantCulture, $"at least {low}"),
        (null, { } high) => string.Create(CultureInfo.InvariantCulture, $"at most {high}"),
        _ => "",
    };
}
