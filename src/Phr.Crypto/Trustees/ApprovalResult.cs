namespace Phr.Crypto;

/// <summary>A new approval, and the envelopes that carry its key fragments to the committee once the grant is final.</summary>
/// <param name="Approval">The signed statement; public.</param>
/// <param name="Envelopes">One envelope per oracle, in committee order; for the outbox.</param>
public sealed record ApprovalResult(VerifiedApproval Approval, IReadOnlyList<FragmentEnvelope> Envelopes);
