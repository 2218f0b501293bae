namespace Phr.Consent;

/// <summary>Where a dealing stands.</summary>
public enum DealingState
{
    /// <summary>Proposed; trustees have yet to acknowledge.</summary>
    Registered = 0,

    /// <summary>Every trustee acknowledged.</summary>
    Acknowledged,

    /// <summary>The one that serves.</summary>
    Active,

    /// <summary>Followed by another.</summary>
    Superseded,

    /// <summary>Cancelled before it served.</summary>
    Cancelled,
}
