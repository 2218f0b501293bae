namespace Phr.Fhir;

/// <summary>Where a consent stands: R4's ConsentState.</summary>
public enum ConsentDirectiveStatus
{
    /// <summary><c>draft</c>: being written.</summary>
    Draft = 0,

    /// <summary><c>proposed</c>: waits for agreement. A request on a ledger until its grant is final.</summary>
    Proposed,

    /// <summary><c>active</c>: in force.</summary>
    Active,

    /// <summary><c>rejected</c>: refused.</summary>
    Rejected,

    /// <summary><c>inactive</c>: over; vetoed, revoked or run out. A consent is never deleted.</summary>
    Inactive,

    /// <summary><c>entered-in-error</c>: never true.</summary>
    EnteredInError,
}
