namespace Phr.Ml;

/// <summary>Describes a property of a record as a column, for <see cref="FeatureSchema.For{T}"/>. A property without it is not part of the schema.</summary>
/// <remarks>
/// The property's type decides the kind: <see cref="double"/> a number, <see cref="int"/> a whole number (a category where <see cref="Levels"/> are given),
/// <see cref="bool"/> a category of <c>false</c> and <c>true</c> (or of the two levels given), an enumeration a category of its members, <see cref="string"/> a
/// category where levels are given and an identifier otherwise. A nullable property may lack its value.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FeatureAttribute : Attribute
{
    /// <summary>The column's name; by itself the property's, in lower case with underscores: <c>MeanRadius</c> is <c>mean_radius</c>.</summary>
    public string? Name { get; init; }

    /// <summary>What the column is for.</summary>
    public FeatureRole Role { get; init; } = FeatureRole.Feature;

    /// <summary>The unit of the values, or empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The least value that can be true.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The greatest value that can be true.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>The values of a category as a file would write them, with <c>|</c> between: <c>"0|1"</c>. A label's are in the order of its classes.</summary>
    public string Levels { get; init; } = "";

    /// <summary>What the levels mean, in the same order, with <c>|</c> between: <c>"benign|malignant"</c>.</summary>
    public string LevelNames { get; init; } = "";

    /// <summary>One sentence for whoever reads a report.</summary>
    public string Description { get; init; } = "";

    /// <summary>The codes of LOINC under which the value is reported in <see cref="Unit"/>, with <c>|</c> between: <c>"2160-0|38483-4"</c>. Other units and other systems: <see cref="FeatureDefinition.Codes"/>.</summary>
    public string Loinc { get; init; } = "";

    /// <summary>Whether a feature's levels also get metrics of their own.</summary>
    public SubgroupReport ReportBy { get; init; } = SubgroupReport.None;
}
