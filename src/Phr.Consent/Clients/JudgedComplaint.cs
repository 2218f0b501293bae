using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A complaint of a dealer in a reshare, and who is at fault by its evidence.</summary>
/// <param name="Complaint">The complaint as the ledger has it.</param>
/// <param name="Verdict">What everybody who looks at the evidence comes to; undecided when it is missing or shows nothing.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record JudgedComplaint(ReshareComplaintRecord Complaint, ComplaintVerdict Verdict);
