namespace Phr.Samples.Portal;

/// <summary>One step of a claim.</summary>
/// <param name="Step">What the ledger has.</param>
/// <param name="Who">Whose step it was.</param>
/// <param name="Paper">What they wrote; null where nothing, or not for whoever looks.</param>
public sealed record ClaimStepView(ClaimStep Step, string Who, string? Paper);
