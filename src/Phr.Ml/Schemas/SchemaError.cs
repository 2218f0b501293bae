namespace Phr.Ml.Schemas;

/// <summary>The messages about schemas and records: names, limits and lines, never a value of a record.</summary>
internal static class SchemaError
{
    /// <summary>How many faults a message lists.</summary>
    public const int Listed = 20;

    public static ArgumentException Definition(string column, string why) => new($"The definition of column \"{column}\" {why}.", "columns");

    public static ArgumentException Schema(string why) => new($"A schema {why}.", "columns");

    public static InvalidDataException SchemaFile(string why, Exception? inner = null) => new($"This is not the description of a schema: {why}", inner);

    public static InvalidDataException Value(string column, string why) => new($"Feature \"{column}\" {why}.");

    public static InvalidDataException Faults(string origin, IReadOnlyList<DataFault> faults) =>
        new($"{(origin.Length == 0 ? "The file" : origin)} does not fit its schema: {string.Join("; ", faults.Take(Listed))}{(faults.Count > Listed ? "; and more" : "")}.");

    public static ArgumentException NotThisType(Type type, string column, string why) =>
        new($"Property of {type.Name} for column \"{column}\" {why}.");

    public static string NotANumber => "is not a number";

    public static string NotWhole => "is not a whole number";

    public static string NotAWord => "is a number, and the schema has words";

    public static string TwoAtOnce => "has two values of the same time";

    public static string OtherUnit(FeatureDefinition d) =>
        $"is in a unit that is none of {string.Join(", ", d.Codes.Select(c => c.Unit.Length == 0 ? d.Unit : c.Unit).Select(u => u.Length == 0 ? "1" : u).Distinct(StringComparer.Ordinal))}";

    public static string TooLong => $"has more than {FeatureSchema.MaximumTextLength} characters";

    public static string Absent => "has no value, and the schema does not allow that";

    public static string Below(FeatureDefinition d) => FormattableString.Invariant($"is below the minimum of {d.Minimum}{UnitOf(d)}");

    public static string Above(FeatureDefinition d) => FormattableString.Invariant($"is above the maximum of {d.Maximum}{UnitOf(d)}");

    public static string NoLevel(FeatureDefinition d) =>
        $"is none of {string.Join(", ", d.Levels.Take(10))}{(d.Levels.Count > 10 ? $" … ({d.Levels.Count} levels)" : "")}";

    private static string UnitOf(FeatureDefinition d) => d.Unit.Length == 0 ? "" : " " + d.Unit;
}
