namespace Phr.Consent;

/// <summary>The answer to one of the questions on which access depends.</summary>
/// <param name="Check">The question.</param>
/// <param name="Outcome">Whether it speaks for access.</param>
/// <param name="Text">One sentence for a person. It has ids, codes and times, and nothing about a person.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AccessFinding(AccessCheck Check, AccessFindingOutcome Outcome, string Text);
