namespace Phr.Ml;

/// <summary>Whether a column may lack values.</summary>
public enum MissingValues
{
    /// <summary>Every row has a value; an empty field is a fault.</summary>
    Refused,

    /// <summary>An empty field means that nothing is known. It is never taken for zero.</summary>
    Allowed,
}
