namespace Phr.Oracle;

/// <summary>Why a job is looked at again later.</summary>
public enum JobDelay
{
    /// <summary>Something from outside is missing still, above all envelopes.</summary>
    Waiting = 0,

    /// <summary>The ledger does not allow it now.</summary>
    NotServed,

    /// <summary>Its requester asked for more than it is served in the time.</summary>
    Limited,

    /// <summary>A part that the oracle stands on does not answer: a node, a store, a database.</summary>
    Outage,

    /// <summary>The oracle failed. Counts towards setting the job aside.</summary>
    Failure,
}
