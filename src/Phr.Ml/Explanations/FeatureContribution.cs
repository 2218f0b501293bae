using System.Globalization;

namespace Phr.Ml;

/// <summary>What one feature of one patient did to a prediction. Immutable.</summary>
/// <param name="Feature">The feature's name in the schema.</param>
/// <param name="Value">The patient's value in the schema's unit, or the number of the level of a category; NaN where it is missing.</param>
/// <param name="Contribution">Its Shapley value in the unit that the diagnosis names: above 0 speaks for the explained class, below 0 against it.</param>
public sealed record FeatureContribution(string Feature, double Value, double Contribution)
{
    /// <summary>The feature's name and its contribution, never the patient's value.</summary>
    /// <returns>Such as <c>worst_area +1.25</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Feature} {Contribution:+0.###;-0.###;0}");
}
