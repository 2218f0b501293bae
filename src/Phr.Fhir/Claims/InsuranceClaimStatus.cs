namespace Phr.Fhir;

/// <summary>Whether a claim stands: R4's financial resource status. Where it is on its way up the levels is in the answers.</summary>
public enum InsuranceClaimStatus
{
    /// <summary><c>active</c>.</summary>
    Active = 0,

    /// <summary><c>cancelled</c>: withdrawn by the patient.</summary>
    Cancelled,

    /// <summary><c>draft</c>.</summary>
    Draft,

    /// <summary><c>entered-in-error</c>.</summary>
    EnteredInError,
}
