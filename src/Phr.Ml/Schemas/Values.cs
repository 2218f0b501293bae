using System.Globalization;

namespace Phr.Ml.Schemas;

/// <summary>Text and numbers of records, checked against a definition. Inside, a missing value is NaN and a category the number of its level.</summary>
internal static class Values
{
    /// <summary>The value that a text stands for, or what is wrong with it. Not for identifiers.</summary>
    public static string? Parse(FeatureDefinition definition, ReadOnlySpan<char> text, out double value)
    {
        value = double.NaN;
        if (text.IsEmpty)
        {
            return definition.Missing == MissingValues.Allowed ? null : SchemaError.Absent;
        }

        if (definition.Kind == FeatureKind.Category)
        {
            for (int i = 0; i < definition.Levels.Count; i++)
            {
                if (text.SequenceEqual(definition.Levels[i]))
                {
                    value = i;
                    return null;
                }
            }

            return SchemaError.NoLevel(definition);
        }

        // Neither spaces nor separators of thousands, and of the words for what is no number none.
        if (char.IsAsciiLetter(text[^1]) || !double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            || !double.IsFinite(number))
        {
            return SchemaError.NotANumber;
        }

        value = number;
        return CheckNumber(definition, number);
    }

    /// <summary>What is wrong with a value that is already a number (NaN where it is missing, a level's number for a category), or null.</summary>
    public static string? Check(FeatureDefinition definition, double value)
    {
        if (double.IsNaN(value))
        {
            return definition.Missing == MissingValues.Allowed ? null : SchemaError.Absent;
        }

        if (definition.Kind == FeatureKind.Category)
        {
            return value >= 0 && value < definition.Levels.Count && value == Math.Floor(value) ? null : SchemaError.NoLevel(definition);
        }

        return double.IsFinite(value) ? CheckNumber(definition, value) : SchemaError.NotANumber;
    }

    /// <summary>How a value is written in a file.</summary>
    public static string Format(FeatureDefinition definition, double value) =>
        double.IsNaN(value) ? "" : definition.Kind == FeatureKind.Category ? definition.Levels[(int)value] : value.ToString("R", CultureInfo.InvariantCulture);

    private static string? CheckNumber(FeatureDefinition definition, double number) =>
        definition.Kind == FeatureKind.WholeNumber && number != Math.Floor(number) ? SchemaError.NotWhole
        : number < definition.Minimum ? SchemaError.Below(definition)
        : number > definition.Maximum ? SchemaError.Above(definition)
        : null;
}
