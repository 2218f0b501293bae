namespace Phr.Crypto;

/// <summary>Who made a bad contribution.</summary>
public enum FaultyParty
{
    /// <summary>An oracle: its capsule fragment does not prove a correct re-encryption.</summary>
    Oracle = 0,

    /// <summary>A trustee: its fragments, correctly re-encrypted, do not carry its share.</summary>
    Trustee,

    /// <summary>A member of the team that receives: its partial result is not proved.</summary>
    TeamMember,
}
