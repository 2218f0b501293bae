namespace Phr.Consent;

/// <summary>The terms of a reputation.</summary>
public enum ReputationTerm
{
    /// <summary>Whether answers were right.</summary>
    Correctness = 0,

    /// <summary>Whether answers came in time.</summary>
    Timeliness,

    /// <summary>What doctors say.</summary>
    Rating,
}
