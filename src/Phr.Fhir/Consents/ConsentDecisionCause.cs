namespace Phr.Fhir;

/// <summary>What decided.</summary>
public enum ConsentDecisionCause
{
    /// <summary>The consent is not active. It denies.</summary>
    NotActive = 0,

    /// <summary>The base rule is about other people, purposes, data or times, so that the consent says nothing. It denies.</summary>
    NotCovered,

    /// <summary>The base rule.</summary>
    BaseRule,

    /// <summary>An exception.</summary>
    Exception,
}
