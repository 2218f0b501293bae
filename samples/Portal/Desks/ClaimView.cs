namespace Phr.Samples.Portal;

/// <summary>A claim as one of its parties sees it.</summary>
/// <param name="Record">What the ledger has; one whose time is over has ended.</param>
/// <param name="Evidence">What it rests on; null for somebody to whom it is not sealed.</param>
/// <param name="Steps">What was done, by whom, and what they wrote.</param>
/// <param name="IsMyTurn">Whether whoever looks decides now.</param>
/// <param name="MayAppeal">Whether whoever looks may appeal now.</param>
public sealed record ClaimView(ClaimRecord Record, ClaimEvidence? Evidence, IReadOnlyList<ClaimStepView> Steps, bool IsMyTurn, bool MayAppeal);
