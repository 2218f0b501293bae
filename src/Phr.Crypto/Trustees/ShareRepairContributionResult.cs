namespace Phr.Crypto;

/// <summary>What one helper adds to a repair: a public contribution, and an envelope for each helper, itself included.</summary>
/// <param name="Contribution">The signed contribution.</param>
/// <param name="Envelopes">One envelope per helper, in their order.</param>
public sealed record ShareRepairContributionResult(VerifiedShareRepairContribution Contribution, IReadOnlyList<ShareEnvelope> Envelopes);
