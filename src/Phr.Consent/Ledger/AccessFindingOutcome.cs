namespace Phr.Consent;

/// <summary>Whether a finding speaks for access.</summary>
public enum AccessFindingOutcome
{
    /// <summary>It speaks for access.</summary>
    Holds = 0,

    /// <summary>Not yet, but it may come to.</summary>
    Waits = 1,

    /// <summary>It rules access out.</summary>
    Fails = 2,
}
