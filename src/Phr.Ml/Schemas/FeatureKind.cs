namespace Phr.Ml;

/// <summary>What the values of a column are.</summary>
public enum FeatureKind
{
    /// <summary>A measured number: any finite value in the column's range.</summary>
    Number,

    /// <summary>A count or a grade: a number without a fraction.</summary>
    WholeNumber,

    /// <summary>One of a list of words or codes that have no order.</summary>
    Category,

    /// <summary>Any text of at most 200 characters, which tells rows apart and nothing else: the number of a person or of a hospital. Never a feature.</summary>
    Identifier,
}
