namespace Phr.Ml;

/// <summary>One column of a record: what it is called, measured in, allowed to be, and for.</summary>
/// <remarks>Immutable; safe to share between threads. Compare schemas by their digest, not definitions by equality: lists compare by reference.</remarks>
public sealed record FeatureDefinition
{
    /// <summary>The name, as in the header of a file: 1 to 200 characters, no control characters, no space at either end.</summary>
    public required string Name { get; init; }

    /// <summary>What the values are.</summary>
    public FeatureKind Kind { get; init; } = FeatureKind.Number;

    /// <summary>What the column is for.</summary>
    public FeatureRole Role { get; init; } = FeatureRole.Feature;

    /// <summary>The unit of the values, in UCUM where there is one (<c>mg/dL</c>, <c>a</c> for years); empty for a number without a unit, a category or an identifier.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The least value that can be true; anything below is a fault. −∞ where there is none. Only for numbers.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The greatest value that can be true; anything above is a fault. +∞ where there is none. Only for numbers.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether a row may lack the value. A label never may.</summary>
    public MissingValues Missing { get; init; } = MissingValues.Refused;

    /// <summary>The values of a category as they are written in a file, at least two; a label's are in the order of its classes, so that of two the first is the healthy one and the second the disease. Empty for other kinds.</summary>
    public IReadOnlyList<string> Levels { get; init; } = [];

    /// <summary>What the levels mean, in the same order (<c>benign</c>, <c>malignant</c>); empty where the levels speak for themselves.</summary>
    public IReadOnlyList<string> LevelNames { get; init; } = [];

    /// <summary>One sentence for whoever reads a report, or empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether a feature's levels also get metrics of their own, such as a person's sex. Only for categories.</summary>
    public SubgroupReport ReportBy { get; init; } = SubgroupReport.None;

    /// <summary>Under which codes other systems report the value, such as LOINC's; empty where a row is never filled from coded findings. Only for features. No code leads to two features.</summary>
    public IReadOnlyList<FeatureCode> Codes { get; init; } = [];

    /// <summary>The meaning of a level: its name, or how it is written where it has no name.</summary>
    internal string NameOfLevel(int level) => LevelNames.Count > 0 ? LevelNames[level] : Levels[level];
}
