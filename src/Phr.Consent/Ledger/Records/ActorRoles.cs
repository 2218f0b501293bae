namespace Phr.Consent;

/// <summary>What an actor may act as.</summary>
[Flags]
public enum ActorRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Owns bundles. Active at once.</summary>
    Patient = 1,

    /// <summary>Asks for documents. Needs admission and a licence.</summary>
    Doctor = 2,

    /// <summary>May be named as a trustee. Active at once.</summary>
    Guardian = 4,

    /// <summary>An organisation that treats; may be named as a trustee. Needs admission.</summary>
    Hospital = 8,

    /// <summary>A regulatory agency: admits, licenses, suspends. It asks for nothing and grants nothing; where a patient names it as a trustee it approves with its own share, like any other.</summary>
    Agency = 16,

    /// <summary>An insurer. Needs admission.</summary>
    Insurer = 32,

    /// <summary>A re-encryption oracle. Needs admission and an operator.</summary>
    Oracle = 64,

    /// <summary>Runs oracles. Needs admission.</summary>
    Operator = 128,

    /// <summary>Every role that an actor may register with; a mask, not something to register as.</summary>
    All = 255,

    /// <summary>A team: it has members and a receiving key and signs nothing itself. Registered by <see cref="RegisterTeam"/>; needs admission.</summary>
    Team = 256,
}
