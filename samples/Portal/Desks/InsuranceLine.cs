namespace Phr.Samples.Portal;

/// <summary>A claim in a list, with the names of whose it is and who is to pay.</summary>
/// <param name="Record">What the ledger has.</param>
/// <param name="Patient">Whose it is; null for somebody of another portal.</param>
/// <param name="Insurer">Who is to pay; null for somebody of another portal.</param>
public sealed record InsuranceLine(ClaimRecord Record, PortalUser? Patient, PortalUser? Insurer);
