namespace Phr.Fhir;

/// <summary>The answer of one consent to a question, and which of its provisions gave it.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ConsentDecision
{
    /// <summary>Permit or deny.</summary>
    public required ConsentRuling Ruling { get; init; }

    /// <summary>What decided.</summary>
    public required ConsentDecisionCause Cause { get; init; }

    /// <summary>Which exception decided, counted from 0; null when it was none.</summary>
    public int? ExceptionIndex { get; init; }
}
