namespace Phr.Crypto;

/// <summary>A new dealing, and the envelopes that carry its shares to the trustees.</summary>
/// <param name="Dealing">The signed dealing.</param>
/// <param name="Envelopes">One envelope per trustee, in policy order.</param>
public sealed record DealingResult(VerifiedDealing Dealing, IReadOnlyList<ShareEnvelope> Envelopes);
