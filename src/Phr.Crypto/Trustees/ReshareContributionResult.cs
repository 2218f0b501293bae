namespace Phr.Crypto;

/// <summary>What one dealer adds to a new sharing: a public contribution, and the envelopes that carry its sub-shares to the new trustees.</summary>
/// <param name="Contribution">The signed contribution.</param>
/// <param name="Envelopes">One envelope per new trustee, in the order of the new policy. Whoever opens one has that sub-share: they leave the dealer only when the patient's veto window has passed.</param>
public sealed record ReshareContributionResult(VerifiedReshareContribution Contribution, IReadOnlyList<ShareEnvelope> Envelopes);
