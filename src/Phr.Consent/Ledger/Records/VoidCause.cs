namespace Phr.Consent;

/// <summary>Why a request became void.</summary>
public enum VoidCause
{
    /// <summary>It is not void.</summary>
    None = 0,

    /// <summary>Nobody drew the committee while the window was open.</summary>
    MissedDraw,

    /// <summary>A new dealing became active before the grant.</summary>
    NewDealing,

    /// <summary>The patient closed the bundle; of a granted request it is the reason for which it counts as revoked.</summary>
    BundleRevoked,

    /// <summary>The team that was to receive got a new key before the grant.</summary>
    NewTeamKey,

    /// <summary>The draw found too few oracles that no party runs.</summary>
    NotEnoughOracles,
}
