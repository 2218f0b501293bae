namespace Phr.Consent;

/// <summary>Where a request stands at a time.</summary>
public enum RequestStatus
{
    /// <summary>The committee is yet to be drawn.</summary>
    AwaitingDraw = 0,

    /// <summary>Trustees and patient may decide.</summary>
    Open,

    /// <summary>Granted, and the patient may still veto.</summary>
    VetoWindow,

    /// <summary>Granted for good: oracles serve.</summary>
    Granted,

    /// <summary>Served, and its facts turned into reputation. Until the end of its time the grant still stands.</summary>
    Settled,

    /// <summary>Ended: trustees denied it.</summary>
    Denied,

    /// <summary>Ended: the patient vetoed it.</summary>
    Vetoed,

    /// <summary>Ended: the patient revoked the grant.</summary>
    Revoked,

    /// <summary>Ended: its time is over.</summary>
    Expired,

    /// <summary>Ended: the doctor withdrew it.</summary>
    Cancelled,

    /// <summary>Ended: it became void, see <see cref="RequestRecord.VoidCause"/>.</summary>
    Voided,

    /// <summary>Ended: it was settled, and the doctor made the next request for the bundle.</summary>
    Superseded,
}
