namespace Phr.Ml;

/// <summary>In which way a patient is unlike those that a model was trained on.</summary>
public enum UnlikenessKind
{
    /// <summary>A value lies far outside all that training saw, or is a category that it never saw.</summary>
    Range,

    /// <summary>Each value may be usual, but not all of them together.</summary>
    Distance,

    /// <summary>A value is missing that never was, or more values are missing than ever were.</summary>
    Missingness,
}
