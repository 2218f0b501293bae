namespace Phr.Consent;

/// <summary>Where an actor stands.</summary>
public enum ActorStatus
{
    /// <summary>Registered, and waiting for an agency.</summary>
    Pending = 0,

    /// <summary>May act.</summary>
    Active,

    /// <summary>May only withdraw, until an agency reinstates it.</summary>
    Suspended,

    /// <summary>Gone for good.</summary>
    Removed,
}
