namespace Phr.Oracle;

/// <summary>What became of an oracle's job when it was last looked at.</summary>
public enum JobState
{
    /// <summary>Delivered now.</summary>
    Delivered = 0,

    /// <summary>Something is still missing; it is looked at again.</summary>
    Waiting,

    /// <summary>Not served, and it will not be unless the ledger changes: the grant is not final, over, or the doctor may not receive.</summary>
    NotServed,

    /// <summary>A signed refusal was filed: envelopes could not be got or did not verify in time.</summary>
    Refused,

    /// <summary>Delivered or refused before.</summary>
    AlreadyDone,
}
