namespace Phr.Fhir;

/// <summary>How far an observation is to be relied on: R4's observation status.</summary>
public enum ObservationState
{
    /// <summary><c>registered</c>: no result yet.</summary>
    Registered = 0,

    /// <summary><c>preliminary</c>: may change.</summary>
    Preliminary,

    /// <summary><c>final</c>.</summary>
    Final,

    /// <summary><c>amended</c>: changed after it was final.</summary>
    Amended,

    /// <summary><c>corrected</c>: changed because it was wrong.</summary>
    Corrected,

    /// <summary><c>cancelled</c>: not done.</summary>
    Cancelled,

    /// <summary><c>entered-in-error</c>: never true.</summary>
    EnteredInError,
}
