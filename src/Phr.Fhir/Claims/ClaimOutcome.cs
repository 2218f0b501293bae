namespace Phr.Fhir;

/// <summary>How far an answer to a claim goes: R4's remittance outcome.</summary>
public enum ClaimOutcome
{
    /// <summary><c>queued</c>: this level has it and has not decided.</summary>
    Queued = 0,

    /// <summary><c>partial</c>: this level endorsed it; others are still to decide.</summary>
    Partial,

    /// <summary><c>complete</c>: decided.</summary>
    Complete,

    /// <summary><c>error</c>: it could not be dealt with.</summary>
    Error,
}
