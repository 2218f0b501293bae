namespace Phr.Consent;

/// <summary>Where a reshare by the trustees stands.</summary>
public enum ReshareState
{
    /// <summary>Proposed; dealers contribute, new trustees check, dealers confirm.</summary>
    Open = 0,

    /// <summary>A dealing came of it; that one's own state says how it goes on.</summary>
    Completed,

    /// <summary>Cancelled by the patient.</summary>
    Cancelled,

    /// <summary>Its time ran out, and somebody said so.</summary>
    Expired,
}
