using Phr.Ml;

namespace Phr.Samples.Portal;

/// <summary>One value that a model asks for, in a form.</summary>
/// <param name="Feature">What is asked: its name, unit, range or words.</param>
/// <param name="Text">What is written in the field; empty for nothing.</param>
/// <param name="Fault">What is wrong with it; null for nothing.</param>
/// <param name="MeasuredAt">When the laboratory measured it; null where the value is not a laboratory's.</param>
public sealed record MeasurementField(FeatureDefinition Feature, string Text, string? Fault, DateTimeOffset? MeasuredAt)
{
    /// <summary>What may be written, in words.</summary>
    public string Hint
    {
        get
        {
            string unit = Feature.Unit is "" or "1" ? string.Empty : " " + Components.Words.Plainly(Feature.Unit);
            string range = (double.IsFinite(Feature.Minimum), double.IsFinite(Feature.Maximum)) switch
            {
                (true, true) => FormattableString.Invariant($"from {Feature.Minimum} to {Feature.Maximum}{unit}"),
                (true, false) => FormattableString.Invariant($"{Feature.Minimum} or more{(unit.Length > 0 ? ", in" : "")}{unit}"),
                (false, true) => FormattableString.Invariant($"at most {Feature.Maximum}{unit}"),
                _ => unit.Length > 0 ? "in" + unit : "a number",
            };
            string kind = Feature.Kind switch { FeatureKind.Category => string.Empty, FeatureKind.WholeNumber => $"Whole number, {range}. ", _ => char.ToUpperInvariant(range[0]) + range[1..] + ". " };
            return $"{Feature.Description}{(Feature.Description.Length > 0 ? " " : "")}{kind}{(Feature.Missing == MissingValues.Allowed ? "May stay empty." : "Needed.")}";
        }
    }
}
