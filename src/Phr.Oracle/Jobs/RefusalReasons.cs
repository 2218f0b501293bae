namespace Phr.Oracle;

/// <summary>The codes with which an oracle refuses on the ledger.</summary>
public static class RefusalReasons
{
    /// <summary>1: the envelopes could not be fetched in time, or do not verify.</summary>
    public const int EnvelopesMissingOrBad = 1;

    /// <summary>2: the doctor, or the team that receives, may not receive any more.</summary>
    public const int ReceiverNotEntitled = 2;
}
