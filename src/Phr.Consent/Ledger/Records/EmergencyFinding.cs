namespace Phr.Consent;

/// <summary>What the review of an emergency found. The numbers never change.</summary>
public enum EmergencyFinding
{
    /// <summary>Nothing yet; never in a review.</summary>
    None = 0,

    /// <summary>It was one.</summary>
    Justified = 1,

    /// <summary>It was none: it counts for the doctor as an abandoned request does.</summary>
    Unjustified = 2,
}
