namespace Phr.Oracle;

/// <summary>The codes with which an oracle refuses on the ledger.</summary>
public static class RefusalReasons
{
    /// <summary>1: the envelopes could not be fetched in time, or do not verify.</summary>
    public const int EnvelopesMissingOrBad = 1;

    /// <summary>2: the doctor, or the team that receives, may not receive any more.</summary>
    public const int ReceiverNotEntitled = 2;

    /// <summary>3: the oracle failed at the job again and again, by a fault of its own, and set it aside.</summary>
    public const int OracleFault = 3;

    /// <summary>4: the requester asked for more than the oracle serves one requester in the time.</summary>
    public const int RequesterOverLimit = 4;
}
