namespace Phr.Consent;

/// <summary>Whether the ledger took a dispute.</summary>
public enum DisputeState
{
    /// <summary>The ledger took it: the oracle's bond and good name are gone.</summary>
    Taken = 1,

    /// <summary>The oracle lost its bond since it signed, for this or for another delivery: there was nothing left to take.</summary>
    NothingLeft = 2,

    /// <summary>It did not get through, or the ledger refused it. Opening again, or <see cref="DoctorClient.DisputeAsync"/>, tries again.</summary>
    Failed = 3,
}
